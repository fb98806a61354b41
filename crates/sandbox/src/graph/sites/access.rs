//! What a caller may do at a site: what the token allows, and for a person no more than they may themselves.
//!
//! `Sites.Selected` alone gives nothing: what counts is what the application was granted on the site, or on the list.
//! Sources: <https://learn.microsoft.com/graph/permissions-selected-overview>,
//! <https://learn.microsoft.com/graph/permissions-reference#sites-permissions>

use super::fault;
use crate::graph::call::Call;
use crate::graph::fault::Fault;
use crate::state::State;
use crate::state::sites::list::List;
use crate::state::sites::site::{Level, Site, granted};

/// What is being asked for: permissions of `Files` open drives, and nothing else of a site.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::graph) enum What {
    Site,
    Files,
}

/// Permissions for all sites, the highest first.
const ALL_SITES: [(&str, Level); 4] = [
    ("Sites.FullControl.All", Level::FullControl),
    ("Sites.Manage.All", Level::Manage),
    ("Sites.ReadWrite.All", Level::Write),
    ("Sites.Read.All", Level::Read),
];

/// What the token allows at every site of the tenant.
fn everywhere(call: &Call, what: What) -> Option<Level> {
    let mut sites = ALL_SITES.iter();
    let sites = sites
        .find(|(name, _)| call.caller.has_any(&[name]))
        .map(|(_, level)| *level);
    if what == What::Site {
        return sites;
    }
    // The tables of drives name the forms without `All` for people too, whosever drive it is.
    let files = |all: &'static str, own: &'static str| {
        call.caller.has_any(&[all])
            || (!call.caller.is_application() && call.caller.has_any(&[own]))
    };
    let files = if files("Files.ReadWrite.All", "Files.ReadWrite") {
        Some(Level::Write)
    } else if files("Files.Read.All", "Files.Read") {
        Some(Level::Read)
    } else {
        None
    };
    sites.max(files)
}

/// What the token allows at a site, or with one of its lists.
pub(in crate::graph) fn token_level(
    call: &Call,
    state: &State,
    site: &Site,
    list: Option<&List>,
    what: What,
) -> Option<Level> {
    let client_id = call.caller.client_id();
    let mut level = everywhere(call, what);
    if call.caller.has_any(&["Sites.Selected"]) {
        let collection = state.sites.collection_root(site);
        level = level.max(granted(&collection.grants, client_id));
    }
    if let Some(list) = list
        && call
            .caller
            .has_any(&["Sites.Selected", "Lists.SelectedOperations.Selected"])
    {
        level = level.max(granted(&list.grants, client_id));
    }
    level
}

/// What remains of a token's level for whoever it stands for.
pub(in crate::graph) fn narrowed(
    call: &Call,
    state: &State,
    site: &Site,
    token: Option<Level>,
) -> Option<Level> {
    if call.caller.is_application() {
        return token;
    }
    token.min(person_level(state, site, call.caller.object_id()))
}

/// What somebody may do at a site.
fn person_level(state: &State, site: &Site, user_id: &str) -> Option<Level> {
    if let Some(group) = &site.group_id {
        return member_level(state, site, group, user_id);
    }
    let source = match site.parent.and_then(|parent| state.sites.site(parent)) {
        Some(parent) if site.members.is_empty() && site.everyone.is_none() => {
            return person_level(state, parent, user_id);
        }
        _ => site,
    };
    let everyone = source.everyone.filter(|_| !is_guest(state, user_id));
    source.members.get(user_id).copied().max(everyone)
}

/// What somebody may do at the site of a group: its members edit, its owners own, and a public group is everybody's.
fn member_level(state: &State, site: &Site, group: &str, user_id: &str) -> Option<Level> {
    let group = state.directory.group(&site.tenant_id, group)?;
    if group.is_owner(user_id) {
        return Some(Level::FullControl);
    }
    let is_public = group.visibility.as_deref() == Some("Public");
    let may = group.is_member(user_id) || (is_public && !is_guest(state, user_id));
    may.then_some(Level::Manage)
}

fn is_guest(state: &State, user_id: &str) -> bool {
    let user = state.directory.user(user_id);
    user.is_none_or(|user| user.is_guest || user.guest_of.is_some())
}

/// The caller's level at a site as a whole.
pub(super) fn level(call: &Call, state: &State, site: &Site) -> Option<Level> {
    let token = token_level(call, state, site, None, What::Site);
    narrowed(call, state, site, token)
}

/// 403 unless the caller may do that much.
pub(super) fn require(
    call: &Call,
    state: &State,
    site: &Site,
    list: Option<&List>,
    needed: Level,
) -> Result<(), Fault> {
    let token = token_level(call, state, site, list, What::Site);
    if narrowed(call, state, site, token) >= Some(needed) {
        Ok(())
    } else {
        Err(fault::access_denied())
    }
}

/// 403 for a token that can see no site but those that it was granted: it finds nothing by itself.
pub(in crate::graph) fn require_everywhere(call: &Call, needed: Level) -> Result<(), Fault> {
    if everywhere(call, What::Site) >= Some(needed) {
        Ok(())
    } else {
        Err(fault::access_denied())
    }
}
