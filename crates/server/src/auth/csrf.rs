//! A page of another site can make a browser send our cookie, but cannot read our pages: what only they hold proves
//! where a request comes from. Beside it stand `SameSite=Lax` and the check of `Origin`.

use http::StatusCode;
use http::request::Parts;
use model::sha256;

use super::origin::is_unsafe;
use crate::problem::Problem;

const HEADER: &str = "x-csrf-token";
/// What a form of the browser that holds `secret` has to carry. The secret cannot be found from it.
pub(crate) fn token_of(secret: &str) -> String {
    hex::encode(sha256(format!("csrf:{secret}").as_bytes()))
}

/// Requests that change nothing need none.
pub(super) fn check_header(parts: &Parts, secret: &str) -> Result<(), Problem> {
    if !is_unsafe(&parts.method) || has_header(parts, &token_of(secret)) {
        return Ok(());
    }
    Err(refused())
}

fn has_header(parts: &Parts, token: &str) -> bool {
    parts
        .headers
        .get(HEADER)
        .is_some_and(|given| sha256(given.as_bytes()) == sha256(token.as_bytes()))
}

fn refused() -> Problem {
    Problem::new(
        StatusCode::FORBIDDEN,
        "csrf_refused",
        "the request does not show that it comes from a page of this server",
    )
    .next("load the page again and repeat it there; a program uses an API key")
}
