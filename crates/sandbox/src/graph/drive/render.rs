//! Items as JSON: <https://learn.microsoft.com/graph/api/resources/driveitem>

use jiff::{SignedDuration, Timestamp};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::target::Target;
use super::{checkout, fault, list, names, permissions, schema, time, versions};
use crate::graph::call::Call;
use crate::graph::fault::Fault;
use crate::odata::options::Expand;
use crate::odata::project::Selection;
use crate::state::drive::item::{Author, Item};
use crate::state::drive::link_key::LinkKey;
use crate::state::drive::tree::{Drive, Holder, Tombstone};

/// How long a pre-authenticated address opens its file.
const LINK_LIFETIME: SignedDuration = SignedDuration::from_hours(1);

/// What stays readable in a path.
pub(in crate::graph) const PATH: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'_')
    .remove(b'.')
    .remove(b'~')
    .remove(b'!')
    .remove(b'\'')
    .remove(b'(')
    .remove(b')')
    .remove(b',');

/// How a request wants items.
pub(super) struct View<'a> {
    call: &'a Call,
    target: &'a Target,
    pub(super) selection: Selection,
    expand: Vec<Expand>,
}

impl<'a> View<'a> {
    /// As the query options of the request say.
    pub(super) fn of(call: &'a Call, target: &'a Target) -> Result<Self, Fault> {
        let selection = schema::item_selection(&call.options.select)?;
        Self::with(call, target, selection, call.options.expand.clone())
    }

    /// Everything of an item, whatever the request selects.
    pub(super) fn whole(call: &'a Call, target: &'a Target) -> Self {
        Self {
            call,
            target,
            selection: Selection::default(),
            expand: Vec::new(),
        }
    }

    fn with(
        call: &'a Call,
        target: &'a Target,
        selection: Selection,
        expand: Vec<Expand>,
    ) -> Result<Self, Fault> {
        let known = [
            "children",
            "thumbnails",
            "permissions",
            "versions",
            "listItem",
        ];
        let unknown = expand.iter().find(|wanted| {
            !known
                .iter()
                .any(|name| wanted.path.eq_ignore_ascii_case(name))
        });
        match unknown {
            Some(unknown) => Err(fault::invalid_request(format!(
                "Could not find a property named '{}' on type 'microsoft.graph.driveItem'.",
                unknown.path
            ))),
            None => Ok(Self {
                call,
                target,
                selection,
                expand,
            }),
        }
    }

    /// An item as it was asked for.
    pub(super) fn item(&self, drive: &Drive, unique: Uuid) -> Result<Map<String, Value>, Fault> {
        let item = drive.item(unique).ok_or_else(fault::not_found)?;
        let mut entity = self.properties(drive, unique, item);
        self.selection.apply(&mut entity, &[]);
        if !self.selection.is_everything() && !self.selection.names("@microsoft.graph.downloadUrl")
        {
            let wanted = self.selection.names("content.downloadUrl");
            if !wanted {
                entity.remove("@microsoft.graph.downloadUrl");
            }
        }
        // What is in the list is asked for afterwards: see `super::list_items`.
        for wanted in self.expand.iter().filter(|it| !is_list_item(it)) {
            let (name, value) = self.expanded(drive, unique, item, wanted)?;
            entity.insert(name.to_owned(), value);
        }
        Ok(entity)
    }

