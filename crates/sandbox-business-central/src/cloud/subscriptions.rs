//! Subscriptions to changes.
//! <https://learn.microsoft.com/dynamics365/business-central/dev-itpro/api-reference/v2.0/dynamics-subscriptions>

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::books::{NO_ID, Record};
use crate::engine::render::etag;
use crate::fault::Fault;

/// How long a subscription lives without being renewed.
pub(crate) const LIFETIME: SignedDuration = SignedDuration::from_hours(3 * 24);
/// The longest `clientState`.
const LONGEST_STATE: usize = 2048;
/// Most subscriptions of an environment.
pub(crate) const MOST: usize = 200;

/// Sets that can be subscribed to.
pub(crate) const SUPPORTED: [&str; 22] = [
    "accounts",
    "companyInformation",
    "countriesRegions",
    "currencies",
    "customerPaymentJournals",
    "customers",
    "dimensions",
    "employees",
    "generalLedgerEntries",
    "itemCategories",
    "items",
    "journals",
    "paymentMethods",
    "paymentTerms",
    "purchaseInvoices",
    "salesCreditMemos",
    "salesInvoices",
    "salesOrders",
    "salesQuotes",
    "shipmentMethods",
    "unitsOfMeasure",
    "vendors",
];

#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(crate) struct Subscription {
    pub(crate) id: String,
    pub(crate) notification_url: String,
    /// As it was asked for.
    pub(crate) resource: String,
    pub(crate) company_id: String,
    pub(crate) set: String,
    pub(crate) client_state: String,
    pub(crate) user_id: String,
    pub(crate) created: Timestamp,
    pub(crate) modified: Timestamp,
    pub(crate) expires: Timestamp,
    pub(crate) version: u64,
}

impl Subscription {
    pub(crate) fn is_alive(&self, now: Timestamp) -> bool {
        self.expires > now
    }

    pub(crate) fn record(&self) -> Record {
        Record::computed(self.id.as_str(), self.created).at_version(self.version)
    }

    pub(crate) fn to_value(&self) -> Value {
        let time = |time: Timestamp| format!("{time:.3}");
        json!({
            "@odata.etag": etag(&self.record()),
            "subscriptionId": self.id,
            "notificationUrl": self.notification_url,
            "resource": self.resource,
            "timestamp": self.version,
            "userId": self.user_id,
            "lastModifiedDateTime": time(self.modified),
            "clientState": self.client_state,
            "expirationDateTime": time(self.expires),
            "systemCreatedAt": time(self.created),
            "systemCreatedBy": NO_ID,
            "systemModifiedAt": time(self.modified),
            "systemModifiedBy": NO_ID,
        })
    }
}

/// What a body may say about a subscription.
#[derive(Debug, Clone, Default)]
pub(crate) struct Wish {
    pub(crate) notification_url: String,
    pub(crate) resource: String,
    pub(crate) client_state: String,
}

/// Reads a body; `is_new` says whether all must be there.
pub(crate) fn read(body: serde_json::Map<String, Value>, is_new: bool) -> Result<Wish, Fault> {
    let mut wish = Wish::default();
    for (name, value) in body {
        let text = || {
            value
                .as_str()
                .map(str::to_owned)
                .ok_or_else(Fault::not_json)
        };
        match name.as_str() {
            "notificationUrl" => wish.notification_url = text()?,
            "resource" => wish.resource = text()?,
            "clientState" => wish.client_state = text()?,
            "subscriptionId" | "expirationDateTime" | "userId" | "lastModifiedDateTime" => {
                return Err(Fault::read_only(&name));
            }
            other if other.contains('@') => {}
            other => {
                return Err(Fault::unknown_property(other, "Microsoft.NAV.subscription"));
            }
        }
    }
    for (name, text) in [
        ("notificationUrl", &wish.notification_url),
        ("resource", &wish.resource),
    ] {
        if is_new && text.is_empty() {
            return Err(Fault::blank(name));
        }
    }
    let length = wish.client_state.chars().count();
    if length > LONGEST_STATE {
        return Err(Fault::too_long(length, LONGEST_STATE, &wish.client_state));
    }
    let scheme = wish.notification_url.split("://").next();
    if !wish.notification_url.is_empty() && !matches!(scheme, Some("https" | "http")) {
        return Err(Fault::bad_request("The notificationUrl is not valid."));
    }
    Ok(wish)
}

/// Company and set of `/api/v2.0/companies(…)/customers`, whichever way it begins.
pub(crate) fn resource(text: &str) -> Option<(String, String)> {
    let at = text.find("companies(")?;
    let (company, rest) = text[at + "companies(".len()..].split_once(')')?;
    let set = rest.strip_prefix('/')?.trim_end_matches('/');
    let set = set.split(['(', '?']).next().unwrap_or(set);
    let known = SUPPORTED.iter().find(|known| **known == set)?;
    Some((company.to_ascii_lowercase(), (*known).to_owned()))
}
