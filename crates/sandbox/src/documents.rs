//! Small documents, each a valid file of its kind: what libraries hold, and what a conversion gives.

mod office;
mod package;
mod pdf;
mod png;
mod reading;

pub(crate) use office::{docx, xlsx};
pub(crate) use pdf::pdf;
pub(crate) use png::png;
pub(crate) use reading::text_of;

/// What each part gives, one after the other.
fn joined<T>(parts: &[T], write: impl Fn(&T) -> String) -> String {
    parts.iter().map(write).collect::<Vec<_>>().concat()
}

/// Text as XML has it.
fn escaped(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
}
