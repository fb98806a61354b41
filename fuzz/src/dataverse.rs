//! What only Dataverse reads.

use sandbox_dataverse::{check_fetch_xml, parse_batch};

/// The body of a batch in parts, under a boundary that it may use.
pub fn multipart_batch(data: &[u8]) {
    let _ = parse_batch("multipart/mixed; boundary=b", data);
    let content_type = String::from_utf8_lossy(data);
    let _ = parse_batch(&content_type, data);
}

/// A query in FetchXML.
pub fn fetch_xml(data: &[u8]) {
    let _ = check_fetch_xml(&String::from_utf8_lossy(data));
}
