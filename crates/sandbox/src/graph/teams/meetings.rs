//! Online meetings: <https://learn.microsoft.com/graph/api/resources/onlinemeeting>

mod artifacts;
pub(super) mod input;
mod render;

use axum::http::{Method, StatusCode};
use serde_json::{Value, json};

use super::access::{self, Permissions};
use super::rows;
use crate::graph::call::Call;
use crate::graph::fault::Fault;
use crate::graph::reply::Reply;
use crate::odata::envelope::Page;
use crate::odata::filter::ast::{Comparison, Expr, Literal};
use crate::state::directory::User;
use crate::state::teams::meeting::Meeting;

const READ: Permissions = Permissions {
    delegated: &["OnlineMeetings.Read", "OnlineMeetings.ReadWrite"],
    application: &["OnlineMeetings.Read.All", "OnlineMeetings.ReadWrite.All"],
};
const WRITE: Permissions = Permissions {
    delegated: &["OnlineMeetings.ReadWrite"],
    application: &["OnlineMeetings.ReadWrite.All"],
};

/// `/users/{id}/onlineMeetings…`
pub(super) fn dispatch(call: &Call, user: &User, below: &[&str]) -> Result<Reply, Fault> {
    let is_own = call.caller.is_application() || call.caller.object_id() == user.id;
    match (&call.method, below) {
        (&Method::GET, []) => {
            READ.require(call)?;
            find_by_url(call, user)
        }
        (&Method::POST, []) => {
            require_write(call, is_own)?;
            let meeting = input::create(call, user, &call.json()?)?;
            Ok(rows::created(
                call,
                &set(user),
                render::meeting(call, &meeting),
            ))
        }
        (&Method::POST, [action]) if super::plain(action) == "createorget" => {
            require_write(call, is_own)?;
            create_or_get(call, user)
        }
        (&Method::GET, [id]) => {
            READ.require(call)?;
            let meeting = find(call, user, id)?;
            Ok(rows::one(call, &set(user), render::meeting(call, &meeting)))
        }
        (&Method::PATCH, [id]) => {
            require_write(call, is_own)?;
            let meeting = organized(call, user, id)?;
            let changed = input::change(call, &meeting, &call.json()?)?;
            Ok(rows::one(call, &set(user), render::meeting(call, &changed)))
        }
        (&Method::DELETE, [id]) => {
            require_write(call, is_own)?;
            let meeting = organized(call, user, id)?;
            call.shared
                .write(|state| state.teams.meetings.retain(|it| it.id != meeting.id));
            Ok(Reply::no_content())
        }
        (_, [id, first, below @ ..]) => artifacts::dispatch(
            call,
            user,
            || find(call, user, id),
            &super::plain(first),
            below,
        ),
        _ => Err(Fault::method_not_allowed()),
    }
}

/// Start of context URLs.
fn set(user: &User) -> String {
    format!("users('{}')/onlineMeetings", user.id)
}

fn require_write(call: &Call, is_own: bool) -> Result<(), Fault> {
    WRITE.require(call)?;
    if is_own {
        Ok(())
    } else {
        Err(access::forbidden(
            "Meetings of another person cannot be made or changed.",
        ))
    }
}

/// A meeting that the user organises or is invited to.
fn find(call: &Call, user: &User, id: &str) -> Result<Meeting, Fault> {
    let found = call.shared.read(|state| {
        let mut meetings = state.teams.meetings.iter();
        meetings.find(|it| it.id == id && is_of(it, user)).cloned()
    });
    found.ok_or_else(|| access::not_found("The meeting was not found."))
}

fn organized(call: &Call, user: &User, id: &str) -> Result<Meeting, Fault> {
    let meeting = find(call, user, id)?;
    if meeting.organizer_id == user.id {
        Ok(meeting)
    } else {
        Err(access::forbidden(
            "Only the organizer can change a meeting.",
        ))
    }
}

fn is_of(meeting: &Meeting, user: &User) -> bool {
    meeting.organizer_id == user.id
        || meeting
            .attendees
            .iter()
            .any(|it| it.user_id.as_ref() == Some(&user.id))
}

/// Meetings are not listed; they are found by the address that people join at.
fn find_by_url(call: &Call, user: &User) -> Result<Reply, Fault> {
    let needs = || {
        Fault::bad_request(
            "A filter by JoinWebUrl, joinMeetingIdSettings/joinMeetingId or VideoTeleconferenceId is required.",
        )
    };
    let Some(Expr::Compare(Comparison::Equal, left, right)) = &call.options.filter else {
        return Err(needs());
    };
    let (Expr::Path(path), Expr::Literal(Literal::Text(wanted))) = (left.as_ref(), right.as_ref())
    else {
        return Err(needs());
    };
    let path = path.join("/").to_ascii_lowercase();
    let matches = |it: &Meeting| match path.as_str() {
        "joinweburl" => it.join_url == *wanted,
        "joinmeetingidsettings/joinmeetingid" => it.join_id == *wanted,
        // No meeting here has a device of the room's in it.
        _ => false,
    };
    if ![
        "joinweburl",
        "joinmeetingidsettings/joinmeetingid",
        "videoteleconferenceid",
    ]
    .contains(&path.as_str())
    {
        return Err(needs());
    }
    let found: Vec<Meeting> = call.shared.read(|state| {
        let meetings = state.teams.meetings.iter();
        meetings
            .filter(|it| matches(it) && is_of(it, user))
            .cloned()
            .collect()
    });
    let page = Page {
        context: call.context(&set(user)),
        count: None,
        next: None,
        value: found
            .iter()
            .map(|it| Value::Object(render::meeting(call, it)))
            .collect(),
    };
    Ok(Reply::json(&page.into_value()))
}

/// One meeting for each name that an outside system gives it: 201 when it is made, 200 from then on.
fn create_or_get(call: &Call, user: &User) -> Result<Reply, Fault> {
    let body = call.json()?;
    let external_id = super::fields::required(&body, "externalId")?;
    let there = call.shared.read(|state| {
        let mut meetings = state.teams.meetings.iter();
        let found = meetings
            .find(|it| it.organizer_id == user.id && it.external_id.as_ref() == Some(&external_id));
        found.cloned()
    });
    let (status, meeting) = match there {
        Some(meeting) => (StatusCode::OK, meeting),
        None => (StatusCode::CREATED, input::create(call, user, &body)?),
    };
    let mut value = json!({ "@odata.context": call.context(&format!("{}/$entity", set(user))) });
    if let Some(map) = value.as_object_mut() {
        map.extend(render::meeting(call, &meeting));
    }
    Ok(Reply::json(&value).with_status(status))
}
