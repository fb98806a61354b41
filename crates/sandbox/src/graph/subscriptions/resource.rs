//! What may be watched, who may watch it, and for how long.
//! Source: the tables of <https://learn.microsoft.com/graph/api/subscription-post-subscriptions> and
//! <https://learn.microsoft.com/graph/api/resources/subscription>

use jiff::SignedDuration;

use super::input::invalid;
use crate::graph::call::Call;
use crate::graph::fault::Fault;
use crate::graph::mail;
use crate::graph::paths;
use crate::state::changes::ChangeKind;
use crate::state::mail::folder::WellKnown;
use crate::state::mail::item_id::{self, ItemId};
use crate::state::subscriptions::Watch;

/// A resource that can be watched.
pub(super) struct Target {
    pub(super) watch: Watch,
    /// Whether a person may watch it with their own token only because it is theirs.
    access: Access,
}

/// Permissions that open it.
struct Access {
    delegated: &'static [&'static str],
    application: &'static [&'static str],
}

const fn access(
    delegated: &'static [&'static str],
    application: &'static [&'static str],
) -> Access {
    Access {
        delegated,
        application,
    }
}

const MAIL: &[&str] = &["Mail.ReadBasic", "Mail.Read", "Mail.ReadWrite"];
const MAIL_OF_ALL: &[&str] = &[
    "Mail.ReadBasic.All",
    "Mail.ReadBasic",
    "Mail.Read",
    "Mail.ReadWrite",
];
const CALENDARS: &[&str] = &["Calendars.Read", "Calendars.ReadWrite"];
const CONTACTS: &[&str] = &["Contacts.Read", "Contacts.ReadWrite"];
const FILES: &[&str] = &["Files.ReadWrite.All", "Sites.ReadWrite.All"];
const OWN_FILES: &[&str] = &[
    "Files.ReadWrite",
    "Files.ReadWrite.All",
    "Sites.ReadWrite.All",
];
const LISTS: &[&str] = &[
    "Sites.ReadWrite.All",
    "Sites.Manage.All",
    "Sites.FullControl.All",
];
const TEAMS: &[&str] = &[
    "Team.ReadBasic.All",
    "TeamSettings.Read.All",
    "TeamSettings.ReadWrite.All",
];
const CHANNELS: &[&str] = &[
    "Channel.ReadBasic.All",
    "ChannelSettings.Read.All",
    "ChannelSettings.ReadWrite.All",
];
const CHANNEL_MESSAGES: &[&str] = &["ChannelMessage.Read.All"];
const CHATS: &[&str] = &["Chat.ReadBasic", "Chat.Read", "Chat.ReadWrite"];
const CHATS_OF_ALL: &[&str] = &["Chat.ReadBasic.All", "Chat.Read.All", "Chat.ReadWrite.All"];
const CHAT_MESSAGES: &[&str] = &["Chat.Read", "Chat.ReadWrite"];
const CHAT_MESSAGES_OF_ALL: &[&str] = &["Chat.Read.All", "Chat.ReadWrite.All"];
const USERS: &[&str] = &[
    "User.Read.All",
    "User.ReadWrite.All",
    "Directory.Read.All",
    "Directory.ReadWrite.All",
];
const GROUPS: &[&str] = &[
    "Group.Read.All",
    "Group.ReadWrite.All",
    "Directory.Read.All",
    "Directory.ReadWrite.All",
];
const PRESENCE: &[&str] = &["Presence.Read.All", "Presence.ReadWrite.All"];
const NOBODY: &[&str] = &[];

impl Target {
    /// 403 unless the token opens the resource.
    pub(super) fn require(&self, call: &Call) -> Result<(), Fault> {
        let caller = match &self.watch {
            Watch::Messages { user, .. } | Watch::Events { user } | Watch::Contacts { user } => {
                mail::caller_in(call, user)?
            }
            _ => call.caller.clone(),
        };
        let wanted = if call.caller.is_application() {
            self.access.application
        } else {
            self.access.delegated
        };
        if caller.has_any(wanted) {
            Ok(())
        } else {
            Err(Fault::new(
                axum::http::StatusCode::FORBIDDEN,
                "ExtensionError",
                "Operation: Create; Exception: [Status Code: Forbidden; Reason: The caller does not have the required permissions for this operation.]",
            ))
        }
    }

