//! Channels: <https://learn.microsoft.com/graph/api/resources/channel>

use axum::http::Method;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::json;

use super::access::{self, Known, Permissions};
use super::fields::{self, Body};
use super::messages::{self, Place};
use super::rows::{self, Row, Sizes};
use super::{files, members, operations, tabs};
use crate::graph::call::Call;
use crate::graph::fault::Fault;
use crate::graph::reply::Reply;
use crate::odata::schema::{EntityType, text, time};
use crate::state::changes::{ChangeKind, What};
use crate::state::teams::{Channel, Member, Membership, channel_id};

const TYPE: &str = "microsoft.graph.channel";
const READ: Permissions = Permissions::both(&[
    "Channel.ReadBasic.All",
    "ChannelSettings.Read.All",
    "ChannelSettings.ReadWrite.All",
    "Directory.Read.All",
    "Group.Read.All",
    "Directory.ReadWrite.All",
    "Group.ReadWrite.All",
]);
const CREATE: Permissions = Permissions::both(&[
    "Channel.Create",
    "Directory.ReadWrite.All",
    "Group.ReadWrite.All",
]);
const WRITE: Permissions = Permissions::both(&[
    "ChannelSettings.ReadWrite.All",
    "Directory.ReadWrite.All",
    "Group.ReadWrite.All",
]);
const DELETE: Permissions = Permissions::both(&[
    "Channel.Delete.All",
    "Directory.ReadWrite.All",
    "Group.ReadWrite.All",
]);
const SIZES: Sizes = Sizes {
    usual: 999,
    most: 999,
};
/// What a channel's name may not have.
const FORBIDDEN: &str = "~#%&*{}+/\\:<>?|'\"";
const LONGEST_NAME: usize = 50;

static CHANNEL: EntityType = EntityType {
    name: TYPE,
    properties: &[
        text("id"),
        text("displayName"),
        text("description"),
        text("membershipType"),
        text("email"),
        text("webUrl"),
        text("tenantId"),
        time("createdDateTime"),
    ],
};

/// `/teams/{id}/channels…`
pub(super) fn dispatch(call: &Call, team: &str, path: &[&str]) -> Result<Reply, Fault> {
    let Some((&id, below)) = path.split_first() else {
        return match call.method {
            Method::GET => list(call, team),
            Method::POST => create(call, team),
            _ => Err(Fault::method_not_allowed()),
        };
    };
    let Some((first, below)) = below.split_first() else {
        return single(call, team, id);
    };
    match super::plain(first).as_str() {
        "messages" => {
            let place = Place::Channel {
                team: team.to_owned(),
                channel: id.to_owned(),
            };
            messages::dispatch(call, &place, below)
        }
        "members" | "allmembers" => members::of_channel(call, team, id, below),
        "tabs" => tabs::dispatch(call, team, id, below),
        "filesfolder" if below.is_empty() => files::folder(call, team, id),
        "archive" | "unarchive" | "provideemail" | "removeemail" | "sharedwithteams"
        | "startmigration" | "completemigration" | "doesuserhaveaccess" | "enabledapps" => {
            Err(Fault::not_implemented(first))
        }
        _ => Err(Fault::unknown_segment(first)),
    }
}

/// The id of the channel that every team has.
pub(super) fn general(call: &Call, team: &str) -> Result<String, Fault> {
    let known = access::open(call, team)?;
    let general = known.team.general().map(|it| it.id.clone());
    general.ok_or_else(|| access::not_found("The channel was not found."))
}

fn list(call: &Call, team: &str) -> Result<Reply, Fault> {
    READ.require(call)?;
    let known = access::open(call, team)?;
    let seen = known
        .team
        .channels
        .iter()
        .filter(|it| access::sees(call, it));
    let rows = seen.map(|it| render(&known, it)).collect();
    let set = format!("teams('{}')/channels", known.team.id);
    rows::list(call, &set, &CHANNEL, rows, SIZES)
}

