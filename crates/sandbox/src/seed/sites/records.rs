//! A library of a hundred thousand files, for those who ask for a large seed. The files are made when somebody first looks at
//! it, so that the sandbox starts as quickly as without them.

use std::collections::BTreeMap;

use bytes::Bytes;
use jiff::{SignedDuration, Timestamp};
use uuid::Uuid;

use super::{TENANT_ID, author};
use crate::state::State;
use crate::state::drive::tree::{Change, Conflict};
use crate::state::sites::list::{List, Template};
use crate::state::sites::site::Level;
use crate::state::sites::{self, NewSite};

const FILES: u32 = 100_000;
const PER_FOLDER: u32 = 1_000;

/// Makes the site with its library, still empty.
pub(super) fn promise(state: &mut State, now: Timestamp) {
    let Some(owner) = author(state, "carlos.mendes") else {
        return;
    };
    let new = NewSite {
        tenant_id: TENANT_ID.to_owned(),
        path: "sites/archive".to_owned(),
        display_name: "Archive".to_owned(),
        description: "Records that have to be kept".to_owned(),
        members: BTreeMap::from([(owner.id.clone(), Level::FullControl)]),
        everyone: Some(Level::Read),
        ..NewSite::default()
    };
    let site = sites::create(state, new, &owner, now);
    let id = state.ids.uuid();
    let mut list = List::new(
        id,
        "Records",
        "Records",
        Template::DocumentLibrary,
        &owner,
        now,
        &mut state.ids,
    );
    list.awaits = Some(FILES);
    sites::add_list(state, site, list, &owner, now);
}

/// Gives a library the files that it was promised, once.
pub(crate) fn fill_library(state: &mut State, list: Uuid) {
    let holder = state.sites.all().find_map(|site| {
        let known = site.list(list)?;
        Some((site.id, known.created, known.created_by.clone()))
    });
    let Some((site, created, author)) = holder else {
        return;
    };
    let known = state
        .sites
        .site_mut(site)
        .and_then(|site| site.list_mut(list));
    let Some(count) = known.and_then(|list| list.awaits.take()) else {
        return;
    };
    let State { drives, ids, .. } = state;
    let Some((drive, files)) = drives.of_mut(&list.to_string()) else {
        return;
    };
    // All of them say the same, so they share one content.
    let Ok(file) = files.store(Bytes::from_static(b"A record that has to be kept.\r\n")) else {
        return;
    };
    let mut folder = drive.root;
    for number in 0..count {
        let age = SignedDuration::from_mins(i64::from(count - number));
        let change = Change {
            author: author.clone(),
            at: created.saturating_sub(age).unwrap_or(created),
        };
        if number % PER_FOLDER == 0 {
            let name = format!("Volume {:03}", number / PER_FOLDER + 1);
            let made = drive.add_folder(drive.root, &name, Conflict::Replace, &change, ids);
            folder = made.unwrap_or(folder);
        }
        let name = format!("Record {:06}.txt", number + 1);
        // Every name is there once.
        let _ = drive.put_file(folder, &name, file.clone(), Conflict::Fail, &change, ids);
    }
}