    /// The longest life of such a subscription.
    pub(super) fn longest(&self) -> SignedDuration {
        SignedDuration::from_mins(match self.watch {
            Watch::Messages { .. } | Watch::Events { .. } | Watch::Contacts { .. } => 10_080,
            Watch::Drive { .. } | Watch::List { .. } => 42_300,
            Watch::Users { .. } | Watch::Groups { .. } => 41_760,
            Watch::Presence { .. } => 60,
            _ => 4_320,
        })
    }

    /// Whether this kind of change is told of.
    pub(super) fn tells(&self, kind: ChangeKind) -> bool {
        match self.watch {
            Watch::Drive { .. } | Watch::List { .. } | Watch::Presence { .. } => {
                kind == ChangeKind::Updated
            }
            _ => true,
        }
    }

    pub(super) fn is_of_teams(&self) -> bool {
        matches!(
            self.watch,
            Watch::Teams { .. }
                | Watch::Channels { .. }
                | Watch::ChannelMessages { .. }
                | Watch::Chats { .. }
                | Watch::ChatMessages { .. }
                | Watch::ChatMessagesOf { .. }
        )
    }

    /// Whether the changed thing can be sent along. Outlook wants to be told which of its properties.
    pub(super) fn require_data(&self, resource: &str) -> Result<(), Fault> {
        match self.watch {
            Watch::Messages { .. } | Watch::Events { .. } | Watch::Contacts { .. } => {
                if resource.to_ascii_lowercase().contains("$select=") {
                    return Ok(());
                }
                Err(invalid(
                    "Resource data with this resource needs a $select of the properties wanted.",
                ))
            }
            Watch::Drive { .. }
            | Watch::List { .. }
            | Watch::Users { .. }
            | Watch::Groups { .. } => Err(invalid(
                "includeResourceData is not supported for this resource.",
            )),
            _ => Ok(()),
        }
    }
}

/// The resource that a client's words name.
pub(super) fn parse(call: &Call, resource: &str) -> Result<Target, Fault> {
    let path = resource.split('?').next().unwrap_or_default();
    let path = path
        .strip_prefix("https://graph.microsoft.com/")
        .unwrap_or(path);
    let path = path.trim_start_matches('/');
    let path = path
        .strip_prefix("v1.0/")
        .or_else(|| path.strip_prefix("beta/"))
        .unwrap_or(path);
    let segments = paths::segments(path).ok_or_else(|| unsupported(resource))?;
    let lower: Vec<String> = segments.iter().map(|it| it.to_ascii_lowercase()).collect();
    let names: Vec<&str> = lower.iter().map(String::as_str).collect();
    let exact: Vec<&str> = segments.iter().map(String::as_str).collect();
    let found = match names.first().copied() {
        Some("me" | "users") => of_user(call, &names, &exact)?,
        Some("teams" | "chats") => of_teams(call, &names, &exact),
        Some("drives") => match names.as_slice() {
            [_, _, "root"] => Some(of_drive(call, exact[1])?),
            _ => None,
        },
        Some("sites") => match names.as_slice() {
            [_, _, "lists", _] => Some(list(call, exact[1], exact[3])?),
            _ => None,
        },
        Some("groups") => match names.as_slice() {
            [_] => Some(groups(None)),
            [_, id] => Some(groups(Some((*id).to_owned()))),
            _ => None,
        },
        Some("communications") => presences(call, &names, &exact)?,
        _ => None,
    };
    found.ok_or_else(|| unsupported(resource))
}

fn unsupported(resource: &str) -> Fault {
    invalid(&format!("Resource '{resource}' is not supported."))
}

fn groups(id: Option<String>) -> Target {
    Target {
        watch: Watch::Groups { id },
        access: access(GROUPS, GROUPS),
    }
}

