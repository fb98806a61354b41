//! The types of mail, as far as queries name their properties.
//! Source: <https://learn.microsoft.com/graph/api/resources/message>

use crate::odata::schema::{EntityType, Kind, Property};

pub(in crate::graph) const fn property(name: &'static str, kind: Kind) -> Property {
    Property { name, kind }
}

pub(in crate::graph) static EMAIL_ADDRESS: EntityType = EntityType {
    name: "microsoft.graph.emailAddress",
    properties: &[
        property("name", Kind::Text),
        property("address", Kind::Text),
    ],
};
pub(in crate::graph) static RECIPIENT: EntityType = EntityType {
    name: "microsoft.graph.recipient",
    properties: &[property("emailAddress", Kind::Complex(&EMAIL_ADDRESS))],
};
pub(in crate::graph) static ITEM_BODY: EntityType = EntityType {
    name: "microsoft.graph.itemBody",
    properties: &[
        property("contentType", Kind::Text),
        property("content", Kind::Text),
    ],
};
pub(in crate::graph) static ZONED: EntityType = EntityType {
    name: "microsoft.graph.dateTimeTimeZone",
    properties: &[
        property("dateTime", Kind::Text),
        property("timeZone", Kind::Text),
    ],
};
static FLAG: EntityType = EntityType {
    name: "microsoft.graph.followupFlag",
    properties: &[
        property("flagStatus", Kind::Text),
        property("startDateTime", Kind::Complex(&ZONED)),
        property("dueDateTime", Kind::Complex(&ZONED)),
        property("completedDateTime", Kind::Complex(&ZONED)),
    ],
};
static HEADER: EntityType = EntityType {
    name: "microsoft.graph.internetMessageHeader",
    properties: &[property("name", Kind::Text), property("value", Kind::Text)],
};
pub(in crate::graph) static EXTENDED: EntityType = EntityType {
    name: "microsoft.graph.singleValueLegacyExtendedProperty",
    properties: &[property("id", Kind::Text), property("value", Kind::Text)],
};

const RECIPIENTS: Kind = Kind::Collection(&Kind::Complex(&RECIPIENT));

pub(super) static MESSAGE: EntityType = EntityType {
    name: "microsoft.graph.message",
    properties: &[
        property("id", Kind::Text),
        property("createdDateTime", Kind::Time),
        property("lastModifiedDateTime", Kind::Time),
        property("changeKey", Kind::Text),
        property("categories", Kind::Collection(&Kind::Text)),
        property("receivedDateTime", Kind::Time),
        property("sentDateTime", Kind::Time),
        property("hasAttachments", Kind::Boolean),
        property("internetMessageId", Kind::Text),
        property("subject", Kind::Text),
        property("bodyPreview", Kind::Text),
        property("importance", Kind::Text),
        property("parentFolderId", Kind::Text),
        property("conversationId", Kind::Text),
        property("conversationIndex", Kind::Text),
        property("isDeliveryReceiptRequested", Kind::Boolean),
        property("isReadReceiptRequested", Kind::Boolean),
        property("isRead", Kind::Boolean),
        property("isDraft", Kind::Boolean),
        property("webLink", Kind::Text),
        property("inferenceClassification", Kind::Text),
        property("body", Kind::Complex(&ITEM_BODY)),
        property("sender", Kind::Complex(&RECIPIENT)),
        property("from", Kind::Complex(&RECIPIENT)),
        property("toRecipients", RECIPIENTS),
        property("ccRecipients", RECIPIENTS),
        property("bccRecipients", RECIPIENTS),
        property("replyTo", RECIPIENTS),
        property("flag", Kind::Complex(&FLAG)),
        property(
            "internetMessageHeaders",
            Kind::Collection(&Kind::Complex(&HEADER)),
        ),
        property("uniqueBody", Kind::Complex(&ITEM_BODY)),
        property("attachments", Kind::Navigation),
        property("extensions", Kind::Navigation),
        property(
            "singleValueExtendedProperties",
            Kind::Collection(&Kind::Complex(&EXTENDED)),
        ),
        property("multiValueExtendedProperties", Kind::Navigation),
    ],
};

/// What a message shows without `$select`, in Microsoft's order.
pub(super) const MESSAGE_DEFAULT: [&str; 28] = [
    "createdDateTime",
    "lastModifiedDateTime",
    "changeKey",
    "categories",
    "receivedDateTime",
    "sentDateTime",
    "hasAttachments",
    "internetMessageId",
    "subject",
    "bodyPreview",
    "importance",
    "parentFolderId",
    "conversationId",
    "conversationIndex",
    "isDeliveryReceiptRequested",
    "isReadReceiptRequested",
    "isRead",
    "isDraft",
    "webLink",
    "inferenceClassification",
    "body",
    "sender",
    "from",
    "toRecipients",
    "ccRecipients",
    "bccRecipients",
    "replyTo",
    "flag",
];

/// What comes only when it is selected.
pub(super) const MESSAGE_ON_REQUEST: [&str; 2] = ["internetMessageHeaders", "uniqueBody"];

/// What `Mail.ReadBasic` does not show.
pub(super) const NOT_BASIC: [&str; 3] = ["body", "bodyPreview", "uniqueBody"];

pub(super) static FOLDER: EntityType = EntityType {
    name: "microsoft.graph.mailFolder",
    properties: &[
        property("id", Kind::Text),
        property("displayName", Kind::Text),
        property("parentFolderId", Kind::Text),
        property("childFolderCount", Kind::Number),
        property("unreadItemCount", Kind::Number),
        property("totalItemCount", Kind::Number),
        property("isHidden", Kind::Boolean),
        property("childFolders", Kind::Navigation),
        property("messages", Kind::Navigation),
        property("messageRules", Kind::Navigation),
    ],
};

pub(in crate::graph) static ATTACHMENT: EntityType = EntityType {
    name: "microsoft.graph.attachment",
    properties: &[
        property("id", Kind::Text),
        property("lastModifiedDateTime", Kind::Time),
        property("name", Kind::Text),
        property("contentType", Kind::Text),
        property("size", Kind::Number),
        property("isInline", Kind::Boolean),
        property("contentId", Kind::Text),
        property("contentLocation", Kind::Text),
        property("contentBytes", Kind::Text),
        property("item", Kind::Navigation),
    ],
};

/// Properties that an attached event may have.
pub(super) const EVENT_NAMES: [&str; 22] = [
    "subject",
    "body",
    "start",
    "end",
    "location",
    "locations",
    "attendees",
    "organizer",
    "isAllDay",
    "importance",
    "sensitivity",
    "showAs",
    "recurrence",
    "categories",
    "reminderMinutesBeforeStart",
    "isReminderOn",
    "isOnlineMeeting",
    "onlineMeetingProvider",
    "responseRequested",
    "attachments",
    "allowNewTimeProposals",
    "bodyPreview",
];

/// Properties that an attached contact may have.
pub(super) const CONTACT_NAMES: [&str; 26] = [
    "displayName",
    "givenName",
    "middleName",
    "surname",
    "nickName",
    "title",
    "generation",
    "fileAs",
    "initials",
    "emailAddresses",
    "imAddresses",
    "jobTitle",
    "companyName",
    "department",
    "officeLocation",
    "businessHomePage",
    "homePhones",
    "mobilePhone",
    "businessPhones",
    "homeAddress",
    "businessAddress",
    "otherAddress",
    "personalNotes",
    "birthday",
    "categories",
    "spouseName",
];
