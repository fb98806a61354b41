//! The types of drives, as far as queries name their properties.

use super::fault;
use crate::graph::call::Call;
use crate::graph::fault::Fault;
use crate::odata::project::Selection;
use crate::odata::schema::{EntityType, Kind, Property};

const fn property(name: &'static str, kind: Kind) -> Property {
    Property { name, kind }
}

static OPEN: EntityType = EntityType {
    name: "microsoft.graph.identitySet",
    properties: &[],
};
static FOLDER: EntityType = EntityType {
    name: "microsoft.graph.folder",
    properties: &[property("childCount", Kind::Number)],
};
static FILE: EntityType = EntityType {
    name: "microsoft.graph.file",
    properties: &[
        property("mimeType", Kind::Text),
        property("hashes", Kind::Complex(&OPEN)),
    ],
};
static FILE_SYSTEM: EntityType = EntityType {
    name: "microsoft.graph.fileSystemInfo",
    properties: &[
        property("createdDateTime", Kind::Time),
        property("lastModifiedDateTime", Kind::Time),
    ],
};
static REFERENCE: EntityType = EntityType {
    name: "microsoft.graph.itemReference",
    properties: &[
        property("driveId", Kind::Text),
        property("driveType", Kind::Text),
        property("id", Kind::Text),
        property("name", Kind::Text),
        property("path", Kind::Text),
        property("siteId", Kind::Text),
    ],
};

pub(super) static ITEM: EntityType = EntityType {
    name: "microsoft.graph.driveItem",
    properties: &[
        property("id", Kind::Text),
        property("name", Kind::Text),
        property("description", Kind::Text),
        property("eTag", Kind::Text),
        property("cTag", Kind::Text),
        property("size", Kind::Number),
        property("webUrl", Kind::Text),
        property("webDavUrl", Kind::Text),
        property("createdDateTime", Kind::Time),
        property("lastModifiedDateTime", Kind::Time),
        property("createdBy", Kind::Complex(&OPEN)),
        property("lastModifiedBy", Kind::Complex(&OPEN)),
        property("parentReference", Kind::Complex(&REFERENCE)),
        property("file", Kind::Complex(&FILE)),
        property("folder", Kind::Complex(&FOLDER)),
        property("fileSystemInfo", Kind::Complex(&FILE_SYSTEM)),
        property("root", Kind::Complex(&OPEN)),
        property("shared", Kind::Complex(&OPEN)),
        property("specialFolder", Kind::Complex(&OPEN)),
        property("deleted", Kind::Complex(&OPEN)),
        property("image", Kind::Complex(&OPEN)),
        property("package", Kind::Complex(&OPEN)),
        property("remoteItem", Kind::Complex(&OPEN)),
        property("malware", Kind::Complex(&OPEN)),
        property("audio", Kind::Complex(&OPEN)),
        property("video", Kind::Complex(&OPEN)),
        property("photo", Kind::Complex(&OPEN)),
        property("location", Kind::Complex(&OPEN)),
        property("publication", Kind::Complex(&OPEN)),
        property("searchResult", Kind::Complex(&OPEN)),
        property("sharepointIds", Kind::Complex(&OPEN)),
        property("@microsoft.graph.downloadUrl", Kind::Text),
        property("content.downloadUrl", Kind::Text),
        property("children", Kind::Navigation),
        property("thumbnails", Kind::Navigation),
        property("permissions", Kind::Navigation),
        property("versions", Kind::Navigation),
    ],
};

static DRIVE: EntityType = EntityType {
    name: "microsoft.graph.drive",
    properties: &[
        property("id", Kind::Text),
        property("name", Kind::Text),
        property("description", Kind::Text),
        property("webUrl", Kind::Text),
        property("driveType", Kind::Text),
        property("createdDateTime", Kind::Time),
        property("lastModifiedDateTime", Kind::Time),
        property("createdBy", Kind::Complex(&OPEN)),
        property("lastModifiedBy", Kind::Complex(&OPEN)),
        property("owner", Kind::Complex(&OPEN)),
        property("quota", Kind::Complex(&OPEN)),
        property("sharePointIds", Kind::Complex(&OPEN)),
        property("system", Kind::Complex(&OPEN)),
        property("eTag", Kind::Text),
        property("root", Kind::Navigation),
        property("items", Kind::Navigation),
        property("special", Kind::Navigation),
    ],
};

pub(super) fn drive_selection(call: &Call) -> Result<Selection, Fault> {
    selection(&call.options.select, &DRIVE)
}

pub(super) fn item_selection(select: &[String]) -> Result<Selection, Fault> {
    selection(select, &ITEM)
}

fn selection(select: &[String], entity_type: &EntityType) -> Result<Selection, Fault> {
    let mut select = select.to_vec();
    for name in &mut select {
        // Whatever lies below a facet comes with the facet.
        let first = name.split('/').next().unwrap_or_default().to_owned();
        *name = first;
    }
    entity_type
        .resolve_select(&mut select)
        .map_err(|error| fault::invalid_request(error.to_string()))?;
    Ok(Selection::new(&select))
}
