//! What a subscription watches, as its body names it.
//!
//! Source: <https://learn.microsoft.com/graph/api/resources/subscription>.

use serde_json::Value;
use url::Url;

/// `resource` of a body that is sent to `/subscriptions`; an error where it is no text.
pub(super) fn resource<'a>(url: &Url, body: &'a Value) -> Option<Result<&'a str, &'static str>> {
    let is_subscription = url.path().to_ascii_lowercase().contains("/subscriptions");
    let resource = field(body, "resource").filter(|_| is_subscription)?;
    let unnamed = "watches something that has no name";
    Some(resource.as_str().ok_or(unnamed))
}

/// The path below the version: it may have a slash in front, or be a whole address. The error says what is wrong with it.
pub(super) fn path(resource: &str) -> Result<&str, &'static str> {
    // What stands in a condition is no address, whatever it looks like.
    let (resource, query) = resource.split_once('?').unwrap_or((resource, ""));
    if query.to_ascii_lowercase().contains("expand") {
        return Err("watches more than one thing");
    }
    let Some((scheme, rest)) = resource.split_once("://") else {
        return Ok(resource);
    };
    let mut parts = rest.splitn(3, '/');
    let (_host, version) = (parts.next(), parts.next());
    match (version, parts.next()) {
        (Some("v1.0" | "beta"), Some(path)) if is_web(scheme) && !path.contains("://") => Ok(path),
        _ => Err("watches something that is not known"),
    }
}

fn is_web(scheme: &str) -> bool {
    ["http", "https"]
        .iter()
        .any(|known| scheme.eq_ignore_ascii_case(known))
}

/// A property, whatever the case of its name.
pub(super) fn field<'a>(value: &'a Value, name: &str) -> Option<&'a Value> {
    let mut fields = value.as_object()?.iter();
    let found = fields.find(|(key, _)| key.eq_ignore_ascii_case(name));
    found.map(|(_, value)| value)
}
