//! What lies on this machine's disk.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use super::Check;

/// Permission bits for anybody but the owner.
const OTHERS: u32 = 0o077;

/// Directory and master key of a local installation.
pub(super) fn examine(data: &Path) -> Vec<Check> {
    let mut checks = vec![directory(data)];
    let key = data.join("master.key");
    if key.exists() {
        checks.push(master_key(&key));
    }
    checks
}

fn directory(data: &Path) -> Check {
    let name = "data directory";
    let shown = data.display();
    let Ok(metadata) = fs::metadata(data) else {
        return Check::bad(
            name,
            format!("there is none at `{shown}`"),
            "`consentry up` makes it; name another with `--data`",
        );
    };
    if metadata.permissions().mode() & OTHERS != 0 {
        return Check::bad(
            name,
            format!("others may look into `{shown}`"),
            format!("run `chmod 700 {shown}`"),
        );
    }
    match tempfile::tempfile_in(data) {
        Ok(_) => Check::good(name, format!("`{shown}` can be written")),
        Err(error) => Check::bad(
            name,
            format!("nothing can be written to `{shown}`: {error}"),
            "make room on the disk, and the directory belong to the user that runs Consentry",
        ),
    }
}

fn master_key(key: &Path) -> Check {
    let name = "master key";
    let shown = key.display();
    match fs::metadata(key) {
        Ok(metadata) if metadata.permissions().mode() & OTHERS == 0 => {
            Check::good(name, format!("`{shown}` is its owner's only"))
        }
        Ok(_) => Check::bad(
            name,
            format!("others may read `{shown}`"),
            format!("run `chmod 600 {shown}`, and rotate what was sealed if somebody else did"),
        ),
        Err(error) => Check::bad(
            name,
            format!("`{shown}` cannot be looked at: {error}"),
            "make it belong to the user that runs Consentry",
        ),
    }
}
