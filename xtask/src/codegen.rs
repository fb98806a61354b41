//! Writes what is made from the catalogue and committed. Tests say when it is stale.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result};

/// Below the root of the repository.
const REFERENCE: &str = "docs/reference";

/// Writes the reference pages anew; a page that is made no longer is removed.
pub fn run() -> Result<()> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let folder = root.join(REFERENCE);
    if folder.exists() {
        fs::remove_dir_all(&folder).context("cannot remove the old reference pages")?;
    }
    fs::create_dir_all(&folder)?;
    for page in catalog::reference::pages() {
        let path = folder.join(&page.file);
        fs::write(&path, page.text).with_context(|| format!("cannot write {}", path.display()))?;
    }
    Ok(())
}
