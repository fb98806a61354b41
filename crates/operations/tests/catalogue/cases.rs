use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use serde::Deserialize;
use serde_json::Value;

/// How an operation is tried.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Case {
    /// What is done before; each answer is known by its name.
    #[serde(default)]
    pub(crate) with: Vec<Step>,
    /// The catalogue's own example, when left out.
    pub(crate) input: Option<Value>,
    /// A file's bytes beside the input.
    pub(crate) content: Option<String>,
    /// How often `content` is repeated: some files have to be large.
    pub(crate) times: Option<usize>,
    /// What a user gives besides, or otherwise.
    #[serde(default)]
    pub(crate) as_user: serde_json::Map<String, Value>,
    /// What an application gives besides, or otherwise.
    #[serde(default)]
    pub(crate) as_application: serde_json::Map<String, Value>,
    /// The catalogue's own, when left out.
    pub(crate) status: Option<u16>,
    /// The status that Microsoft refuses it with, where what it needs cannot be made here.
    pub(crate) refused: Option<u16>,
    /// Whether the sandbox answers it, or one of its steps, with 501.
    #[serde(default)]
    pub(crate) unserved: bool,
    /// What the answer has: places, with names between dots.
    #[serde(default)]
    pub(crate) has: Vec<String>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Step {
    pub(crate) name: String,
    /// An operation's id.
    pub(crate) run: String,
    #[serde(default)]
    pub(crate) input: Value,
    /// A file's bytes beside the input.
    pub(crate) content: Option<String>,
    /// Done as the user, whoever the case is tried as: an application cannot post what it then reads.
    #[serde(default)]
    pub(crate) by_user: bool,
    /// Done as the application: it acts in anybody's mailbox.
    #[serde(default)]
    pub(crate) by_application: bool,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    /// Done before each case of the file.
    #[serde(default)]
    with: Vec<Step>,
    case: BTreeMap<String, Case>,
}

/// All cases, by the operation's id.
pub(crate) fn all() -> BTreeMap<String, Case> {
    let mut all = BTreeMap::new();
    for path in files() {
        let text = fs::read_to_string(&path).unwrap();
        let file: File =
            toml::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        for (id, mut case) in file.case {
            case.with = file.with.iter().cloned().chain(case.with).collect();
            all.insert(id, case);
        }
    }
    all
}

/// What the sandbox answers with 501, by id.
pub(crate) fn unserved() -> BTreeSet<String> {
    let text = fs::read_to_string(folder().join("unserved.txt")).unwrap();
    let lines = text.lines().map(str::trim);
    lines
        .filter(|line| !line.is_empty() && !line.starts_with('#'))
        .map(str::to_owned)
        .collect()
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/catalogue/cases")
}

fn files() -> Vec<PathBuf> {
    let inside = |folder: PathBuf| {
        fs::read_dir(folder)
            .unwrap()
            .map(|entry| entry.unwrap().path())
    };
    let services = inside(folder()).filter(|path| path.is_dir());
    services.flat_map(inside).collect()
}
