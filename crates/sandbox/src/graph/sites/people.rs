//! The numbers by which `…LookupId` means people, and the list that tells them.

use serde_json::{Map, Value, json};

use crate::graph::call::Call;
use crate::state::State;
use crate::state::drive::item::Author;
use crate::state::sites::site::Site;

/// What `…LookupId` calls an application.
const APPLICATION: u32 = 1_073_741_822;

/// Gives everybody of the tenant their number.
pub(super) fn number_all(call: &Call) {
    let missing: Vec<String> = call.shared.read(|state| {
        let users = state.directory.users.iter();
        let missing = users.filter(|user| {
            user.tenant_id == call.caller.tenant_id()
                && state.sites.known_number(&user.id).is_none()
        });
        missing.map(|user| user.id.clone()).collect()
    });
    if missing.is_empty() {
        return;
    }
    call.shared.write(|state| {
        for id in &missing {
            state.sites.number_of(id);
        }
    });
}

/// The number of whoever made or changed something.
pub(super) fn number(state: &State, author: &Author) -> u32 {
    state.sites.known_number(&author.id).unwrap_or(APPLICATION)
}

/// What is shown of the person or the item that a number means.
pub(super) fn display_name(state: &State, number: u32) -> Option<String> {
    if number == APPLICATION {
        return Some("SharePoint App".to_owned());
    }
    let user = state.directory.user(state.sites.person(number)?)?;
    Some(user.display_name.clone())
}

/// The mail address that a number stands for.
pub(super) fn email(state: &State, number: u32) -> Option<String> {
    state
        .directory
        .user(state.sites.person(number)?)?
        .mail
        .clone()
}

/// Everybody that a site knows, as items of its list of users: number and values.
pub(super) fn listed(state: &State, site: &Site) -> Vec<(u32, Map<String, Value>)> {
    let users = state
        .directory
        .users
        .iter()
        .filter(|user| user.tenant_id == site.tenant_id);
    let mut rows: Vec<_> = users
        .filter_map(|user| {
            let number = state.sites.known_number(&user.id)?;
            let fields = json!({
                "Title": user.display_name,
                "Name": format!("i:0#.f|membership|{}", user.user_principal_name),
                "EMail": user.mail,
                "UserName": user.user_principal_name,
                "JobTitle": user.job_title,
                "Department": user.department,
                "FirstName": user.given_name,
                "LastName": user.surname,
            });
            let mut fields = super::collection::members(fields);
            fields.retain(|_, value| !value.is_null());
            Some((number, fields))
        })
        .collect();
    rows.sort_by_key(|(number, _)| *number);
    rows
}
