//! Who reports to whom, and pictures, of which there are none.
//! Source: <https://learn.microsoft.com/graph/api/user-list-manager>, <https://learn.microsoft.com/graph/api/user-list-directreports>

use axum::http::{Method, StatusCode};
use serde_json::{Map, Value, json};

use super::{project, project_all, render, selection};
use crate::graph::call::Call;
use crate::graph::fault::Fault;
use crate::graph::permission;
use crate::graph::reply::Reply;
use crate::graph::route::find_user;
use crate::odata::envelope::{self, Page};
use crate::odata::paging::{self, Style, Window};
use crate::state::directory::User;

const DEFAULT_PAGE: usize = 100;
const TYPE: &str = "#microsoft.graph.user";

/// `…/manager` and `…/manager/$ref`
pub(in crate::graph) fn manager(call: &Call, key: &str, below: &[&str]) -> Result<Reply, Fault> {
    let is_ref = match below {
        [] => false,
        [segment] if segment.eq_ignore_ascii_case("$ref") => true,
        [segment, ..] => return Err(Fault::unknown_segment(segment)),
    };
    match (&call.method, is_ref) {
        (&Method::GET, _) => get_manager(call, key, is_ref),
        (&Method::PUT, true) => set_manager(call, key),
        (&Method::DELETE, true) => {
            let user = for_change(call, key)?;
            change(call, &user, None);
            Ok(Reply::no_content())
        }
        _ => Err(Fault::method_not_allowed()),
    }
}

fn get_manager(call: &Call, key: &str, is_ref: bool) -> Result<Reply, Fault> {
    if !permission::may_read_relations(&call.caller) {
        return Err(Fault::request_denied());
    }
    let selection = selection(call)?;
    let user = find_user(call, key).ok_or_else(|| Fault::user_not_found(key))?;
    let manager = user.manager.as_deref().and_then(|id| find_user(call, id));
    let manager = manager.ok_or_else(|| Fault::user_not_found("manager"))?;
    if is_ref {
        let address = format!("{}/directoryObjects/{}", call.base, manager.id);
        let entity = Map::from_iter([("@odata.id".to_owned(), json!(address))]);
        let context = call.context("$ref");
        return Ok(Reply::json(&envelope::entity(&context, entity)));
    }
    let context = call.context("directoryObjects/$entity");
    let entity = typed(project(&manager, &selection));
    Ok(Reply::json(&envelope::entity(&context, entity)))
}

/// The body names the manager by address: `{"@odata.id": "https://graph.microsoft.com/v1.0/users/{id}"}`.
fn set_manager(call: &Call, key: &str) -> Result<Reply, Fault> {
    let user = for_change(call, key)?;
    let body = call.json()?;
    let address = body.get("@odata.id").and_then(Value::as_str);
    let id = address.and_then(|address| address.rsplit('/').next());
    let id = id
        .ok_or_else(|| Fault::directory("The request body must name the object by '@odata.id'."))?;
    let manager = find_user(call, id).ok_or_else(|| Fault::user_not_found(id))?;
    change(call, &user, Some(manager.id));
    Ok(Reply::no_content())
}

fn for_change(call: &Call, key: &str) -> Result<User, Fault> {
    if !permission::may_change_users(&call.caller) {
        return Err(Fault::request_denied());
    }
    find_user(call, key).ok_or_else(|| Fault::user_not_found(key))
}

fn change(call: &Call, user: &User, manager: Option<String>) {
    call.shared.write(|state| {
        if let Some(user) = state.directory.user_mut(&user.id) {
            user.manager = manager;
        }
    });
}

