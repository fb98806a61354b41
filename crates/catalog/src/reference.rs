//! The reference pages, one for each first word of an id, as Markdown. They are committed under `docs/reference`; a test holds
//! them against this, and `cargo xtask codegen` writes them.

use std::fmt::Write;

use model::{ConnectionMethod, OperationKind, Service};
use serde_json::Value;

use crate::{
    Absent, Operation, Parameter, Permissions, Repeat, Support, integration, operations,
    permissions,
};

/// A page: its file's name, and its text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page {
    pub file: String,
    pub text: String,
}

/// All pages, the list of them first.
pub fn pages() -> Vec<Page> {
    let mut words: Vec<&str> = operations().iter().map(first_word).collect();
    words.sort_unstable();
    words.dedup();
    let mut pages = vec![Page {
        file: "README.md".to_owned(),
        text: contents(&words),
    }];
    pages.extend(words.into_iter().map(|word| Page {
        file: format!("{word}.md"),
        text: page(word),
    }));
    pages
}

fn first_word(operation: &'static Operation) -> &'static str {
    operation.id.split('.').next().unwrap_or_default()
}

fn of(word: &str) -> impl Iterator<Item = &'static Operation> {
    operations()
        .iter()
        .filter(move |operation| first_word(operation) == word)
}

fn contents(words: &[&str]) -> String {
    let mut text = "# Operations\n\nMade from the catalogue by `cargo xtask codegen`. Each runs by `POST /api/v1/connections/{id}/operations/{operation}`,\nor `consentry run ID --connection NAME`.\n\n| page | operations |\n|---|---|\n".to_owned();
    for word in words {
        let _ = writeln!(
            text,
            "| [{}]({word}.md) | {} |",
            title(word),
            of(word).count()
        );
    }
    text
}

fn title(word: &str) -> String {
    match word {
        "graph" => "Microsoft Graph, for its four services".to_owned(),
        "dataverse" => "Dataverse, for CRM and Field Service".to_owned(),
        name => name
            .parse::<Service>()
            .map_or_else(|_| name.to_owned(), |service| service.title().to_owned()),
    }
}

fn page(word: &str) -> String {
    let mut text = format!("# {}\n\n", title(word));
    if let Ok(service) = word.parse::<Service>() {
        let _ = write!(text, "{}\n\n", integration(service).summary);
        permission_table(&mut text, service);
    }
    text.push_str("| operation | does | kind |\n|---|---|---|\n");
    for operation in of(word) {
        let _ = writeln!(
            text,
            "| [`{0}`](#{1}) | {2} | {3} |",
            operation.id,
            anchor(operation.id),
            operation.title,
            operation.kind
        );
    }
    for operation in of(word) {
        described(&mut text, operation);
    }
    text
}

/// As forges make it of a heading.
fn anchor(id: &str) -> String {
    id.to_lowercase().replace('.', "")
}

/// What each permission that an operation asks for opens, by either method.
fn permission_table(text: &mut String, service: Service) {
    for method in ConnectionMethod::ALL {
        let names = permissions::asked_by(service, method);
        if names.is_empty() || !service.supports(method) {
            continue;
        }
        let _ = write!(
            text,
            "| permission of {} | opens |\n|---|---|\n",
            holder(method)
        );
        for name in names {
            let count = permissions::opens(service, method, name).len();
            let consent = permissions::describe(name)
                .filter(|entry| method == ConnectionMethod::OAuth && entry.needs_admin_consent);
            let consent = consent.map_or("", |_| "; an administrator has to consent");
            let _ = writeln!(
                text,
                "| `{name}` | {count} {}{consent} |",
                if count == 1 {
                    "operation"
                } else {
                    "operations"
                }
            );
        }
        text.push('\n');
    }
}

fn holder(method: ConnectionMethod) -> &'static str {
    match method {
        ConnectionMethod::OAuth => "a user",
        ConnectionMethod::ServicePrincipal => "an application",
    }
}

