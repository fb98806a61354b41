//! A sharing link opens what it leads to for whoever has it, and so is no name for the log.

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use catalog::{Encoding, Location, Operation};
use model::sha256;
use url::Url;

/// What the log names: the target itself, or of a link its host and the SHA-256 of its address in base64. Whoever has the link can
/// compare it; nobody can open it.
pub(super) fn told(operation: &Operation, target: String) -> String {
    let is_link = |parameter: &catalog::Parameter| {
        matches!(parameter.location, Location::Path(Encoding::Share))
    };
    if !operation.parameters.iter().any(is_link) {
        return target;
    }
    let address = address(&target).unwrap_or(target);
    let host = Url::parse(&address).ok();
    let host = host.as_ref().and_then(Url::host_str);
    let hash = STANDARD.encode(sha256(address.as_bytes()));
    format!(
        "link at {}, sha256-{hash}",
        host.unwrap_or("an unknown host")
    )
}

/// As `/shares/` takes it: `u!` and the address in base64url.
fn address(token: &str) -> Option<String> {
    let bytes = URL_SAFE_NO_PAD.decode(token.strip_prefix("u!")?.trim_end_matches('='));
    String::from_utf8(bytes.ok()?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_is_told_the_same_in_both_forms_and_opens_nothing() {
        let operation = catalog::operation("onedrive.shares.resolve").unwrap();
        let link = "https://contoso.sharepoint.com/:w:/s/design/ETuX8Y";
        let plain = told(operation, link.to_owned());
        let encoded = told(operation, format!("u!{}", URL_SAFE_NO_PAD.encode(link)));
        assert_eq!(plain, encoded);
        assert!(
            plain.starts_with("link at contoso.sharepoint.com, sha256-"),
            "{plain}"
        );
        assert!(!plain.contains("ETuX8Y"));
    }

    #[test]
    fn any_other_target_is_named() {
        let operation = catalog::operation("outlook.messages.list").unwrap();
        assert_eq!(told(operation, "me".to_owned()), "me");
    }
}
