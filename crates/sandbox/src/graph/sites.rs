//! SharePoint: which site a request means and whether it may, then one file a concern.
//! Source: <https://learn.microsoft.com/graph/api/resources/sharepoint>

pub(in crate::graph) mod access;
mod address;
mod calculated;
mod canvas;
mod collection;
mod column_body;
mod columns;
mod content_types;
mod delta;
mod fault;
mod fields;
mod find;
mod followed;
mod items;
mod lists;
mod pages;
mod people;
mod permissions;
mod place;
mod query;
mod render;
mod row;
mod schema;
mod versions;

use axum::http::Method;
use uuid::Uuid;

use super::call::Call;
use super::drive;
use super::fault::Fault;
use super::reply::Reply;
use crate::state::directory::group::Group;
use crate::state::drive::tree::Holder;
use crate::state::{self, State};
use find::matching;
use place::Place;

pub(super) use fault::not_found;
pub(super) use followed::of_user as followed_by;
pub(super) use items::of_holder as list_item;
pub(super) use render::{item_hit, list_hit, site_hit};

/// Segments below a site that the sandbox knows of and does not answer.
const UNIMPLEMENTED: [&str; 9] = [
    "analytics",
    "externalcolumns",
    "getactivitiesbyinterval",
    "items",
    "onenote",
    "operations",
    "termstore",
    "termstores",
    "subscriptions",
];

/// Everything at and below `sites`.
pub(super) fn dispatch(call: &Call, path: &[&str]) -> Result<Reply, Fault> {
    let Some((first, rest)) = path.split_first() else {
        return find::search(call);
    };
    let name = first.to_ascii_lowercase();
    let name = name.strip_prefix("microsoft.graph.").unwrap_or(&name);
    match name.split('(').next().unwrap_or_default() {
        "getallsites" => find::all(call),
        "delta" => find::delta(call, first),
        "add" | "remove" if call.method == Method::POST => Err(Fault::not_implemented(first)),
        _ => {
            let (place, below) = address::open(call, first, rest)?;
            let below: Vec<&str> = below.iter().map(String::as_str).collect();
            below_site(call, &place, &below)
        }
    }
}

/// `sites/root` of a group, and what is below.
pub(super) fn of_group(call: &Call, group: &Group, path: &[&str]) -> Result<Reply, Fault> {
    let place = Place::open(call, of_this_group(call, group)?)?;
    match path.split_first() {
        Some((first, below)) if first.eq_ignore_ascii_case("root") => {
            below_site(call, &place, below)
        }
        _ => Err(Fault::not_implemented("sites of a group")),
    }
}

/// The site of a group, which gets it with the first look at it. Security groups have none.
pub(super) fn of_this_group(call: &Call, group: &Group) -> Result<Uuid, Fault> {
    let found = call
        .shared
        .read(|state| state.sites.of_group(&group.id).map(|site| site.id));
    match found {
        Some(site) => Ok(site),
        None if group.is_unified => {
            let made = |state: &mut State| state::sites::create_for(state, group, call.now);
            Ok(call.shared.write(made))
        }
        None => Err(not_found()),
    }
}

/// The list that a drive is, and what is below.
pub(super) fn of_drive(call: &Call, holder: &Holder, below: &[&str]) -> Result<Reply, Fault> {
    match holder {
        Holder::User(_) => Err(Fault::not_implemented("the list of a personal drive")),
        Holder::Library { site, list } => {
            let place = Place::open(call, *site)?;
            lists::below(call, &place, *list, below)
        }
    }
}

fn below_site(call: &Call, place: &Place, below: &[&str]) -> Result<Reply, Fault> {
    let Some((first, rest)) = below.split_first() else {
        return match call.method {
            Method::GET => find::get(call, place),
            _ => Err(Fault::method_not_allowed()),
        };
    };
    let name = first.to_ascii_lowercase();
    let name = name.strip_prefix("microsoft.graph.").unwrap_or(&name);
    match name {
        "drive" | "drives" => drive::of_site(call, place.id, name, rest),
        "lists" => lists::dispatch(call, place, rest),
        "sites" if rest.is_empty() => find::subsites(call, place),
        "columns" => columns::of_site(call, place, rest),
        "contenttypes" => content_types::of_site(call, place, rest),
        "pages" => pages::dispatch(call, place, rest),
        "permissions" => permissions::of_site(call, place, rest),
        name if name.starts_with("getbypath(") => find::by_path(call, place, first, rest),
        name if UNIMPLEMENTED.contains(&name.split('(').next().unwrap_or_default()) => {
            Err(Fault::not_implemented(first))
        }
        _ => Err(Fault::unknown_segment(first)),
    }
}

/// `contoso.sharepoint.com`, or with a suffix to the name `contoso-my.sharepoint.com`.
pub(super) fn host_of(state: &State, tenant_id: &str, suffix: &str) -> String {
    let mut tenants = state.directory.tenants.iter();
    let tenant = tenants.find(|tenant| tenant.id == tenant_id);
    let name = tenant.and_then(|tenant| tenant.domain.split('.').next());
    format!("{}{suffix}.sharepoint.com", name.unwrap_or("contoso"))
}

/// Fills a large library that nobody looked at before.
pub(super) fn prepare_library(call: &Call, list: Uuid) {
    let awaits = |state: &State| {
        let mut lists = state.sites.all().flat_map(|site| &site.lists);
        lists.any(|known| known.id == list && known.awaits.is_some())
    };
    if call.shared.read(awaits) {
        call.shared
            .write(|state| crate::seed::fill_library(state, list));
    }
}
