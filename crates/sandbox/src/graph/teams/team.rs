//! Teams: <https://learn.microsoft.com/graph/api/resources/team>

use axum::http::Method;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Value, json};

use super::access::{self, Known, Permissions};
use super::rows::{self, Row, Sizes};
use super::{only, operations, team_input};
use crate::graph::call::Call;
use crate::graph::fault::Fault;
use crate::graph::reply::Reply;
use crate::odata::schema::{EntityType, text, time};
use crate::state::changes::{ChangeKind, What};

const SETTINGS: &[&str] = &[
    "TeamSettings.Read.All",
    "TeamSettings.ReadWrite.All",
    "Directory.Read.All",
    "Group.Read.All",
    "Directory.ReadWrite.All",
    "Group.ReadWrite.All",
];
const LIST: Permissions = Permissions::both(&[
    "Team.ReadBasic.All",
    "TeamSettings.Read.All",
    "TeamSettings.ReadWrite.All",
]);
const JOINED: Permissions = Permissions::both(&[
    "Team.ReadBasic.All",
    "TeamSettings.Read.All",
    "TeamSettings.ReadWrite.All",
    "User.Read.All",
    "User.ReadWrite.All",
    "Directory.Read.All",
    "Directory.ReadWrite.All",
]);
const GET: Permissions = Permissions::both(&[
    "Team.ReadBasic.All",
    "TeamSettings.Read.All",
    "TeamSettings.ReadWrite.All",
    "Directory.Read.All",
    "Group.Read.All",
    "Directory.ReadWrite.All",
    "Group.ReadWrite.All",
]);
const CREATE: Permissions = Permissions::both(&[
    "Team.Create",
    "Directory.ReadWrite.All",
    "Group.ReadWrite.All",
]);
const WRITE: Permissions = Permissions::both(&[
    "TeamSettings.ReadWrite.All",
    "Directory.ReadWrite.All",
    "Group.ReadWrite.All",
]);
const SIZES: Sizes = Sizes {
    usual: 100,
    most: 999,
};

static TEAM: EntityType = EntityType {
    name: "microsoft.graph.team",
    properties: &[
        text("id"),
        text("displayName"),
        text("description"),
        text("visibility"),
        text("internalId"),
        text("classification"),
        text("specialization"),
        text("webUrl"),
        text("tenantId"),
        time("createdDateTime"),
    ],
};

/// `/teams`
pub(super) fn collection(call: &Call) -> Result<Reply, Fault> {
    match call.method {
        Method::GET => {
            LIST.require(call)?;
            let tenant = call.caller.tenant_id();
            let ids: Vec<String> = call.shared.read(|state| {
                let teams = state.teams.teams.values();
                teams
                    .filter(|it| it.tenant_id == tenant)
                    .map(|it| it.id.clone())
                    .collect()
            });
            let found = ids.iter().filter_map(|id| access::find(call, id).ok());
            let rows = found.map(|it| summary(&it)).collect();
            rows::list(call, "teams", &TEAM, rows, SIZES)
        }
        Method::POST => {
            CREATE.require(call)?;
            let new = team_input::read(call, &call.json()?)?;
            let (id, operation) = team_input::create(call, &new)?;
            Ok(operations::accepted(
                &id,
                &operation,
                Some(format!("/teams('{id}')")),
            ))
        }
        _ => Err(Fault::method_not_allowed()),
    }
}

/// `/users/{id}/joinedTeams`
pub(super) fn joined(call: &Call, user: &str) -> Result<Reply, Fault> {
    only(call, &Method::GET)?;
    JOINED.require(call)?;
    if !call.caller.is_application() && call.caller.object_id() != user {
        return Err(access::forbidden(
            "The teams of another person are not visible to the caller.",
        ));
    }
    let tenant = call.caller.tenant_id();
    let ids: Vec<String> = call.shared.read(|state| {
        let teams = state.teams.teams.values();
        teams
            .filter(|it| it.tenant_id == tenant)
            .map(|it| it.id.clone())
            .collect()
    });
    let found = ids.iter().filter_map(|id| access::find(call, id).ok());
    let rows = found
        .filter(|it| it.has(user))
        .map(|it| summary(&it))
        .collect();
    rows::list(call, "teams", &TEAM, rows, SIZES)
}

