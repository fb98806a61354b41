//! The types of calendars, as far as queries name their properties.
//! Source: <https://learn.microsoft.com/graph/api/resources/event>

use crate::graph::mail::schema::{EMAIL_ADDRESS, EXTENDED, ITEM_BODY, RECIPIENT, ZONED, property};
use crate::odata::schema::{EntityType, Kind};

static ADDRESS: EntityType = EntityType {
    name: "microsoft.graph.physicalAddress",
    properties: &[
        property("city", Kind::Text),
        property("countryOrRegion", Kind::Text),
        property("postalCode", Kind::Text),
        property("state", Kind::Text),
        property("street", Kind::Text),
    ],
};
static COORDINATES: EntityType = EntityType {
    name: "microsoft.graph.outlookGeoCoordinates",
    properties: &[
        property("accuracy", Kind::Number),
        property("altitude", Kind::Number),
        property("altitudeAccuracy", Kind::Number),
        property("latitude", Kind::Number),
        property("longitude", Kind::Number),
    ],
};
pub(super) static LOCATION: EntityType = EntityType {
    name: "microsoft.graph.location",
    properties: &[
        property("displayName", Kind::Text),
        property("locationType", Kind::Text),
        property("uniqueId", Kind::Text),
        property("uniqueIdType", Kind::Text),
        property("locationEmailAddress", Kind::Text),
        property("locationUri", Kind::Text),
        property("address", Kind::Complex(&ADDRESS)),
        property("coordinates", Kind::Complex(&COORDINATES)),
    ],
};
static STATUS: EntityType = EntityType {
    name: "microsoft.graph.responseStatus",
    properties: &[
        property("response", Kind::Text),
        property("time", Kind::Time),
    ],
};
static ATTENDEE: EntityType = EntityType {
    name: "microsoft.graph.attendee",
    properties: &[
        property("type", Kind::Text),
        property("status", Kind::Complex(&STATUS)),
        property("emailAddress", Kind::Complex(&EMAIL_ADDRESS)),
    ],
};
static ONLINE: EntityType = EntityType {
    name: "microsoft.graph.onlineMeetingInfo",
    properties: &[
        property("joinUrl", Kind::Text),
        property("conferenceId", Kind::Text),
        property("quickDial", Kind::Text),
        property("tollNumber", Kind::Text),
    ],
};
static PATTERNED: EntityType = EntityType {
    name: "microsoft.graph.patternedRecurrence",
    properties: &[
        property("pattern", Kind::Navigation),
        property("range", Kind::Navigation),
    ],
};

pub(super) static EVENT: EntityType = EntityType {
    name: "microsoft.graph.event",
    properties: &[
        property("id", Kind::Text),
        property("createdDateTime", Kind::Time),
        property("lastModifiedDateTime", Kind::Time),
        property("changeKey", Kind::Text),
        property("categories", Kind::Collection(&Kind::Text)),
        property("transactionId", Kind::Text),
        property("originalStartTimeZone", Kind::Text),
        property("originalEndTimeZone", Kind::Text),
        property("originalStart", Kind::Time),
        property("iCalUId", Kind::Text),
        property("reminderMinutesBeforeStart", Kind::Number),
        property("isReminderOn", Kind::Boolean),
        property("hasAttachments", Kind::Boolean),
        property("subject", Kind::Text),
        property("bodyPreview", Kind::Text),
        property("importance", Kind::Text),
        property("sensitivity", Kind::Text),
        property("isAllDay", Kind::Boolean),
        property("isCancelled", Kind::Boolean),
        property("isOrganizer", Kind::Boolean),
        property("responseRequested", Kind::Boolean),
        property("seriesMasterId", Kind::Text),
        property("showAs", Kind::Text),
        property("type", Kind::Text),
        property("webLink", Kind::Text),
        property("onlineMeetingUrl", Kind::Text),
        property("isOnlineMeeting", Kind::Boolean),
        property("onlineMeetingProvider", Kind::Text),
        property("allowNewTimeProposals", Kind::Boolean),
        property("isDraft", Kind::Boolean),
        property("hideAttendees", Kind::Boolean),
        property("recurrence", Kind::Complex(&PATTERNED)),
        property("responseStatus", Kind::Complex(&STATUS)),
        property("body", Kind::Complex(&ITEM_BODY)),
        property("start", Kind::Complex(&ZONED)),
        property("end", Kind::Complex(&ZONED)),
        property("location", Kind::Complex(&LOCATION)),
        property("locations", Kind::Collection(&Kind::Complex(&LOCATION))),
        property("attendees", Kind::Collection(&Kind::Complex(&ATTENDEE))),
        property("organizer", Kind::Complex(&RECIPIENT)),
        property("onlineMeeting", Kind::Complex(&ONLINE)),
        property("cancelledOccurrences", Kind::Collection(&Kind::Text)),
        property("attachments", Kind::Navigation),
        property("calendar", Kind::Navigation),
        property("exceptionOccurrences", Kind::Navigation),
        property("extensions", Kind::Navigation),
        property("instances", Kind::Navigation),
        property(
            "singleValueExtendedProperties",
            Kind::Collection(&Kind::Complex(&EXTENDED)),
        ),
        property("multiValueExtendedProperties", Kind::Navigation),
    ],
};

/// What an event shows without `$select`, in Microsoft's order.
pub(super) const EVENT_DEFAULT: [&str; 40] = [
    "createdDateTime",
    "lastModifiedDateTime",
    "changeKey",
    "categories",
    "transactionId",
    "originalStartTimeZone",
    "originalEndTimeZone",
    "iCalUId",
    "reminderMinutesBeforeStart",
    "isReminderOn",
    "hasAttachments",
    "subject",
    "bodyPreview",
    "importance",
    "sensitivity",
    "isAllDay",
    "isCancelled",
    "isOrganizer",
    "responseRequested",
    "seriesMasterId",
    "showAs",
    "type",
    "webLink",
    "onlineMeetingUrl",
    "isOnlineMeeting",
    "onlineMeetingProvider",
    "allowNewTimeProposals",
    "isDraft",
    "hideAttendees",
    "recurrence",
    "onlineMeeting",
    "responseStatus",
    "body",
    "start",
    "end",
    "location",
    "locations",
    "attendees",
    "organizer",
    "originalStart",
];

/// What `Calendars.ReadBasic` does not show.
pub(super) const NOT_BASIC: [&str; 2] = ["body", "bodyPreview"];

pub(super) static CALENDAR: EntityType = EntityType {
    name: "microsoft.graph.calendar",
    properties: &[
        property("id", Kind::Text),
        property("name", Kind::Text),
        property("color", Kind::Text),
        property("hexColor", Kind::Text),
        property("isDefaultCalendar", Kind::Boolean),
        property("changeKey", Kind::Text),
        property("canShare", Kind::Boolean),
        property("canViewPrivateItems", Kind::Boolean),
        property("canEdit", Kind::Boolean),
        property(
            "allowedOnlineMeetingProviders",
            Kind::Collection(&Kind::Text),
        ),
        property("defaultOnlineMeetingProvider", Kind::Text),
        property("isTallyingResponses", Kind::Boolean),
        property("isRemovable", Kind::Boolean),
        property("owner", Kind::Complex(&EMAIL_ADDRESS)),
        property("events", Kind::Navigation),
        property("calendarView", Kind::Navigation),
        property("calendarPermissions", Kind::Navigation),
        property("singleValueExtendedProperties", Kind::Navigation),
        property("multiValueExtendedProperties", Kind::Navigation),
    ],
};