    /// Everything but what is expanded; for conditions and sorting too.
    pub(super) fn properties(
        &self,
        drive: &Drive,
        unique: Uuid,
        item: &Item,
    ) -> Map<String, Value> {
        let mut entity = Map::new();
        let mut put = |name: &str, value: Value| {
            entity.insert(name.to_owned(), value);
        };
        let version = checkout::visible(self.call, item);
        if let Some(version) = version {
            put(
                "@microsoft.graph.downloadUrl",
                json!(self.download_url(drive, unique, version.number)),
            );
        }
        put("createdDateTime", json!(time(item.created)));
        put("eTag", json!(e_tag(unique, item)));
        put("id", json!(drive.id_of(unique)));
        put("lastModifiedDateTime", json!(time(item.modified)));
        put("name", json!(item.name));
        put("webUrl", json!(self.web_url(drive, unique)));
        put("cTag", json!(c_tag(unique, item)));
        put(
            "size",
            json!(version.map_or_else(|| drive.size_of(unique), |it| it.file.size)),
        );
        put(
            "createdBy",
            json!({identity_kind(&item.created_by): identity(&item.created_by)}),
        );
        put(
            "lastModifiedBy",
            json!({identity_kind(&item.modified_by): identity(&item.modified_by)}),
        );
        put("parentReference", self.parent_reference(drive, item));
        put(
            "fileSystemInfo",
            json!({
                "createdDateTime": time(item.times.created.unwrap_or(item.created)),
                "lastModifiedDateTime": time(item.times.modified.unwrap_or(item.modified)),
            }),
        );
        if let Some(description) = &item.description {
            put("description", json!(description));
        }
        if let Some(children) = item.children() {
            put("folder", json!({"childCount": children.len()}));
        }
        if let Some(file) = version.map(|version| &version.file) {
            let mime = names::media_type(&item.name);
            put(
                "file",
                json!({"mimeType": mime, "hashes": {"quickXorHash": file.hash}}),
            );
            if mime.starts_with("image/") {
                put("image", json!({}));
            }
        }
        if unique == drive.root {
            put("root", json!({}));
        }
        if let Some(name) = &item.special {
            put("specialFolder", json!({"name": name}));
        }
        if let Some(scope) = shared_scope(item) {
            put("shared", json!({"scope": scope}));
        }
        if self.selection.names("publication") && !item.is_folder() {
            put("publication", checkout::publication(item));
        }
        if self.selection.names("sharepointIds") {
            let mut ids = self.target.sharepoint_ids(drive);
            ids["listItemId"] = json!(item.number.to_string());
            ids["listItemUniqueId"] = json!(unique);
            put("sharepointIds", ids);
        }
        entity
    }

    fn expanded(
        &self,
        drive: &Drive,
        unique: Uuid,
        item: &Item,
        wanted: &Expand,
    ) -> Result<(&'static str, Value), Fault> {
        let name = wanted.path.to_ascii_lowercase();
        Ok(match name.as_str() {
            "children" => {
                let selection = schema::item_selection(&wanted.options.select)?;
                let view = Self::with(
                    self.call,
                    self.target,
                    selection,
                    wanted.options.expand.clone(),
                )?;
                let children = item
                    .children()
                    .into_iter()
                    .flat_map(|children| children.values());
                let rows: Result<Vec<Value>, Fault> = children
                    .take(wanted.options.top.unwrap_or(list::DEFAULT_PAGE))
                    .map(|child| view.item(drive, *child).map(Value::Object))
                    .collect();
                ("children", Value::Array(rows?))
            }
            "thumbnails" => ("thumbnails", json!(self.thumbnails(drive, unique, item))),
            "permissions" => (
                "permissions",
                json!(permissions::all(drive, unique, self.call.now)),
            ),
            _ => ("versions", json!(versions::all(item))),
        })
    }

    /// One set for an image, at the image's own address: nothing is scaled here.
    pub(super) fn thumbnails(&self, drive: &Drive, unique: Uuid, item: &Item) -> Vec<Value> {
        let Some(version) = item.versions().last() else {
            return Vec::new();
        };
        if !names::media_type(&item.name).starts_with("image/") {
            return Vec::new();
        }
        let url = self.download_url(drive, unique, version.number);
        let size = |pixels: u32| json!({"height": pixels, "width": pixels, "url": url});
        vec![json!({"id": "0", "large": size(800), "medium": size(176), "small": size(96)})]
    }

    /// An address that opens one version of a file for an hour, without a token.
    pub(super) fn download_url(&self, drive: &Drive, unique: Uuid, version: u32) -> String {
        let until = self
            .call
            .now
            .saturating_add(LINK_LIFETIME)
            .unwrap_or(Timestamp::MAX);
        let text = signed_text(drive, unique, version, until.as_second());
        let signature = self.target.link_key.sign(&text);
        format!(
            "{}/_layouts/15/download.aspx?UniqueId={unique}&Translate=false&tempauth=v1.{version}.{}.{signature}&ApiVersion=2.0",
            self.target.file_site(self.call),
            until.as_second(),
        )
    }

