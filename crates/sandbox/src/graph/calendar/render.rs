//! Events as JSON.

use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::recurrence;
use super::schema::{EVENT, EVENT_DEFAULT, NOT_BASIC};
use super::times::{Zone, precise};
use crate::graph::call::Call;
use crate::graph::fault::Fault;
use crate::graph::mail::attached;
use crate::graph::mail::render::{importance, item_body, recipient};
use crate::graph::schema::ATTACHMENT;
use crate::odata::filter;
use crate::odata::options::{Expand, Options};
use crate::odata::project::Selection;
use crate::state::calendar::event::{Attendee, Response};
use crate::state::calendar::occurrence::{Occurrence, day_number};
use crate::state::mail::item_id;
use crate::state::mail::message::BodyKind;

/// How the reader of one request wants events.
#[derive(Clone, Debug)]
pub(super) struct View {
    pub(super) mailbox: Uuid,
    pub(super) selection: Selection,
    pub(super) expand: Vec<Expand>,
    /// Without bodies: all that the permission opens.
    pub(super) basic: bool,
    pub(super) zone: Zone,
    immutable_ids: bool,
    body_kind: Option<BodyKind>,
}

/// One event under a view; filters and sort keys read it property by property.
pub(super) struct Row<'a> {
    pub(super) view: &'a View,
    pub(super) occurrence: &'a Occurrence<'a>,
}

impl View {
    /// As the options and preferences of a request ask.
    pub(super) fn of(
        call: &Call,
        options: &Options,
        mailbox: Uuid,
        basic: bool,
    ) -> Result<Self, Fault> {
        let mut select = options.select.clone();
        EVENT
            .resolve_select(&mut select)
            .map_err(|error| Fault::outlook_query(&error))?;
        if basic && !options.expand.is_empty() {
            return Err(Fault::access_denied());
        }
        Ok(Self {
            selection: Selection::new(&select),
            expand: options.expand.clone(),
            basic,
            ..Self::whole(call, mailbox)?
        })
    }

    /// The whole event, as answers to writes have it.
    pub(super) fn whole(call: &Call, mailbox: Uuid) -> Result<Self, Fault> {
        Ok(Self {
            mailbox,
            selection: Selection::default(),
            expand: Vec::new(),
            basic: false,
            zone: Zone::of(call)?,
            immutable_ids: call.prefer.immutable_ids,
            body_kind: call.prefer.body_kind,
        })
    }

    /// The same in UTC, which is what conditions are about.
    pub(super) fn in_utc(&self) -> Self {
        Self {
            zone: Zone::utc(),
            ..self.clone()
        }
    }

    /// The id that this reader knows the event by.
    pub(super) fn id(&self, occurrence: &Occurrence<'_>) -> String {
        let event = occurrence.event;
        match occurrence.day {
            Some(day) => {
                item_id::occurrence(self.mailbox, event.calendar, event.key, day_number(day))
            }
            None => self.master_id(occurrence),
        }
    }

    fn master_id(&self, occurrence: &Occurrence<'_>) -> String {
        let event = occurrence.event;
        if self.immutable_ids {
            item_id::immutable(self.mailbox, event.key)
        } else {
            item_id::message(self.mailbox, event.calendar, event.key)
        }
    }

    /// The event with its annotations, selected and expanded.
    pub(super) fn event(&self, occurrence: &Occurrence<'_>) -> Result<Map<String, Value>, Fault> {
        let row = Row {
            view: self,
            occurrence,
        };
        let mut entity = Map::with_capacity(EVENT_DEFAULT.len() + 2);
        entity.insert(
            "@odata.etag".to_owned(),
            json!(etag(self.mailbox, occurrence.event.change)),
        );
        entity.insert("id".to_owned(), json!(self.id(occurrence)));
        for name in EVENT_DEFAULT
            .iter()
            .filter(|name| self.selection.wants(name))
        {
            let hidden = self.basic && NOT_BASIC.contains(name);
            let absent = *name == "originalStart" && occurrence.day.is_none();
            if !hidden && !absent {
                entity.insert((*name).to_owned(), filter::Entity::property(&row, name));
            }
        }
        if self.selection.names("cancelledOccurrences") {
            let value = filter::Entity::property(&row, "cancelledOccurrences");
            entity.insert("cancelledOccurrences".to_owned(), value);
        }
        for expand in &self.expand {
            self.expand_into(&mut entity, occurrence, expand)?;
        }
        Ok(entity)
    }

    fn expand_into(
        &self,
        entity: &mut Map<String, Value>,
        occurrence: &Occurrence<'_>,
        expand: &Expand,
    ) -> Result<(), Fault> {
        match expand.path.to_ascii_lowercase().as_str() {
            "attachments" => {
                let mut select = expand.options.select.clone();
                ATTACHMENT
                    .resolve_select(&mut select)
                    .map_err(|error| Fault::outlook_query(&error))?;
                let selection = Selection::new(&select);
                let place = (occurrence.event.calendar, occurrence.event.key);
                let all = occurrence.details.attachments.iter();
                let list = all.map(|item| {
                    Value::Object(attached::render(
                        self.mailbox,
                        place,
                        item,
                        &selection,
                        false,
                    ))
                });
                entity.insert("attachments".to_owned(), list.collect());
            }
            "exceptionoccurrences" => {
                let plain = Self {
                    expand: Vec::new(),
                    selection: Selection::default(),
                    ..self.clone()
                };
                let days = occurrence.event.exceptions.keys();
                let all = days.filter_map(|day| occurrence.event.on(*day));
                let list: Result<Vec<Value>, Fault> = all
                    .map(|one| plain.event(&one).map(Value::Object))
                    .collect();
                entity.insert("exceptionOccurrences".to_owned(), Value::Array(list?));
            }
            "extensions" | "singlevalueextendedproperties" | "multivalueextendedproperties" => {}
            "calendar" | "instances" => {
                return Err(Fault::not_implemented(&format!(
                    "$expand={} of events",
                    expand.path
                )));
            }
            _ => {
                return Err(Fault::bad_request(format!(
                    "Parsing OData Select and Expand failed: Could not find a property named '{}' on type 'microsoft.graph.event'.",
                    expand.path
                )));
            }
        }
        Ok(())
    }
}

