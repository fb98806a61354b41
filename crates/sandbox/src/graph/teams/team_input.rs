//! Making and changing a team.
//! Source: <https://learn.microsoft.com/graph/api/team-post>

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::access::{self, Known};
use super::fields::{self, Body};
use super::{channels, operations};
use crate::graph::call::Call;
use crate::graph::fault::Fault;
use crate::state::State;
use crate::state::changes::{ChangeKind, What};
use crate::state::directory::group::Group;
use crate::state::teams::{Channel, Team, channel_id};

const TYPE: &str = "microsoft.graph.team";
const SETTINGS: [&str; 4] = [
    "memberSettings",
    "guestSettings",
    "messagingSettings",
    "funSettings",
];

/// What a new team is to be.
pub(super) struct NewTeam {
    /// The group that it is to stand on; else one is made.
    group_id: Option<String>,
    display_name: String,
    description: Option<String>,
    visibility: String,
    owners: Vec<String>,
    members: Vec<String>,
    channels: Vec<Channel>,
    settings: Body,
}

/// The settings of a team that says nothing of them.
pub(crate) fn usual_settings() -> BTreeMap<String, Map<String, Value>> {
    let usual = json!({
        "memberSettings": {
            "allowCreateUpdateChannels": true,
            "allowCreatePrivateChannels": true,
            "allowDeleteChannels": true,
            "allowAddRemoveApps": true,
            "allowCreateUpdateRemoveTabs": true,
            "allowCreateUpdateRemoveConnectors": true,
        },
        "guestSettings": {
            "allowCreateUpdateChannels": false,
            "allowDeleteChannels": false,
        },
        "messagingSettings": {
            "allowUserEditMessages": true,
            "allowUserDeleteMessages": true,
            "allowOwnerDeleteMessages": true,
            "allowTeamMentions": true,
            "allowChannelMentions": true,
        },
        "funSettings": {
            "allowGiphy": true,
            "giphyContentRating": "moderate",
            "allowStickersAndMemes": true,
            "allowCustomMemes": true,
        },
    });
    serde_json::from_value(usual).unwrap_or_default()
}

/// `POST /teams`
pub(super) fn read(call: &Call, body: &Body) -> Result<NewTeam, Fault> {
    let names = [
        "displayName",
        "description",
        "visibility",
        "members",
        "channels",
        "specialization",
        "classification",
        "isFavoriteByDefault",
        "memberSettings",
        "guestSettings",
        "messagingSettings",
        "funSettings",
        "firstChannelName",
        "createdDateTime",
    ];
    fields::known(body, &names, TYPE)?;
    if body.contains_key("@microsoft.graph.teamCreationMode")
        || body.contains_key("createdDateTime")
    {
        return Err(Fault::not_implemented("teams in migration mode"));
    }
    for name in ["installedApps", "firstChannelName", "classification"] {
        if body.contains_key(name) {
            return Err(Fault::not_implemented(&format!("{name} of a new team")));
        }
    }
    let template = fields::bound(body, "template@odata.bind")?
        .ok_or_else(|| Fault::bad_request("Invalid bind property name template in request."))?;
    if template != "standard" {
        return Err(Fault::not_implemented(&format!(
            "the team template '{template}'"
        )));
    }
    let group_id = fields::bound(body, "group@odata.bind")?;
    let display_name = match &group_id {
        Some(_) => String::new(),
        None => fields::required(body, "displayName")?,
    };
    let (mut owners, mut members) = (Vec::new(), Vec::new());
    for member in fields::list(body, "members")? {
        let member = fields::object(member, "members")?;
        let user = fields::bound_user(call, member)?;
        if fields::is_owner(member)? {
            owners.push(user);
        } else {
            members.push(user);
        }
    }
    if group_id.is_none() {
        if !call.caller.is_application() {
            owners.push(call.caller.object_id().to_owned());
        }
        if owners.is_empty() {
            return Err(Fault::bad_request(
                "A team owner must be provided when creating a team in application context.",
            ));
        }
    }
    let visibility = fields::word(
        body,
        "visibility",
        &["Public", "Private", "HiddenMembership"],
    )?;
    let mut new_channels = Vec::new();
    for channel in fields::list(body, "channels")? {
        let channel = fields::object(channel, "channels")?;
        fields::known(
            channel,
            &["displayName", "description", "isFavoriteByDefault"],
            "microsoft.graph.channel",
        )?;
        new_channels.push(Channel {
            display_name: channels::name(channel)?,
            description: fields::text(channel, "description")?,
            ..Channel::default()
        });
    }
    Ok(NewTeam {
        group_id,
        display_name,
        description: fields::text(body, "description")?,
        visibility: visibility.unwrap_or_else(|| "Public".to_owned()),
        owners,
        members,
        channels: new_channels,
        settings: body.clone(),
    })
}

