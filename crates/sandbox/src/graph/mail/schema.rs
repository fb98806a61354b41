//! The types of mail, as far as queries name their properties.
//! Source: <https://learn.microsoft.com/graph/api/resources/message>

use crate::graph::schema::{DATE_TIME_TIME_ZONE, EXTENDED_PROPERTY, ITEM_BODY, RECIPIENT};
use crate::odata::schema::{
    EntityType, Kind, Property, boolean, collection, complex, number, related, text, texts, time,
};

static FLAG: EntityType = EntityType {
    name: "microsoft.graph.followupFlag",
    properties: &[
        text("flagStatus"),
        complex("startDateTime", &DATE_TIME_TIME_ZONE),
        complex("dueDateTime", &DATE_TIME_TIME_ZONE),
        complex("completedDateTime", &DATE_TIME_TIME_ZONE),
    ],
};
static HEADER: EntityType = EntityType {
    name: "microsoft.graph.internetMessageHeader",
    properties: &[text("name"), text("value")],
};
static ONE_RECIPIENT: Kind = Kind::Complex(&RECIPIENT);

const fn recipients(name: &'static str) -> Property {
    collection(name, &ONE_RECIPIENT)
}

pub(super) static MESSAGE: EntityType = EntityType {
    name: "microsoft.graph.message",
    properties: &[
        text("id"),
        time("createdDateTime"),
        time("lastModifiedDateTime"),
        text("changeKey"),
        texts("categories"),
        time("receivedDateTime"),
        time("sentDateTime"),
        boolean("hasAttachments"),
        text("internetMessageId"),
        text("subject"),
        text("bodyPreview"),
        text("importance"),
        text("parentFolderId"),
        text("conversationId"),
        text("conversationIndex"),
        boolean("isDeliveryReceiptRequested"),
        boolean("isReadReceiptRequested"),
        boolean("isRead"),
        boolean("isDraft"),
        text("webLink"),
        text("inferenceClassification"),
        complex("body", &ITEM_BODY),
        complex("sender", &RECIPIENT),
        complex("from", &RECIPIENT),
        recipients("toRecipients"),
        recipients("ccRecipients"),
        recipients("bccRecipients"),
        recipients("replyTo"),
        complex("flag", &FLAG),
        collection("internetMessageHeaders", &Kind::Complex(&HEADER)),
        complex("uniqueBody", &ITEM_BODY),
        related("attachments"),
        related("extensions"),
        collection(
            "singleValueExtendedProperties",
            &Kind::Complex(&EXTENDED_PROPERTY),
        ),
        related("multiValueExtendedProperties"),
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
        text("id"),
        text("displayName"),
        text("parentFolderId"),
        number("childFolderCount"),
        number("unreadItemCount"),
        number("totalItemCount"),
        boolean("isHidden"),
        related("childFolders"),
        related("messages"),
        related("messageRules"),
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
