use std::fs;
use std::path::{Path, PathBuf};

use toml::{Table, Value};

/// A crate of ours, by its manifest.
pub(crate) struct Manifest {
    pub(crate) name: String,
    pub(crate) folder: PathBuf,
    pub(crate) dependencies: Vec<Dependency>,
}

#[derive(Debug)]
pub(crate) struct Dependency {
    /// Of the package, whatever it is called here.
    pub(crate) name: String,
    pub(crate) kind: Kind,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Normal,
    Build,
    Development,
}

const KINDS: [(&str, Kind); 3] = [
    ("dependencies", Kind::Normal),
    ("build-dependencies", Kind::Build),
    ("dev-dependencies", Kind::Development),
];

impl Manifest {
    fn read(folder: PathBuf) -> Self {
        let text = fs::read_to_string(folder.join("Cargo.toml")).unwrap();
        let manifest: Table = text.parse().unwrap();
        let name = manifest["package"]["name"].as_str().unwrap().to_owned();
        let mut dependencies = dependencies(&manifest);
        let platforms = manifest.get("target").and_then(Value::as_table);
        for platform in platforms.into_iter().flat_map(Table::values) {
            dependencies.extend(platform.as_table().into_iter().flat_map(self::dependencies));
        }
        Self {
            name,
            folder,
            dependencies,
        }
    }

    /// Whether it takes more than its tests to need it.
    pub(crate) fn is_built_on(&self, dependency: &str) -> bool {
        self.dependencies
            .iter()
            .any(|one| one.name == dependency && one.kind != Kind::Development)
    }
}

/// All crates of the workspace.
pub(crate) fn all() -> Vec<Manifest> {
    let crates = fs::read_dir(root().join("crates")).unwrap();
    let mut folders: Vec<_> = crates.map(|entry| entry.unwrap().path()).collect();
    folders.push(root().join("xtask"));
    folders
        .into_iter()
        .filter(|folder| folder.is_dir())
        .map(Manifest::read)
        .collect()
}

pub(crate) fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap()
}

fn dependencies(table: &Table) -> Vec<Dependency> {
    let of_kind = |(section, kind): (&str, Kind)| {
        let entries = table.get(section).and_then(Value::as_table);
        entries
            .into_iter()
            .flatten()
            .map(move |(key, value)| Dependency {
                name: value
                    .get("package")
                    .and_then(Value::as_str)
                    .unwrap_or(key)
                    .to_owned(),
                kind,
            })
    };
    KINDS.into_iter().flat_map(of_kind).collect()
}
