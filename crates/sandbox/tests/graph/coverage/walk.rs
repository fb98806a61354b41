//! Asking for everything that a type of the schema has.

use reqwest::Method;
use serde_json::Value;

use crate::cloud::{Answer, Caller, Cloud, answer};
use crate::schema::address::{self, Place};
use crate::schema::csdl::{Model, TypeRef};

/// Enough to open every door, of which those that the sandbox knows are used.
const SCOPES: [&str; 36] = [
    "User.ReadWrite.All",
    "Directory.ReadWrite.All",
    "Mail.ReadWrite",
    "Mail.Send",
    "MailboxSettings.ReadWrite",
    "MailboxFolder.ReadWrite",
    "Calendars.ReadWrite",
    "Contacts.ReadWrite",
    "People.Read.All",
    "Place.ReadWrite.All",
    "Files.ReadWrite.All",
    "Sites.FullControl.All",
    "Sites.ReadWrite.All",
    "Sites.Manage.All",
    "Group.ReadWrite.All",
    "GroupMember.ReadWrite.All",
    "Team.ReadBasic.All",
    "Team.Create",
    "TeamSettings.ReadWrite.All",
    "TeamMember.ReadWrite.All",
    "TeamsTab.ReadWrite.All",
    "TeamsAppInstallation.ReadWriteForTeam",
    "Channel.ReadBasic.All",
    "Channel.Create",
    "Channel.Delete.All",
    "ChannelSettings.ReadWrite.All",
    "ChannelMember.ReadWrite.All",
    "ChannelMessage.Read.All",
    "ChannelMessage.Send",
    "ChannelMessage.ReadWrite",
    "Chat.ReadWrite",
    "ChatMember.ReadWrite",
    "OnlineMeetings.ReadWrite",
    "Presence.ReadWrite",
    "Application.ReadWrite.All",
    "DelegatedPermissionGrant.ReadWrite.All",
];
/// Neither an id of anything, nor malformed in the eyes of all.
const NOBODY: &str = "00000000-0000-0000-0000-000000000000";

/// Whether an operation is there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Served {
    Yes,
    /// 501, as the sandbox promises.
    NotYet,
    /// 405: Microsoft has the address and not the verb.
    Denied,
}

/// One operation and what became of it.
pub(super) struct Operation {
    pub(super) method: Method,
    pub(super) path: String,
    pub(super) served: Served,
}

pub(super) struct Walk<'a> {
    cloud: &'a Cloud,
    model: &'a Model,
    caller: Caller<'a>,
    pub(super) found: Vec<Operation>,
    /// What was answered with an error of the sandbox's own.
    pub(super) broken: Vec<String>,
    /// What was answered as if it were no name of Microsoft's.
    pub(super) unknown: Vec<String>,
}

impl Served {
    fn of(answer: &Answer) -> Self {
        match answer.status {
            501 => Self::NotYet,
            405 => Self::Denied,
            _ => Self::Yes,
        }
    }

    pub(super) fn word(self) -> &'static str {
        match self {
            Self::Yes => "served",
            Self::NotYet => "not yet",
            Self::Denied => "denied",
        }
    }
}

impl<'a> Walk<'a> {
    pub(super) fn new(cloud: &'a Cloud, model: &'a Model) -> Self {
        let known = |scope: &&str| cloud.knows_scope(scope);
        let scopes: Vec<&str> = SCOPES.into_iter().filter(known).collect();
        Self {
            cloud,
            model,
            caller: cloud.user("admin@contoso.com", &scopes),
            found: Vec::new(),
            broken: Vec::new(),
            unknown: Vec::new(),
        }
    }

    /// Everything at one place of the list.
    pub(super) async fn visit(&mut self, place: &str) {
        let (at, nowhere) = self.real(place).await;
        let Ok(Place::Value(here)) = address::place(self.model, &at) else {
            panic!("the schema does not have `{place}`");
        };
        self.ask(Method::GET, &at, place).await;
        self.ask(Method::PATCH, &nowhere, place).await;
        if place.ends_with('*') {
            self.ask(Method::DELETE, &nowhere, place).await;
            let (set, of_set) = (parent(&at), parent(place));
            self.ask(Method::GET, set, of_set).await;
            self.ask(Method::POST, set, of_set).await;
            let collection = TypeRef {
                is_collection: true,
                ..here.clone()
            };
            self.operations(set, of_set, &collection).await;
        }
        self.relations(&at, place, &here).await;
        self.operations(&at, place, &here).await;
    }

    async fn relations(&mut self, at: &str, place: &str, here: &TypeRef) {
        let mut members: Vec<_> = self
            .model
            .members(&here.name)
            .filter(|it| it.is_navigation)
            .cloned()
            .collect();
        members.sort_by(|a, b| a.name.cmp(&b.name));
        for member in members {
            let (at, place) = (
                format!("{at}/{}", member.name),
                format!("{place}/{}", member.name),
            );
            self.ask(Method::GET, &at, &place).await;
            if member.type_ref.is_collection {
                self.ask(Method::POST, &at, &place).await;
            }
        }
    }

    async fn operations(&mut self, at: &str, place: &str, here: &TypeRef) {
        for (name, is_function) in self.model.bound_to(here) {
            // These end what the walk still goes by.
            if name.starts_with("permanentdelete") || name.starts_with("revoke") {
                continue;
            }
            let method = if is_function {
                Method::GET
            } else {
                Method::POST
            };
            self.ask(method, &format!("{at}/{name}"), &format!("{place}/{name}"))
                .await;
        }
    }

    /// The place with real ids, and with an id of nothing at its end.
    async fn real(&self, place: &str) -> (String, String) {
        let mut at = String::new();
        let mut before = String::new();
        for segment in place.split('/') {
            before.clone_from(&at);
            let id = if segment == "*" {
                self.first_of(&at).await
            } else {
                segment.to_owned()
            };
            at = if at.is_empty() {
                id
            } else {
                format!("{at}/{id}")
            };
        }
        let nowhere = if place.ends_with('*') {
            format!("{before}/{NOBODY}")
        } else {
            at.clone()
        };
        (at, nowhere)
    }

    async fn first_of(&self, set: &str) -> String {
        let listed = self.caller.get(&format!("/{set}")).await;
        let first = listed.body["value"].get(0).map(|item| &item["id"]);
        first.and_then(Value::as_str).unwrap_or(NOBODY).to_owned()
    }

    /// With a body that no operation can read, so that nothing is changed on the way.
    async fn ask(&mut self, method: Method, at: &str, place: &str) {
        let mut request = self
            .cloud
            .request(method.clone(), &format!("/{at}"))
            .bearer_auth(&self.caller.token);
        if method != Method::GET {
            request = request.header("content-type", "application/json").body("[");
        }
        let answer = answer(request).await;
        if answer.status == 500 {
            self.broken.push(format!("{method} {at}: {}", answer.text));
        }
        if answer
            .message()
            .starts_with("Resource not found for the segment")
        {
            self.unknown.push(format!("{method} {at}"));
        }
        let served = Served::of(&answer);
        self.found.push(Operation {
            method,
            path: place.to_owned(),
            served,
        });
    }
}

fn parent(path: &str) -> &str {
    path.rsplit_once('/').map_or(path, |(parent, _)| parent)
}
