//! Mail: whose mailbox a request means and whether it may, then one file a resource.

mod actions;
pub(super) mod attached;
pub(super) mod attachments;
mod delta;
mod folders;
mod found;
pub(super) mod input;
mod meeting;
mod messages;
mod mime;
mod mime_input;
mod query;
pub(super) mod render;
pub(super) mod schema;
pub(super) mod search;
mod send;
pub(crate) mod upload;

pub(super) use actions::Parameters;
pub(super) use found::found;

use super::auth::Caller;
use super::call::Call;
use super::fault::Fault;
use super::permission::MailAccess;
use super::reply::Reply;
use super::route::find_user;
use crate::seed;
use crate::state::State;
use crate::state::directory::User;
use crate::state::ids::Ids;
use crate::state::mail::Mailbox;
use crate::state::mail::folder::WellKnown;
use crate::state::mail::item_id::{self, ItemId};

/// The mailbox that a request means.
pub(super) struct Target {
    pub(super) owner: User,
    /// Who calls, with what counts in this mailbox.
    pub(super) caller: Caller,
    /// Whether the caller is its owner, signed in.
    own: bool,
    /// Whether the caller may open it at all: its owner, a delegate, an application.
    open: bool,
}

impl Target {
    /// Finds the mailbox. Whether a permission covers the request is asked by [`Self::require`].
    pub(super) fn open(call: &Call, key: &str) -> Result<Self, Fault> {
        let owner = find_user(call, key).ok_or_else(|| Fault::invalid_user(key))?;
        if !owner.has_mailbox() {
            return Err(Fault::no_mailbox());
        }
        let caller = caller_in(call, &owner.id)?;
        let own = !call.caller.is_application() && call.caller.object_id() == owner.id;
        // Made when it is first looked at, so that a person who was just added has a mailbox.
        let missing = call
            .shared
            .read(|state| state.mail.mailbox(&owner.id).is_none());
        let promised = call
            .shared
            .read(|state| state.mail.promised.contains_key(&owner.id));
        if missing || promised {
            call.shared.write(|state| {
                state.mail.open(&owner.id, &mut state.ids);
                seed::keep_promise(state, &owner.id);
            });
        }
        let is_delegate = call.shared.read(|state| {
            state
                .mail
                .mailbox(&owner.id)
                .is_some_and(|mailbox| mailbox.delegates.contains(call.caller.object_id()))
        });
        let open = own || call.caller.is_application() || is_delegate;
        Ok(Self {
            owner,
            caller,
            own,
            open,
        })
    }

    /// 403 unless the token and the mailbox allow this.
    pub(super) fn require(&self, access: MailAccess) -> Result<(), Fault> {
        if self.allows(access) {
            Ok(())
        } else {
            Err(Fault::access_denied())
        }
    }

    /// 403 unless the mailbox is open to the caller and `granted` says that the token covers it, own or not.
    pub(super) fn require_by(&self, granted: impl Fn(&Caller, bool) -> bool) -> Result<(), Fault> {
        if self.open && granted(&self.caller, self.own) {
            Ok(())
        } else {
            Err(Fault::access_denied())
        }
    }

    pub(super) fn allows(&self, access: MailAccess) -> bool {
        self.open && access.is_granted(&self.caller, self.own)
    }

    /// Looks into the mailbox.
    pub(super) fn read<T>(
        &self,
        call: &Call,
        look: impl FnOnce(&Mailbox) -> Result<T, Fault>,
    ) -> Result<T, Fault> {
        call.shared.read(|state| {
            look(
                state
                    .mail
                    .mailbox(&self.owner.id)
                    .ok_or_else(Fault::no_mailbox)?,
            )
        })
    }

    /// Changes the mailbox; the identifiers come along for what is made in it.
    pub(super) fn change<T>(
        &self,
        call: &Call,
        change: impl FnOnce(&mut Mailbox, &mut Ids) -> Result<T, Fault>,
    ) -> Result<T, Fault> {
        call.shared.write(|state| {
            let State { mail, ids, .. } = state;
            change(mail.open(&self.owner.id, ids), ids)
        })
    }

    /// The start of context URLs and locations: `users('…')`.
    pub(super) fn path(&self) -> String {
        format!("users('{}')", self.owner.id)
    }
}

/// The caller with what counts in somebody's mailbox. For an application that is what its token carries, unless an access policy
/// keeps it out, and what Exchange's own roles give it there: 403 where neither opens anything because of the policy.
pub(super) fn caller_in(call: &Call, user_id: &str) -> Result<Caller, Fault> {
    let caller = &call.caller;
    if !caller.is_application() {
        return Ok(caller.clone());
    }
    let (opens, given) = call.shared.read(|state| {
        let (exchange, client_id) = (&state.exchange, caller.client_id());
        let given = exchange.permissions_in(client_id, user_id);
        (exchange.opens(client_id, user_id), given)
    });
    if !opens && given.is_empty() {
        return Err(Fault::blocked_by_access_policy());
    }
    let carried = if opens {
        caller.permissions()
    } else {
        Vec::new()
    };
    Ok(caller.with_roles(carried.into_iter().chain(given)))
}

/// Hands the call to messages, folders or sending.
pub(super) fn dispatch(
    call: &Call,
    target: &Target,
    first: &str,
    below: &[&str],
) -> Result<Reply, Fault> {
    match first {
        "messages" => messages::dispatch(call, target, None, below),
        "mailfolders" => folders::dispatch(call, target, below),
        _ => send::send_mail(call, target, below),
    }
}

/// The number of the folder that an id or a well-known name means.
pub(super) fn folder_number(mailbox: &Mailbox, key: &str) -> Result<u32, Fault> {
    if let Some(known) = WellKnown::parse(key) {
        return Ok(known.number());
    }
    match item_id::parse(key) {
        Some((id, ItemId::Folder { folder }))
            if id == mailbox.id && mailbox.folder(folder).is_some() =>
        {
            Ok(folder)
        }
        Some(_) => Err(Fault::item_not_found()),
        None => Err(Fault::malformed_id()),
    }
}

/// The key of the message that an id means.
fn message_key(mailbox: &Mailbox, id: &str) -> Result<u64, Fault> {
    let (owner, item) = item_id::parse(id).ok_or_else(Fault::malformed_id)?;
    let key = mailbox.find(item).filter(|_| owner == mailbox.id);
    key.ok_or_else(Fault::item_not_found)
}
