//! Chats: <https://learn.microsoft.com/graph/api/resources/chat>

use axum::http::Method;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Value, json};

use super::access::{self, Permissions};
use super::fields;
use super::messages::render::person;
use super::rows::{self, Row, Sizes};
use super::{members, only};
use crate::graph::call::Call;
use crate::graph::fault::Fault;
use crate::graph::reply::Reply;
use crate::odata::schema::{EntityType, complex, text, time};
use crate::state::State;
use crate::state::changes::{ChangeKind, What};
use crate::state::teams::{Chat, ChatKind, Member, group_chat_id, one_on_one_id};

const TYPE: &str = "microsoft.graph.chat";
const LIST: Permissions = Permissions {
    delegated: &["Chat.ReadBasic", "Chat.Read", "Chat.ReadWrite"],
    application: &["Chat.ReadBasic.All", "Chat.Read.All", "Chat.ReadWrite.All"],
};
const CREATE: Permissions = Permissions {
    delegated: &["Chat.Create", "Chat.ReadWrite"],
    application: &["Chat.Create"],
};
const WRITE: Permissions = Permissions {
    delegated: &["Chat.ReadWrite"],
    application: &["Chat.ReadWrite.All"],
};
const SIZES: Sizes = Sizes {
    usual: 20,
    most: 50,
};
const LONGEST_TOPIC: usize = 250;

static VIEWPOINT: EntityType = EntityType {
    name: "microsoft.graph.chatViewpoint",
    properties: &[time("lastMessageReadDateTime")],
};
static PREVIEW: EntityType = EntityType {
    name: "microsoft.graph.chatMessageInfo",
    properties: &[time("createdDateTime")],
};
static CHAT: EntityType = EntityType {
    name: TYPE,
    properties: &[
        text("id"),
        text("topic"),
        text("chatType"),
        text("webUrl"),
        text("tenantId"),
        time("createdDateTime"),
        time("lastUpdatedDateTime"),
        complex("viewpoint", &VIEWPOINT),
        complex("lastMessagePreview", &PREVIEW),
    ],
};

/// `/chats`
pub(super) fn collection(call: &Call) -> Result<Reply, Fault> {
    match call.method {
        Method::GET if call.caller.is_application() => Err(access::forbidden(
            "This API is not supported in application-only context; use /users/{id}/chats.",
        )),
        Method::GET => of_user(call, call.caller.object_id()),
        Method::POST => create(call),
        _ => Err(Fault::method_not_allowed()),
    }
}

/// `/users/{id}/chats`
pub(super) fn of_user(call: &Call, user: &str) -> Result<Reply, Fault> {
    only(call, &Method::GET)?;
    LIST.require(call)?;
    if !call.caller.is_application() && call.caller.object_id() != user {
        return Err(access::forbidden(
            "The chats of another person cannot be listed.",
        ));
    }
    let mut chats: Vec<Chat> = call.shared.read(|state| {
        let chats = state.teams.chats.values();
        let own = chats.filter(|it| it.member(user).is_some());
        own.map(Chat::clone_head).collect()
    });
    chats.sort_by_key(|it| std::cmp::Reverse(it.updated_at));
    let rows: Result<Vec<Row>, Fault> = chats.iter().map(|it| expanded(call, it)).collect();
    rows::list(call, "chats", &CHAT, rows?, SIZES)
}

/// `/chats/{id}`
pub(super) fn single(call: &Call, id: &str) -> Result<Reply, Fault> {
    match call.method {
        Method::GET => {
            LIST.require(call)?;
            let chat = access::chat(call, id)?;
            Ok(rows::one(call, "chats", expanded(call, &chat)?))
        }
        Method::PATCH => {
            WRITE.require(call)?;
            let chat = access::chat(call, id)?;
            let body = call.json()?;
            fields::known(&body, &["topic"], TYPE)?;
            if chat.kind != ChatKind::Group {
                return Err(Fault::bad_request("Topic can be set for group chats only."));
            }
            let topic = topic(fields::text(&body, "topic")?)?;
            let changed = call.shared.write(|state| {
                let kept = state.teams.chats.get_mut(&chat.id);
                let changed = kept.map(|kept| {
                    kept.topic = topic;
                    kept.updated_at = call.now;
                    Chat::clone_head(kept)
                });
                let what = What::Chat {
                    chat: chat.id.clone(),
                };
                state
                    .changes
                    .note(call.caller.tenant_id(), ChangeKind::Updated, what);
                changed
            });
            Ok(rows::one(
                call,
                "chats",
                render(call, &changed.unwrap_or(chat)),
            ))
        }
        Method::DELETE => Err(Fault::not_implemented("deleting chats")),
        _ => Err(Fault::method_not_allowed()),
    }
}

fn topic(topic: Option<String>) -> Result<Option<String>, Fault> {
    if topic
        .as_ref()
        .is_some_and(|it| it.chars().count() > LONGEST_TOPIC || it.contains(':'))
    {
        return Err(Fault::bad_request(
            "The topic of a chat has at most 250 characters and no colon.",
        ));
    }
    Ok(topic)
}

