//! What tests of sites speak of.

use serde_json::Value;

pub(crate) const INES: &str = "ines.silva@contoso.com";
pub(crate) const CHIARA: &str = "chiara.conti@contoso.com";
pub(crate) const DAVID: &str = "david.nguyen@contoso.com";
pub(crate) const FINANCE: &str = "/sites/contoso.sharepoint.com:/sites/finance";
pub(crate) const HR: &str = "/sites/contoso.sharepoint.com:/sites/hr";
pub(crate) const PROJECTS: &str = "/sites/contoso.sharepoint.com:/sites/projects";
/// What lets unindexed columns be asked for.
pub(crate) const RISK: &str = "HonorNonIndexedQueriesWarningMayFailRandomly";

/// The beginning of addresses below a site that is named by its path.
pub(crate) fn of(site: &str) -> String {
    format!("{site}:")
}

/// Collection and web of a site's id.
pub(crate) fn ids(id: &str) -> (String, String) {
    let mut parts = id.split(',').skip(1).map(str::to_owned);
    (parts.next().unwrap(), parts.next().unwrap())
}

pub(crate) fn titles(rows: &[Value]) -> Vec<&str> {
    rows.iter()
        .map(|row| row["displayName"].as_str().unwrap())
        .collect()
}

/// The `Title` of each item.
pub(crate) fn item_titles(rows: &[Value]) -> Vec<&str> {
    rows.iter()
        .map(|row| row["fields"]["Title"].as_str().unwrap())
        .collect()
}
