//! What is more than one plain request, or less than its answer: each by the name that the catalogue gives it, with the
//! contract in `catalog/behaviors.toml`.

use catalog::Operation;
use connections::Snapshot;
use http::{HeaderMap, header};

/// The behaviours that are here. The catalogue offers an operation with a behaviour only where it knows it to be here; a test
/// holds both lists together.
pub const IMPLEMENTED: [&str; 1] = ["location"];

/// Where the answer says that the rest is, for the behaviour `location`: on the connection's own API only, since other
/// addresses may carry their own proof.
pub(crate) fn location(
    snapshot: &Snapshot,
    operation: Option<&'static Operation>,
    headers: &HeaderMap,
) -> Option<String> {
    operation.filter(|operation| operation.behavior == Some("location"))?;
    let text = headers.get(header::LOCATION)?.to_str().ok()?;
    let root = snapshot.api_root().ok()?;
    let url = root.join(text).ok()?;
    (url.origin() == root.origin()).then(|| text.to_owned())
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::IMPLEMENTED;

    /// What is left to do. A line goes when its behaviour is here, and with it what waited becomes part of the catalogue.
    const MISSING: [&str; 12] = [
        "attachment_upload_session",
        "business_central_batch",
        "copy",
        "copy_status",
        "dataverse_batch",
        "dataverse_changeset",
        "document_attachment",
        "download",
        "find_then_write",
        "graph_batch",
        "post_and_send",
        "upload_session",
    ];

    #[test]
    fn the_catalogue_offers_what_is_here_and_nothing_more() {
        let known = |implemented: bool| -> BTreeSet<_> {
            let behaviors = catalog::behaviors().iter();
            behaviors
                .filter(|behavior| behavior.implemented == implemented)
                .map(|behavior| behavior.name)
                .collect()
        };
        assert_eq!(known(true), BTreeSet::from(IMPLEMENTED));
        assert_eq!(known(false), BTreeSet::from(MISSING));
        for (operation, behavior) in catalog::waiting() {
            assert!(MISSING.contains(behavior), "{operation}");
            assert!(catalog::operation(operation).is_none(), "{operation}");
        }
    }
}
