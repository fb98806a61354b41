//! What a client asks for, held against what Microsoft allows.
//! Source: <https://learn.microsoft.com/graph/api/subscription-post-subscriptions>

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Map, Value};

use super::resource;
use crate::graph::call::Call;
use crate::graph::fault::Fault;
use crate::notify;
use crate::state::changes::ChangeKind;
use crate::state::subscriptions::Subscription;

const TYPE: &str = "microsoft.graph.subscription";
const NAMES: [&str; 12] = [
    "changeType",
    "notificationUrl",
    "lifecycleNotificationUrl",
    "resource",
    "expirationDateTime",
    "clientState",
    "latestSupportedTlsVersion",
    "includeResourceData",
    "encryptionCertificate",
    "encryptionCertificateId",
    "notificationQueryOptions",
    "notificationUrlAppId",
];
/// Shorter lives are made this long.
const SHORTEST: SignedDuration = SignedDuration::from_mins(45);
/// Without an address for lifecycle events, chats and teams are followed no longer than this.
const LONGEST_UNATTENDED: SignedDuration = SignedDuration::from_hours(1);
const LONGEST_STATE: usize = 128;
const TLS: [&str; 4] = ["v1_0", "v1_1", "v1_2", "v1_3"];

/// What a renewal brings.
pub(super) struct Change {
    pub(super) expires_at: Option<Timestamp>,
    pub(super) notification_url: Option<String>,
}

/// A new subscription without an id.
pub(super) fn read(call: &Call) -> Result<Subscription, Fault> {
    let body = call.json()?;
    known(&body, &NAMES)?;
    let required = |name: &str| {
        text(&body, name)?
            .filter(|it| !it.is_empty())
            .ok_or_else(|| {
                invalid(&format!(
                    "{name} is a required property for subscription creation."
                ))
            })
    };
    let resource = required("resource")?;
    let change_types = change_types(&required("changeType")?)?;
    let notification_url = url(call, "notificationUrl", required("notificationUrl")?)?;
    let lifecycle_url = text(&body, "lifecycleNotificationUrl")?
        .map(|it| url(call, "lifecycleNotificationUrl", it))
        .transpose()?;
    let target = resource::parse(call, &resource)?;
    target.require(call)?;
    let wanted = time(&required("expirationDateTime")?)?;
    let expires_at = target.expiry(call.now, wanted)?;
    if let Some(kind) = change_types.iter().find(|kind| !target.tells(**kind)) {
        return Err(invalid(&format!(
            "Subscription with changeType '{}' is not supported for the resource '{resource}'.",
            kind.name()
        )));
    }
    let is_long = expires_at.duration_since(call.now) > LONGEST_UNATTENDED;
    if target.is_of_teams() && lifecycle_url.is_none() && is_long {
        return Err(invalid(
            "lifecycleNotificationUrl is a required property for subscription creation on this resource when the expirationDateTime value is set to greater than 1 hour.",
        ));
    }
    let client_state = limited(&body, "clientState")?;
    let certificate_id = limited(&body, "encryptionCertificateId")?;
    let tls_version = text(&body, "latestSupportedTlsVersion")?;
    if tls_version
        .as_ref()
        .is_some_and(|it| !TLS.contains(&it.as_str()))
    {
        return Err(invalid(
            "The value of latestSupportedTlsVersion is not valid.",
        ));
    }
    let include_resource_data = boolean(&body, "includeResourceData")?;
    let certificate = text(&body, "encryptionCertificate")?;
    if include_resource_data {
        target.require_data(&resource)?;
        check_certificate(certificate.as_deref(), certificate_id.as_deref())?;
    }
    Ok(Subscription {
        id: String::new(),
        tenant_id: call.caller.tenant_id().to_owned(),
        client_id: call.caller.client_id().to_owned(),
        creator_id: call.caller.object_id().to_owned(),
        is_application: call.caller.is_application(),
        resource,
        watch: target.watch,
        change_types,
        notification_url,
        lifecycle_url,
        client_state,
        expires_at,
        authorized_at: call.now,
        tls_version: Some(tls_version.unwrap_or_else(|| "v1_2".to_owned())),
        include_resource_data,
        certificate,
        certificate_id,
        is_reminded: false,
    })
}

