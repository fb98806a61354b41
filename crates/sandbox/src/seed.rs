//! What a new sandbox holds.

use jiff::Timestamp;

use crate::state::State;
use crate::state::directory::{Tenant, User};

/// Tenant, people and mail of Contoso.
pub(crate) fn contoso(state: &mut State, now: Timestamp) {
    empty(state, now);
}

/// A tenant with one administrator and nothing else.
pub(crate) fn empty(state: &mut State, _now: Timestamp) {
    let tenant_id = state.ids.uuid().to_string();
    let user_id = state.ids.uuid().to_string();
    state.directory.tenants.push(Tenant {
        id: tenant_id.clone(),
        domain: "contoso.example".to_owned(),
        display_name: "Contoso".to_owned(),
    });
    state.directory.users.push(User {
        id: user_id,
        tenant_id,
        user_principal_name: "megan@contoso.example".to_owned(),
        display_name: "Megan Bowen".to_owned(),
        password: "Sandbox-1".to_owned(),
        is_admin: true,
        ..User::default()
    });
}
