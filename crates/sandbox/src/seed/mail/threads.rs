//! What the people of Contoso write to each other, as data.

mod across;
mod announcements;
mod departments;

/// A conversation among colleagues: the first writer opens it to all others, each next one answers everyone.
pub(super) struct Thread {
    pub(super) subject: &'static str,
    pub(super) days_ago: i64,
    /// Parts of addresses before the `@`; `["*"]` is everyone.
    pub(super) people: &'static [&'static str],
    /// Writer and text, in order.
    pub(super) posts: &'static [(&'static str, &'static str)],
    /// Of the first post: name and text content.
    pub(super) file: Option<(&'static str, &'static str)>,
}

pub(super) const EVERYONE: &[&str] = &["*"];

/// The smallest file that a reader opens as one empty page.
pub(super) const PDF: &str = "%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj\n\
                   3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 300 144]>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n";

/// All of them, in the order in which they are seeded.
pub(super) fn all() -> impl Iterator<Item = &'static Thread> {
    [
        announcements::THREADS,
        departments::THREADS,
        across::THREADS,
    ]
    .into_iter()
    .flatten()
}