/// What a `PATCH` asks for: a later end, another address.
pub(super) fn read_change(call: &Call, found: &Subscription) -> Result<Change, Fault> {
    let body = call.json()?;
    known(&body, &NAMES)?;
    if let Some(name) = body.keys().find(|name| {
        !name.contains('@') && !["expirationDateTime", "notificationUrl"].contains(&name.as_str())
    }) {
        return Err(invalid(&format!(
            "The property '{name}' of a subscription cannot be changed."
        )));
    }
    let target = resource::parse(call, &found.resource)?;
    target.require(call)?;
    let expires_at = text(&body, "expirationDateTime")?;
    let expires_at = expires_at.map(|it| target.expiry(call.now, time(&it)?));
    let notification_url = text(&body, "notificationUrl")?;
    let notification_url = notification_url.map(|it| url(call, "notificationUrl", it));
    Ok(Change {
        expires_at: expires_at.transpose()?,
        notification_url: notification_url
            .transpose()?
            .filter(|it| *it != found.notification_url),
    })
}

impl resource::Target {
    /// The end that a client gets: not in the past, not after the longest life, not within three quarters of an hour.
    fn expiry(&self, now: Timestamp, wanted: Timestamp) -> Result<Timestamp, Fault> {
        if wanted <= now {
            return Err(invalid(
                "Subscription expiration must be greater than current time.",
            ));
        }
        let longest = self.longest();
        if wanted.duration_since(now) > longest {
            return Err(invalid(&format!(
                "Subscription expiration can only be {} minutes in the future.",
                longest.as_mins()
            )));
        }
        let shortest = now.saturating_add(SHORTEST).unwrap_or(wanted);
        Ok(wanted.max(shortest))
    }
}

/// Refused as malformed or not allowed.
pub(super) fn invalid(message: &str) -> Fault {
    Fault::bad_request_as("ValidationError", message)
}

fn known(body: &Map<String, Value>, names: &[&str]) -> Result<(), Fault> {
    let unknown = body
        .keys()
        .find(|name| !name.contains('@') && !names.contains(&name.as_str()));
    match unknown {
        Some(name) => Err(Fault::unknown_property(name, TYPE)),
        None => Ok(()),
    }
}

fn text(body: &Map<String, Value>, name: &str) -> Result<Option<String>, Fault> {
    match body.get(name) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) => Ok(Some(text.clone())),
        Some(_) => Err(Fault::invalid_value(name, "Edm.String")),
    }
}

fn limited(body: &Map<String, Value>, name: &str) -> Result<Option<String>, Fault> {
    let text = text(body, name)?;
    if text
        .as_ref()
        .is_some_and(|it| it.chars().count() > LONGEST_STATE)
    {
        return Err(invalid(&format!(
            "The value of {name} is longer than {LONGEST_STATE} characters."
        )));
    }
    Ok(text)
}

fn boolean(body: &Map<String, Value>, name: &str) -> Result<bool, Fault> {
    match body.get(name) {
        None | Some(Value::Null) => Ok(false),
        Some(value) => value
            .as_bool()
            .ok_or_else(|| Fault::invalid_value(name, "Edm.Boolean")),
    }
}

fn time(text: &str) -> Result<Timestamp, Fault> {
    text.parse()
        .map_err(|_| Fault::invalid_value("expirationDateTime", "Edm.DateTimeOffset"))
}

fn change_types(text: &str) -> Result<Vec<ChangeKind>, Fault> {
    let mut kinds = Vec::new();
    for name in text.split(',') {
        let kind = ChangeKind::parse(name.trim())
            .ok_or_else(|| invalid(&format!("Invalid 'changeType' attribute: '{text}'.")))?;
        if !kinds.contains(&kind) {
            kinds.push(kind);
        }
    }
    Ok(kinds)
}

/// Addresses are of HTTPS; on this machine plain HTTP will do.
fn url(call: &Call, name: &str, url: String) -> Result<String, Fault> {
    if call.shared.outgoing().allows(&url) {
        return Ok(url);
    }
    if url.starts_with("https://") {
        return Err(invalid(&format!(
            "Subscription validation request failed. The {name} is not an address of this machine, and the sandbox calls no other unless it is told to."
        )));
    }
    Err(invalid(&format!(
        "The {name} is not valid: it must be an absolute URL with the scheme https."
    )))
}

fn check_certificate(certificate: Option<&str>, id: Option<&str>) -> Result<(), Fault> {
    let (Some(certificate), Some(_)) = (certificate, id) else {
        return Err(invalid(
            "encryptionCertificate and encryptionCertificateId are required when includeResourceData is set to true.",
        ));
    };
    let der = STANDARD.decode(certificate).ok();
    let key = der.and_then(|it| notify::public_key(&it));
    if key.is_none_or(|it| !(2048..=4096).contains(&it.key_size_bits())) {
        return Err(invalid(
            "The encryptionCertificate is not a valid X.509 certificate with an RSA key of 2048 to 4096 bits.",
        ));
    }
    Ok(())
}