fn single(call: &Call, team: &str, id: &str) -> Result<Reply, Fault> {
    match call.method {
        Method::GET => READ,
        Method::PATCH => WRITE,
        Method::DELETE => DELETE,
        _ => return Err(Fault::method_not_allowed()),
    }
    .require(call)?;
    let (known, channel) = access::channel(call, team, id)?;
    match call.method {
        Method::GET => {
            let set = format!("teams('{}')/channels", known.team.id);
            Ok(rows::one(call, &set, render(&known, &channel)))
        }
        Method::PATCH => change(call, &known, &channel),
        _ => remove(call, &known, &channel),
    }
}

fn create(call: &Call, team: &str) -> Result<Reply, Fault> {
    CREATE.require(call)?;
    let known = access::open(call, team)?;
    refuse_archived(&known)?;
    let body = call.json()?;
    let names = [
        "displayName",
        "description",
        "membershipType",
        "members",
        "isFavoriteByDefault",
        "layoutType",
    ];
    fields::known(&body, &names, TYPE)?;
    if body.contains_key("@microsoft.graph.channelCreationMode") {
        return Err(Fault::not_implemented("channels in migration mode"));
    }
    let membership =
        match fields::word(&body, "membershipType", &["standard", "private", "shared"])?.as_deref()
        {
            Some("private") => Membership::Private,
            Some("shared") => Membership::Shared,
            _ => Membership::Standard,
        };
    let display_name = name(&body)?;
    refuse_taken(&known, &display_name, None)?;
    let people = people(call, &known, &body, membership)?;
    let channel = call.shared.write(|state| {
        let channel = Channel {
            id: channel_id(&mut state.ids),
            display_name,
            description: fields::text(&body, "description")?,
            membership,
            created_at: call.now,
            members: people,
            ..Channel::default()
        };
        if let Some(team) = state.teams.teams.get_mut(&known.team.id) {
            team.channels.push(channel.clone());
        }
        let what = What::Channel {
            team: known.team.id.clone(),
            channel: channel.id.clone(),
        };
        state
            .changes
            .note(call.caller.tenant_id(), ChangeKind::Created, what);
        Ok::<_, Fault>(channel)
    })?;
    let set = format!("teams('{}')/channels", known.team.id);
    if membership == Membership::Shared {
        // A shared channel takes a while.
        let team = &known.team.id;
        let operation = call
            .shared
            .write(|state| operations::begin(state, team, "createChannel", call));
        let thing = format!("/teams('{team}')/channels('{}')", channel.id);
        return Ok(operations::accepted(team, &operation, Some(thing)));
    }
    Ok(rows::created(call, &set, render(&known, &channel)))
}

/// Those of a private or shared channel, an owner among them.
fn people(
    call: &Call,
    known: &Known,
    body: &Body,
    membership: Membership,
) -> Result<Vec<Member>, Fault> {
    let wanted = fields::list(body, "members")?;
    if membership == Membership::Standard {
        if wanted.is_empty() {
            return Ok(Vec::new());
        }
        return Err(Fault::bad_request(
            "Members can be given for private and shared channels only.",
        ));
    }
    let mut people: Vec<Member> = Vec::new();
    for member in wanted {
        let member = members::read(call, fields::object(member, "members")?)?;
        if membership == Membership::Private && !known.has(&member.user_id) {
            return Err(Fault::bad_request(
                "A member of a private channel has to be a member of its team.",
            ));
        }
        if people.iter().all(|it| it.user_id != member.user_id) {
            people.push(Member {
                sees_from: None,
                ..member
            });
        }
    }
    let me = call.caller.object_id();
    if !call.caller.is_application() && people.iter().all(|it| it.user_id != me) {
        people.push(Member {
            user_id: me.to_owned(),
            is_owner: true,
            sees_from: None,
        });
    }
    if people.iter().any(|it| it.is_owner) {
        return Ok(people);
    }
    Err(Fault::bad_request(
        "An owner must be given among the members of a private or shared channel.",
    ))
}

