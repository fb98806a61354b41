//! What makes an entry right. Each check names what is wrong in words for the person who wrote the entry.

mod parameters;

use std::collections::{BTreeMap, BTreeSet};

use super::source::{Method, Operation, Permission, Shared};
use super::{Catalogue, File, Mistake, SERVICES, template};

const KINDS: [&str; 4] = ["read", "write", "delete", "action"];
const APIS: [&str; 3] = ["graph", "dataverse", "businesscentral"];
const METHODS: [&str; 5] = ["GET", "POST", "PUT", "PATCH", "DELETE"];
const TARGETS: [&str; 8] = [
    "mailbox", "user", "drive", "site", "team", "chat", "table", "company",
];
const ROOTS: [&str; 3] = ["version", "environment", "host"];
/// Ids may also begin with these, which stand for several services.
const FAMILIES: [&str; 2] = ["dataverse", "graph"];

/// What a policy checks: a kind, and what names the one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Target {
    pub(crate) kind: String,
    pub(crate) parameter: Option<String>,
    /// Where in the parameter's value, `*` for any: `destination/driveId`, `*@odata.bind`.
    pub(crate) within: Option<String>,
    /// The one, where it is always the same.
    pub(crate) constant: Option<String>,
}

impl Target {
    /// `none`, `mailbox`, `user`, `drive:driveId`, `table:record/*@odata.bind`, or `table=accounts`.
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        let (kind, rest) = text
            .split_once([':', '='])
            .map_or((text, None), |(kind, rest)| (kind, Some(rest)));
        let (mut parameter, mut within, mut constant) = (None, None, None);
        match rest {
            Some(name) if text.contains('=') => constant = Some(name.to_owned()),
            Some(place) => {
                let (name, below) = place
                    .split_once('/')
                    .map_or((place, None), |(name, below)| (name, Some(below)));
                parameter = Some(name.to_owned());
                within = below.map(str::to_owned);
            }
            None if OWNERS.contains(&kind) => parameter = Some(kind.to_owned()),
            None => {}
        }
        if kind != "none" && !TARGETS.contains(&kind) {
            return Err(format!("`{kind}` is no kind of target"));
        }
        if (kind == "none") != (parameter.is_none() && constant.is_none()) {
            return Err(format!(
                "target `{text}` does not say which parameter names it"
            ));
        }
        Ok(Self {
            kind: kind.to_owned(),
            parameter,
            within,
            constant,
        })
    }
}

/// What names the person where a path begins with `{user}`: the owner of a mailbox, or of a drive, chats and meetings.
pub(crate) const OWNERS: [&str; 2] = ["mailbox", "user"];

/// The entry with its shared parts in place, or all that is wrong with it.
pub(crate) fn operation(
    mut operation: Operation,
    file: &File,
    shared: &Shared,
    catalogue: &Catalogue,
) -> Result<Operation, Vec<String>> {
    let mut mistakes = Vec::new();
    let mut note = |checked: Result<(), String>| mistakes.extend(checked.err());
    note(id(&operation.id, file));
    if catalogue
        .operations
        .iter()
        .any(|other| other.id == operation.id)
    {
        note(Err("the id is taken".to_owned()));
    }
    note(word("kind", &operation.kind, &KINDS));
    note(word("api", &operation.api, &APIS));
    note(word("method", &operation.method, &METHODS));
    note(word("root", &operation.root, &ROOTS));
    if let Some(name) = &operation.behavior
        && !catalogue.behaviors.contains_key(name)
    {
        note(Err(format!(
            "`behaviors.toml` does not say what `{name}` does"
        )));
    }
    note(repeat(&operation));
    note(prose(&operation));
    for (form, method) in [
        ("delegated", &operation.delegated),
        ("application", &operation.application),
    ] {
        note(permissions_of(
            &operation.api,
            form,
            method,
            &catalogue.permissions,
        ));
    }
    match template::parse(&operation.path) {
        Ok(segments) => {
            note(parameters::put_in_place(&mut operation, &segments, shared));
            note(target(&operation, &operation.target));
            for touched in &operation.touches {
                note(target(&operation, touched));
            }
        }
        Err(message) => note(Err(message)),
    }
    if mistakes.is_empty() {
        Ok(operation)
    } else {
        Err(mistakes)
    }
}

fn id(id: &str, file: &File) -> Result<(), String> {
    let parts: Vec<_> = id.split('.').collect();
    let service = parts[0];
    if parts.len() < 2 || parts.iter().any(|part| part.is_empty()) {
        return Err("an id is `<service>.<resource>.<verb>`, or `<service>.<verb>`".to_owned());
    }
    if !SERVICES.contains(&service) && !FAMILIES.contains(&service) {
        return Err(format!("`{service}` is no service"));
    }
    let expected = format!("{service}/{}.toml", parts[1]);
    if file.path == expected {
        Ok(())
    } else {
        Err(format!("it belongs in `{expected}`"))
    }
}

