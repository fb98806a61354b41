use std::process::Command;

use serde_json::Value;

/// A package that a build on this machine may use.
pub(crate) struct Package {
    pub(crate) name: String,
    pub(crate) version: String,
    pub(crate) license: Option<String>,
    /// None for ours.
    pub(crate) source: Option<String>,
}

/// All of them, those of other platforms aside: their sources need not be here.
pub(crate) fn all() -> Vec<Package> {
    let metadata = print(&[
        "metadata",
        "--format-version",
        "1",
        "--locked",
        "--filter-platform",
        &host(),
    ]);
    let metadata: Value = serde_json::from_str(&metadata).unwrap();
    let used = metadata["resolve"]["nodes"].as_array().unwrap();
    let used: Vec<_> = used.iter().map(|node| &node["id"]).collect();
    let packages = metadata["packages"].as_array().unwrap();
    packages
        .iter()
        .filter(|package| used.contains(&&package["id"]))
        .map(|package| {
            let text = |field: &str| package[field].as_str().map(str::to_owned);
            Package {
                name: text("name").unwrap(),
                version: text("version").unwrap(),
                license: text("license"),
                source: text("source"),
            }
        })
        .collect()
}

fn host() -> String {
    let output = Command::new("rustc").arg("-vV").output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    let line = text.lines().find_map(|line| line.strip_prefix("host: "));
    line.unwrap().to_owned()
}

fn print(arguments: &[&str]) -> String {
    let root = concat!(env!("CARGO_MANIFEST_DIR"), "/..");
    let output = Command::new("cargo")
        .args(arguments)
        .current_dir(root)
        .output()
        .unwrap();
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    String::from_utf8(output.stdout).unwrap()
}
