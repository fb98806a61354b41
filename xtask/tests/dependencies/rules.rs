use std::fs;

use toml::{Table, Value};

/// As much of `deny.toml` as is checked here.
pub(crate) struct Rules {
    allowed: Vec<String>,
    /// Package and license.
    exceptions: Vec<(String, String)>,
    pub(crate) banned: Vec<String>,
}

impl Rules {
    pub(crate) fn read() -> Self {
        let text =
            fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../deny.toml")).unwrap();
        let file: Table = text.parse().unwrap();
        let licenses = file["licenses"].as_table().unwrap();
        let exceptions = list(licenses.get("exceptions")).flat_map(|exception| {
            let package = name(exception);
            texts(exception.get("allow"))
                .into_iter()
                .map(move |license| (package.clone(), license))
        });
        Self {
            allowed: texts(licenses.get("allow")),
            exceptions: exceptions.collect(),
            banned: list(file["bans"].get("deny")).map(name).collect(),
        }
    }

    pub(crate) fn is_allowed(&self, package: &str, license: &str) -> bool {
        self.allowed.iter().any(|one| one == license)
            || self
                .exceptions
                .iter()
                .any(|(name, one)| name == package && one == license)
    }
}

fn list(value: Option<&Value>) -> impl Iterator<Item = &Value> {
    value.and_then(Value::as_array).into_iter().flatten()
}

fn texts(value: Option<&Value>) -> Vec<String> {
    list(value)
        .map(|text| text.as_str().unwrap().to_owned())
        .collect()
}

/// `openssl`, as a text or a table with a name, the package's version aside.
fn name(entry: &Value) -> String {
    let named = ["name", "crate"].iter().find_map(|key| entry.get(*key));
    let text = named.unwrap_or(entry).as_str().unwrap();
    text.split(['@', ':']).next().unwrap().to_owned()
}
