//! Who may do what in Teams: the token's permissions, and for people what they belong to.

use axum::http::StatusCode;

use crate::graph::call::Call;
use crate::graph::fault::Fault;
use crate::state::directory::group::Group;
use crate::state::teams::{Channel, Chat, Membership, Team};

/// The permissions of an operation's page; an empty list is a dash there.
#[derive(Clone, Copy, Debug)]
pub(super) struct Permissions {
    pub(super) delegated: &'static [&'static str],
    pub(super) application: &'static [&'static str],
}

impl Permissions {
    /// The same names for people and for applications.
    pub(super) const fn both(names: &'static [&'static str]) -> Self {
        Self {
            delegated: names,
            application: names,
        }
    }

    /// 403, in the words of Teams, unless the token holds one of them.
    pub(super) fn require(self, call: &Call) -> Result<(), Fault> {
        let caller = &call.caller;
        let (kind, held, wanted) = if caller.is_application() {
            ("role", "Roles", self.application)
        } else {
            ("scope", "Scopes", self.delegated)
        };
        if caller.has_any(wanted) {
            return Ok(());
        }
        if wanted.is_empty() {
            let how = if caller.is_application() {
                "application-only"
            } else {
                "delegated"
            };
            return Err(forbidden(&format!(
                "This API is not supported in {how} context."
            )));
        }
        Err(forbidden(&format!(
            "Missing {kind} permissions on the request. API requires one of '{}'. {held} on the request '{}'.",
            wanted.join(", "),
            caller.permissions().join(", ")
        )))
    }
}

pub(super) fn forbidden(message: &str) -> Fault {
    Fault::new(StatusCode::FORBIDDEN, "Forbidden", message)
}

pub(super) fn not_found(message: &str) -> Fault {
    Fault::new(StatusCode::NOT_FOUND, "NotFound", message)
}

pub(super) fn conflict(message: &str) -> Fault {
    Fault::new(StatusCode::CONFLICT, "Conflict", message)
}

/// A team with the group that it stands on.
#[derive(Clone, Debug)]
pub(super) struct Known {
    pub(super) team: Team,
    pub(super) group: Group,
}

impl Known {
    /// Owners are among the members, whether the group says so or not.
    pub(super) fn people(&self) -> Vec<(String, bool)> {
        let owners = self.group.owners.iter().map(|id| (id.clone(), true));
        let others = self.group.members.iter();
        let others = others.filter(|id| !self.group.is_owner(id));
        owners.chain(others.map(|id| (id.clone(), false))).collect()
    }

    pub(super) fn has(&self, user_id: &str) -> bool {
        self.group.is_member(user_id) || self.group.is_owner(user_id)
    }
}

/// A team by its id.
pub(super) fn find(call: &Call, id: &str) -> Result<Known, Fault> {
    let tenant = call.caller.tenant_id();
    let found = call.shared.read(|state| {
        let group = state.directory.group(tenant, id)?;
        let team = state.teams.teams.get(&group.id)?;
        Some(Known {
            team: Team {
                // What was said in it is not looked at here, and may be long.
                channels: team.channels.iter().map(without_messages).collect(),
                ..Team::clone_head(team)
            },
            group: group.clone(),
        })
    });
    found.ok_or_else(|| not_found(&format!("No team found with Group Id {id}")))
}

fn without_messages(channel: &Channel) -> Channel {
    Channel {
        id: channel.id.clone(),
        display_name: channel.display_name.clone(),
        description: channel.description.clone(),
        membership: channel.membership,
        created_at: channel.created_at,
        is_archived: channel.is_archived,
        members: channel.members.clone(),
        tabs: channel.tabs.clone(),
        ..Channel::default()
    }
}

/// The same, for a person only if they belong to it.
pub(super) fn open(call: &Call, id: &str) -> Result<Known, Fault> {
    let known = find(call, id)?;
    if call.caller.is_application() || known.has(call.caller.object_id()) {
        Ok(known)
    } else {
        Err(forbidden("The user is not a member of the team."))
    }
}

/// The same, for those who may change it: applications and owners.
pub(super) fn own(call: &Call, id: &str) -> Result<Known, Fault> {
    let known = find(call, id)?;
    if call.caller.is_application() || known.group.is_owner(call.caller.object_id()) {
        Ok(known)
    } else {
        Err(forbidden("The user is not an owner of the team."))
    }
}

/// Whether the caller sees a channel: everybody of the team a standard one, its members any other.
pub(super) fn sees(call: &Call, channel: &Channel) -> bool {
    call.caller.is_application()
        || channel.membership == Membership::Standard
        || channel
            .members
            .iter()
            .any(|it| it.user_id == call.caller.object_id())
}

/// A channel that the caller sees, in a team that they belong to. A shared channel may have people from outside of the team.
pub(super) fn channel(call: &Call, team: &str, id: &str) -> Result<(Known, Channel), Fault> {
    let known = find(call, team)?;
    let missing =
        || not_found("NotFound: the channel does not exist, or is not visible to the caller.");
    let found = known.team.channel(id).cloned().ok_or_else(missing)?;
    if !sees(call, &found) {
        return Err(missing());
    }
    let is_inside = call.caller.is_application()
        || known.has(call.caller.object_id())
        || found.membership == Membership::Shared;
    if is_inside {
        Ok((known, found))
    } else {
        Err(forbidden("The user is not a member of the team."))
    }
}

/// A chat that the caller is in.
pub(super) fn chat(call: &Call, id: &str) -> Result<Chat, Fault> {
    let tenant = call.caller.tenant_id();
    let found = call.shared.read(|state| {
        let chat = state
            .teams
            .chats
            .get(id)
            .filter(|it| it.tenant_id == tenant)?;
        Some(Chat::clone_head(chat))
    });
    let found = found.ok_or_else(|| not_found("The chat was not found."))?;
    if call.caller.is_application() || found.member(call.caller.object_id()).is_some() {
        Ok(found)
    } else {
        Err(forbidden("User is not part of the chat."))
    }
}

impl Team {
    /// Everything but its channels.
    fn clone_head(team: &Self) -> Self {
        Self {
            id: team.id.clone(),
            tenant_id: team.tenant_id.clone(),
            created_at: team.created_at,
            is_archived: team.is_archived,
            specialization: team.specialization.clone(),
            settings: team.settings.clone(),
            channels: Vec::new(),
            operations: team.operations.clone(),
        }
    }
}

impl Chat {
    /// Everything but what was said.
    pub(super) fn clone_head(chat: &Self) -> Self {
        Self {
            id: chat.id.clone(),
            tenant_id: chat.tenant_id.clone(),
            kind: chat.kind,
            topic: chat.topic.clone(),
            created_at: chat.created_at,
            updated_at: chat.updated_at,
            members: chat.members.clone(),
            meeting_id: chat.meeting_id.clone(),
            ..Self::default()
        }
    }
}
