//! What a new sandbox holds. Nothing of it is random: two sandboxes that start at the same instant are alike.

mod bulk;
mod calendar;
mod contacts;
mod drive;
mod mail;
mod people;
mod sites;
mod teams;

use jiff::Timestamp;

pub(crate) use bulk::keep_promise;
pub(crate) use sites::fill_library;

use crate::sandbox::{Scale, Seed};
use crate::state::State;
use crate::state::directory::Tenant;

/// Everyone's password. The sandbox is no place for secrets, and people type this one on its sign-in page.
const PASSWORD: &str = "Sandbox-1";
const TENANT_ID: &str = "c0a7050f-0000-4000-8000-000000000001";

/// Everything that a new sandbox remembers.
pub(crate) fn state(seed: Seed, scale: Scale, now: Timestamp) -> State {
    let mut state = State::default();
    match seed {
        Seed::Contoso => contoso(&mut state, scale, now),
        Seed::Empty => empty(&mut state, now),
    }
    state
}

/// Tenant, people, mail, drives, sites and teams of Contoso.
fn contoso(state: &mut State, scale: Scale, now: Timestamp) {
    add_tenant(state);
    people::add(state);
    mail::fill(state, now);
    calendar::fill(state, now);
    contacts::fill(state, now);
    if scale == Scale::Large {
        bulk::promise(state, now);
    }
    drive::fill(state, now);
    sites::fill(state, scale == Scale::Large, now);
    teams::fill(state, now);
}

/// A tenant with one administrator and nothing else.
fn empty(state: &mut State, _now: Timestamp) {
    add_tenant(state);
    people::add_administrator(state);
}

fn add_tenant(state: &mut State) {
    state.directory.tenants.push(Tenant {
        id: TENANT_ID.to_owned(),
        domain: "contoso.onmicrosoft.com".to_owned(),
        display_name: "Contoso".to_owned(),
    });
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::state::mail::Mailbox;
    use crate::state::mail::folder::WellKnown;

    fn seeded() -> State {
        let mut state = State::default();
        contoso(
            &mut state,
            Scale::Small,
            Timestamp::from_second(1_795_000_000).unwrap_or_default(),
        );
        state
    }

    #[test]
    fn everyone_has_some_dozen_messages_of_the_last_sixty_days() {
        let state = seeded();
        let now = 1_795_000_000;
        let people = &state.directory;
        let writers = people
            .users
            .iter()
            .filter(|user| user.has_mailbox() && !people.is_room(&user.id));
        for user in writers {
            let messages: Vec<_> = state
                .mail
                .mailbox(&user.id)
                .into_iter()
                .flat_map(Mailbox::messages)
                .collect();
            assert!(
                (15..=60).contains(&messages.len()),
                "{} has {}",
                user.user_principal_name,
                messages.len()
            );
            assert!(
                messages
                    .iter()
                    .all(|m| (now - 61 * 86_400..now).contains(&m.received.as_second()))
            );
            let inbox = || {
                messages
                    .iter()
                    .filter(|m| m.folder == WellKnown::Inbox.number())
            };
            assert!(
                inbox().any(|m| m.is_read) && inbox().any(|m| !m.is_read),
                "{}",
                user.user_principal_name
            );
        }
    }

    #[test]
    fn calendars_and_address_books_are_filled() {
        let state = seeded();
        let people = &state.directory;
        let mailboxes = || {
            people
                .users
                .iter()
                .filter_map(|user| state.mail.mailbox(&user.id))
        };
        let events: usize = mailboxes().map(|mailbox| mailbox.events().count()).sum();
        let contacts: usize = mailboxes().map(|mailbox| mailbox.contacts().count()).sum();
        assert!((200..=500).contains(&events), "{events}");
        assert_eq!(contacts, 240);
    }

    #[test]
    fn two_sandboxes_are_alike() {
        let text = |state: &State| serde_json::to_string(state).unwrap_or_default();
        assert_eq!(text(&seeded()), text(&seeded()));
    }

    #[test]
    fn what_is_saved_is_what_is_loaded() -> Result<(), serde_json::Error> {
        let saved = serde_json::to_string(&seeded())?;
        let loaded: State = serde_json::from_str(&saved)?;
        assert_eq!(serde_json::to_string(&loaded)?, saved);
        Ok(())
    }

    #[test]
    fn some_messages_have_files_and_some_are_flagged() {
        let state = seeded();
        let ana = state
            .directory
            .user("ana.reis@contoso.com")
            .map(|user| user.id.clone())
            .unwrap_or_default();
        let messages: Vec<_> = state
            .mail
            .mailbox(&ana)
            .into_iter()
            .flat_map(Mailbox::messages)
            .collect();
        assert!(messages.iter().any(|m| m.content.has_attachments()));
        assert!(
            messages
                .iter()
                .any(|m| m.content.flag != crate::state::mail::message::Flag::default())
        );
    }
}
