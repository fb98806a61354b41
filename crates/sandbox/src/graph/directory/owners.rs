//! Owners of applications and of service principals.
//! Source: <https://learn.microsoft.com/graph/api/application-post-owners>

use axum::http::Method;

use super::objects::{self, OBJECT, ObjectKind, Sight};
use super::principals::Known;
use super::{applications, fields, principals, require, rows};
use crate::graph::call::Call;
use crate::graph::fault::Fault;
use crate::graph::permission::DirectoryAccess;
use crate::graph::reply::Reply;
use crate::state::State;

/// Whoever makes a registration owns it. An application that makes one does not, unless it is limited to its own.
pub(super) fn maker(call: &Call) -> Vec<String> {
    if call.caller.is_application() && DirectoryAccess::WriteApplications.is_granted(&call.caller) {
        Vec::new()
    } else {
        vec![call.caller.object_id().to_owned()]
    }
}

/// `/applications/{id}/owners`
pub(super) fn of_application(call: &Call, key: &str, below: &[&str]) -> Result<Reply, Fault> {
    let owners = applications::read(call, key, |it| it.owners.clone())?;
    let may_change = || applications::require_change(call, key);
    serve(call, &owners, below, may_change, |owners| {
        applications::write(call, key, |it| {
            it.owners = owners;
            Ok(())
        })
    })
}

/// `/servicePrincipals/{id}/owners`
pub(super) fn of_principal(call: &Call, known: &Known, below: &[&str]) -> Result<Reply, Fault> {
    let owners = call.shared.read(|state| {
        let mut all = state.directory.service_principals.iter();
        all.find(|it| it.id == known.id).map(|it| it.owners.clone())
    });
    let owners = owners.unwrap_or_default();
    let may_change = || require(call, DirectoryAccess::WriteApplications);
    serve(call, &owners, below, may_change, |owners| {
        principals::change(call, known, |it| it.owners = owners)
    })
}

fn serve(
    call: &Call,
    owners: &[String],
    below: &[&str],
    may_change: impl FnOnce() -> Result<(), Fault>,
    keep: impl FnOnce(Vec<String>) -> Result<(), Fault>,
) -> Result<Reply, Fault> {
    let tenant = call.caller.tenant_id();
    match (&call.method, below) {
        (&Method::GET, []) => {
            require(call, DirectoryAccess::ReadApplications)?;
            let sight = Sight::of(call);
            let found = call.shared.read(|state| {
                let rows = owners
                    .iter()
                    .filter_map(|id| objects::row(state, tenant, id, sight));
                rows.collect()
            });
            rows::list(call, "directoryObjects", &OBJECT, found)
        }
        (&Method::POST, ["$ref"]) => {
            may_change()?;
            let url = fields::required(&call.json()?, "@odata.id")?;
            let id = call.shared.read(|state| owner(state, tenant, &url))?;
            if owners.contains(&id) {
                return Err(Fault::directory(
                    "One or more added object references already exist for the following modified properties: 'owners'.",
                ));
            }
            keep(owners.iter().cloned().chain([id]).collect())?;
            Ok(Reply::no_content())
        }
        (&Method::DELETE, [id, "$ref"]) => {
            may_change()?;
            let others: Vec<String> = owners
                .iter()
                .filter(|it| !it.eq_ignore_ascii_case(id))
                .cloned()
                .collect();
            if others.len() == owners.len() {
                return Err(Fault::user_not_found(id));
            }
            keep(others)?;
            Ok(Reply::no_content())
        }
        _ => Err(Fault::method_not_allowed()),
    }
}

/// People and applications own registrations, groups do not.
fn owner(state: &State, tenant: &str, url: &str) -> Result<String, Fault> {
    let id = objects::referenced(state, tenant, url)?;
    match objects::resolve(state, tenant, &id) {
        Some((ObjectKind::User | ObjectKind::ServicePrincipal, id)) => Ok(id),
        _ => Err(Fault::directory(
            "The reference target of the new owner has an invalid type.",
        )),
    }
}
