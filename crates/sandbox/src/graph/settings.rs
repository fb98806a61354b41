//! What the owner of a mailbox sets: times and language, automatic replies, colours, rules, who is focused.

mod categories;
mod focused;
mod mailbox;
mod rules;
mod tips;

use axum::http::Method;
use serde_json::{Value, json};

use super::call::Call;
use super::fault::Fault;
use super::mail::Target;
use super::permission::may_use_settings;
use super::reply::Reply;
use crate::state::calendar::zones;

pub(super) use rules::dispatch as rules;

/// Segments below a user that are served here.
pub(super) fn is_mine(name: &str) -> bool {
    [
        "mailboxsettings",
        "outlook",
        "inferenceclassification",
        "getmailtips",
    ]
    .contains(&name)
}

/// Hands the call to what its path names.
pub(super) fn dispatch(
    call: &Call,
    target: &Target,
    name: &str,
    below: &[&str],
) -> Result<Reply, Fault> {
    match name {
        "mailboxsettings" => mailbox::dispatch(call, target, below),
        "inferenceclassification" => focused::dispatch(call, target, below),
        "getmailtips" => tips::get(call, target, below),
        _ => match below {
            [first, rest @ ..] if first.eq_ignore_ascii_case("masterCategories") => {
                categories::dispatch(call, target, rest)
            }
            [first] if first.to_ascii_lowercase().starts_with("supportedtimezones") => {
                time_zones(call, target, first)
            }
            [first, ..] => Err(Fault::not_implemented(first)),
            [] => Err(Fault::not_implemented("outlook")),
        },
    }
}

/// 403 unless the token and the mailbox allow this.
fn require(call: &Call, target: &Target) -> Result<(), Fault> {
    let writes = call.method != Method::GET;
    target.require_by(|caller, own| may_use_settings(caller, own, writes))
}

/// `supportedTimeZones`, `supportedTimeZones(TimeZoneStandard='Iana')`
fn time_zones(call: &Call, target: &Target, segment: &str) -> Result<Reply, Fault> {
    if call.method != Method::GET {
        return Err(Fault::method_not_allowed());
    }
    let users = [
        "User.Read",
        "User.ReadBasic.All",
        "User.Read.All",
        "User.ReadWrite",
        "User.ReadWrite.All",
    ];
    if require(call, target).is_err() && !call.caller.has_any(&users) {
        return Err(Fault::access_denied());
    }
    let is_iana = segment.to_ascii_lowercase().contains("'iana'");
    let names = zones::WINDOWS
        .iter()
        .map(|(windows, iana)| if is_iana { *iana } else { *windows });
    let value: Vec<Value> = names
        .map(|name| json!({"alias": name, "displayName": name}))
        .collect();
    let context = call.context("Collection(microsoft.graph.timeZoneInformation)");
    Ok(Reply::json(
        &json!({"@odata.context": context, "value": value}),
    ))
}
