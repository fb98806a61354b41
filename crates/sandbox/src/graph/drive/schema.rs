//! The types of drives, as far as queries name their properties.

use super::fault;
use crate::graph::call::Call;
use crate::graph::fault::Fault;
use crate::odata::project::Selection;
use crate::odata::schema::{EntityType, complex, number, related, text, time};

static OPEN: EntityType = EntityType {
    name: "microsoft.graph.identitySet",
    properties: &[],
};
static FOLDER: EntityType = EntityType {
    name: "microsoft.graph.folder",
    properties: &[number("childCount")],
};
static FILE: EntityType = EntityType {
    name: "microsoft.graph.file",
    properties: &[text("mimeType"), complex("hashes", &OPEN)],
};
static FILE_SYSTEM: EntityType = EntityType {
    name: "microsoft.graph.fileSystemInfo",
    properties: &[time("createdDateTime"), time("lastModifiedDateTime")],
};
static REFERENCE: EntityType = EntityType {
    name: "microsoft.graph.itemReference",
    properties: &[
        text("driveId"),
        text("driveType"),
        text("id"),
        text("name"),
        text("path"),
        text("siteId"),
    ],
};

pub(super) static ITEM: EntityType = EntityType {
    name: "microsoft.graph.driveItem",
    properties: &[
        text("id"),
        text("name"),
        text("description"),
        text("eTag"),
        text("cTag"),
        number("size"),
        text("webUrl"),
        text("webDavUrl"),
        time("createdDateTime"),
        time("lastModifiedDateTime"),
        complex("createdBy", &OPEN),
        complex("lastModifiedBy", &OPEN),
        complex("parentReference", &REFERENCE),
        complex("file", &FILE),
        complex("folder", &FOLDER),
        complex("fileSystemInfo", &FILE_SYSTEM),
        complex("root", &OPEN),
        complex("shared", &OPEN),
        complex("specialFolder", &OPEN),
        complex("deleted", &OPEN),
        complex("image", &OPEN),
        complex("package", &OPEN),
        complex("remoteItem", &OPEN),
        complex("malware", &OPEN),
        complex("audio", &OPEN),
        complex("video", &OPEN),
        complex("photo", &OPEN),
        complex("location", &OPEN),
        complex("publication", &OPEN),
        complex("searchResult", &OPEN),
        complex("sharepointIds", &OPEN),
        text("@microsoft.graph.downloadUrl"),
        text("content.downloadUrl"),
        related("children"),
        related("thumbnails"),
        related("permissions"),
        related("versions"),
    ],
};

static DRIVE: EntityType = EntityType {
    name: "microsoft.graph.drive",
    properties: &[
        text("id"),
        text("name"),
        text("description"),
        text("webUrl"),
        text("driveType"),
        time("createdDateTime"),
        time("lastModifiedDateTime"),
        complex("createdBy", &OPEN),
        complex("lastModifiedBy", &OPEN),
        complex("owner", &OPEN),
        complex("quota", &OPEN),
        complex("sharePointIds", &OPEN),
        complex("system", &OPEN),
        text("eTag"),
        related("root"),
        related("items"),
        related("special"),
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