fn create(call: &Call) -> Result<Reply, Fault> {
    CREATE.require(call)?;
    let body = call.json()?;
    fields::known(
        &body,
        &["chatType", "topic", "members", "installedApps"],
        TYPE,
    )?;
    if body.contains_key("installedApps") {
        return Err(Fault::not_implemented("installedApps of a new chat"));
    }
    let kind = match fields::word(&body, "chatType", &["oneOnOne", "group", "meeting"])?.as_deref()
    {
        Some("oneOnOne") => ChatKind::OneOnOne,
        Some("group") => ChatKind::Group,
        _ => {
            return Err(Fault::bad_request(
                "The chatType of a new chat is one of 'oneOnOne' and 'group'.",
            ));
        }
    };
    let topic = topic(fields::text(&body, "topic")?)?;
    if topic.is_some() && kind == ChatKind::OneOnOne {
        return Err(Fault::bad_request("Topic can be set for group chats only."));
    }
    let mut people: Vec<Member> = Vec::new();
    for member in fields::list(&body, "members")? {
        let member = fields::object(member, "members")?;
        let new = members::read(call, member)?;
        if member.get("roles").is_none() {
            return Err(Fault::bad_request(
                "Each member of a new chat needs roles: 'owner' or 'guest'.",
            ));
        }
        if people.iter().any(|it| it.user_id == new.user_id) {
            return Err(Fault::bad_request(
                "Duplicate chat members is specified in the request body.",
            ));
        }
        people.push(Member {
            sees_from: None,
            ..new
        });
    }
    let me = call.caller.object_id();
    if !call.caller.is_application() && people.iter().all(|it| it.user_id != me) {
        return Err(Fault::bad_request(
            "The caller has to be one of the members of the chat.",
        ));
    }
    let id = match (kind, people.as_slice()) {
        (ChatKind::OneOnOne, [one, other]) => one_on_one_id(&one.user_id, &other.user_id),
        (ChatKind::OneOnOne, _) => {
            return Err(Fault::bad_request(
                "Creating a one-on-one chat takes exactly two members.",
            ));
        }
        // <https://learn.microsoft.com/graph/api/resources/chat#chattype-values>: at least two people.
        (_, [] | [_]) => {
            return Err(Fault::bad_request(
                "Creating a group chat takes at least two members.",
            ));
        }
        _ => call.shared.write(|state| group_chat_id(&mut state.ids)),
    };
    // Two people have one chat, however often it is made.
    let chat = call.shared.write(|state| {
        if let Some(there) = state.teams.chats.get(&id) {
            return Chat::clone_head(there);
        }
        let chat = Chat {
            id: id.clone(),
            tenant_id: call.caller.tenant_id().to_owned(),
            kind,
            topic,
            created_at: call.now,
            updated_at: call.now,
            members: people,
            ..Chat::default()
        };
        state.teams.chats.insert(id.clone(), chat.clone());
        state.changes.note(
            call.caller.tenant_id(),
            ChangeKind::Created,
            What::Chat { chat: id },
        );
        chat
    });
    Ok(rows::created(call, "chats", render(call, &chat)))
}

fn expanded(call: &Call, chat: &Chat) -> Result<Row, Fault> {
    let mut row = render(call, chat);
    for expand in &call.options.expand {
        match expand.path.to_ascii_lowercase().as_str() {
            "members" => {
                let people = members::expanded(call, "chats", &chat.id, &chat.members);
                row.insert("members".to_owned(), people.into_iter().collect());
            }
            "lastmessagepreview" => {
                let preview = call.shared.read(|state| preview(state, chat));
                row.insert("lastMessagePreview".to_owned(), preview);
            }
            other => {
                return Err(Fault::bad_request(format!(
                    "Expanding '{other}' is not supported."
                )));
            }
        }
    }
    Ok(row)
}

fn preview(state: &State, chat: &Chat) -> Value {
    let kept = state.teams.chats.get(&chat.id);
    let Some(last) = kept.and_then(|it| it.conversation.all().next_back()) else {
        return Value::Null;
    };
    let is_deleted = last.deleted_at.is_some();
    json!({
        "id": last.id(),
        "createdDateTime": last.created_at,
        "isDeleted": is_deleted,
        "messageType": "message",
        "eventDetail": null,
        "body": {
            "contentType": if last.is_html { "html" } else { "text" },
            "content": if is_deleted { "" } else { &last.content },
        },
        "from": {
            "application": null,
            "device": null,
            "user": person(state, &last.user_id),
        },
    })
}

fn render(call: &Call, chat: &Chat) -> Row {
    let thread = utf8_percent_encode(&chat.id, NON_ALPHANUMERIC);
    let meeting = call.shared.read(|state| {
        let id = chat.meeting_id.as_ref()?;
        let meeting = state.teams.meetings.iter().find(|it| it.id == *id)?;
        Some(json!({
            "calendarEventId": null,
            "joinWebUrl": meeting.join_url,
            "organizer": {
                "id": meeting.organizer_id,
                "displayName": null,
                "userIdentityType": "aadUser",
            },
        }))
    });
    let value = json!({
        "id": chat.id,
        "topic": chat.topic,
        "createdDateTime": chat.created_at,
        "lastUpdatedDateTime": chat.updated_at,
        "chatType": chat.kind.name(),
        "webUrl": format!("https://teams.microsoft.com/l/chat/{thread}/0?tenantId={}", chat.tenant_id),
        "tenantId": chat.tenant_id,
        "onlineMeetingInfo": meeting,
        "viewpoint": if call.caller.is_application() {
            Value::Null
        } else {
            json!({ "isHidden": false, "lastMessageReadDateTime": chat.updated_at })
        },
        "isHiddenForAllMembers": false,
    });
    value.as_object().cloned().unwrap_or_default()
}