    fn web_url(&self, drive: &Drive, unique: Uuid) -> String {
        web_url(self.target, drive, unique)
    }

    fn parent_reference(&self, drive: &Drive, item: &Item) -> Value {
        let mut reference = json!({"driveType": drive_type(drive), "driveId": drive.id});
        if let Some(parent) = item.parent
            && let Some(folder) = drive.item(parent)
        {
            reference["id"] = json!(drive.id_of(parent));
            reference["name"] = json!(if parent == drive.root {
                self.target.root_name()
            } else {
                &folder.name
            });
            reference["path"] = json!(drive_path(drive, parent));
        }
        reference["siteId"] = json!(self.target.site_id(drive));
        reference
    }

    /// What delta says of a deleted item.
    pub(super) fn gone(drive: &Drive, gone: &Tombstone) -> Value {
        let parent = gone.parent.map(|parent| drive.id_of(parent));
        let mut entity = json!({
            "id": drive.id_of(gone.unique),
            "name": gone.name,
            "deleted": {"state": "deleted"},
            "parentReference": {"driveType": drive_type(drive), "driveId": drive.id, "id": parent},
        });
        let facet = if gone.is_folder { "folder" } else { "file" };
        entity[facet] = json!({});
        entity
    }
}

/// `/drives/b!…/root:/Projects`
pub(super) fn drive_path(drive: &Drive, unique: Uuid) -> String {
    let names: String = drive.path_of(unique).into_iter().map(encoded).collect();
    format!("/drives/{}/root:{names}", drive.id)
}

/// A name as a segment behind a slash.
fn encoded(name: &str) -> String {
    format!("/{}", utf8_percent_encode(name, PATH))
}

/// Where a browser opens the item at Microsoft.
pub(super) fn web_url(target: &Target, drive: &Drive, unique: Uuid) -> String {
    let names: String = drive.path_of(unique).into_iter().map(encoded).collect();
    format!("{}{names}", target.folder_url())
}

/// `driveType`
pub(super) fn drive_type(drive: &Drive) -> &'static str {
    match drive.holder {
        Holder::User(_) => "business",
        Holder::Library { .. } => "documentLibrary",
    }
}

/// What the signature of a pre-authenticated address covers.
pub(super) fn signed_text(drive: &Drive, unique: Uuid, version: u32, until: i64) -> String {
    format!("{} {unique} {version} {until}", drive.id)
}

/// Whether a key made this signature.
pub(super) fn is_signed(key: &LinkKey, text: &str, signature: &str) -> bool {
    key.sign(text) == signature
}

pub(super) fn e_tag(unique: Uuid, item: &Item) -> String {
    format!(
        "\"{{{}}},{}\"",
        unique.to_string().to_uppercase(),
        item.revision
    )
}

pub(super) fn c_tag(unique: Uuid, item: &Item) -> String {
    format!(
        "\"c:{{{}}},{}\"",
        unique.to_string().to_uppercase(),
        item.content_revision
    )
}

pub(in crate::graph) fn identity(author: &Author) -> Value {
    let mut identity = json!({"id": author.id, "displayName": author.display_name});
    if let Some(email) = &author.email {
        identity["email"] = json!(email);
    }
    identity
}

/// The member of an identity set that an author belongs in.
pub(in crate::graph) fn identity_kind(author: &Author) -> &'static str {
    if author.email.is_some() {
        "user"
    } else {
        "application"
    }
}

/// The widest circle that an item was shared with.
fn shared_scope(item: &Item) -> Option<&'static str> {
    let scopes = item
        .permissions
        .iter()
        .map(|permission| match &permission.link {
            Some(link) if link.scope == "anonymous" => "anonymous",
            Some(link) if link.scope == "organization" => "organization",
            _ => "users",
        });
    scopes.min()
}

/// Whether this asks for the item of the library's list that a file is.
pub(super) fn is_list_item(wanted: &Expand) -> bool {
    wanted.path.eq_ignore_ascii_case("listItem")
}
