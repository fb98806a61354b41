use std::path::Path;

use crate::reference::pages;

#[test]
fn the_reference_pages_say_what_the_catalogue_says() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/reference");
    let pages = pages();
    for page in &pages {
        let written = std::fs::read_to_string(folder.join(&page.file)).unwrap_or_default();
        assert!(
            written == page.text,
            "docs/reference/{} is stale: run `cargo xtask codegen`",
            page.file
        );
    }
    let there = std::fs::read_dir(&folder).unwrap().count();
    assert_eq!(there, pages.len(), "docs/reference holds a page too many");
}
