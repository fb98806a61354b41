//! Whose drive a request means, and what its addresses begin with.

use percent_encoding::utf8_percent_encode;
use serde_json::{Value, json};
use uuid::Uuid;

use super::access::{self, Access};
use super::address::Address;
use super::render::PATH;
use super::{author_of, fault};
use crate::graph::call::Call;
use crate::graph::fault::Fault;
use crate::graph::sites;
use crate::state::State;
use crate::state::directory::User;
use crate::state::drive::content::Files;
use crate::state::drive::link_key::LinkKey;
use crate::state::drive::tree::{Drive, Holder};
use crate::state::ids::Ids;
use crate::state::sites::site::Level;

/// The drive that a request means.
pub(in crate::graph) struct Target {
    /// What the drive is kept under.
    pub(super) key: String,
    pub(super) place: Place,
    /// `contoso-my.sharepoint.com`, or `contoso.sharepoint.com`
    host: String,
    tenant_id: String,
    /// Signs addresses that need no token.
    pub(super) link_key: LinkKey,
}

/// What kind of a drive it is, with what the caller may do there.
pub(super) enum Place {
    Personal {
        owner: Box<User>,
        /// Whether the caller is its owner, signed in.
        own: bool,
    },
    Library(Library),
}

/// A document library of a site.
pub(super) struct Library {
    pub(super) site: Uuid,
    pub(super) collection: Uuid,
    pub(super) list: Uuid,
    /// Where the site is on its host: `sites/hr`; nothing for the root.
    path: String,
    /// The library's name in addresses.
    name: String,
    pub(super) display_name: String,
    pub(super) site_name: String,
    /// What the token may do with files of the site.
    pub(super) token: Option<Level>,
    /// What the caller may do by it: for a person, no more than they may themselves.
    pub(super) caller: Option<Level>,
}

impl Target {
    /// The drive of a holder of the caller's tenant.
    pub(in crate::graph) fn of(call: &Call, holder: Holder) -> Result<Self, Fault> {
        match holder {
            Holder::User(id) => {
                let owner = call.shared.read(|state| state.directory.user(&id).cloned());
                let owner = owner.filter(|user| user.tenant_id == call.caller.tenant_id());
                Self::personal(call, owner.ok_or_else(fault::not_found)?)
            }
            Holder::Library { site, list } => Self::library(call, site, list),
        }
    }

    /// The drive of a person, who gets it with the first look at it.
    pub(super) fn personal(call: &Call, owner: User) -> Result<Self, Fault> {
        let own = !call.caller.is_application() && call.caller.object_id() == owner.id;
        let exists = call
            .shared
            .read(|state| state.drives.of(&owner.id).is_some());
        if !exists {
            if !own {
                return Err(fault::no_drive());
            }
            call.shared.write(|state| {
                let State { drives, ids, .. } = state;
                let holder = Holder::User(owner.id.clone());
                drives.provision(holder, &author_of(&owner), call.now, ids);
            });
        }
        // Taken now, since the state is locked while items are rendered.
        let (host, link_key) = call.shared.read(|state| {
            let host = sites::host_of(state, &owner.tenant_id, "-my");
            (host, state.drives.link_key.clone())
        });
        Ok(Self {
            key: owner.id.clone(),
            tenant_id: owner.tenant_id.clone(),
            place: Place::Personal {
                owner: Box::new(owner),
                own,
            },
            host,
            link_key,
        })
    }

    /// A document library of a site.
    pub(super) fn library(call: &Call, site: Uuid, list: Uuid) -> Result<Self, Fault> {
        sites::prepare_library(call, list);
        call.shared.read(|state| {
            let site = state.sites.site(site).ok_or_else(fault::not_found)?;
            let list = site.list(list).ok_or_else(fault::not_found)?;
            if site.tenant_id != call.caller.tenant_id() || !list.is_library() {
                return Err(fault::not_found());
            }
            let token = sites::access::token_level(
                call,
                state,
                site,
                Some(list),
                sites::access::What::Files,
            );
            Ok(Self {
                key: list.id.to_string(),
                place: Place::Library(Library {
                    site: site.id,
                    collection: site.collection,
                    list: list.id,
                    path: site.path.clone(),
                    name: list.name.clone(),
                    display_name: list.display_name.clone(),
                    site_name: site.display_name.clone(),
                    token,
                    caller: sites::access::narrowed(call, state, site, token),
                }),
                host: sites::host_of(state, &site.tenant_id, ""),
                tenant_id: site.tenant_id.clone(),
                link_key: state.drives.link_key.clone(),
            })
        })
    }

