//! What to know before writing to somebody: <https://learn.microsoft.com/graph/api/user-getmailtips>

use axum::http::Method;
use serde_json::{Map, Value, json};

use crate::graph::call::Call;
use crate::graph::fault::Fault;
use crate::graph::mail::{Parameters, Target, input};
use crate::graph::permission::MailAccess;
use crate::graph::reply::Reply;
use crate::state::State;

const OPTIONS: [&str; 8] = [
    "automaticReplies",
    "mailboxFullStatus",
    "customMailTip",
    "externalMemberCount",
    "totalMemberCount",
    "maxMessageSize",
    "deliveryRestriction",
    "moderationStatus",
];
/// Bytes of a message that a mailbox takes.
const MAX_MESSAGE: u64 = 150 * 1024 * 1024;

/// `POST …/getMailTips`
pub(super) fn get(call: &Call, target: &Target, below: &[&str]) -> Result<Reply, Fault> {
    if let Some(segment) = below.first() {
        return Err(Fault::unknown_segment(segment));
    }
    if call.method != Method::POST {
        return Err(Fault::method_not_allowed());
    }
    let tips = ["MailTips.ReadBasic.Shared", "MailTips.ReadBasic.All"];
    if !target.caller.has_any(&tips) {
        target.require(MailAccess::Read)?;
    }
    let body = Parameters::read(call, &["emailaddresses", "mailtipsoptions"], "getMailTips")?;
    let list = body
        .get("emailaddresses")
        .ok_or_else(|| Fault::missing_property("EmailAddresses"))?;
    let addresses = input::texts("EmailAddresses", list)?;
    let wanted = body
        .get("mailtipsoptions")
        .and_then(Value::as_str)
        .unwrap_or_default();
    let wanted: Vec<&str> = wanted
        .split(',')
        .map(str::trim)
        .filter(|name| !name.is_empty())
        .collect();
    let known = |name: &&&str| {
        OPTIONS.iter().any(|known| known.eq_ignore_ascii_case(name))
            || name.eq_ignore_ascii_case("recipientScope")
    };
    if wanted.iter().filter(known).count() < wanted.len() || wanted.is_empty() {
        return Err(Fault::invalid_value(
            "MailTipsOptions",
            "microsoft.graph.mailTipsType",
        ));
    }
    let value: Vec<Value> = call.shared.read(|state| {
        let all = addresses
            .iter()
            .map(|address| tip(call, state, address, &wanted));
        all.collect()
    });
    let context = call.context("Collection(microsoft.graph.mailTips)");
    Ok(Reply::json(
        &json!({"@odata.context": context, "value": value}),
    ))
}

fn tip(call: &Call, state: &State, address: &str, wanted: &[&str]) -> Value {
    let user = state.directory.user(address);
    let user = user.filter(|user| user.tenant_id == call.caller.tenant_id() && user.has_mailbox());
    let name = user.map_or("", |user| user.display_name.as_str());
    let mut tip = Map::from_iter([(
        "emailAddress".to_owned(),
        json!({"name": name, "address": address}),
    )]);
    let wants = |option: &str| wanted.iter().any(|name| name.eq_ignore_ascii_case(option));
    let mut put = |name: &str, value: Value| tip.insert(name.to_owned(), value);
    if wants("recipientScope") {
        put(
            "recipientScope",
            json!(if user.is_some() {
                "internal"
            } else {
                "external"
            }),
        );
    }
    let Some(user) = user else {
        return Value::Object(tip);
    };
    if wants("automaticReplies") {
        let replies = state
            .mail
            .mailbox(&user.id)
            .map(|mailbox| &mailbox.settings.automatic);
        let active = replies.filter(|replies| replies.is_active(call.now));
        let message = active.map_or("", |replies| replies.internal_message.as_str());
        put("automaticReplies", json!({"message": message}));
    }
    for (option, name, value) in [
        ("mailboxFullStatus", "mailboxFull", json!(false)),
        ("customMailTip", "customMailTip", json!("")),
        ("externalMemberCount", "externalMemberCount", json!(0)),
        ("totalMemberCount", "totalMemberCount", json!(1)),
        ("maxMessageSize", "maxMessageSize", json!(MAX_MESSAGE)),
        ("deliveryRestriction", "deliveryRestricted", json!(false)),
        ("moderationStatus", "isModerated", json!(false)),
    ] {
        if wants(option) {
            put(name, value);
        }
    }
    Value::Object(tip)
}
