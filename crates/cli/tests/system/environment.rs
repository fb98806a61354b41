//! What the test runner says.

/// The PostgreSQL server to try. `None`, said aloud, when there is none.
#[expect(clippy::disallowed_methods, reason = "a test's own switch")]
pub(crate) fn database_url() -> Option<String> {
    let url = std::env::var("TEST_DATABASE_URL").ok();
    if url.is_none() {
        eprintln!("`TEST_DATABASE_URL` is not set: PostgreSQL is left out");
    }
    url
}

/// A number that somebody may want to be another one.
#[expect(clippy::disallowed_methods, reason = "a test's own switch")]
pub(crate) fn number(name: &str, default: u64) -> u64 {
    std::env::var(name).map_or(default, |text| text.parse().unwrap())
}
