//! How long a request is taken to work. The sandbox itself needs next to nothing, so that the same request always counts the same:
//! by its kind, and a request that holds several by all of them.
//! Source: <https://learn.microsoft.com/power-apps/developer/data-platform/api-limits>

use http::Method;
use sandbox_odata::service::Request;
use serde_json::Value;

/// One row that is read, or a function.
const READ: usize = 1;
/// A list, and anything that is written.
const USUAL: usize = 2;
/// Rows that are summed up, or found by FetchXML.
const QUERY: usize = 4;

/// In units of [`super::Limits::request_ms`]; `below` is the path below the version.
pub(crate) fn of(request: &Request, below: &str) -> usize {
    let name = below.trim_matches('/');
    if name.eq_ignore_ascii_case("$batch") || name.eq_ignore_ascii_case("%24batch") {
        return (parts(&request.body) * USUAL).max(READ);
    }
    if request.method != Method::GET {
        return USUAL.max(targets(name, &request.body));
    }
    let query = request.uri.query().unwrap_or_default().to_ascii_lowercase();
    if query.contains("apply=") || query.contains("fetchxml=") {
        return QUERY;
    }
    let last = name.rsplit('/').next().unwrap_or_default();
    let is_list = !last.contains('(') && last.chars().next().is_some_and(char::is_lowercase);
    if is_list { USUAL } else { READ }
}

/// Requests of a batch, change sets unfolded.
fn parts(body: &[u8]) -> usize {
    let kind = b"application/http";
    let lines = body.split(|byte| *byte == b'\n');
    let is_part = |line: &&[u8]| {
        let (name, value) = line
            .split_at_checked(b"content-type:".len())
            .unwrap_or((line, &[]));
        name.eq_ignore_ascii_case(b"content-type:")
            && value.trim_ascii().len() >= kind.len()
            && value.trim_ascii()[..kind.len()].eq_ignore_ascii_case(kind)
    };
    lines.filter(is_part).count()
}

/// Rows of `CreateMultiple` and its like.
fn targets(name: &str, body: &[u8]) -> usize {
    if !name.ends_with("Multiple") {
        return 0;
    }
    let body: Value = serde_json::from_slice(body).unwrap_or_default();
    body["Targets"].as_array().map_or(0, Vec::len)
}