/// `PUT /groups/{id}/team`
pub(super) fn on_group(group: &str, body: &Body) -> Result<NewTeam, Fault> {
    fields::known(body, &SETTINGS, TYPE)?;
    Ok(NewTeam {
        group_id: Some(group.to_owned()),
        display_name: String::new(),
        description: None,
        visibility: String::new(),
        owners: Vec::new(),
        members: Vec::new(),
        channels: Vec::new(),
        settings: body.clone(),
    })
}

/// The new team's id and the id of the operation that makes it.
pub(super) fn create(call: &Call, new: &NewTeam) -> Result<(String, String), Fault> {
    let mut settings = usual_settings();
    apply_settings(&mut settings, &new.settings)?;
    let tenant = call.caller.tenant_id();
    call.shared.write(|state| {
        let group_id = match &new.group_id {
            Some(id) => existing(state, call, id)?,
            None => make_group(state, call, new),
        };
        if let Some(group) = state.directory.group_mut(tenant, &group_id) {
            group.has_team = true;
        }
        let general = Channel {
            display_name: "General".to_owned(),
            description: new.description.clone(),
            ..Channel::default()
        };
        let channels = [general].into_iter().chain(new.channels.clone());
        let channels = channels.map(|channel| Channel {
            id: channel_id(&mut state.ids),
            created_at: call.now,
            ..channel
        });
        let team = Team {
            id: group_id.clone(),
            tenant_id: tenant.to_owned(),
            created_at: call.now,
            specialization: "none".to_owned(),
            settings,
            channels: channels.collect(),
            ..Team::default()
        };
        state.teams.teams.insert(group_id.clone(), team);
        let kind = if new.group_id.is_some() {
            "teamifyGroup"
        } else {
            "createTeam"
        };
        let operation = operations::begin(state, &group_id, kind, call);
        note(state, call, ChangeKind::Created, &group_id);
        Ok((group_id, operation))
    })
}

fn existing(state: &State, call: &Call, id: &str) -> Result<String, Fault> {
    let group = state.directory.group(call.caller.tenant_id(), id);
    let group =
        group.ok_or_else(|| access::not_found(&format!("No group found with Group Id {id}")))?;
    if state.teams.teams.contains_key(&group.id) {
        return Err(access::conflict("The group is already provisioned."));
    }
    if !group.is_unified || group.owners.is_empty() {
        return Err(Fault::bad_request(
            "A team can be created only for a Microsoft 365 group with at least one owner.",
        ));
    }
    let may = call.caller.is_application() || group.is_owner(call.caller.object_id());
    if !may {
        return Err(access::forbidden("The user is not an owner of the group."));
    }
    Ok(group.id.clone())
}

