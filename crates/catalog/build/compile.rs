//! Reads and checks the catalogue's files. The build script generates from what this returns; the crate's tests feed it
//! wrong files and read what it says.

mod check;
mod schema;
mod source;
mod template;

use std::collections::BTreeMap;
use std::fmt;

use serde::Deserialize;
use serde::de::DeserializeOwned;

pub(crate) use check::Target;
pub(crate) use source::{
    Behavior, Integration, Listed, Method, Offer, Operation, Parameter, Permission,
};
pub(crate) use template::{Piece, has_user, parse as parse_path};

pub(crate) const SERVICES: [&str; 7] = [
    "outlook",
    "teams",
    "onedrive",
    "sharepoint",
    "crm",
    "fieldservice",
    "businesscentral",
];

/// The services that an id speaks of: its first word, or what that stands for.
pub(crate) fn services(id: &str) -> Vec<&str> {
    match id.split('.').next().unwrap_or_default() {
        "dataverse" => vec!["crm", "fieldservice"],
        "graph" => vec!["outlook", "teams", "onedrive", "sharepoint"],
        name => vec![name],
    }
}

/// A file of the catalogue: its path below the crate, and its text.
pub(crate) struct File {
    pub(crate) path: String,
    pub(crate) text: String,
}

/// What is wrong, where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Mistake {
    pub(crate) file: String,
    /// The operation, permission or service it is in.
    pub(crate) subject: Option<String>,
    pub(crate) message: String,
}

impl fmt::Display for Mistake {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: ", self.file)?;
        if let Some(subject) = &self.subject {
            write!(f, "`{subject}`: ")?;
        }
        f.write_str(&self.message)
    }
}

/// Everything, checked, with shared parameters and schemas in place.
#[derive(Debug, Default)]
pub(crate) struct Catalogue {
    pub(crate) operations: Vec<Operation>,
    pub(crate) permissions: BTreeMap<String, Permission>,
    pub(crate) integrations: Vec<Integration>,
    pub(crate) behaviors: BTreeMap<String, Behavior>,
    /// Ids of operations that wait for their behaviour, and its name.
    pub(crate) waiting: Vec<(String, String)>,
}

/// The catalogue, or every mistake in it.
pub(crate) fn compile(files: &[File]) -> Result<Catalogue, Vec<Mistake>> {
    let mut mistakes = Vec::new();
    let mut catalogue = Catalogue::default();
    let mut shared = BTreeMap::new();
    let mut operations = Vec::new();
    for file in files {
        let read = match file.path.split_once('/') {
            Some(("permissions", name)) => read_permissions(file, name.trim_end_matches(".toml"))
                .map(|lines| catalogue.permissions.extend(lines)),
            Some(("shared", name)) => read_whole::<source::Shared>(file).map(|contents| {
                shared.insert(name.trim_end_matches(".toml").to_owned(), contents);
            }),
            None if file.path == "behaviors.toml" => {
                read_whole(file).map(|behaviors| catalogue.behaviors = behaviors)
            }
            None => read_whole::<source::Integrations>(file)
                .map(|contents| catalogue.integrations = contents.integration),
            Some(_) => read_operations(file).map(|found| {
                operations.extend(found.into_iter().map(|operation| (file, operation)));
            }),
        };
        if let Err(found) = read {
            mistakes.extend(found);
        }
    }
    mistakes.extend(check::permissions(&catalogue.permissions));
    mistakes.extend(check::integrations(&catalogue));
    mistakes.extend(extend(&mut shared));
    for (file, operation) in operations {
        let folder = file.path.split('/').next().unwrap_or_default();
        let none = source::Shared::default();
        let shared = shared.get(folder).unwrap_or(&none);
        let id = operation.id.clone();
        match check::operation(operation, file, shared, &catalogue) {
            Ok(operation) => catalogue.operations.push(operation),
            Err(found) => mistakes.extend(found.into_iter().map(|message| Mistake {
                file: file.path.clone(),
                subject: Some(id.clone()),
                message,
            })),
        }
    }
    if mistakes.is_empty() {
        leave_out(&mut catalogue);
        Ok(catalogue)
    } else {
        Err(mistakes)
    }
}

/// What waits for its behaviour is checked like the rest, and not offered.
fn leave_out(catalogue: &mut Catalogue) {
    let behaviors = &catalogue.behaviors;
    let waits = |operation: &mut Operation| {
        operation
            .behavior
            .as_ref()
            .is_some_and(|name| !behaviors.get(name).is_some_and(|known| known.implemented))
    };
    let waiting = catalogue.operations.extract_if(.., waits);
    let named = waiting.map(|operation| (operation.id, operation.behavior.unwrap_or_default()));
    catalogue.waiting = named.collect();
}

/// Puts what a file of shared parts extends beside its own.
fn extend(shared: &mut BTreeMap<String, source::Shared>) -> Vec<Mistake> {
    let mut mistakes = Vec::new();
    let all = shared.clone();
    for (name, contents) in shared.iter_mut() {
        let Some(other) = &contents.extends else {
            continue;
        };
        let Some(other) = all.get(other) else {
            mistakes.push(Mistake {
                file: format!("shared/{name}.toml"),
                subject: None,
                message: format!("there is no `shared/{other}.toml`"),
            });
            continue;
        };
        for (name, schema) in &other.schema {
            let kept = contents.schema.entry(name.clone());
            kept.or_insert_with(|| schema.clone());
        }
        for (name, parameter) in &other.parameter {
            let kept = contents.parameter.entry(name.clone());
            kept.or_insert_with(|| parameter.clone());
        }
    }
    mistakes
}

fn read_permissions(file: &File, api: &str) -> Result<BTreeMap<String, Permission>, Vec<Mistake>> {
    let mut lines = read_whole::<BTreeMap<String, Permission>>(file)?;
    for permission in lines.values_mut() {
        api.clone_into(&mut permission.api);
    }
    Ok(lines)
}

fn read_whole<T: DeserializeOwned>(file: &File) -> Result<T, Vec<Mistake>> {
    toml::from_str(&file.text).map_err(|error| vec![mistake(file, None, &error)])
}

/// Read one by one, so that a mistake is told with the operation's name and does not hide the others.
fn read_operations(file: &File) -> Result<Vec<Operation>, Vec<Mistake>> {
    #[derive(Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Entries {
        operation: Vec<toml::Table>,
    }
    let entries = read_whole::<Entries>(file)?.operation;
    let mut operations = Vec::new();
    let mut mistakes = Vec::new();
    for entry in entries {
        let id = entry.get("id").and_then(toml::Value::as_str);
        let id = id.map(str::to_owned);
        match Operation::deserialize(entry) {
            Ok(operation) => operations.push(operation),
            Err(error) => mistakes.push(mistake(file, id, &error)),
        }
    }
    if mistakes.is_empty() {
        Ok(operations)
    } else {
        Err(mistakes)
    }
}

fn mistake(file: &File, subject: Option<String>, error: &toml::de::Error) -> Mistake {
    Mistake {
        file: file.path.clone(),
        subject,
        message: error.to_string().trim().to_owned(),
    }
}