fn described(text: &mut String, operation: &'static Operation) {
    let _ = write!(
        text,
        "\n## {}\n\n{}. {}\n\n`{} {}` · [Microsoft's page]({})\n\n",
        operation.id,
        operation.title,
        operation.summary,
        operation.method,
        operation.path,
        operation.docs
    );
    for method in ConnectionMethod::ALL {
        let _ = writeln!(
            text,
            "- as {}: {}",
            holder(method),
            support(operation, method)
        );
    }
    for note in notes(operation) {
        let _ = writeln!(text, "- {note}");
    }
    if !operation.parameters.is_empty() {
        text.push_str("\n| field | type | needed | |\n|---|---|---|---|\n");
        for parameter in operation.parameters {
            let _ = writeln!(
                text,
                "| `{}` | {} | {} | {} |",
                parameter.name,
                kind(&parameter.schema()),
                needed(parameter),
                told(parameter)
            );
        }
    }
    let example = operation.example(operation.usual_method());
    let example = serde_json::to_string_pretty(&example).expect("a value is always JSON");
    let _ = write!(text, "\n```json\n{example}\n```\n");
}

fn support(operation: &Operation, method: ConnectionMethod) -> String {
    if let Support::Refused { reason, instead } = operation.support(method) {
        return format!("no. {reason}; {instead}.");
    }
    let quoted = |names: &[&str]| {
        let names: Vec<_> = names.iter().map(|name| format!("`{name}`")).collect();
        names.join(", ")
    };
    match *operation.permissions(method) {
        Permissions {
            depends: Some(depends),
            ..
        } => format!("the permission is {depends}"),
        Permissions {
            any: [],
            privileges: [],
            ..
        } => "yes".to_owned(),
        Permissions {
            any: [],
            privileges,
            ..
        } => format!("a security role with {}", quoted(privileges)),
        Permissions { least, any, .. } => {
            let others: Vec<_> = any
                .iter()
                .copied()
                .filter(|name| !least.contains(name))
                .collect();
            match others.as_slice() {
                [] => quoted(least),
                others => format!("{}, or {}", quoted(least), quoted(others)),
            }
        }
    }
}

fn notes(operation: &Operation) -> Vec<String> {
    let mut notes = Vec::new();
    if operation.paging {
        notes.push("answers in pages".to_owned());
    }
    if operation.result.bytes {
        notes.push("answers bytes, not JSON".to_owned());
    }
    let repeat = match operation.repeat {
        Repeat::Safe => None,
        Repeat::Idempotent => Some("may be repeated: twice is as good as once"),
        Repeat::Look(_) => Some("looked for before it is repeated"),
        Repeat::Never => Some("never repeated by itself"),
    };
    if operation.kind != OperationKind::Read {
        notes.extend(repeat.map(str::to_owned));
    }
    notes
}

fn kind(schema: &Value) -> String {
    let name = schema["type"].as_str().unwrap_or("any");
    match schema["enum"].as_array() {
        Some(values) if values.len() <= 8 => {
            let values: Vec<_> = values
                .iter()
                .map(|value| format!("`{}`", plain(value)))
                .collect();
            values.join(", ")
        }
        _ if name == "array" => format!(
            "list of {}",
            schema["items"]["type"].as_str().unwrap_or("any")
        ),
        _ => name.to_owned(),
    }
}

fn plain(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), cell)
}

fn needed(parameter: &Parameter) -> &'static str {
    let [by_user, by_application] =
        ConnectionMethod::ALL.map(|method| parameter.is_required(method));
    match (by_user, by_application, parameter.absent) {
        (true, true, _) => "yes",
        (false, true, _) => "as an application",
        (_, _, Absent::Connection) => "unless the connection has one",
        _ => "",
    }
}

fn told(parameter: &Parameter) -> String {
    let mut text = cell(parameter.description);
    if let Some(unit) = parameter.unit {
        let _ = write!(text, " In {unit}.");
    }
    text
}

/// A bar would end the cell.
fn cell(text: &str) -> String {
    text.replace('|', "\\|").replace('\n', " ")
}
