//! The folder in which a channel keeps its files: <https://learn.microsoft.com/graph/api/channel-get-filesfolder>

use axum::http::Method;

use super::access::{self, Permissions};
use super::only;
use crate::graph::call::Call;
use crate::graph::fault::Fault;
use crate::graph::reply::Reply;
use crate::graph::{drive, sites};
use crate::state::drive::tree::Conflict;
use crate::state::teams::Membership;

const READ: Permissions = Permissions {
    delegated: &[
        "Files.Read",
        "Files.Read.All",
        "Sites.Read.All",
        "Files.ReadWrite",
        "Files.ReadWrite.All",
        "Sites.ReadWrite.All",
        "Group.Read.All",
        "Group.ReadWrite.All",
    ],
    application: &[
        "Files.Read.All",
        "Sites.Read.All",
        "Files.ReadWrite.All",
        "Sites.ReadWrite.All",
        "Group.Read.All",
        "Group.ReadWrite.All",
    ],
};

/// A folder by the channel's name in the library of the team's site, made with the first look at it.
pub(super) fn folder(call: &Call, team: &str, channel: &str) -> Result<Reply, Fault> {
    only(call, &Method::GET)?;
    READ.require(call)?;
    let (known, channel) = access::channel(call, team, channel)?;
    if channel.membership != Membership::Standard {
        return Err(Fault::not_implemented(
            "files of private and shared channels",
        ));
    }
    let site = sites::of_this_group(call, &known.group)?;
    let change = drive::change_of(call);
    call.shared.write(|state| {
        let library = state.sites.site(site).map(|site| site.library.to_string());
        let library = library.unwrap_or_default();
        let (drives, ids) = (&mut state.drives, &mut state.ids);
        if let Some((drive, _)) = drives.of_mut(&library) {
            // It is there from the second look on.
            let _ = drive.add_folder(
                drive.root,
                &channel.display_name,
                Conflict::Fail,
                &change,
                ids,
            );
        }
    });
    drive::of_group(
        call,
        &known.group,
        "drive",
        &["root:", &channel.display_name],
    )
}