/// `GET …/directReports`
pub(in crate::graph) fn direct_reports(
    call: &Call,
    key: &str,
    below: &[&str],
) -> Result<Reply, Fault> {
    if let Some(segment) = below.first().filter(|segment| **segment != "$count") {
        return Err(Fault::unknown_segment(segment));
    }
    if call.method != Method::GET {
        return Err(Fault::method_not_allowed());
    }
    let user = find_user(call, key);
    let own = user
        .as_ref()
        .is_some_and(|user| permission::may_read_user(&call.caller, &user.id));
    if !own && !permission::may_read_relations(&call.caller) {
        return Err(Fault::request_denied());
    }
    let selection = selection(call)?;
    let user = user.ok_or_else(|| Fault::user_not_found(key))?;
    let reports = reports(call, &user);
    if !below.is_empty() {
        return Ok(Reply::count(reports.len()));
    }
    let start = call
        .options
        .skip_token
        .as_deref()
        .and_then(paging::position);
    let size = call.options.top.or(call.prefer.max_page_size);
    let window = Window::new(
        reports.len(),
        start.unwrap_or(0),
        size.unwrap_or(DEFAULT_PAGE),
    );
    let shown = reports[window.start..window.end].iter();
    let page = Page {
        context: call.context("directoryObjects"),
        count: call.options.count.then_some(reports.len()),
        next: call.next_link(Style::Token, window),
        value: shown
            .map(|user| Value::Object(typed(project(user, &selection))))
            .collect(),
    };
    Ok(Reply::json(&page.into_value()))
}

fn reports(call: &Call, user: &User) -> Vec<User> {
    call.shared.read(|state| {
        let users = state.directory.users.iter();
        users
            .filter(|other| other.manager.as_ref() == Some(&user.id))
            .cloned()
            .collect()
    })
}

/// `$expand=manager`, `$expand=directReports`: whole, as `$select` in them is not for directory objects.
pub(super) fn expand(
    call: &Call,
    user: &User,
    entity: &mut Map<String, Value>,
) -> Result<(), Fault> {
    for expand in &call.options.expand {
        match expand.path.to_ascii_lowercase().as_str() {
            "manager" => {
                let manager = user.manager.as_deref().and_then(|id| find_user(call, id));
                if let Some(manager) = manager {
                    let mut found = typed(render(&manager));
                    let wanted = &expand.options.select;
                    if wanted.is_empty() {
                        found = typed(project_all(render(&manager)));
                    } else {
                        found.retain(|name, _| name.contains('@') || wanted.contains(name));
                    }
                    entity.insert("manager".to_owned(), Value::Object(found));
                }
            }
            "directreports" => {
                let all = reports(call, user);
                let list = all
                    .iter()
                    .map(|user| Value::Object(typed(project_all(render(user)))));
                entity.insert("directReports".to_owned(), list.collect());
            }
            _ => {
                return Err(Fault::directory(&format!(
                    "Parsing OData Select and Expand failed: Could not find a property named '{}' on type 'microsoft.graph.user'.",
                    expand.path
                )));
            }
        }
    }
    Ok(())
}

fn typed(entity: Map<String, Value>) -> Map<String, Value> {
    let mut typed = Map::from_iter([("@odata.type".to_owned(), json!(TYPE))]);
    typed.extend(entity);
    typed
}

/// `GET …/photo`, `…/photo/$value`: nobody at Contoso has one, which Exchange tells so.
pub(in crate::graph) fn photo(call: &Call, key: &str) -> Result<Reply, Fault> {
    if call.method != Method::GET {
        return Err(Fault::not_implemented("changes of photos"));
    }
    let user = find_user(call, key).ok_or_else(|| Fault::user_not_found(key))?;
    let may = permission::may_read_user(&call.caller, &user.id)
        || call
            .caller
            .has_any(&["ProfilePhoto.Read.All", "ProfilePhoto.ReadWrite.All"]);
    if !may {
        return Err(Fault::access_denied());
    }
    Err(no_photo())
}

/// 404 in Exchange's words.
pub(in crate::graph) fn no_photo() -> Fault {
    Fault::new(
        StatusCode::NOT_FOUND,
        "ImageNotFound",
        "Exception of type 'Microsoft.Fast.Profile.Core.Exception.ImageNotFoundException' was thrown.",
    )
}
