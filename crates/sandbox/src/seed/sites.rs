//! Contoso's sites: the intranet, Human Resources, Finance and Projects with their lists, and those of its groups.

mod libraries;
mod lists;
mod records;

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use uuid::Uuid;

use super::TENANT_ID;
use crate::graph::drive::author_of;
use crate::state::State;
use crate::state::directory::group::Group;
use crate::state::drive::item::Author;
use crate::state::sites::site::Level;
use crate::state::sites::{self, NewSite};

pub(crate) use records::fill_library;

/// A site of Contoso.
struct Seeded {
    /// `sites/hr`
    path: &'static str,
    /// Address of the site above.
    parent: Option<&'static str>,
    title: &'static str,
    description: &'static str,
    /// Addresses of people before the `@`.
    owner: &'static str,
    members: &'static [&'static str],
    visitors: &'static [&'static str],
    /// What everybody may do.
    everyone: Option<Level>,
}

const SITES: [Seeded; 5] = [
    Seeded {
        path: "",
        parent: None,
        title: "Contoso",
        description: "News and links for everybody at Contoso",
        owner: "admin",
        members: &["olivia.brandt", "pedro.almeida"],
        visitors: &[],
        everyone: Some(Level::Read),
    },
    Seeded {
        path: "sites/hr",
        parent: None,
        title: "Human Resources",
        description: "Policies, onboarding and leave",
        owner: "ines.silva",
        members: &["bianca.vogel", "dora.lang"],
        visitors: &["ana.reis", "jonas.weber"],
        everyone: None,
    },
    Seeded {
        path: "sites/finance",
        parent: None,
        title: "Finance",
        description: "Budgets, cost centres and approvals",
        owner: "chiara.conti",
        members: &["david.nguyen", "rita.sousa", "samuel.koch"],
        visitors: &["jonas.weber"],
        everyone: None,
    },
    Seeded {
        path: "sites/projects",
        parent: None,
        title: "Projects",
        description: "What Contoso is working on",
        owner: "elena.petrova",
        members: &["farid.haddad", "vera.novak", "ana.reis", "ben.okafor"],
        visitors: &[],
        everyone: Some(Level::Read),
    },
    // Without members of its own it has those of the site above.
    Seeded {
        path: "sites/projects/fabrikam",
        parent: Some("sites/projects"),
        title: "Fabrikam rollout",
        description: "The rollout at Fabrikam",
        owner: "elena.petrova",
        members: &[],
        visitors: &[],
        everyone: None,
    },
];

/// Makes the sites; `now` is the day before which all of it was made.
pub(super) fn fill(state: &mut State, is_large: bool, now: Timestamp) {
    let began = now
        .saturating_sub(SignedDuration::from_hours(24 * 120))
        .unwrap_or(now);
    for seeded in &SITES {
        let Some((id, owner)) = add(state, seeded, began) else {
            continue;
        };
        lists::fill(state, id, seeded.path, &owner, began);
        libraries::fill(state, id, seeded.path, &owner, began);
    }
    if is_large {
        records::promise(state, now);
    }
    let groups: Vec<Group> = state
        .directory
        .groups
        .iter()
        .filter(|group| group.is_unified)
        .cloned()
        .collect();
    for group in &groups {
        sites::create_for(state, group, began);
    }
}

fn add(state: &mut State, seeded: &Seeded, began: Timestamp) -> Option<(Uuid, Author)> {
    let owner = author(state, seeded.owner)?;
    let mut members = BTreeMap::new();
    let ranks = [
        (seeded.visitors, Level::Read),
        (seeded.members, Level::Manage),
        (&[seeded.owner], Level::FullControl),
    ];
    if seeded.parent.is_none() {
        for (names, level) in ranks {
            let people = names.iter().filter_map(|name| author(state, name));
            members.extend(people.map(|person| (person.id, level)));
        }
    }
    let parent = seeded
        .parent
        .and_then(|path| Some(state.sites.at(TENANT_ID, path)?.id));
    let new = NewSite {
        tenant_id: TENANT_ID.to_owned(),
        path: seeded.path.to_owned(),
        parent,
        display_name: seeded.title.to_owned(),
        description: seeded.description.to_owned(),
        group_id: None,
        members,
        everyone: seeded.everyone,
    };
    let id = sites::create(state, new, &owner, began);
    Some((id, owner))
}

/// A person as an author, by what is before the `@` of their address.
fn author(state: &State, alias: &str) -> Option<Author> {
    let user = state.directory.user(&format!("{alias}@contoso.com"))?;
    Some(author_of(user))
}

/// So many days after a moment.
fn days_after(moment: Timestamp, days: i64) -> Timestamp {
    moment
        .saturating_add(SignedDuration::from_hours(24 * days))
        .unwrap_or(moment)
}
