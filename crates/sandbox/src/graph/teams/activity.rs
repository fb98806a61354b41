//! Entries of the activity feed: <https://learn.microsoft.com/graph/teams-send-activityfeednotifications>

use axum::http::Method;
use serde_json::Value;

use super::access::{self, Permissions};
use super::{fields, only};
use crate::graph::call::Call;
use crate::graph::fault::Fault;
use crate::graph::reply::Reply;
use crate::graph::route::find_user;
use crate::state::directory::User;
use crate::state::teams::Activity;

const SEND: Permissions = Permissions::both(&["TeamsActivity.Send"]);
const NAMES: [&str; 9] = [
    "topic",
    "activityType",
    "chainId",
    "previewText",
    "templateParameters",
    "recipient",
    "teamsAppId",
    "iconId",
    "recipients",
];
/// The type that needs no manifest to name it.
const SYSTEM_DEFAULT: &str = "systemDefault";
const LONGEST_PREVIEW: usize = 150;

/// `POST /users/{id}/teamwork/sendActivityNotification`
pub(super) fn to_user(call: &Call, user: &User) -> Result<Reply, Fault> {
    let body = read(call)?;
    send(call, &body, vec![user.id.clone()])
}

/// `POST /teams/{id}/sendActivityNotification`
pub(super) fn in_team(call: &Call, team: &str) -> Result<Reply, Fault> {
    let body = read(call)?;
    let known = access::open(call, team)?;
    let people: Vec<String> = known.people().into_iter().map(|(id, _)| id).collect();
    let wanted = recipient(call, &body, &people)?;
    send(call, &body, wanted)
}

/// `POST /chats/{id}/sendActivityNotification`
pub(super) fn in_chat(call: &Call, chat: &str) -> Result<Reply, Fault> {
    let body = read(call)?;
    let chat = access::chat(call, chat)?;
    let people: Vec<String> = chat.members.into_iter().map(|it| it.user_id).collect();
    let wanted = recipient(call, &body, &people)?;
    send(call, &body, wanted)
}

fn read(call: &Call) -> Result<fields::Body, Fault> {
    only(call, &Method::POST)?;
    SEND.require(call)?;
    let body = call.json()?;
    fields::known(&body, &NAMES, "microsoft.graph.userTeamwork")?;
    Ok(body)
}

/// Everybody, or the one of them who is named.
fn recipient(call: &Call, body: &fields::Body, people: &[String]) -> Result<Vec<String>, Fault> {
    let recipient = body.get("recipient").and_then(Value::as_object);
    let recipient = recipient.ok_or_else(|| Fault::bad_request("'recipient' is required."))?;
    let Some(key) = fields::text(recipient, "userId")? else {
        return Ok(people.to_vec());
    };
    let user = find_user(call, &key).filter(|it| people.contains(&it.id));
    user.map(|it| vec![it.id])
        .ok_or_else(|| access::not_found("The recipient was not found."))
}

fn send(call: &Call, body: &fields::Body, users: Vec<String>) -> Result<Reply, Fault> {
    let topic = body.get("topic").and_then(Value::as_object);
    let topic = topic.ok_or_else(|| Fault::bad_request("'topic' is required."))?;
    let source = fields::word(topic, "source", &["entityUrl", "text"])?
        .ok_or_else(|| Fault::bad_request("'source' of the topic is required."))?;
    fields::required(topic, "value")?;
    if source == "text" && topic.get("webUrl").is_none_or(Value::is_null) {
        return Err(Fault::bad_request(
            "'webUrl' is required when the source of the topic is text.",
        ));
    }
    let kind = fields::required(body, "activityType")?;
    if kind == SYSTEM_DEFAULT {
        let mut parameters = fields::list(body, "templateParameters")?.iter();
        if !parameters.any(|it| it["name"] == "systemDefaultText") {
            return Err(Fault::bad_request(
                "The template parameter 'systemDefaultText' is required for the activity type 'systemDefault'.",
            ));
        }
    }
    let preview = body
        .get("previewText")
        .and_then(|it| it["content"].as_str());
    if preview.is_some_and(|it| it.chars().count() > LONGEST_PREVIEW) {
        return Err(Fault::bad_request(
            "The previewText has more than 150 characters.",
        ));
    }
    call.shared.write(|state| {
        for user_id in users {
            state.teams.activities.push(Activity {
                user_id,
                client_id: call.caller.client_id().to_owned(),
                at: call.now,
                kind: kind.clone(),
                topic: Value::Object(topic.clone()),
                preview: preview.map(str::to_owned),
            });
        }
    });
    Ok(Reply::no_content())
}
