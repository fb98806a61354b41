//! Who is there: <https://learn.microsoft.com/graph/api/resources/presence>

use axum::http::Method;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use super::access::{self, Permissions};
use super::fields;
use super::only;
use super::rows::{self, Row};
use crate::graph::call::Call;
use crate::graph::fault::Fault;
use crate::graph::reply::Reply;
use crate::graph::route::find_user;
use crate::odata::envelope::Page;
use crate::state::changes::{ChangeKind, What};
use crate::state::directory::User;
use crate::state::teams::presence::{Presence, State};

const READ_OWN: Permissions = Permissions {
    delegated: &["Presence.Read", "Presence.Read.All", "Presence.ReadWrite"],
    application: &["Presence.Read.All", "Presence.ReadWrite.All"],
};
const READ: Permissions = Permissions {
    delegated: &["Presence.Read.All"],
    application: &["Presence.Read.All", "Presence.ReadWrite.All"],
};
const WRITE: Permissions = Permissions {
    delegated: &["Presence.ReadWrite"],
    application: &["Presence.ReadWrite.All"],
};
/// People that one question may name.
const MOST: usize = 650;
/// Availability and activity that an application may say of a person.
/// Source: <https://learn.microsoft.com/graph/api/presence-setpresence>
const SESSIONS: [(&str, &str); 6] = [
    ("Available", "Available"),
    ("Busy", "InACall"),
    ("Busy", "InAConferenceCall"),
    ("Away", "Away"),
    ("DoNotDisturb", "Presenting"),
    ("Offline", "OffWork"),
];
/// What people may prefer to be seen as.
/// Source: <https://learn.microsoft.com/graph/api/presence-setuserpreferredpresence>
const PREFERRED: [(&str, &str); 6] = [
    ("Available", "Available"),
    ("Busy", "Busy"),
    ("DoNotDisturb", "DoNotDisturb"),
    ("BeRightBack", "BeRightBack"),
    ("Away", "Away"),
    ("Offline", "OffWork"),
];

/// `/communications/getPresencesByUserId` and `/communications/presences/{id}`
pub(super) fn of_many(call: &Call, name: &str, below: &[&str]) -> Result<Reply, Fault> {
    match (super::plain(name).as_str(), below) {
        ("getpresencesbyuserid", []) => by_ids(call),
        ("presences", [id, below @ ..]) => {
            let user =
                find_user(call, id).ok_or_else(|| access::not_found("The user was not found."))?;
            of_user(call, &user, below)
        }
        _ => Err(Fault::not_implemented(name)),
    }
}

fn by_ids(call: &Call) -> Result<Reply, Fault> {
    only(call, &Method::POST)?;
    READ.require(call)?;
    let body = call.json()?;
    fields::known(&body, &["ids"], "microsoft.graph.presence")?;
    let ids = fields::list(&body, "ids")?;
    if ids.is_empty() || ids.len() > MOST {
        return Err(Fault::bad_request(format!(
            "The number of ids has to be between 1 and {MOST}."
        )));
    }
    let mut value = Vec::new();
    for id in ids {
        let id = id
            .as_str()
            .ok_or_else(|| Fault::invalid_value("ids", "Edm.String"))?;
        value.extend(find_user(call, id).map(|user| Value::Object(render(call, &user))));
    }
    let page = Page {
        context: call.context("Collection(microsoft.graph.presence)"),
        count: None,
        next: None,
        value,
    };
    Ok(Reply::json(&page.into_value()))
}

/// `/users/{id}/presence`
pub(super) fn of_user(call: &Call, user: &User, below: &[&str]) -> Result<Reply, Fault> {
    let own = !call.caller.is_application() && call.caller.object_id() == user.id;
    let Some(action) = below.first() else {
        only(call, &Method::GET)?;
        if own { READ_OWN } else { READ }.require(call)?;
        let set = format!("users('{}')/presence", user.id);
        return Ok(rows::one(call, &set, render(call, user)));
    };
    only(call, &Method::POST)?;
    WRITE.require(call)?;
    if !own && !call.caller.is_application() {
        return Err(access::forbidden(
            "The presence of another person cannot be set.",
        ));
    }
    match super::plain(action).as_str() {
        "setpresence" => set_session(call, user),
        "clearpresence" => {
            let session = session(call)?;
            Ok(change(call, user, |it| {
                it.sessions.remove(&session);
            }))
        }
        "setuserpreferredpresence" => prefer(call, user),
        "clearuserpreferredpresence" => Ok(change(call, user, |it| it.preferred = None)),
        "setstatusmessage" => set_message(call, user),
        _ => Err(Fault::unknown_segment(action)),
    }
}

