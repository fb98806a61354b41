//! `mailboxSettings`: <https://learn.microsoft.com/graph/api/user-get-mailboxsettings>

use axum::http::Method;
use jiff::civil::Time;
use serde_json::{Map, Value, json};

use super::require;
use crate::graph::calendar::input::one_of;
use crate::graph::calendar::times;
use crate::graph::calendar::working_hours;
use crate::graph::call::Call;
use crate::graph::fault::Fault;
use crate::graph::mail::{Target, input};
use crate::graph::reply::Reply;
use crate::odata::envelope;
use crate::state::calendar::recurrence::Day;
use crate::state::calendar::zones;
use crate::state::mail::folder::WellKnown;
use crate::state::mail::message::ZonedText;
use crate::state::mail::settings::{AutomaticReplies, Settings, WorkingHours};
use crate::state::mail::{Mailbox, item_id};

const TYPE: &str = "microsoft.graph.mailboxSettings";
const STATUS: &[&str] = &["disabled", "alwaysEnabled", "scheduled"];
const AUDIENCE: &[&str] = &["none", "contactsOnly", "all"];
const DELIVERY: &[&str] = &[
    "sendToDelegateAndInformationToPrincipal",
    "sendToDelegateAndPrincipal",
    "sendToDelegateOnly",
];
/// Languages with the names that Outlook gives them.
const LANGUAGES: &[(&str, &str)] = &[
    ("en-US", "English (United States)"),
    ("en-GB", "English (United Kingdom)"),
    ("pt-PT", "Portuguese (Portugal)"),
    ("pt-BR", "Portuguese (Brazil)"),
    ("de-DE", "German (Germany)"),
    ("es-ES", "Spanish (Spain)"),
    ("fr-FR", "French (France)"),
    ("it-IT", "Italian (Italy)"),
    ("nl-NL", "Dutch (Netherlands)"),
    ("ja-JP", "Japanese (Japan)"),
];

/// `mailboxSettings`, and one of its parts by name.
pub(super) fn dispatch(call: &Call, target: &Target, below: &[&str]) -> Result<Reply, Fault> {
    require(call, target)?;
    match (below, &call.method) {
        ([], &Method::GET) => get(call, target),
        ([], &Method::PATCH) => update(call, target),
        ([part], &Method::GET) => get_part(call, target, part),
        ([_, segment, ..], _) => Err(Fault::unknown_segment(segment)),
        _ => Err(Fault::method_not_allowed()),
    }
}

fn shown(call: &Call, target: &Target) -> Result<Map<String, Value>, Fault> {
    let is_room = call
        .shared
        .read(|state| state.directory.is_room(&target.owner.id));
    let purpose = match (is_room, target.owner.disabled) {
        (true, _) => "room",
        (_, true) => "shared",
        _ => "user",
    };
    target.read(call, |mailbox| Ok(render(mailbox, purpose)))
}

fn get(call: &Call, target: &Target) -> Result<Reply, Fault> {
    let mut entity = shown(call, target)?;
    let select = &call.options.select;
    if let Some(name) = select
        .iter()
        .find(|name| !entity.keys().any(|known| known.eq_ignore_ascii_case(name)))
    {
        return Err(Fault::bad_request(format!(
            "Parsing OData Select and Expand failed: Could not find a property named '{name}' on type '{TYPE}'."
        )));
    }
    if !select.is_empty() {
        entity.retain(|known, _| select.iter().any(|name| name.eq_ignore_ascii_case(known)));
    }
    let context = call.context(&format!("{}/mailboxSettings", target.path()));
    Ok(Reply::json(&envelope::entity(&context, entity)))
}

/// A complex part is an entity of its own, a plain one a value.
fn get_part(call: &Call, target: &Target, part: &str) -> Result<Reply, Fault> {
    let all = shown(call, target)?;
    let found = all
        .into_iter()
        .find(|(known, _)| known.eq_ignore_ascii_case(part));
    let (name, value) = found.ok_or_else(|| Fault::unknown_segment(part))?;
    let context = call.context(&format!("{}/mailboxSettings/{name}", target.path()));
    let entity = match value {
        Value::Object(inner) => inner,
        plain => Map::from_iter([("value".to_owned(), plain)]),
    };
    Ok(Reply::json(&envelope::entity(&context, entity)))
}

/// 200 with the parts that were changed.
fn update(call: &Call, target: &Target) -> Result<Reply, Fault> {
    let body = call.json()?;
    target.change(call, |mailbox, _| {
        let mut settings = mailbox.settings.clone();
        apply(&mut settings, &body)?;
        mailbox.settings = settings;
        Ok(())
    })?;
    let mut entity = shown(call, target)?;
    entity.retain(|known, _| body.keys().any(|name| name.eq_ignore_ascii_case(known)));
    let context = call.context(&format!("{}/mailboxSettings", target.path()));
    Ok(Reply::json(&envelope::entity(&context, entity)))
}

