//! The types of SharePoint, as far as queries name their properties.

use crate::odata::schema::{EntityType, Property, boolean, complex, related, text, time};

const fn open(name: &'static str) -> Property {
    complex(name, &OPEN)
}

static OPEN: EntityType = EntityType {
    name: "Edm.ComplexType",
    properties: &[],
};

static COLLECTION: EntityType = EntityType {
    name: "microsoft.graph.siteCollection",
    properties: &[text("hostname"), text("dataLocationCode"), open("root")],
};

static LIST_INFO: EntityType = EntityType {
    name: "microsoft.graph.listInfo",
    properties: &[
        text("template"),
        boolean("hidden"),
        boolean("contentTypesEnabled"),
    ],
};

pub(super) static SITE: EntityType = EntityType {
    name: "microsoft.graph.site",
    properties: &[
        text("id"),
        text("name"),
        text("displayName"),
        text("description"),
        text("webUrl"),
        text("eTag"),
        time("createdDateTime"),
        time("lastModifiedDateTime"),
        open("root"),
        open("sharepointIds"),
        open("parentReference"),
        open("createdBy"),
        open("lastModifiedBy"),
        boolean("isPersonalSite"),
        complex("siteCollection", &COLLECTION),
        related("drive"),
        related("drives"),
        related("lists"),
        related("sites"),
        related("columns"),
        related("contentTypes"),
        related("pages"),
        related("permissions"),
    ],
};

pub(super) static LIST: EntityType = EntityType {
    name: "microsoft.graph.list",
    properties: &[
        text("id"),
        text("name"),
        text("displayName"),
        text("description"),
        text("webUrl"),
        text("eTag"),
        time("createdDateTime"),
        time("lastModifiedDateTime"),
        open("createdBy"),
        open("lastModifiedBy"),
        open("parentReference"),
        open("sharepointIds"),
        open("system"),
        complex("list", &LIST_INFO),
        related("columns"),
        related("contentTypes"),
        related("drive"),
        related("items"),
    ],
};

pub(super) static ITEM: EntityType = EntityType {
    name: "microsoft.graph.listItem",
    properties: &[
        text("id"),
        text("name"),
        text("description"),
        text("webUrl"),
        text("eTag"),
        time("createdDateTime"),
        time("lastModifiedDateTime"),
        open("createdBy"),
        open("lastModifiedBy"),
        open("parentReference"),
        open("sharepointIds"),
        open("contentType"),
        open("deleted"),
        related("fields"),
        related("driveItem"),
        related("versions"),
    ],
};

pub(super) static COLUMN: EntityType = EntityType {
    name: "microsoft.graph.columnDefinition",
    properties: &[
        text("id"),
        text("name"),
        text("displayName"),
        text("description"),
        text("columnGroup"),
        boolean("enforceUniqueValues"),
        boolean("hidden"),
        boolean("indexed"),
        boolean("readOnly"),
        boolean("required"),
        boolean("isDeletable"),
        boolean("isReorderable"),
        boolean("isSealed"),
        text("type"),
        open("text"),
        open("number"),
        open("choice"),
        open("dateTime"),
        open("boolean"),
        open("personOrGroup"),
        open("lookup"),
        open("currency"),
        open("hyperlinkOrPicture"),
        open("calculated"),
        open("defaultValue"),
    ],
};

pub(super) static CONTENT_TYPE: EntityType = EntityType {
    name: "microsoft.graph.contentType",
    properties: &[
        text("id"),
        text("name"),
        text("description"),
        text("group"),
        text("parentId"),
        boolean("hidden"),
        boolean("readOnly"),
        boolean("sealed"),
        boolean("isBuiltIn"),
        open("order"),
        open("inheritedFrom"),
    ],
};

pub(super) static PAGE: EntityType = EntityType {
    name: "microsoft.graph.sitePage",
    properties: &[
        text("id"),
        text("name"),
        text("title"),
        text("description"),
        text("webUrl"),
        text("eTag"),
        text("pageLayout"),
        text("promotionKind"),
        text("thumbnailWebUrl"),
        boolean("showComments"),
        boolean("showRecommendedPages"),
        time("createdDateTime"),
        time("lastModifiedDateTime"),
        open("createdBy"),
        open("lastModifiedBy"),
        open("parentReference"),
        open("publishingState"),
        open("titleArea"),
        open("reactions"),
        related("canvasLayout"),
        related("webParts"),
    ],
};
