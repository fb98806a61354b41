//! People of teams, channels and chats: <https://learn.microsoft.com/graph/api/resources/aaduserconversationmember>

use axum::http::Method;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use jiff::Timestamp;
use serde_json::{Value, json};

use super::access::{self, Permissions};
use super::fields::{self, Body};
use super::rows::{self, Row, Sizes};
use crate::graph::call::Call;
use crate::graph::fault::Fault;
use crate::graph::reply::Reply;
use crate::odata::schema::{EntityType, complex, text, texts};
use crate::state::State;
use crate::state::changes::{ChangeKind, What};
use crate::state::teams::{ChatKind, Member, Membership};

const TYPE: &str = "microsoft.graph.aadUserConversationMember";
const READ_TEAM: Permissions =
    Permissions::both(&["TeamMember.Read.All", "TeamMember.ReadWrite.All"]);
const WRITE_TEAM: Permissions = Permissions::both(&[
    "TeamMember.ReadWriteNonOwnerRole.All",
    "TeamMember.ReadWrite.All",
]);
const WRITE_OWNERS: Permissions = Permissions::both(&["TeamMember.ReadWrite.All"]);
const READ_CHANNEL: Permissions = Permissions {
    delegated: &[
        "ChannelMember.Read.All",
        "ChannelMember.ReadWrite.All",
        "Group.Read.All",
    ],
    application: &["ChannelMember.Read.All", "ChannelMember.ReadWrite.All"],
};
const WRITE_CHANNEL: Permissions = Permissions::both(&["ChannelMember.ReadWrite.All"]);
const READ_CHAT: Permissions = Permissions {
    delegated: &[
        "Chat.ReadBasic",
        "Chat.Read",
        "ChatMember.Read",
        "Chat.ReadWrite",
        "ChatMember.ReadWrite",
    ],
    application: &[
        "Chat.ReadBasic.All",
        "Chat.Read.All",
        "ChatMember.Read.All",
        "Chat.ReadWrite.All",
        "ChatMember.ReadWrite.All",
    ],
};
const ADD_CHAT: Permissions = Permissions {
    delegated: &["Chat.ReadWrite", "ChatMember.ReadWrite"],
    application: &["Chat.ReadWrite.All", "ChatMember.ReadWrite.All"],
};
const REMOVE_CHAT: Permissions = Permissions {
    delegated: &["ChatMember.ReadWrite"],
    application: &["ChatMember.ReadWrite.All"],
};
const SIZES: Sizes = Sizes {
    usual: 100,
    most: 999,
};

/// People are asked for by the properties of the type that they are of, too.
static CAST: EntityType = EntityType {
    name: TYPE,
    properties: &[text("userId"), text("email"), text("tenantId")],
};
static MEMBER: EntityType = EntityType {
    name: "microsoft.graph.conversationMember",
    properties: &[
        text("id"),
        text("displayName"),
        text("userId"),
        text("email"),
        text("tenantId"),
        texts("roles"),
        complex(TYPE, &CAST),
    ],
};

/// Where somebody is a member: what memberships are named by.
struct Circle {
    /// Start of context URLs.
    set: String,
    /// Part of every membership's id.
    thing: String,
    people: Vec<Member>,
}

/// `/teams/{id}/members`
pub(super) fn of_team(call: &Call, id: &str, below: &[&str]) -> Result<Reply, Fault> {
    let reads = call.method == Method::GET;
    if reads { READ_TEAM } else { WRITE_TEAM }.require(call)?;
    let known = if reads {
        access::open(call, id)?
    } else {
        access::own(call, id)?
    };
    let people = known
        .people()
        .into_iter()
        .map(|(user_id, is_owner)| Member {
            user_id,
            is_owner,
            sees_from: None,
        });
    let circle = Circle {
        set: format!("teams('{}')/members", known.team.id),
        thing: known.team.id.clone(),
        people: people.collect(),
    };
    let id = known.team.id;
    serve(call, &circle, below, |state, people| {
        // Who cannot make owners cannot unmake them either.
        let owners = |people: &[Member]| -> Vec<String> {
            let owners = people.iter().filter(|it| it.is_owner);
            owners.map(|it| it.user_id.clone()).collect()
        };
        if owners(people) != known.group.owners {
            WRITE_OWNERS.require(call)?;
        }
        if let Some(group) = state.directory.group_mut(call.caller.tenant_id(), &id) {
            group.owners = owners(people);
            group.members = people.iter().map(|it| it.user_id.clone()).collect();
        }
        note(state, call, What::Team { team: id.clone() });
        Ok(())
    })
}