fn word(name: &str, value: &str, allowed: &[&str]) -> Result<(), String> {
    if allowed.contains(&value) {
        Ok(())
    } else {
        Err(format!(
            "`{name}` is `{value}`; choose of {}",
            allowed.join(", ")
        ))
    }
}

fn repeat(operation: &Operation) -> Result<(), String> {
    let repeat = operation.repeat.as_str();
    let look = repeat
        .strip_prefix("look:")
        .is_some_and(|name| !name.is_empty());
    if !look && !["safe", "idempotent", "never"].contains(&repeat) {
        return Err(format!(
            "`repeat` is `{repeat}`; choose of safe, idempotent, never, look:<name>"
        ));
    }
    if (operation.kind == "read") == (repeat == "safe") {
        Ok(())
    } else {
        Err("reads, and only reads, are safe to repeat".to_owned())
    }
}

fn prose(operation: &Operation) -> Result<(), String> {
    if operation.title.is_empty() || !operation.summary.ends_with('.') {
        return Err("it needs a title, and a summary in whole sentences".to_owned());
    }
    if !operation.docs.starts_with("https://learn.microsoft.com/") {
        return Err("`docs` is not a page of Microsoft's documentation".to_owned());
    }
    Ok(())
}

fn permissions_of(
    api: &str,
    form: &str,
    method: &Method,
    known: &BTreeMap<String, Permission>,
) -> Result<(), String> {
    if let Some(refused) = &method.refused {
        if refused.reason.is_empty() || refused.instead.is_empty() {
            return Err(format!(
                "{form} is refused without a reason and an alternative"
            ));
        }
        return if method.any.is_empty() && method.least.is_empty() {
            Ok(())
        } else {
            Err(format!("{form} is refused, and lists permissions"))
        };
    }
    if method.depends.is_some() || (api == "dataverse" && form == "application") {
        return if method.any.is_empty() && method.least.is_empty() {
            Ok(())
        } else {
            Err(format!(
                "{form} depends on the input, and lists permissions"
            ))
        };
    }
    if method.least.is_empty() || method.any.is_empty() {
        return Err(format!("{form} lists no permission"));
    }
    for name in method.least.iter().chain(&method.any) {
        let permission = known
            .get(name)
            .filter(|known| known.api == api)
            .ok_or_else(|| format!("{form} lists `{name}`, which is no permission of its API"))?;
        let issued = match form {
            "delegated" => permission.delegated.is_some(),
            _ => permission.application.is_some(),
        };
        if !issued && method.least.contains(name) {
            return Err(format!("`{name}` has no {form} form"));
        }
    }
    match method.least.iter().find(|name| !method.any.contains(name)) {
        Some(name) if method.least.len() == 1 => Err(format!(
            "{form} does not accept `{name}`, its own least permission"
        )),
        _ => Ok(()),
    }
}

fn target(operation: &Operation, text: &str) -> Result<(), String> {
    let target = Target::parse(text)?;
    let Some(name) = &target.parameter else {
        return Ok(());
    };
    let mut parameters = operation.parameter.iter();
    if parameters.any(|parameter| parameter.name == *name) {
        Ok(())
    } else {
        Err(format!("its target names `{name}`, which it does not take"))
    }
}

/// Permissions that include one which does not exist.
pub(crate) fn permissions(permissions: &BTreeMap<String, Permission>) -> Vec<Mistake> {
    let unknown = |name: &&String| !permissions.contains_key(name.as_str());
    permissions
        .iter()
        .flat_map(|(name, permission)| {
            permission
                .satisfied_by
                .iter()
                .filter(unknown)
                .map(move |other| Mistake {
                    file: format!("permissions/{}.toml", permission.api),
                    subject: Some(name.clone()),
                    message: format!("`{other}` is no permission"),
                })
        })
        .collect()
}

/// Each service once, each method offered with its reasons or refused with one.
pub(crate) fn integrations(catalogue: &Catalogue) -> Vec<Mistake> {
    let mut seen = BTreeSet::new();
    let mut mistakes = Vec::new();
    for integration in &catalogue.integrations {
        let mut note = |message: String| {
            mistakes.push(Mistake {
                file: "integrations.toml".to_owned(),
                subject: Some(integration.service.clone()),
                message,
            });
        };
        if !SERVICES.contains(&integration.service.as_str()) || !seen.insert(&integration.service) {
            note("it is no service, or stands here twice".to_owned());
        }
        for (form, offer) in [
            ("oauth", &integration.oauth),
            ("service_principal", &integration.service_principal),
        ] {
            if offer.refused.is_none() && (offer.why.is_empty() || offer.when.is_empty()) {
                note(format!("{form} does not say why and when"));
            }
            if offer.refused.is_some() && !offer.permission.is_empty() {
                note(format!("{form} is refused, and lists permissions"));
            }
        }
    }
    mistakes
}
