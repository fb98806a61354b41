//! From a path to the resource that answers it. Segment names are compared without case, ids as they are.

use axum::http::Method;

use super::calendar;
use super::call::Call;
use super::contacts;
use super::directory;
use super::drive;
use super::fault::Fault;
use super::mail;
use super::places;
use super::reply::Reply;
use super::search;
use super::settings;
use super::sites;
use super::subscriptions;
use super::teams;
use super::users;
use crate::state::directory::User;

/// First segments of Microsoft Graph that the sandbox knows of and does not answer.
const UNIMPLEMENTED: &[&str] = &["$metadata", "auditlogs", "contacts", "devices", "reports"];

/// Segments below a user that the sandbox knows of and does not answer.
const UNIMPLEMENTED_OF_USER: &[&str] = &["people", "todo"];

/// Hands the call to the resource that its path names.
pub(super) fn dispatch(call: &Call) -> Result<Reply, Fault> {
    let segments: Vec<&str> = call.segments.iter().map(String::as_str).collect();
    let Some((first, rest)) = segments.split_first() else {
        return Err(Fault::not_implemented("the service document"));
    };
    match first.to_ascii_lowercase().as_str() {
        "me" if call.caller.is_application() => Err(Fault::me_needs_a_user()),
        "me" => below_user(call, call.caller.object_id(), rest),
        "users" => match rest.split_first() {
            None if call.method == Method::POST => users::change::create(call),
            None => users::list(call),
            Some((&"$count", _)) => users::count(call),
            Some((&name, [])) if directory::delta::is_mine(name) => {
                directory::delta::tell(call, &directory::delta::USERS)
            }
            Some((key, rest)) => below_user(call, key, rest),
        },
        "drives" => drive::by_id(call, rest),
        "places" => places::dispatch(call, rest),
        "subscriptions" => subscriptions::dispatch(call, rest),
        "chats" | "communications" | "teams" | "teamwork" | "appcatalogs" => {
            teams::dispatch(call, &first.to_ascii_lowercase(), rest)
        }
        "shares" => drive::by_share(call, rest),
        "sites" => sites::dispatch(call, rest),
        "search" => search::dispatch(call, rest),
        _ if directory::is_mine(first) => directory::dispatch(call, first, rest),
        name if UNIMPLEMENTED.contains(&name) => Err(Fault::not_implemented(first)),
        _ => Err(Fault::unknown_segment(first)),
    }
}

fn below_user(call: &Call, key: &str, rest: &[&str]) -> Result<Reply, Fault> {
    let Some((first, below)) = rest.split_first() else {
        return match call.method {
            Method::GET => users::get(call, key),
            _ => users::change::of_one(call, key),
        };
    };
    let name = first.to_ascii_lowercase();
    let name = name.strip_prefix("microsoft.graph.").unwrap_or(&name);
    match name {
        "messages" | "mailfolders" | "sendmail" => {
            let mailbox = mail::Target::open(call, key)?;
            mail::dispatch(call, &mailbox, name, below)
        }
        _ if settings::is_mine(name) => {
            let mailbox = mail::Target::open(call, key)?;
            settings::dispatch(call, &mailbox, name, below)
        }
        _ if contacts::is_mine(name) => {
            let mailbox = mail::Target::open(call, key)?;
            contacts::dispatch(call, &mailbox, name, below)
        }
        _ if calendar::is_mine(name) => {
            let mailbox = mail::Target::open(call, key)?;
            calendar::dispatch(call, &mailbox, name, below)
        }
        "drive" | "drives" => drive::of_user(call, key, name, below),
        "manager" => users::relations::manager(call, key, below),
        "directreports" => users::relations::direct_reports(call, key, below),
        "photo" => users::relations::photo(call, key),
        _ if directory::membership::is_mine(name) => {
            directory::membership::dispatch(call, key, name)
        }
        "chats" | "joinedteams" | "onlinemeetings" | "presence" | "teamwork" => {
            teams::below_user(call, key, name, below)
        }
        "approleassignments" => directory::assignments::of_object(call, key, below),
        "followedsites" => sites::followed_by(call, below),
        "revokesigninsessions" => users::change::revoke(call, key),
        _ if UNIMPLEMENTED_OF_USER.contains(&name) => Err(Fault::not_implemented(first)),
        _ => Err(Fault::unknown_segment(first)),
    }
}

/// The user that a key names in the caller's tenant.
pub(super) fn find_user(call: &Call, key: &str) -> Option<User> {
    call.shared.read(|state| {
        let user = state.directory.user(key)?;
        (user.tenant_id == call.caller.tenant_id()).then(|| user.clone())
    })
}