fn presences(call: &Call, names: &[&str], exact: &[&str]) -> Result<Option<Target>, Fault> {
    let users = match names {
        [_, "presences", _] => vec![user_id(call, exact[2])?],
        [_, "presences"] => Vec::new(),
        _ => return Ok(None),
    };
    Ok((!users.is_empty()).then_some(Target {
        watch: Watch::Presence { users },
        access: access(PRESENCE, NOBODY),
    }))
}

/// The object id of the user that a key names in the caller's tenant.
fn user_id(call: &Call, key: &str) -> Result<String, Fault> {
    let found = crate::graph::route::find_user(call, key);
    found
        .map(|it| it.id)
        .ok_or_else(|| Fault::user_not_found(key))
}

fn of_user(call: &Call, names: &[&str], exact: &[&str]) -> Result<Option<Target>, Fault> {
    let (user, below) = if names[0] == "me" {
        if call.caller.is_application() {
            return Err(Fault::me_needs_a_user());
        }
        (call.caller.object_id().to_owned(), 1)
    } else {
        let Some(key) = exact.get(1) else {
            return Ok(Some(users(None)));
        };
        (user_id(call, key)?, 2)
    };
    let own = call.caller.object_id() == user;
    // With their own token people watch what is theirs.
    let theirs = |permissions| if own { permissions } else { NOBODY };
    let target = match &names[below..] {
        [] => users(Some(user)),
        ["messages"] => Target {
            watch: Watch::Messages { user, folder: None },
            access: access(theirs(MAIL), MAIL_OF_ALL),
        },
        ["mailfolders", _, "messages"] => {
            let folder = Some(folder(call, &user, exact[below + 1])?);
            Target {
                watch: Watch::Messages { user, folder },
                access: access(theirs(MAIL), MAIL_OF_ALL),
            }
        }
        ["events"] | ["calendar", "events"] => Target {
            watch: Watch::Events { user },
            access: access(theirs(CALENDARS), CALENDARS),
        },
        ["contacts"] => Target {
            watch: Watch::Contacts { user },
            access: access(theirs(CONTACTS), CONTACTS),
        },
        ["drive", "root"] => {
            let found = call
                .shared
                .read(|state| state.drives.of(&user).map(|it| it.id.clone()));
            let id = found.ok_or_else(|| Fault::user_not_found(exact[below - 1]))?;
            Target {
                watch: Watch::Drive { id },
                access: access(if own { OWN_FILES } else { FILES }, FILES),
            }
        }
        ["chats", "getallmessages" | "getallmessages()"] => Target {
            watch: Watch::ChatMessagesOf { user },
            access: access(theirs(CHAT_MESSAGES), CHAT_MESSAGES_OF_ALL),
        },
        ["presence"] => Target {
            watch: Watch::Presence { users: vec![user] },
            access: access(PRESENCE, NOBODY),
        },
        _ => return Ok(None),
    };
    Ok(Some(target))
}

fn users(id: Option<String>) -> Target {
    Target {
        watch: Watch::Users { id },
        access: access(USERS, USERS),
    }
}

/// A folder's number, by its id or its well-known name.
fn folder(call: &Call, user: &str, key: &str) -> Result<String, Fault> {
    if let Some(known) = WellKnown::parse(key) {
        return Ok(known.number().to_string());
    }
    let mailbox = call
        .shared
        .read(|state| state.mail.mailbox(user).map(|it| it.id));
    match item_id::parse(key) {
        Some((id, ItemId::Folder { folder })) if Some(id) == mailbox => Ok(folder.to_string()),
        _ => Err(Fault::item_not_found()),
    }
}

