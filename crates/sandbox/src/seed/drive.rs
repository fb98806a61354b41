//! Everyone's OneDrive: a few folders with small real documents.

mod documents;

use bytes::Bytes;
use jiff::{SignedDuration, Timestamp};
use uuid::Uuid;

use crate::graph::drive::author_of;
use crate::state::State;
use crate::state::directory::User;
use crate::state::drive::item::Permission;
use crate::state::drive::tree::{Change, Conflict, Holder};
use documents::Document;

/// Folders in the order in which they are made.
const FOLDERS: [&[&str]; 5] = [
    &["Documents"],
    &["Projects"],
    &["Projects", "Fabrikam rollout"],
    &["Projects", "Fabrikam rollout", "Design"],
    &["Pictures"],
];

/// Provisions and fills the drive of everyone who can sign in; `now` is the day before which all of it was made.
pub(super) fn fill(state: &mut State, now: Timestamp) {
    let people: Vec<User> = state
        .directory
        .users
        .iter()
        .filter(|user| !user.disabled && !user.is_outsider())
        .cloned()
        .collect();
    for (turn, person) in (0_i64..).zip(&people) {
        let began = now
            .saturating_sub(SignedDuration::from_hours(24 * 60))
            .unwrap_or(now);
        fill_one(
            state,
            person,
            began
                .saturating_add(SignedDuration::from_mins(turn))
                .unwrap_or(began),
        );
    }
    for (owner, reader) in people.iter().zip(people.iter().cycle().skip(1)) {
        share_plan(state, owner, reader);
    }
}

fn fill_one(state: &mut State, person: &User, began: Timestamp) {
    let State { drives, ids, .. } = state;
    let author = author_of(person);
    drives.provision(Holder::User(person.id.clone()), &author, began, ids);
    let Some((drive, files)) = drives.of_mut(&person.id) else {
        return;
    };
    let at = |days: i64| {
        began
            .saturating_add(SignedDuration::from_hours(24 * days))
            .unwrap_or(began)
    };
    for path in FOLDERS {
        let Some((name, parents)) = path.split_last() else {
            continue;
        };
        let parents: Vec<String> = parents.iter().map(|&name| name.to_owned()).collect();
        let change = Change {
            author: author.clone(),
            at: at(1),
        };
        if let Some(parent) = drive.descend(drive.root, &parents) {
            // The tree is empty, so every name is free.
            let _ = drive.add_folder(parent, name, Conflict::Fail, &change, ids);
        }
    }
    for (
        days,
        Document {
            folder,
            name,
            bytes,
        },
    ) in (2_i64..).step_by(5).zip(documents::of(person))
    {
        let folder: Vec<String> = folder.iter().map(|&name| name.to_owned()).collect();
        let change = Change {
            author: author.clone(),
            at: at(days),
        };
        if let (Some(parent), Ok(file)) = (
            drive.descend(drive.root, &folder),
            files.store(Bytes::from(bytes)),
        ) {
            let _ = drive.put_file(parent, name, file, Conflict::Fail, &change, ids);
        }
    }
    for (name, special) in [("Documents", "documents"), ("Pictures", "photos")] {
        let folder: Option<Uuid> = drive.child(drive.root, name);
        if let Some(folder) = folder.and_then(|folder| drive.item_mut(folder)) {
            folder.special = Some(special.to_owned());
        }
    }
}

/// Each person lets the next one read their project folder.
fn share_plan(state: &mut State, owner: &User, reader: &User) {
    let id = state.ids.uuid().simple().to_string();
    let Some((drive, _)) = state.drives.of_mut(&owner.id) else {
        return;
    };
    let folder = drive.child(drive.root, "Projects");
    if let Some(folder) = folder.and_then(|folder| drive.item_mut(folder)) {
        folder.permissions.push(Permission {
            id,
            roles: vec!["read".to_owned()],
            people: vec![author_of(reader)],
            link: None,
            expires_at: None,
        });
    }
}
