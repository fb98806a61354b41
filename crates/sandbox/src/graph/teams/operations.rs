//! What takes a while: <https://learn.microsoft.com/graph/api/resources/teamsasyncoperation>

use axum::http::{HeaderName, Method, StatusCode, header};
use serde_json::json;

use super::access::{self, Permissions};
use super::{only, rows};
use crate::graph::call::Call;
use crate::graph::fault::Fault;
use crate::graph::reply::Reply;
use crate::state::State;
use crate::state::teams::Operation;

const READ: Permissions = Permissions::both(&[
    "Team.ReadBasic.All",
    "Team.Create",
    "TeamSettings.Read.All",
    "TeamSettings.ReadWrite.All",
    "Channel.Create",
    "Group.Read.All",
    "Group.ReadWrite.All",
    "Directory.Read.All",
    "Directory.ReadWrite.All",
]);

/// Notes an operation of a team and answers its id.
pub(super) fn begin(state: &mut State, team: &str, kind: &str, call: &Call) -> String {
    let id = state.ids.uuid().to_string();
    if let Some(team) = state.teams.teams.get_mut(team) {
        team.operations.push(Operation {
            id: id.clone(),
            kind: kind.to_owned(),
            created_at: call.now,
            was_asked: false,
        });
    }
    id
}

/// 202 with where to ask, and where the thing is going to be.
pub(super) fn accepted(team: &str, operation: &str, thing: Option<String>) -> Reply {
    let location = format!("/teams('{team}')/operations('{operation}')");
    let reply = Reply::empty(StatusCode::ACCEPTED).with_header(header::LOCATION, location);
    match thing {
        Some(thing) => reply.with_header(HeaderName::from_static("content-location"), thing),
        None => reply,
    }
}

/// `GET /teams/{id}/operations/{operation}`: under way when first asked, done from then on.
pub(super) fn get(call: &Call, team: &str, id: &str) -> Result<Reply, Fault> {
    only(call, &Method::GET)?;
    READ.require(call)?;
    let known = access::open(call, team)?;
    let found = call.shared.write(|state| {
        let team = state.teams.teams.get_mut(&known.team.id)?;
        let operation = team.operations.iter_mut().find(|it| it.id == id)?;
        let was_asked = std::mem::replace(&mut operation.was_asked, true);
        Some((operation.clone(), was_asked))
    });
    let (operation, was_asked) =
        found.ok_or_else(|| access::not_found("The operation was not found."))?;
    let row = json!({
        "id": operation.id,
        "operationType": operation.kind,
        "createdDateTime": operation.created_at,
        "status": if was_asked { "succeeded" } else { "inProgress" },
        "lastActionDateTime": call.now,
        "attemptsCount": 1,
        "targetResourceId": known.team.id,
        "targetResourceLocation": format!("/teams('{}')", known.team.id),
        "error": null,
    });
    let set = format!("teams('{}')/operations", known.team.id);
    Ok(rows::one(
        call,
        &set,
        row.as_object().cloned().unwrap_or_default(),
    ))
}