/// A session is named by the application whose it is.
fn session(call: &Call) -> Result<String, Fault> {
    let session = fields::required(&call.json()?, "sessionId")?;
    if session.eq_ignore_ascii_case(call.caller.client_id()) {
        Ok(session.to_ascii_lowercase())
    } else {
        Err(Fault::bad_request(
            "The sessionId has to be the id of the application that calls.",
        ))
    }
}

fn set_session(call: &Call, user: &User) -> Result<Reply, Fault> {
    let body = call.json()?;
    let names = [
        "sessionId",
        "availability",
        "activity",
        "expirationDuration",
    ];
    fields::known(&body, &names, "microsoft.graph.presence")?;
    let session = session(call)?;
    let state = shown(
        &body,
        &SESSIONS,
        call.now,
        SignedDuration::from_mins(5),
        (5, 240),
    )?;
    Ok(change(call, user, |it| {
        it.sessions.insert(session, state);
    }))
}

fn prefer(call: &Call, user: &User) -> Result<Reply, Fault> {
    let body = call.json()?;
    let names = ["availability", "activity", "expirationDuration"];
    fields::known(&body, &names, "microsoft.graph.presence")?;
    // Busy and do-not-disturb end after a day, the rest after a week.
    let day = 24 * 60;
    let usual = match fields::required(&body, "availability")?.as_str() {
        "Busy" | "DoNotDisturb" => SignedDuration::from_mins(day),
        _ => SignedDuration::from_mins(7 * day),
    };
    let state = shown(&body, &PREFERRED, call.now, usual, (1, 30 * day))?;
    Ok(change(call, user, |it| it.preferred = Some(state)))
}

fn shown(
    body: &fields::Body,
    allowed: &[(&str, &str)],
    now: Timestamp,
    usual: SignedDuration,
    (least, most): (i64, i64),
) -> Result<State, Fault> {
    let availability = fields::required(body, "availability")?;
    let activity = fields::required(body, "activity")?;
    let known = allowed.contains(&(availability.as_str(), activity.as_str()));
    if !known {
        return Err(Fault::bad_request(format!(
            "Invalid combination of availability '{availability}' and activity '{activity}'."
        )));
    }
    let duration = match fields::text(body, "expirationDuration")? {
        None => usual,
        Some(text) => text
            .parse::<SignedDuration>()
            .map_err(|_| Fault::invalid_value("expirationDuration", "Edm.Duration"))?,
    };
    if !(least..=most).contains(&duration.as_mins()) {
        return Err(Fault::bad_request(format!(
            "The expirationDuration has to be between {least} and {most} minutes."
        )));
    }
    Ok(State {
        availability,
        activity,
        expires_at: now.saturating_add(duration).unwrap_or(Timestamp::MAX),
    })
}

fn set_message(call: &Call, user: &User) -> Result<Reply, Fault> {
    let body = call.json()?;
    fields::known(&body, &["statusMessage"], "microsoft.graph.presence")?;
    let message = body.get("statusMessage").cloned().unwrap_or(Value::Null);
    let message = match &message {
        Value::Null => None,
        value => {
            let status = fields::object(value, "statusMessage")?;
            fields::known(
                status,
                &["message", "expiryDateTime"],
                "microsoft.graph.presenceStatusMessage",
            )?;
            let text = status.get("message").cloned().unwrap_or(Value::Null);
            Some(json!({
                "message": { "content": text["content"], "contentType": text["contentType"].as_str().unwrap_or("text") },
                "publishedDateTime": call.now,
                "expiryDateTime": status.get("expiryDateTime"),
            }))
        }
    };
    Ok(change(call, user, |it| it.status_message = message))
}

fn change(call: &Call, user: &User, change: impl FnOnce(&mut Presence)) -> Reply {
    call.shared.write(|state| {
        let presence = state.teams.presence.entry(user.id.clone()).or_default();
        change(presence);
        presence.changes += 1;
        let what = What::Presence {
            user: user.id.clone(),
        };
        state
            .changes
            .note(call.caller.tenant_id(), ChangeKind::Updated, what);
    });
    Reply::empty(axum::http::StatusCode::OK)
}

fn render(call: &Call, user: &User) -> Row {
    let presence = call
        .shared
        .read(|state| state.teams.presence.get(&user.id).cloned());
    let presence = presence.unwrap_or_default();
    let (availability, activity) = presence.shown(call.now);
    let value = json!({
        "id": user.id,
        "availability": availability,
        "activity": activity,
        "statusMessage": presence.status_message,
        "outOfOfficeSettings": { "isOutOfOffice": false, "message": null },
        "sequenceNumber": format!("A{:010}", presence.changes),
    });
    value.as_object().cloned().unwrap_or_default()
}
