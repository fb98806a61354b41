//! What lies on this machine's disk.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use super::Check;

/// Permission bits for anybody but the owner.
const OTHERS: u32 = 0o077;

/// A disk with less room left than this is told: the activity log grows, and uploads rest on it.
const LEAST_FREE: u64 = 512 * 1024 * 1024;

/// Directory, disk and master key of a local installation. What lies in a directory that nobody else may enter is as closed as
/// that.
pub(super) fn examine(data: &Path) -> Vec<Check> {
    let mut checks = vec![directory(data)];
    if !checks[0].ok {
        return checks;
    }
    checks.push(space(data));
    let key = data.join("master.key");
    if key.exists() {
        checks.push(master_key(&key));
    }
    checks
}

fn space(data: &Path) -> Check {
    let name = "disk";
    match rustix::fs::statvfs(data) {
        Ok(disk) => room(disk.f_bavail.saturating_mul(disk.f_frsize)),
        Err(error) => Check::bad(
            name,
            format!("how much room is left cannot be told: {error}"),
            "look at the disk that the data directory lies on",
        ),
    }
}

fn room(free: u64) -> Check {
    let shown = format!("{} MiB are free", free / 1024 / 1024);
    if free >= LEAST_FREE {
        return Check::good("disk", shown);
    }
    Check::bad(
        "disk",
        shown,
        "make room: a full disk stops every write before it is sent",
    )
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_disk_that_is_nearly_full_is_not_well() {
        assert!(room(10 * LEAST_FREE).ok);
        assert!(!room(LEAST_FREE - 1).ok);
    }

    #[test]
    fn a_directory_and_a_key_that_others_may_read_are_not_well() {
        let data = tempfile::tempdir().unwrap();
        let allow = |path: &Path, mode| {
            fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
        };
        let key = data.path().join("master.key");
        fs::write(&key, "secret").unwrap();
        allow(data.path(), 0o700);
        allow(&key, 0o600);
        assert!(examine(data.path()).iter().all(|check| check.ok));
        allow(&key, 0o644);
        let told = examine(data.path());
        let bad: Vec<_> = told.iter().filter(|check| !check.ok).collect();
        assert_eq!(bad.len(), 1);
        assert!(bad[0].hint.as_deref().unwrap().contains("chmod 600"));
        allow(data.path(), 0o755);
        assert!(!examine(data.path())[0].ok);
    }
}
