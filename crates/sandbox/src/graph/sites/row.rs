//! Items of any kind of list as one thing: kept in the list, in the drive of a library, or in the directory.

use std::borrow::Cow;

use jiff::Timestamp;
use percent_encoding::utf8_percent_encode;
use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::place::Place;
use super::{calculated, people, render};
use crate::graph::drive::{PATH, time};
use crate::state::State;
use crate::state::drive::item::Author;
use crate::state::drive::tree::Drive;
use crate::state::sites::column::{Column, Kind};
use crate::state::sites::item::ListItem;
use crate::state::sites::list::{ContentType, List, Template};
use crate::state::sites::site::Site;

/// Where the list is that an item is in.
pub(super) type Context<'a> = (&'a State, &'a Site, &'a List);

/// An item of a list.
pub(super) struct Row<'a> {
    pub(super) number: u32,
    pub(super) unique: Uuid,
    pub(super) created: Timestamp,
    pub(super) created_by: &'a Author,
    pub(super) modified: Timestamp,
    pub(super) modified_by: &'a Author,
    pub(super) revision: u32,
    /// The list's number of the last change.
    pub(super) changed: u64,
    content_type: Option<&'a ContentType>,
    /// As they are kept.
    pub(super) kept: Cow<'a, Map<String, Value>>,
    version: u32,
    /// The file or folder that it is.
    pub(super) file: Option<(&'a Drive, Uuid)>,
}