fn change(call: &Call, known: &Known, channel: &Channel) -> Result<Reply, Fault> {
    let body = call.json()?;
    fields::known(
        &body,
        &[
            "displayName",
            "description",
            "isFavoriteByDefault",
            "layoutType",
        ],
        TYPE,
    )?;
    let mut changed = channel.clone();
    if body.contains_key("displayName") {
        refuse_general(known, channel, "renamed")?;
        changed.display_name = name(&body)?;
        refuse_taken(known, &changed.display_name, Some(&channel.id))?;
    }
    if body.contains_key("description") {
        changed.description = fields::text(&body, "description")?;
    }
    call.shared.write(|state| {
        let team = state.teams.teams.get_mut(&known.team.id);
        if let Some(kept) = team.and_then(|it| it.channel_mut(&channel.id)) {
            kept.display_name = changed.display_name;
            kept.description = changed.description;
        }
        let what = What::Channel {
            team: known.team.id.clone(),
            channel: channel.id.clone(),
        };
        state
            .changes
            .note(call.caller.tenant_id(), ChangeKind::Updated, what);
    });
    Ok(Reply::no_content())
}

fn remove(call: &Call, known: &Known, channel: &Channel) -> Result<Reply, Fault> {
    refuse_general(known, channel, "deleted")?;
    call.shared.write(|state| {
        if let Some(team) = state.teams.teams.get_mut(&known.team.id) {
            team.channels.retain(|it| it.id != channel.id);
        }
        let what = What::Channel {
            team: known.team.id.clone(),
            channel: channel.id.clone(),
        };
        state
            .changes
            .note(call.caller.tenant_id(), ChangeKind::Deleted, what);
    });
    Ok(Reply::no_content())
}

fn refuse_general(known: &Known, channel: &Channel, verb: &str) -> Result<(), Fault> {
    if known.team.general().is_some_and(|it| it.id == channel.id) {
        return Err(Fault::bad_request(format!(
            "The General channel cannot be {verb}."
        )));
    }
    Ok(())
}

pub(super) fn refuse_archived(known: &Known) -> Result<(), Fault> {
    if known.team.is_archived {
        return Err(access::forbidden(
            "The team is archived and cannot be changed.",
        ));
    }
    Ok(())
}

fn refuse_taken(known: &Known, name: &str, own: Option<&str>) -> Result<(), Fault> {
    let mut others = known
        .team
        .channels
        .iter()
        .filter(|it| Some(it.id.as_str()) != own);
    if others.any(|it| it.display_name.eq_ignore_ascii_case(name)) {
        return Err(
            Fault::bad_request("Channel name already existed, please use other name.")
                .with_inner("NameAlreadyExists"),
        );
    }
    Ok(())
}

/// A channel's name, as Teams allows them.
pub(super) fn name(body: &Body) -> Result<String, Fault> {
    let name = fields::required(body, "displayName")?;
    let is_bad = name.chars().count() > LONGEST_NAME
        || name.contains(|c| FORBIDDEN.contains(c))
        || name.starts_with(['_', '.'])
        || name.ends_with('.');
    if is_bad {
        return Err(Fault::bad_request(format!(
            "The channel name '{name}' is not valid: it is longer than {LONGEST_NAME} characters or has one that is not allowed."
        )));
    }
    Ok(name)
}

fn render(known: &Known, channel: &Channel) -> Row {
    let thread = utf8_percent_encode(&channel.id, NON_ALPHANUMERIC);
    let label = utf8_percent_encode(&channel.display_name, NON_ALPHANUMERIC);
    let (team, tenant) = (&known.team.id, &known.team.tenant_id);
    let value = json!({
        "id": channel.id,
        "createdDateTime": channel.created_at,
        "displayName": channel.display_name,
        "description": channel.description,
        "isFavoriteByDefault": null,
        "email": "",
        "tenantId": tenant,
        "webUrl": format!(
            "https://teams.microsoft.com/l/channel/{thread}/{label}?groupId={team}&tenantId={tenant}&allowXTenantAccess=False"
        ),
        "membershipType": channel.membership.name(),
        "isArchived": channel.is_archived,
    });
    value.as_object().cloned().unwrap_or_default()
}
