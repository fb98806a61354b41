mod manifest;
mod show;

use catalog::{Operation, Support};
use clap::{Args, Subcommand};
use model::{ConnectionMethod, Service};
use serde_json::{Value, json};

use crate::exit::{Exit, Failure};
use crate::output::{self, Output};

#[derive(Debug, Subcommand)]
pub(crate) enum Operations {
    /// All of them, or one service's.
    List(List),
    /// Those in which every word occurs.
    Search(Search),
    /// One of them: input, permissions, Microsoft's page.
    Show(Show),
    /// What to register in Entra ID for services or operations: the smallest set of permissions, as text, JSON or a script.
    Manifest(manifest::Manifest),
}

#[derive(Debug, Args)]
pub(crate) struct List {
    /// Only those that run on this service's connections.
    #[arg(long)]
    service: Option<Service>,
}

#[derive(Debug, Args)]
pub(crate) struct Search {
    /// Words of an id, title, summary or field.
    #[arg(required = true)]
    words: Vec<String>,
}

#[derive(Debug, Args)]
pub(crate) struct Show {
    /// An operation's id, such as `outlook.messages.send`.
    id: String,
}

impl Operations {
    pub(crate) fn run(&self, output: Output) -> anyhow::Result<Exit> {
        match self {
            Self::List(list) => list.run(output),
            Self::Search(search) => found(&catalog::search(&search.words.join(" ")), output),
            Self::Show(show) => show.run(output),
            Self::Manifest(manifest) => manifest.run(output),
        }
    }
}

impl List {
    fn run(&self, output: Output) -> anyhow::Result<Exit> {
        let fits = |operation: &&Operation| {
            self.service
                .is_none_or(|service| operation.runs_on(service))
        };
        let operations: Vec<_> = catalog::operations().iter().filter(fits).collect();
        found(&operations, output)
    }
}

impl Show {
    fn run(&self, output: Output) -> anyhow::Result<Exit> {
        let operation = catalog::operation(&self.id).ok_or_else(|| missing(&self.id))?;
        output.show(&show::document(operation), || show::text(operation))?;
        Ok(Exit::Success)
    }
}

fn missing(id: &str) -> Failure {
    let nearest: Vec<_> = catalog::nearest(id, 3)
        .into_iter()
        .map(|id| format!("`{id}`"))
        .collect();
    Failure::new(Exit::NotFound, format!("there is no operation `{id}`"))
        .hint(format!("did you mean {}?", nearest.join(" or ")))
}

fn found(operations: &[&Operation], output: Output) -> anyhow::Result<Exit> {
    let documents: Vec<_> = operations
        .iter()
        .map(|operation| entry(operation))
        .collect();
    output.show(&documents, || {
        let rows = operations.iter().map(|operation| {
            [
                operation.id.to_owned(),
                operation.kind.to_string(),
                methods(operation),
                operation.title.to_owned(),
            ]
        });
        output::table(["id", "kind", "methods", "title"], rows)
    })?;
    Ok(if operations.is_empty() {
        output::note("no operation has every one of these words: fewer find more");
        Exit::NotFound
    } else {
        Exit::Success
    })
}

/// What a list says of an operation.
fn entry(operation: &Operation) -> Value {
    json!({
        "id": operation.id,
        "title": operation.title,
        "summary": operation.summary,
        "kind": operation.kind,
        "services": operation.services,
        "methods": supported(operation),
        "method": operation.method,
        "path": operation.path,
        "paging": operation.paging,
        "docs": operation.docs,
    })
}

fn supported(operation: &Operation) -> Vec<ConnectionMethod> {
    ConnectionMethod::ALL
        .into_iter()
        .filter(|method| operation.support(*method) == Support::Supported)
        .collect()
}

fn methods(operation: &Operation) -> String {
    let names: Vec<_> = supported(operation)
        .into_iter()
        .map(ConnectionMethod::id)
        .collect();
    names.join(", ")
}