/// Every item, by number.
pub(super) fn all((state, site, list): Context<'_>) -> Vec<Row<'_>> {
    match list.template {
        Template::DocumentLibrary => match state.drives.of(&list.id.to_string()) {
            Some(drive) => {
                let numbered = drive.numbered().iter();
                numbered
                    .filter_map(|(number, unique)| of_file(list, drive, *number, *unique))
                    .collect()
            }
            None => Vec::new(),
        },
        Template::UserInformation => people::listed(state, site)
            .into_iter()
            .map(|(number, kept)| of_person(list, number, kept))
            .collect(),
        _ => {
            let items = list.items.iter();
            items
                .map(|(number, item)| of_item(list, *number, item))
                .collect()
        }
    }
}

/// One item.
pub(super) fn find(context: Context<'_>, number: u32) -> Option<Row<'_>> {
    let (state, _, list) = context;
    match list.template {
        Template::DocumentLibrary => {
            let drive = state.drives.of(&list.id.to_string())?;
            of_file(list, drive, number, drive.by_number(number)?)
        }
        Template::UserInformation => all(context).into_iter().find(|row| row.number == number),
        _ => list
            .items
            .get(&number)
            .map(|item| of_item(list, number, item)),
    }
}

fn of_item<'a>(list: &'a List, number: u32, item: &'a ListItem) -> Row<'a> {
    let mut types = list.content_types.iter();
    Row {
        number,
        unique: item.unique,
        created: item.created,
        created_by: &item.created_by,
        modified: item.modified,
        modified_by: &item.modified_by,
        revision: item.revision,
        changed: item.changed,
        content_type: types.find(|known| known.id == item.content_type),
        kept: Cow::Borrowed(&item.fields),
        version: item.version(),
        file: None,
    }
}

fn of_file<'a>(list: &'a List, drive: &'a Drive, number: u32, unique: Uuid) -> Option<Row<'a>> {
    let item = drive.item(unique)?;
    let content_type = usize::from(item.is_folder());
    Some(Row {
        number,
        unique,
        created: item.created,
        created_by: &item.created_by,
        modified: item.modified,
        modified_by: &item.modified_by,
        revision: item.revision,
        changed: item.changed,
        content_type: list.content_types.get(content_type),
        kept: Cow::Borrowed(&item.fields),
        version: item.versions().last().map_or(1, |last| last.number),
        file: Some((drive, unique)),
    })
}

fn of_person(list: &List, number: u32, kept: Map<String, Value>) -> Row<'_> {
    Row {
        number,
        unique: list.id,
        created: list.created,
        created_by: &list.created_by,
        modified: list.modified,
        modified_by: &list.modified_by,
        revision: 1,
        changed: 0,
        content_type: list.content_types.first(),
        kept: Cow::Owned(kept),
        version: 1,
        file: None,
    }
}

impl Row<'_> {
    /// Everything but the values of columns.
    pub(super) fn entity(
        &self,
        place: &Place,
        (_, site, list): Context<'_>,
        with_ids: bool,
    ) -> Map<String, Value> {
        let tag = render::e_tag(self.unique, self.revision);
        let mut entity = super::collection::members(json!({
            "@odata.etag": tag,
            "createdDateTime": time(self.created),
            "eTag": tag,
            "id": self.number.to_string(),
            "lastModifiedDateTime": time(self.modified),
            "webUrl": self.url(place, site, list),
            "createdBy": render::by(self.created_by),
            "lastModifiedBy": render::by(self.modified_by),
            "parentReference": {"id": list.id, "siteId": place.site_id(site)},
        }));
        if let Some(known) = self.content_type {
            let facet = json!({"id": known.id, "name": known.name});
            entity.insert("contentType".to_owned(), facet);
        }
        if with_ids {
            let mut ids = render::list_ids(place, site, list);
            ids.insert("listItemId".to_owned(), json!(self.number.to_string()));
            ids.insert("listItemUniqueId".to_owned(), json!(self.unique));
            entity.insert("sharepointIds".to_owned(), Value::Object(ids));
        }
        entity
    }

    fn url(&self, place: &Place, site: &Site, list: &List) -> String {
        let base = render::list_url(place, site, list);
        match self.file {
            None => format!("{base}/{}_.000", self.number),
            Some((drive, unique)) => {
                let names = drive.path_of(unique).into_iter();
                let names = names.map(|name| format!("/{}", utf8_percent_encode(name, PATH)));
                format!("{base}{}", names.collect::<String>())
            }
        }
    }

    /// The values of columns as clients see them. `named` are those asked for by name, none for the usual ones.
    pub(super) fn fields(&self, context: Context<'_>, named: &[String]) -> Map<String, Value> {
        let mut fields = Map::new();
        let tag = render::e_tag(self.unique, self.revision);
        fields.insert("@odata.etag".to_owned(), json!(tag));
        let (state, _, list) = context;
        for column in &list.columns {
            let field = column.shown_as();
            if let Some(value) = self.value(context, column) {
                fields.insert(field, value);
            }
            let is_named = named
                .iter()
                .any(|name| name.eq_ignore_ascii_case(&column.name));
            if column.kind.is_reference()
                && is_named
                && let Some(kept) = self.kept.get(&column.name)
                && let Some(shown) = shown(state, context.1, column, kept)
            {
                fields.insert(column.name.clone(), shown);
            }
        }
        if list.template == Template::UserInformation {
            fields.extend(
                self.kept
                    .iter()
                    .map(|(name, value)| (name.clone(), value.clone())),
            );
        }
        self.add_standard(state, &mut fields);
        if !named.is_empty() {
            fields.retain(|name, _| {
                name.starts_with('@')
                    || named.iter().any(|wanted| wanted.eq_ignore_ascii_case(name))
            });
        }
        fields
    }

    /// The value of a column of the list under the name that items have for it.
    fn value(&self, context: Context<'_>, column: &Column) -> Option<Value> {
        if column.kind == Kind::Calculated {
            return calculated::value(column, context.2, &self.kept);
        }
        let kept = self.kept.get(&column.name)?;
        if !column.kind.is_reference() {
            return Some(kept.clone());
        }
        match kept {
            Value::Number(number) => Some(json!(number.to_string())),
            Value::Array(_) => shown(context.0, context.1, column, kept),
            _ => None,
        }
    }

    /// What every item has.
    fn add_standard(&self, state: &State, fields: &mut Map<String, Value>) {
        let mut put = |name: &str, value: Value| {
            fields.insert(name.to_owned(), value);
        };
        put("id", json!(self.number.to_string()));
        let content_type = self
            .content_type
            .map_or("Item", |known| known.name.as_str());
        put("ContentType", json!(content_type));
        put("Created", json!(time(self.created)));
        put("Modified", json!(time(self.modified)));
        put(
            "AuthorLookupId",
            json!(people::number(state, self.created_by).to_string()),
        );
        put(
            "EditorLookupId",
            json!(people::number(state, self.modified_by).to_string()),
        );
        put("_UIVersionString", json!(format!("{}.0", self.version)));
        put("Attachments", json!(false));
        put("Edit", json!(""));
        put("ItemChildCount", json!("0"));
        put("FolderChildCount", json!("0"));
        match self.file {
            None => {
                let title = self.kept.get("Title").cloned().unwrap_or_default();
                put("LinkTitle", title.clone());
                put("LinkTitleNoMenu", title);
            }
            Some((drive, unique)) => add_of_file(drive, unique, fields),
        }
    }
}

