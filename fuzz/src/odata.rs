//! The conventions that Microsoft's services share.

use sandbox_odata::{batch, filter, options::Options, order, search};

/// A query as a whole, and each of its options on its own.
pub fn query(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    let _ = Options::parse(&text);
    let _ = filter::parse(&text);
    let _ = order::parse(&text);
    let _ = search::parse(&text);
}

/// The body of a JSON batch.
pub fn json_batch(data: &[u8]) {
    let _ = batch::parse(data);
}