impl filter::Entity for Row<'_> {
    fn property(&self, name: &str) -> Value {
        let (view, occurrence) = (self.view, self.occurrence);
        let (event, details) = (occurrence.event, occurrence.details);
        if view.basic && NOT_BASIC.contains(&name) {
            return Value::Null;
        }
        match name {
            "id" => view.id(occurrence).into(),
            "createdDateTime" => precise(event.created),
            "lastModifiedDateTime" => precise(event.modified),
            "changeKey" => item_id::change_key(view.mailbox, event.change).into(),
            "categories" => details.categories.clone().into(),
            "transactionId" => json!(event.transaction_id),
            "originalStartTimeZone" => details.span.start_zone.clone().into(),
            "originalEndTimeZone" => details.span.end_zone.clone().into(),
            "originalStart" => occurrence.day.map_or(Value::Null, |day| {
                crate::graph::mail::render::time(event.start_on(day))
            }),
            "iCalUId" => event.uid.clone().into(),
            "reminderMinutesBeforeStart" => details.reminder_minutes.into(),
            "isReminderOn" => details.is_reminder_on.into(),
            "hasAttachments" => (!details.attachments.is_empty()).into(),
            "subject" => details.subject.clone().into(),
            "bodyPreview" => details.body.preview().into(),
            "importance" => importance(details.importance).into(),
            "sensitivity" => details.sensitivity.clone().into(),
            "isAllDay" => details.is_all_day.into(),
            "isCancelled" => event.is_cancelled.into(),
            "isOrganizer" => event.is_organizer.into(),
            "responseRequested" => details.response_requested.into(),
            "seriesMasterId" => occurrence
                .day
                .map_or(Value::Null, |_| view.master_id(occurrence).into()),
            "showAs" => details.show_as.clone().into(),
            "type" => occurrence.kind().into(),
            "webLink" => web_link(&view.id(occurrence)).into(),
            "isOnlineMeeting" => details.join_url.is_some().into(),
            "onlineMeetingProvider" => if details.join_url.is_some() {
                "teamsForBusiness"
            } else {
                "unknown"
            }
            .into(),
            "allowNewTimeProposals" => details.allow_new_time_proposals.into(),
            "isDraft" => false.into(),
            "hideAttendees" => details.hide_attendees.into(),
            "recurrence" => series(occurrence),
            "onlineMeeting" => details
                .join_url
                .as_ref()
                .map_or(Value::Null, |url| json!({"joinUrl": url})),
            "responseStatus" => response(event.response),
            "body" => item_body(&details.body, view.body_kind),
            "start" => view.zone.show(occurrence.start, details.is_all_day),
            "end" => view.zone.show(occurrence.end, details.is_all_day),
            "location" => details.locations.first().map_or_else(nowhere, with_parts),
            "locations" => details.locations.iter().map(with_parts).collect(),
            "attendees" if details.hide_attendees && !event.is_organizer => json!([]),
            "attendees" => details.attendees.iter().map(attendee).collect(),
            "organizer" => recipient(&event.organizer),
            "cancelledOccurrences" => {
                let master = view.master_id(occurrence);
                event
                    .deleted
                    .iter()
                    .map(|day| json!(format!("OID.{master}.{day}")))
                    .collect()
            }
            _ => Value::Null,
        }
    }
}

fn series(occurrence: &Occurrence<'_>) -> Value {
    match (&occurrence.event.recurrence, occurrence.day) {
        (Some(recurrence), None) => recurrence::show(recurrence),
        _ => Value::Null,
    }
}

/// `W/"…"` around the change key.
pub(super) fn etag(mailbox: Uuid, change: u64) -> String {
    format!("W/\"{}\"", item_id::change_key(mailbox, change))
}

pub(super) fn attendee(attendee: &Attendee) -> Value {
    let mut value = json!({"type": attendee.kind.name(), "status": response(attendee.response)});
    value["emailAddress"] =
        json!({"name": attendee.address.name, "address": attendee.address.address});
    value
}

fn response(response: Response) -> Value {
    let at = response.at.map_or_else(
        || json!("0001-01-01T00:00:00Z"),
        crate::graph::mail::render::time,
    );
    json!({"response": response.answer.name(), "time": at})
}

pub(in crate::graph) fn nowhere() -> Value {
    json!({"displayName": "", "locationType": "default", "uniqueIdType": "unknown", "address": {}, "coordinates": {}})
}

fn with_parts(location: &Value) -> Value {
    let mut shown = location.clone();
    if shown.get("uniqueId").is_none() && shown["displayName"] != "" {
        shown["uniqueId"] = shown["displayName"].clone();
        shown["uniqueIdType"] = json!("private");
    }
    for part in ["address", "coordinates"] {
        if shown.get(part).is_none() {
            shown[part] = json!({});
        }
    }
    shown
}

fn web_link(id: &str) -> String {
    let id = utf8_percent_encode(id, NON_ALPHANUMERIC);
    format!("https://outlook.office365.com/owa/?itemid={id}&exvsurl=1&path=/calendar/item")
}