fn apply(settings: &mut Settings, body: &Map<String, Value>) -> Result<(), Fault> {
    for (name, value) in body.iter().filter(|(name, _)| !name.contains('@')) {
        match name.to_ascii_lowercase().as_str() {
            "timezone" => settings.time_zone = zone(&input::text(name, value)?)?,
            "language" => {
                let locale = value["locale"].as_str().unwrap_or_default();
                let known = LANGUAGES
                    .iter()
                    .find(|(known, _)| known.eq_ignore_ascii_case(locale));
                let (known, _) = known
                    .ok_or_else(|| Fault::invalid_value(name, "microsoft.graph.localeInfo"))?;
                (*known).clone_into(&mut settings.locale);
            }
            "dateformat" => settings.date_format = input::text(name, value)?,
            "timeformat" => settings.time_format = input::text(name, value)?,
            "delegatemeetingmessagedeliveryoptions" => {
                let kind = "microsoft.graph.delegateMeetingMessageDeliveryOptions";
                settings.delegate_delivery = one_of(name, value, DELIVERY, kind)?;
            }
            "workinghours" => settings.hours = hours(&settings.hours, input::object(name, value)?)?,
            "automaticrepliessetting" => {
                automatic(&mut settings.automatic, input::object(name, value)?)?;
            }
            "archivefolder" | "userpurpose" => return Err(Fault::not_settable(name)),
            _ => return Err(Fault::unknown_property(name, TYPE)),
        }
    }
    Ok(())
}

fn zone(name: &str) -> Result<String, Fault> {
    match zones::find(name) {
        Some(_) => Ok(name.to_owned()),
        None => Err(Fault::unknown_time_zone(name)),
    }
}

fn hours(before: &WorkingHours, body: &Map<String, Value>) -> Result<WorkingHours, Fault> {
    let mut hours = before.clone();
    for (name, value) in body.iter().filter(|(name, _)| !name.contains('@')) {
        let time = || -> Result<Time, Fault> {
            let text = input::text(name, value)?;
            text.parse()
                .map_err(|_| Fault::invalid_value(name, "Edm.TimeOfDay"))
        };
        match name.to_ascii_lowercase().as_str() {
            "daysofweek" => {
                let wrong = || Fault::invalid_value(name, "microsoft.graph.dayOfWeek");
                let days = input::texts(name, value)?;
                let days = days.iter().map(|day| Day::parse(day).ok_or_else(wrong));
                hours.days = days.collect::<Result<_, _>>()?;
            }
            "starttime" => hours.start = time()?,
            "endtime" => hours.end = time()?,
            "timezone" => hours.zone = zone(value["name"].as_str().unwrap_or_default())?,
            _ => {
                return Err(Fault::unknown_property(
                    name,
                    "microsoft.graph.workingHours",
                ));
            }
        }
    }
    Ok(hours)
}

/// Switching replies on makes everybody hear once more.
fn automatic(replies: &mut AutomaticReplies, body: &Map<String, Value>) -> Result<(), Fault> {
    for (name, value) in body.iter().filter(|(name, _)| !name.contains('@')) {
        let moment = || -> Result<_, Fault> {
            let at = times::read(name, value)?.at;
            let part = |key: &str| value[key].as_str().unwrap_or_default().to_owned();
            let text = ZonedText {
                date_time: part("dateTime"),
                time_zone: part("timeZone"),
            };
            Ok(Some((text, at)))
        };
        match name.to_ascii_lowercase().as_str() {
            "status" => {
                replies.status = one_of(
                    name,
                    value,
                    STATUS,
                    "microsoft.graph.automaticRepliesStatus",
                )?;
                replies.answered.clear();
            }
            "externalaudience" => {
                replies.external_audience = one_of(
                    name,
                    value,
                    AUDIENCE,
                    "microsoft.graph.externalAudienceScope",
                )?;
            }
            "internalreplymessage" => {
                replies.internal_message = input::optional_text(name, value)?.unwrap_or_default();
            }
            "externalreplymessage" => {
                replies.external_message = input::optional_text(name, value)?.unwrap_or_default();
            }
            "scheduledstartdatetime" => replies.start = moment()?,
            "scheduledenddatetime" => replies.end = moment()?,
            _ => {
                return Err(Fault::unknown_property(
                    name,
                    "microsoft.graph.automaticRepliesSetting",
                ));
            }
        }
    }
    Ok(())
}

fn render(mailbox: &Mailbox, purpose: &str) -> Map<String, Value> {
    let settings = &mailbox.settings;
    let replies = &settings.automatic;
    let moment = |at: &Option<(ZonedText, jiff::Timestamp)>| match at {
        Some((text, _)) => json!({"dateTime": text.date_time, "timeZone": text.time_zone}),
        None => json!({"dateTime": "0001-01-01T00:00:00.0000000", "timeZone": "UTC"}),
    };
    let language = LANGUAGES
        .iter()
        .find(|(known, _)| *known == settings.locale);
    let value = json!({
        "archiveFolder": item_id::folder(mailbox.id, WellKnown::Archive.number()),
        "timeZone": settings.time_zone,
        "delegateMeetingMessageDeliveryOptions": settings.delegate_delivery,
        "dateFormat": settings.date_format,
        "timeFormat": settings.time_format,
        "userPurpose": purpose,
        "automaticRepliesSetting": {
            "status": replies.status,
            "externalAudience": replies.external_audience,
            "internalReplyMessage": replies.internal_message,
            "externalReplyMessage": replies.external_message,
            "scheduledStartDateTime": moment(&replies.start),
            "scheduledEndDateTime": moment(&replies.end),
        },
        "language": {"locale": settings.locale, "displayName": language.map(|(_, name)| *name)},
        "workingHours": working_hours(&settings.hours),
    });
    match value {
        Value::Object(map) => map,
        _ => Map::new(),
    }
}
