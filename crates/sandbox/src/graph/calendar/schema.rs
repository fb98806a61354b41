//! The types of calendars, as far as queries name their properties.
//! Source: <https://learn.microsoft.com/graph/api/resources/event>

use crate::graph::schema::{
    DATE_TIME_TIME_ZONE, EMAIL_ADDRESS, EXTENDED_PROPERTY, ITEM_BODY, OUTLOOK_GEO_COORDINATES,
    PHYSICAL_ADDRESS, RECIPIENT,
};
use crate::odata::schema::{
    EntityType, Kind, boolean, collection, complex, number, related, text, texts, time,
};

pub(super) static LOCATION: EntityType = EntityType {
    name: "microsoft.graph.location",
    properties: &[
        text("displayName"),
        text("locationType"),
        text("uniqueId"),
        text("uniqueIdType"),
        text("locationEmailAddress"),
        text("locationUri"),
        complex("address", &PHYSICAL_ADDRESS),
        complex("coordinates", &OUTLOOK_GEO_COORDINATES),
    ],
};
static STATUS: EntityType = EntityType {
    name: "microsoft.graph.responseStatus",
    properties: &[text("response"), time("time")],
};
static ATTENDEE: EntityType = EntityType {
    name: "microsoft.graph.attendee",
    properties: &[
        text("type"),
        complex("status", &STATUS),
        complex("emailAddress", &EMAIL_ADDRESS),
    ],
};
static ONLINE: EntityType = EntityType {
    name: "microsoft.graph.onlineMeetingInfo",
    properties: &[
        text("joinUrl"),
        text("conferenceId"),
        text("quickDial"),
        text("tollNumber"),
    ],
};
static PATTERNED: EntityType = EntityType {
    name: "microsoft.graph.patternedRecurrence",
    properties: &[related("pattern"), related("range")],
};

pub(super) static EVENT: EntityType = EntityType {
    name: "microsoft.graph.event",
    properties: &[
        text("id"),
        time("createdDateTime"),
        time("lastModifiedDateTime"),
        text("changeKey"),
        texts("categories"),
        text("transactionId"),
        text("originalStartTimeZone"),
        text("originalEndTimeZone"),
        time("originalStart"),
        text("iCalUId"),
        number("reminderMinutesBeforeStart"),
        boolean("isReminderOn"),
        boolean("hasAttachments"),
        text("subject"),
        text("bodyPreview"),
        text("importance"),
        text("sensitivity"),
        boolean("isAllDay"),
        boolean("isCancelled"),
        boolean("isOrganizer"),
        boolean("responseRequested"),
        text("seriesMasterId"),
        text("showAs"),
        text("type"),
        text("webLink"),
        text("onlineMeetingUrl"),
        boolean("isOnlineMeeting"),
        text("onlineMeetingProvider"),
        boolean("allowNewTimeProposals"),
        boolean("isDraft"),
        boolean("hideAttendees"),
        complex("recurrence", &PATTERNED),
        complex("responseStatus", &STATUS),
        complex("body", &ITEM_BODY),
        complex("start", &DATE_TIME_TIME_ZONE),
        complex("end", &DATE_TIME_TIME_ZONE),
        complex("location", &LOCATION),
        collection("locations", &Kind::Complex(&LOCATION)),
        collection("attendees", &Kind::Complex(&ATTENDEE)),
        complex("organizer", &RECIPIENT),
        complex("onlineMeeting", &ONLINE),
        texts("cancelledOccurrences"),
        related("attachments"),
        related("calendar"),
        related("exceptionOccurrences"),
        related("extensions"),
        related("instances"),
        collection(
            "singleValueExtendedProperties",
            &Kind::Complex(&EXTENDED_PROPERTY),
        ),
        related("multiValueExtendedProperties"),
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
        text("id"),
        text("name"),
        text("color"),
        text("hexColor"),
        boolean("isDefaultCalendar"),
        text("changeKey"),
        boolean("canShare"),
        boolean("canViewPrivateItems"),
        boolean("canEdit"),
        texts("allowedOnlineMeetingProviders"),
        text("defaultOnlineMeetingProvider"),
        boolean("isTallyingResponses"),
        boolean("isRemovable"),
        complex("owner", &EMAIL_ADDRESS),
        related("events"),
        related("calendarView"),
        related("calendarPermissions"),
        related("singleValueExtendedProperties"),
        related("multiValueExtendedProperties"),
    ],
};
