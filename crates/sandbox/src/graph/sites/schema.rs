//! The types of SharePoint, as far as queries name their properties.

use crate::odata::schema::{EntityType, Kind, Property};

const fn property(name: &'static str, kind: Kind) -> Property {
    Property { name, kind }
}

const fn text(name: &'static str) -> Property {
    property(name, Kind::Text)
}

const fn open(name: &'static str) -> Property {
    property(name, Kind::Complex(&OPEN))
}

const fn related(name: &'static str) -> Property {
    property(name, Kind::Navigation)
}

const fn flag(name: &'static str) -> Property {
    property(name, Kind::Boolean)
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
        flag("hidden"),
        flag("contentTypesEnabled"),
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
        property("createdDateTime", Kind::Time),
        property("lastModifiedDateTime", Kind::Time),
        open("root"),
        open("sharepointIds"),
        open("parentReference"),
        open("createdBy"),
        open("lastModifiedBy"),
        flag("isPersonalSite"),
        property("siteCollection", Kind::Complex(&COLLECTION)),
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
        property("createdDateTime", Kind::Time),
        property("lastModifiedDateTime", Kind::Time),
        open("createdBy"),
        open("lastModifiedBy"),
        open("parentReference"),
        open("sharepointIds"),
        open("system"),
        property("list", Kind::Complex(&LIST_INFO)),
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
        property("createdDateTime", Kind::Time),
        property("lastModifiedDateTime", Kind::Time),
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
        flag("enforceUniqueValues"),
        flag("hidden"),
        flag("indexed"),
        flag("readOnly"),
        flag("required"),
        flag("isDeletable"),
        flag("isReorderable"),
        flag("isSealed"),
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
        flag("hidden"),
        flag("readOnly"),
        flag("sealed"),
        flag("isBuiltIn"),
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
        flag("showComments"),
        flag("showRecommendedPages"),
        property("createdDateTime", Kind::Time),
        property("lastModifiedDateTime", Kind::Time),
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
