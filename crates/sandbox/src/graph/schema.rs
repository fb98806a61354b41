//! The types that several resources of Graph share, as far as queries name their properties.

use crate::odata::schema::{EntityType, boolean, complex, number, related, text, time};

/// Source: <https://learn.microsoft.com/graph/api/resources/emailaddress>
pub(in crate::graph) static EMAIL_ADDRESS: EntityType = EntityType {
    name: "microsoft.graph.emailAddress",
    properties: &[text("name"), text("address")],
};

/// Source: <https://learn.microsoft.com/graph/api/resources/recipient>
pub(in crate::graph) static RECIPIENT: EntityType = EntityType {
    name: "microsoft.graph.recipient",
    properties: &[complex("emailAddress", &EMAIL_ADDRESS)],
};

/// Source: <https://learn.microsoft.com/graph/api/resources/itembody>
pub(in crate::graph) static ITEM_BODY: EntityType = EntityType {
    name: "microsoft.graph.itemBody",
    properties: &[text("contentType"), text("content")],
};

/// Source: <https://learn.microsoft.com/graph/api/resources/datetimetimezone>
pub(in crate::graph) static DATE_TIME_TIME_ZONE: EntityType = EntityType {
    name: "microsoft.graph.dateTimeTimeZone",
    properties: &[text("dateTime"), text("timeZone")],
};

/// Source: <https://learn.microsoft.com/graph/api/resources/physicaladdress>
pub(in crate::graph) static PHYSICAL_ADDRESS: EntityType = EntityType {
    name: "microsoft.graph.physicalAddress",
    properties: &[
        text("city"),
        text("countryOrRegion"),
        text("postalCode"),
        text("state"),
        text("street"),
    ],
};

/// Source: <https://learn.microsoft.com/graph/api/resources/outlookgeocoordinates>
pub(in crate::graph) static OUTLOOK_GEO_COORDINATES: EntityType = EntityType {
    name: "microsoft.graph.outlookGeoCoordinates",
    properties: &[
        number("accuracy"),
        number("altitude"),
        number("altitudeAccuracy"),
        number("latitude"),
        number("longitude"),
    ],
};

/// Source: <https://learn.microsoft.com/graph/api/resources/singlevaluelegacyextendedproperty>
pub(in crate::graph) static EXTENDED_PROPERTY: EntityType = EntityType {
    name: "microsoft.graph.singleValueLegacyExtendedProperty",
    properties: &[text("id"), text("value")],
};

/// Of a message or of an event: <https://learn.microsoft.com/graph/api/resources/attachment>
pub(in crate::graph) static ATTACHMENT: EntityType = EntityType {
    name: "microsoft.graph.attachment",
    properties: &[
        text("id"),
        time("lastModifiedDateTime"),
        text("name"),
        text("contentType"),
        number("size"),
        boolean("isInline"),
        text("contentId"),
        text("contentLocation"),
        text("contentBytes"),
        related("item"),
    ],
};
