//! Whether an answer is what was asked for. Between us and Microsoft there may be proxies and portals that answer with pages
//! of their own, and they say 200.

use model::OperationKind;
use serde::Deserialize;

use crate::ready::Ready;
use crate::{Error, Result};

/// An object of any kind; read without keeping anything of it.
#[derive(Deserialize)]
struct Object {}

/// [`Error::Unusable`] where a read is answered with something else than its operation promises; for what changes something
/// [`Error::Uncertain`], since it may have been done.
///
/// A raw request's answer is its caller's affair.
pub(crate) fn check(
    ready: &Ready,
    status: u16,
    content_type: Option<&str>,
    body: &[u8],
) -> Result<()> {
    let Some(operation) = ready.operation.filter(|_| !ready.is_raw) else {
        return Ok(());
    };
    if operation.result.bytes {
        return Ok(());
    }
    let is_list = operation.paging && operation.method == "GET";
    let fits = match body {
        [] => !is_list,
        // Whoever takes the items out reads all of it.
        page if is_list => is_braced(page) && !is_page(content_type),
        other => is_braced(other) && serde_json::from_slice::<Object>(other).is_ok(),
    };
    if fits {
        return Ok(());
    }
    let wanted = if is_list {
        "a JSON list"
    } else {
        "a JSON object"
    };
    let message = format!(
        "the answer, {status} with {} of `{}`, is not {wanted}",
        count(body.len()),
        content_type.unwrap_or("no type"),
    );
    if can_be_repeated(ready) {
        return Err(Error::Unusable(message));
    }
    Err(Error::Uncertain {
        activity: None,
        message,
    })
}

/// Whether it does no harm to ask again, so that there is nothing unclear about a damaged answer.
pub(crate) fn can_be_repeated(ready: &Ready) -> bool {
    ready.permit.deed().kind == OperationKind::Read
        || matches!(
            ready.repeat,
            catalog::Repeat::Safe | catalog::Repeat::Idempotent
        )
}

/// From the first brace to the last.
fn is_braced(page: &[u8]) -> bool {
    let page = page.trim_ascii();
    page.first() == Some(&b'{') && page.last() == Some(&b'}')
}

fn count(bytes: usize) -> String {
    match bytes {
        1 => "one byte".to_owned(),
        many => format!("{many} bytes"),
    }
}

fn is_page(content_type: Option<&str>) -> bool {
    content_type.is_some_and(|text| text.to_ascii_lowercase().starts_with("text/html"))
}