    /// Whether this is the drive that clients know by this id.
    pub(super) fn has_id(&self, call: &Call, id: &str) -> bool {
        self.read(call, |drive| Ok(drive.id == id))
            .unwrap_or_default()
    }

    pub(super) fn read<T>(
        &self,
        call: &Call,
        look: impl FnOnce(&Drive) -> Result<T, Fault>,
    ) -> Result<T, Fault> {
        call.shared
            .read(|state| look(state.drives.of(&self.key).ok_or_else(fault::no_drive)?))
    }

    pub(super) fn change<T>(
        &self,
        call: &Call,
        change: impl FnOnce(&mut Drive, &Files, &mut Ids) -> Result<T, Fault>,
    ) -> Result<T, Fault> {
        call.shared.write(|state| {
            let State { drives, ids, .. } = state;
            let (drive, files) = drives.of_mut(&self.key).ok_or_else(fault::no_drive)?;
            change(drive, files, ids)
        })
    }

    /// The item that an address names, if the caller may do this with it.
    pub(super) fn item(
        &self,
        call: &Call,
        drive: &Drive,
        address: &Address,
        access: Access,
    ) -> Result<Uuid, Fault> {
        // Whether the token could ever do this is asked first, so that it learns nothing of what exists.
        access::require_permission(call, self, access)?;
        let unique = address.find(drive).ok_or_else(fault::not_found)?;
        access::require(call, self, drive, unique, access)?;
        Ok(unique)
    }

    /// The owner of a personal drive.
    pub(super) fn owner(&self) -> Option<&User> {
        match &self.place {
            Place::Personal { owner, .. } => Some(owner),
            Place::Library(_) => None,
        }
    }

    /// Where the site is on its host: `personal/ana_reis_contoso_com`, `sites/hr`, or nothing for the root.
    fn site_path(&self) -> String {
        match &self.place {
            Place::Personal { owner, .. } => format!("personal/{}", folder_of(owner)),
            Place::Library(library) => library.path.clone(),
        }
    }

    /// `https://contoso-my.sharepoint.com/personal/ana_reis_contoso_com`
    pub(super) fn site_url(&self) -> String {
        let url = format!("https://{}/{}", self.host, self.site_path());
        url.trim_end_matches('/').to_owned()
    }

    /// The site's host and its path there.
    pub(super) fn host_and_path(&self) -> (&str, String) {
        (&self.host, self.site_path())
    }

    /// The site as this client reaches it: by its real name when it came by a real name, else here.
    pub(super) fn file_site(&self, call: &Call) -> String {
        let origin = call.origin();
        if origin == "https://graph.microsoft.com" {
            return self.site_url();
        }
        match self.site_path().as_str() {
            "" => format!("{origin}/sites/root"),
            path => format!("{origin}/{path}"),
        }
    }

    /// Where a browser opens the drive at Microsoft.
    pub(super) fn folder_url(&self) -> String {
        let folder = match &self.place {
            Place::Personal { .. } => "Documents",
            Place::Library(library) => &library.name,
        };
        format!("{}/{}", self.site_url(), utf8_percent_encode(folder, PATH))
    }

    /// What the root of the drive is called where it is a parent.
    pub(super) fn root_name(&self) -> &str {
        match &self.place {
            Place::Personal { .. } => "Documents",
            Place::Library(library) => &library.name,
        }
    }

    /// The id of the site that the drive belongs to.
    pub(super) fn site_id(&self, drive: &Drive) -> String {
        match &self.place {
            Place::Personal { .. } => drive.root.to_string(),
            Place::Library(library) => {
                format!("{},{},{}", self.host, library.collection, library.site)
            }
        }
    }

    /// `sharepointIds` of the drive.
    pub(super) fn sharepoint_ids(&self, drive: &Drive) -> Value {
        match &self.place {
            Place::Personal { .. } => json!({
                "siteId": drive.root,
                "siteUrl": self.site_url(),
                "tenantId": self.tenant_id,
            }),
            Place::Library(library) => json!({
                "listId": library.list,
                "siteId": library.collection,
                "siteUrl": self.site_url(),
                "tenantId": self.tenant_id,
                "webId": library.site,
            }),
        }
    }
}

/// `ana_reis_contoso_com`
fn folder_of(owner: &User) -> String {
    owner
        .user_principal_name
        .to_lowercase()
        .replace(['.', '@'], "_")
}