/// A list by the id or name that it has, in a site by its id.
fn list(call: &Call, site: &str, list: &str) -> Result<Target, Fault> {
    // `host,collection,web`: the last names the site.
    let web = site.rsplit(',').next().and_then(|it| it.parse().ok());
    let found = call.shared.read(|state| {
        let site = state.sites.site(web?)?;
        let own = site.tenant_id == call.caller.tenant_id();
        let list = site.find_list(list).filter(|_| own)?;
        Some(Watch::List {
            site: site.id.to_string(),
            list: list.id.to_string(),
        })
    });
    let watch = found.ok_or_else(|| {
        Fault::new(
            axum::http::StatusCode::NOT_FOUND,
            "itemNotFound",
            "The resource could not be found.",
        )
    })?;
    Ok(Target {
        watch,
        access: access(LISTS, LISTS),
    })
}

fn of_drive(call: &Call, id: &str) -> Result<Target, Fault> {
    let is_there = call
        .shared
        .read(|state| state.drives.all().any(|it| it.id == id));
    if !is_there {
        return Err(Fault::new(
            axum::http::StatusCode::NOT_FOUND,
            "itemNotFound",
            "The resource could not be found.",
        ));
    }
    Ok(Target {
        watch: Watch::Drive { id: id.to_owned() },
        access: access(FILES, FILES),
    })
}

fn of_teams(call: &Call, names: &[&str], exact: &[&str]) -> Option<Target> {
    let id = |at: usize| exact[at].to_owned();
    let is_member = |user: &str, team: &str| {
        let tenant = call.caller.tenant_id();
        call.shared.read(|state| {
            let group = state.directory.group(tenant, team);
            group.is_some_and(|it| it.is_member(user) || it.is_owner(user))
        })
    };
    let me = call.caller.object_id();
    let theirs = |is_theirs: bool, permissions| if is_theirs { permissions } else { NOBODY };
    let target = match names {
        ["teams"] => Target {
            watch: Watch::Teams { team: None },
            access: access(NOBODY, TEAMS),
        },
        ["teams", "getallchannels"] => Target {
            watch: Watch::Channels { team: None },
            access: access(NOBODY, CHANNELS),
        },
        ["teams", "getallmessages"] => Target {
            watch: Watch::ChannelMessages {
                team: None,
                channel: None,
            },
            access: access(NOBODY, CHANNEL_MESSAGES),
        },
        ["teams", team] => Target {
            watch: Watch::Teams { team: Some(id(1)) },
            access: access(theirs(is_member(me, team), TEAMS), TEAMS),
        },
        ["teams", team, "channels"] => Target {
            watch: Watch::Channels { team: Some(id(1)) },
            access: access(theirs(is_member(me, team), CHANNELS), CHANNELS),
        },
        ["teams", team, "channels", "getallmessages"] => Target {
            watch: Watch::ChannelMessages {
                team: Some(id(1)),
                channel: None,
            },
            access: access(theirs(is_member(me, team), NOBODY), CHANNEL_MESSAGES),
        },
        ["teams", team, "channels", _, "messages"] => Target {
            watch: Watch::ChannelMessages {
                team: Some(id(1)),
                channel: Some(id(3)),
            },
            access: access(
                theirs(is_member(me, team), CHANNEL_MESSAGES),
                CHANNEL_MESSAGES,
            ),
        },
        ["chats"] => Target {
            watch: Watch::Chats { chat: None },
            access: access(NOBODY, CHATS_OF_ALL),
        },
        ["chats", "getallmessages"] => Target {
            watch: Watch::ChatMessages { chat: None },
            access: access(NOBODY, CHAT_MESSAGES_OF_ALL),
        },
        ["chats", _] => {
            let is_in = call
                .shared
                .read(|state| state.teams.is_in_chat(me, exact[1]));
            Target {
                watch: Watch::Chats { chat: Some(id(1)) },
                access: access(theirs(is_in, CHATS), CHATS_OF_ALL),
            }
        }
        ["chats", _, "messages"] => {
            let is_in = call
                .shared
                .read(|state| state.teams.is_in_chat(me, exact[1]));
            Target {
                watch: Watch::ChatMessages { chat: Some(id(1)) },
                access: access(theirs(is_in, CHAT_MESSAGES), CHAT_MESSAGES_OF_ALL),
            }
        }
        _ => return None,
    };
    Some(target)
}