fn make_group(state: &mut State, call: &Call, new: &NewTeam) -> String {
    let tenant = call.caller.tenant_id();
    let nickname = nickname(state, tenant, &new.display_name);
    let domain = state.directory.default_domain(tenant).unwrap_or_default();
    let mut members = new.owners.clone();
    members.extend(
        new.members
            .iter()
            .filter(|id| !new.owners.contains(id))
            .cloned(),
    );
    let group = Group {
        id: state.ids.uuid().to_string(),
        tenant_id: tenant.to_owned(),
        display_name: new.display_name.clone(),
        description: new.description.clone(),
        mail: Some(format!("{nickname}@{domain}")),
        mail_nickname: nickname,
        is_unified: true,
        mail_enabled: true,
        visibility: Some(new.visibility.clone()),
        created_at: call.now,
        members,
        owners: new.owners.clone(),
        ..Group::default()
    };
    let id = group.id.clone();
    state.directory.groups.push(group);
    let what = What::Group { id: id.clone() };
    state.changes.note(tenant, ChangeKind::Created, what);
    id
}

/// The name without what an address may not have, and with a number when somebody has it.
pub(crate) fn nickname(state: &State, tenant: &str, name: &str) -> String {
    let plain: String = name.chars().filter(char::is_ascii_alphanumeric).collect();
    let plain = if plain.is_empty() {
        "team".to_owned()
    } else {
        plain
    };
    let is_free = |nickname: &str| {
        let mut groups = state.directory.groups.iter();
        groups.all(|it| it.tenant_id != tenant || !it.mail_nickname.eq_ignore_ascii_case(nickname))
    };
    if is_free(&plain) {
        return plain;
    }
    let numbered = (1..=state.directory.groups.len() + 1).map(|number| format!("{plain}{number}"));
    let mut free = numbered.filter(|it| is_free(it));
    free.next().unwrap_or(plain)
}

/// `PATCH /teams/{id}`: all of it or nothing.
pub(super) fn change(call: &Call, known: &Known, body: &Body) -> Result<(), Fault> {
    let names = [
        "displayName",
        "description",
        "visibility",
        "classification",
        SETTINGS[0],
        SETTINGS[1],
        SETTINGS[2],
        SETTINGS[3],
    ];
    fields::known(body, &names, TYPE)?;
    let mut settings = known.team.settings.clone();
    apply_settings(&mut settings, body)?;
    let mut group = known.group.clone();
    if body.contains_key("displayName") {
        group.display_name = fields::required(body, "displayName")?;
    }
    if body.contains_key("description") {
        group.description = fields::text(body, "description")?;
    }
    if body.contains_key("classification") {
        group.classification = fields::text(body, "classification")?;
    }
    let visibility = fields::word(
        body,
        "visibility",
        &["Public", "Private", "HiddenMembership"],
    )?;
    group.visibility = visibility.or(group.visibility);
    call.shared.write(|state| {
        let (tenant, id) = (call.caller.tenant_id(), &known.team.id);
        if let Some(kept) = state.directory.group_mut(tenant, id) {
            *kept = group;
        }
        if let Some(team) = state.teams.teams.get_mut(id) {
            team.settings = settings;
        }
        note(state, call, ChangeKind::Updated, id);
    });
    Ok(())
}

fn note(state: &mut State, call: &Call, kind: ChangeKind, id: &str) {
    let what = What::Team {
        team: id.to_owned(),
    };
    state.changes.note(call.caller.tenant_id(), kind, what);
}

/// Only known settings, each with its type.
fn apply_settings(
    settings: &mut BTreeMap<String, Map<String, Value>>,
    body: &Body,
) -> Result<(), Fault> {
    for name in SETTINGS {
        let Some(value) = body.get(name).filter(|it| !it.is_null()) else {
            continue;
        };
        let wanted = fields::object(value, name)?;
        let kept = settings.entry(name.to_owned()).or_default();
        for (key, value) in wanted {
            match kept.get(key) {
                None => return Err(Fault::unknown_property(key, TYPE)),
                Some(Value::Bool(_)) if !value.is_boolean() => {
                    return Err(Fault::invalid_value(key, "Edm.Boolean"));
                }
                Some(Value::String(_)) if value != "strict" && value != "moderate" => {
                    return Err(Fault::invalid_value(key, "microsoft.graph.giphyRatingType"));
                }
                Some(_) => {
                    kept.insert(key.clone(), value.clone());
                }
            }
        }
    }
    Ok(())
}