/// `/teams/{id}/channels/{channel}/members`
pub(super) fn of_channel(
    call: &Call,
    team: &str,
    channel: &str,
    below: &[&str],
) -> Result<Reply, Fault> {
    let reads = call.method == Method::GET;
    if reads { READ_CHANNEL } else { WRITE_CHANNEL }.require(call)?;
    let (known, channel) = access::channel(call, team, channel)?;
    let set = format!(
        "teams('{}')/channels('{}')/members",
        known.team.id, channel.id
    );
    if channel.membership == Membership::Standard {
        if !reads {
            return Err(Fault::bad_request(
                "Members of a standard channel are those of its team; only private and shared channels have members of their own.",
            ));
        }
        let people = known
            .people()
            .into_iter()
            .map(|(user_id, is_owner)| Member {
                user_id,
                is_owner,
                sees_from: None,
            });
        let circle = Circle {
            set,
            thing: channel.id,
            people: people.collect(),
        };
        return serve(
            call,
            &circle,
            below,
            |_, _| Err(Fault::method_not_allowed()),
        );
    }
    let me = call.caller.object_id();
    let mut owners = channel.members.iter().filter(|it| it.is_owner);
    if !reads && !call.caller.is_application() && owners.all(|it| it.user_id != me) {
        return Err(access::forbidden(
            "The user is not an owner of the channel.",
        ));
    }
    let circle = Circle {
        set,
        thing: channel.id.clone(),
        people: channel.members.clone(),
    };
    let (team_id, id) = (known.team.id.clone(), channel.id.clone());
    serve(call, &circle, below, |state, people| {
        let is_private = channel.membership == Membership::Private;
        if is_private && people.iter().any(|it| !known.has(&it.user_id)) {
            return Err(Fault::bad_request(
                "A member of a private channel has to be a member of its team.",
            ));
        }
        let found = state
            .teams
            .teams
            .get_mut(&team_id)
            .and_then(|it| it.channel_mut(&id));
        if let Some(channel) = found {
            channel.members = people.to_vec();
        }
        note(
            state,
            call,
            What::Channel {
                team: team_id,
                channel: id,
            },
        );
        Ok(())
    })
}

/// `/chats/{id}/members`
pub(super) fn of_chat(call: &Call, id: &str, below: &[&str]) -> Result<Reply, Fault> {
    match call.method {
        Method::GET => READ_CHAT,
        Method::DELETE => REMOVE_CHAT,
        _ => ADD_CHAT,
    }
    .require(call)?;
    let chat = access::chat(call, id)?;
    if chat.kind == ChatKind::OneOnOne && call.method != Method::GET {
        return Err(Fault::bad_request(
            "Members of a one-on-one chat cannot be added or removed.",
        ));
    }
    let circle = Circle {
        set: format!("chats('{}')/members", chat.id),
        thing: chat.id.clone(),
        people: chat.members.clone(),
    };
    serve(call, &circle, below, |state, people| {
        if let Some(chat) = state.teams.chats.get_mut(&chat.id) {
            chat.members = people.to_vec();
            chat.updated_at = call.now;
        }
        note(state, call, What::Chat { chat: chat.id });
        Ok(())
    })
}

fn note(state: &mut State, call: &Call, what: What) {
    state
        .changes
        .note(call.caller.tenant_id(), ChangeKind::Updated, what);
}

fn serve(
    call: &Call,
    circle: &Circle,
    below: &[&str],
    keep: impl FnOnce(&mut State, &[Member]) -> Result<(), Fault>,
) -> Result<Reply, Fault> {
    match (&call.method, below) {
        (&Method::GET, []) => {
            let all = circle.people.iter().filter_map(|it| row(call, circle, it));
            let mut rows: Vec<Row> = all.collect();
            for row in &mut rows {
                let cast = json!({ "userId": row["userId"], "email": row["email"], "tenantId": row["tenantId"] });
                row.insert(TYPE.to_owned(), cast);
            }
            let rows = matching(call, rows)?;
            rows::page(call, &circle.set, rows, SIZES)
        }
        (&Method::GET, [id]) => {
            let member = find(circle, id)?;
            let row = row(call, circle, member).ok_or_else(missing)?;
            Ok(rows::one(call, &circle.set, row))
        }
        (&Method::POST, []) => {
            let new = read(call, &call.json()?)?;
            if circle.people.iter().any(|it| it.user_id == new.user_id) {
                return Err(Fault::bad_request("The user is already a member."));
            }
            let mut people = circle.people.clone();
            people.push(new.clone());
            call.shared.write(|state| keep(state, &people))?;
            let row = row(call, circle, &new).ok_or_else(missing)?;
            Ok(rows::created(call, &circle.set, row))
        }
        (&Method::POST, [action]) => Err(Fault::not_implemented(&format!("members/{action}"))),
        (&Method::PATCH, [id]) => {
            let member = find(circle, id)?.clone();
            let body = call.json()?;
            fields::known(&body, &["roles", "visibleHistoryStartDateTime"], TYPE)?;
            let changed = Member {
                is_owner: fields::is_owner(&body)?,
                ..member
            };
            let mut people = circle.people.clone();
            for it in people.iter_mut().filter(|it| it.user_id == changed.user_id) {
                *it = changed.clone();
            }
            keep_an_owner(circle, &people)?;
            call.shared.write(|state| keep(state, &people))?;
            let row = row(call, circle, &changed).ok_or_else(missing)?;
            Ok(rows::one(call, &circle.set, row))
        }
        (&Method::DELETE, [id]) => {
            let gone = find(circle, id)?.user_id.clone();
            let mut people = circle.people.clone();
            people.retain(|it| it.user_id != gone);
            keep_an_owner(circle, &people)?;
            call.shared.write(|state| keep(state, &people))?;
            Ok(Reply::no_content())
        }
        _ => Err(Fault::method_not_allowed()),
    }
}