/// `/teams/{id}`
pub(super) fn single(call: &Call, id: &str) -> Result<Reply, Fault> {
    match call.method {
        Method::GET => {
            GET.require(call)?;
            let known = access::open(call, id)?;
            let whole = call.caller.has_any(SETTINGS);
            Ok(rows::one(call, "teams", render(&known, whole)))
        }
        Method::PATCH => {
            WRITE.require(call)?;
            let known = access::own(call, id)?;
            team_input::change(call, &known, &call.json()?)?;
            Ok(Reply::no_content())
        }
        _ => Err(Fault::method_not_allowed()),
    }
}

/// `PUT /groups/{id}/team`: a team on a group that is there already.
pub(in crate::graph) fn on_group(call: &Call, group: &str) -> Result<Reply, Fault> {
    match call.method {
        Method::GET | Method::PATCH => single(call, group),
        Method::PUT => {
            CREATE.require(call)?;
            let new = team_input::on_group(group, &call.json()?)?;
            let (id, _) = team_input::create(call, &new)?;
            let known = access::find(call, &id)?;
            Ok(rows::created(call, "teams", render(&known, true)))
        }
        _ => Err(Fault::method_not_allowed()),
    }
}

/// `POST /teams/{id}/archive`, `/unarchive`
pub(super) fn archive(call: &Call, id: &str, action: &str) -> Result<Reply, Fault> {
    only(call, &Method::POST)?;
    WRITE.require(call)?;
    let known = access::own(call, id)?;
    let body = call.optional_json()?;
    super::fields::known(
        &body,
        &["shouldSetSpoSiteReadOnlyForMembers"],
        "microsoft.graph.team",
    )?;
    let archives = action == "archive";
    let id = known.team.id;
    let operation = call.shared.write(|state| {
        if let Some(team) = state.teams.teams.get_mut(&id) {
            team.is_archived = archives;
        }
        let tenant = call.caller.tenant_id();
        state
            .changes
            .note(tenant, ChangeKind::Updated, What::Team { team: id.clone() });
        let kind = if archives {
            "archiveTeam"
        } else {
            "unarchiveTeam"
        };
        operations::begin(state, &id, kind, call)
    });
    Ok(operations::accepted(&id, &operation, None))
}

/// The properties that lists show; the rest is null there.
fn summary(known: &Known) -> Row {
    let mut row = render(known, false);
    for name in ["createdDateTime", "internalId", "specialization", "webUrl"] {
        row.insert(name.to_owned(), Value::Null);
    }
    row
}

/// A team, with its settings only for those who may read them.
pub(super) fn render(known: &Known, whole: bool) -> Row {
    let (team, group) = (&known.team, &known.group);
    let general = team.general().map(|it| it.id.clone());
    let settings = |name: &str| team.settings.get(name).filter(|_| whole).cloned();
    let visibility = group
        .visibility
        .as_deref()
        .unwrap_or("private")
        .to_ascii_lowercase();
    let value = json!({
        "id": team.id,
        "createdDateTime": team.created_at,
        "displayName": group.display_name,
        "description": group.description,
        "internalId": general,
        "classification": group.classification,
        "specialization": team.specialization,
        "visibility": if visibility == "hiddenmembership" { "hiddenMembership" } else { &visibility },
        "webUrl": general.as_ref().map(|id| web_url(known, id)),
        "isArchived": team.is_archived,
        "tenantId": team.tenant_id,
        "memberSettings": settings("memberSettings"),
        "guestSettings": settings("guestSettings"),
        "messagingSettings": settings("messagingSettings"),
        "funSettings": settings("funSettings"),
        "summary": null,
    });
    value.as_object().cloned().unwrap_or_default()
}

fn web_url(known: &Known, general: &str) -> String {
    let thread = utf8_percent_encode(general, NON_ALPHANUMERIC);
    format!(
        "https://teams.microsoft.com/l/team/{thread}/conversations?groupId={}&tenantId={}",
        known.team.id, known.team.tenant_id
    )
}