/// What a file or folder has besides.
fn add_of_file(drive: &Drive, unique: Uuid, fields: &mut Map<String, Value>) {
    let Some(item) = drive.item(unique) else {
        return;
    };
    fields.remove("Attachments");
    let mut put = |name: &str, value: Value| {
        fields.insert(name.to_owned(), value);
    };
    put("FileLeafRef", json!(item.name));
    put("LinkFilename", json!(item.name));
    put("LinkFilenameNoMenu", json!(item.name));
    if let Some(file) = item.file() {
        put("FileSizeDisplay", json!(file.size.to_string()));
        let extension = item.name.rsplit_once('.').map(|(_, extension)| extension);
        put("DocIcon", json!(extension.unwrap_or_default()));
    }
    if let Some(children) = item.children() {
        let folders = children.values().filter(|child| {
            drive
                .item(**child)
                .is_some_and(crate::state::drive::item::Item::is_folder)
        });
        let folders = folders.count();
        put("FolderChildCount", json!(folders.to_string()));
        put(
            "ItemChildCount",
            json!((children.len() - folders).to_string()),
        );
    }
    if let Some(checkout) = &item.checked_out {
        put("CheckoutUser", json!(checkout.by.display_name));
    }
}

/// What a reference shows instead of its number, or all of several ones.
fn shown(state: &State, site: &Site, column: &Column, kept: &Value) -> Option<Value> {
    let name = |number: &Value| {
        let number = u32::try_from(number.as_u64()?).ok()?;
        match column.kind {
            Kind::PersonOrGroup => people::display_name(state, number),
            _ => looked_up(site, column, number),
        }
    };
    match kept {
        Value::Number(_) => name(kept).map(|name| json!(name)),
        Value::Array(several) => {
            let rows = several.iter().map(|number| {
                let mut row = json!({"LookupId": number, "LookupValue": name(number)});
                let as_number = number
                    .as_u64()
                    .and_then(|number| u32::try_from(number).ok());
                if column.kind == Kind::PersonOrGroup
                    && let Some(email) = as_number.and_then(|number| people::email(state, number))
                {
                    row["Email"] = json!(email);
                }
                row
            });
            Some(Value::Array(rows.collect()))
        }
        _ => None,
    }
}

/// The text of the item that a lookup means.
fn looked_up(site: &Site, column: &Column, number: u32) -> Option<String> {
    let target = column.facet.get("listId")?.as_str()?.parse().ok()?;
    let shown = column.facet.get("columnName").and_then(Value::as_str);
    let item = site.list(target)?.items.get(&number)?;
    let value = item.fields.get(shown.unwrap_or("Title"))?;
    Some(
        value
            .as_str()
            .map_or_else(|| value.to_string(), str::to_owned),
    )
}