fn matching(call: &Call, rows: Vec<Row>) -> Result<Vec<Value>, Fault> {
    let mut condition = call.options.filter.clone();
    if let Some(condition) = &mut condition {
        crate::odata::filter::bind(condition, &MEMBER)
            .map_err(|error| Fault::bad_request(error.to_string()))?;
    }
    let rows = rows.into_iter().map(Value::Object);
    let found = rows.filter(|row| {
        let meets = |condition| crate::odata::filter::eval::matches(condition, row);
        condition.as_ref().is_none_or(meets)
    });
    Ok(found
        .map(|mut row| {
            if let Some(row) = row.as_object_mut() {
                row.remove(TYPE);
            }
            row
        })
        .collect())
}

/// Whoever has owners keeps one; group chats may be without.
fn keep_an_owner(circle: &Circle, people: &[Member]) -> Result<(), Fault> {
    let is_chat = circle.set.starts_with("chats");
    if is_chat || people.iter().any(|it| it.is_owner) {
        return Ok(());
    }
    Err(Fault::bad_request(
        "The last owner cannot be removed; at least one has to remain.",
    ))
}

fn find<'a>(circle: &'a Circle, id: &str) -> Result<&'a Member, Fault> {
    let mut people = circle.people.iter();
    people
        .find(|it| membership_id(&circle.thing, &it.user_id) == id)
        .ok_or_else(missing)
}

fn missing() -> Fault {
    access::not_found("Membership was not found.")
}

/// A member as a client writes one.
pub(super) fn read(call: &Call, body: &Body) -> Result<Member, Fault> {
    fields::known(
        body,
        &[
            "roles",
            "visibleHistoryStartDateTime",
            "user",
            "id",
            "tenantId",
        ],
        TYPE,
    )?;
    let is_owner = fields::is_owner(body)?;
    let sees_from = match body.get("visibleHistoryStartDateTime") {
        // The year one stands for everything.
        Some(Value::String(text)) if text.starts_with("0001-01-01") => None,
        None => Some(call.now),
        Some(_) => fields::time(body, "visibleHistoryStartDateTime")?,
    };
    Ok(Member {
        user_id: fields::bound_user(call, body)?,
        is_owner,
        sees_from,
    })
}

/// A membership has an id of its own, not the person's.
pub(super) fn membership_id(thing: &str, user_id: &str) -> String {
    STANDARD.encode(format!("{thing}##{user_id}"))
}

/// Members as `$expand` shows them.
pub(super) fn expanded(call: &Call, set: &str, thing: &str, people: &[Member]) -> Vec<Row> {
    let circle = Circle {
        set: set.to_owned(),
        thing: thing.to_owned(),
        people: Vec::new(),
    };
    people
        .iter()
        .filter_map(|it| row(call, &circle, it))
        .collect()
}

fn row(call: &Call, circle: &Circle, member: &Member) -> Option<Row> {
    let user = call
        .shared
        .read(|state| state.directory.user(&member.user_id).cloned())?;
    let mut roles = Vec::new();
    roles.extend(member.is_owner.then_some("owner"));
    roles.extend(user.guest_of.as_ref().map(|_| "guest"));
    let sees_from = member
        .sees_from
        .map_or_else(everything, |it| it.to_string());
    let value = json!({
        "@odata.type": format!("#{TYPE}"),
        "id": membership_id(&circle.thing, &user.id),
        "roles": roles,
        "displayName": user.display_name,
        "visibleHistoryStartDateTime": sees_from,
        "userId": user.id,
        "email": user.mail,
        "tenantId": user.tenant_id,
    });
    value.as_object().cloned()
}

fn everything() -> String {
    "0001-01-01T00:00:00Z".to_owned()
}

/// Whether somebody may see what was said at an instant.
pub(super) fn sees(member: Option<&Member>, at: Timestamp) -> bool {
    member.is_none_or(|it| it.sees_from.is_none_or(|from| from <= at))
}
