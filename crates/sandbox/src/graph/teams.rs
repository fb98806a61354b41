//! Microsoft Teams: <https://learn.microsoft.com/graph/api/resources/teams-api-overview>

mod access;
mod activity;
mod channels;
mod chats;
mod fields;
mod files;
mod meetings;
mod members;
mod messages;
mod operations;
mod presence;
mod rows;
mod tabs;
mod team;
mod team_input;

use axum::http::Method;

use super::call::Call;
use super::fault::Fault;
use super::reply::Reply;
use super::route::find_user;

pub(crate) use meetings::input::{identify, open_chat};
pub(super) use team::on_group;
pub(crate) use team_input::usual_settings;

/// Segments below a team, a chat or a person's teamwork that the sandbox knows of and does not answer.
const UNIMPLEMENTED: [&str; 19] = [
    "clone",
    "completemigration",
    "hideforuser",
    "incomingchannels",
    "installedapps",
    "lastmessagepreview",
    "markchatreadforuser",
    "markchatunreadforuser",
    "permissiongrants",
    "photo",
    "pinnedmessages",
    "removeallaccessforuser",
    "schedule",
    "startmigration",
    "tabs",
    "tags",
    "targetedmessages",
    "template",
    "unhideforuser",
];

/// `/teams`, `/chats`, `/communications` and what else begins with Teams.
pub(super) fn dispatch(call: &Call, first: &str, rest: &[&str]) -> Result<Reply, Fault> {
    match (first, rest) {
        ("teams", []) => team::collection(call),
        ("teams", [id, below @ ..]) => below_team(call, id, below),
        ("chats", []) => chats::collection(call),
        ("chats", [id, below @ ..]) => below_chat(call, id, below),
        ("communications", [name, below @ ..]) => presence::of_many(call, name, below),
        _ => Err(Fault::not_implemented(first)),
    }
}

fn below_team(call: &Call, id: &str, below: &[&str]) -> Result<Reply, Fault> {
    let Some((first, below)) = below.split_first() else {
        return team::single(call, id);
    };
    let name = plain(first);
    match (name.as_str(), below) {
        ("archive" | "unarchive", []) => team::archive(call, id, &name),
        ("members", _) => members::of_team(call, id, below),
        ("channels", [export]) if plain(export).trim_end_matches("()") == "getallmessages" => {
            messages::export::of_team(call, id)
        }
        ("channels" | "allchannels", _) => channels::dispatch(call, id, below),
        ("primarychannel", _) => {
            let general = channels::general(call, id)?;
            let path: Vec<&str> = [general.as_str()]
                .into_iter()
                .chain(below.iter().copied())
                .collect();
            channels::dispatch(call, id, &path)
        }
        ("operations", [operation]) => operations::get(call, id, operation),
        ("sendactivitynotification", []) => activity::in_team(call, id),
        _ => other(first, &name),
    }
}

fn below_chat(call: &Call, id: &str, below: &[&str]) -> Result<Reply, Fault> {
    let Some((first, below)) = below.split_first() else {
        return chats::single(call, id);
    };
    let name = plain(first);
    match (name.as_str(), below) {
        ("members", _) => members::of_chat(call, id, below),
        ("messages", _) => {
            let place = messages::Place::Chat {
                chat: id.to_owned(),
            };
            messages::dispatch(call, &place, below)
        }
        ("sendactivitynotification", []) => activity::in_chat(call, id),
        _ => other(first, &name),
    }
}

/// What belongs to one person: `/users/{key}/chats` and the like.
pub(super) fn below_user(
    call: &Call,
    key: &str,
    name: &str,
    below: &[&str],
) -> Result<Reply, Fault> {
    let user = find_user(call, key).ok_or_else(|| access::not_found("The user was not found."))?;
    match (name, below) {
        ("joinedteams", []) => team::joined(call, &user.id),
        ("chats", []) => chats::of_user(call, &user.id),
        ("chats", [export]) if plain(export).trim_end_matches("()") == "getallmessages" => {
            messages::export::of_user(call, &user.id)
        }
        ("chats", [id, below @ ..]) => {
            if !call.caller.is_application() && call.caller.object_id() != user.id {
                return Err(access::forbidden(
                    "The chats of another person cannot be opened.",
                ));
            }
            below_chat(call, id, below)
        }
        ("onlinemeetings", _) => meetings::dispatch(call, &user, below),
        ("presence", _) => presence::of_user(call, &user, below),
        ("teamwork", [action]) if plain(action) == "sendactivitynotification" => {
            activity::to_user(call, &user)
        }
        (_, [first, ..]) => Err(Fault::not_implemented(first)),
        _ => Err(Fault::not_implemented(name)),
    }
}

fn other(first: &str, name: &str) -> Result<Reply, Fault> {
    if UNIMPLEMENTED.contains(&name) {
        Err(Fault::not_implemented(first))
    } else {
        Err(Fault::unknown_segment(first))
    }
}

/// A segment in lower case and without its namespace.
fn plain(segment: &str) -> String {
    let lower = segment.to_ascii_lowercase();
    let plain = lower.strip_prefix("microsoft.graph.").map(str::to_owned);
    plain.unwrap_or(lower)
}

/// Refuses every method but this one.
fn only(call: &Call, method: &Method) -> Result<(), Fault> {
    if call.method == *method {
        Ok(())
    } else {
        Err(Fault::method_not_allowed())
    }
}
