mod out;

use catalog::{Operation, Support};
use model::{Api, ConnectionMethod, Service};
use serde_json::{Map, Value, json};

use super::relations::Schema;
use super::stage::Stage;
use super::ways::{Ask, Way, forms, link, request, run, send};
use crate::stage::fields;
use crate::tally::Tally;
use out::ways_out;

/// A table that no operation is about.
const ELSEWHERE: &str = "territory";
/// What stays closed whatever is listed: all tables at once, and what only its author knows.
const CLOSED: [&str; 5] = [
    "dataverse.actions.callBound",
    "dataverse.actions.callUnbound",
    "dataverse.choices.listGlobal",
    "dataverse.tables.list",
    "dataverse.views.run",
];
/// Those that name no table at all, or whose parts are requests of their own.
const BESIDE: [&str; 4] = [
    "dataverse.batch",
    "dataverse.changeset",
    "dataverse.environments.discover",
    "dataverse.whoAmI",
];

fn is_meant(operation: &Operation) -> bool {
    operation.api == Api::Dataverse
        && !BESIDE.contains(&operation.id)
        && operation.support(ConnectionMethod::ServicePrincipal) == Support::Supported
}

/// Tables that the example needs besides the one of its path.
fn needs(operation: &Operation) -> &'static [&'static str] {
    match operation.id {
        "crm.leads.qualify" => &[
            "account",
            "contact",
            "opportunity",
            "transactioncurrency",
            "campaign",
        ],
        "crm.opportunities.win" | "crm.opportunities.lose" => &["opportunity", "opportunityclose"],
        "dataverse.records.assign" => &["systemuser"],
        "dataverse.records.disassociate" => &["contact"],
        "fieldservice.availability.search" => &[
            "bookableresource",
            "bookableresourcebooking",
            "msdyn_resourcerequirement",
        ],
        "dataverse.functions.call" | "dataverse.search" => &["account"],
        _ => &[],
    }
}

/// The catalogue's example; a search says where it looks.
fn input(operation: &Operation) -> Map<String, Value> {
    let mut input = fields(&operation.example(ConnectionMethod::ServicePrincipal));
    if operation.id == "dataverse.search" {
        input.insert("entities".to_owned(), json!("[{\"name\":\"account\"}]"));
    }
    input
}

/// The tables that entity sets and logical names in a request are of, found by searching its text.
fn named(schema: &Schema, path: &str, body: Option<&Value>) -> Vec<String> {
    let body = body.map_or_else(String::new, Value::to_string);
    let text = format!("{path} {body}");
    let text = super::stage::decoded(&text.replace('+', " "));
    let is_letter = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let mut found: Vec<String> = Vec::new();
    for (at, _) in text.match_indices(is_letter) {
        let begins = !text[..at].ends_with(is_letter);
        let word: String = text[at..].chars().take_while(|c| is_letter(*c)).collect();
        let rest = &text[at + word.len()..];
        if !begins {
            continue;
        }
        let by_set = schema
            .by_set
            .get(&word)
            .filter(|_| at == 0 || rest.starts_with('('));
        let is_quoted =
            text[..at].ends_with(['\'', '"', '.']) && rest.starts_with(['\'', '"', '\\']);
        let by_name = schema.by_name.get(&word).filter(|_| is_quoted);
        found.extend(by_set.or(by_name).map(|table| table.name.clone()));
    }
    found
}

#[tokio::test]
async fn no_table_that_is_not_listed_is_reached_by_any_operation_in_any_way() {
    let stage = Stage::start().await;
    let schema = Schema::read(&stage).await;
    let mut tally = Tally::default();
    for operation in catalog::operations().iter().filter(|one| is_meant(one)) {
        tally.operations += 1;
        Box::pin(one(&stage, &schema, operation, &mut tally)).await;
    }
    stage.world.stop().await;
    tally.close(80, 4_000, 80);
}

async fn one(stage: &Stage, schema: &Schema, operation: &'static Operation, tally: &mut Tally) {
    let id = operation.id;
    let connection = stage.connection(operation);
    let input = input(operation);
    let Some((path, body)) = request(stage, operation, &input) else {
        return;
    };
    let mut tables = named(schema, &path, body.as_ref());
    tables.extend(needs(operation).iter().map(ToString::to_string));
    tables.sort();
    tables.dedup();
    let listed: Vec<&str> = tables.iter().map(String::as_str).collect();

    let set = path.split(['(', '/', '?']).next().unwrap_or_default();
    let own = schema.by_set.get(set);
    let out = match own {
        Some(own) => {
            stage
                .world
                .limit(stage.of(Service::Crm), model::Policy::default())
                .await;
            let relations = schema.relations(stage, &own.name).await;
            ways_out(stage, schema, operation, own, &relations, &tables)
        }
        None => Vec::new(),
    };

    stage.hold_to_tables(connection, &[ELSEWHERE]).await;
    for (way, ask) in ways_to(stage, operation, &input, &path, body.as_ref()) {
        stage.world.control().clear_requests();
        let outcome = send(stage, connection, operation, &ask).await;
        tally.outside(
            &format!("{id}, {way}"),
            &outcome,
            &stage.reached(&[ELSEWHERE]),
        );
    }

    stage.hold_to_tables(connection, &listed).await;
    for (way, ask) in out {
        stage.world.control().clear_requests();
        let outcome = send(stage, connection, operation, &ask).await;
        tally.outside(&format!("{id}, {way}"), &outcome, &stage.reached(&listed));
    }
    stage.world.control().clear_requests();
    let outcome = send(stage, connection, operation, &run(input)).await;
    // A definition of a listed table is asked for as a lookup would be.
    let reached = stage.reached(&[]);
    if CLOSED.contains(&id) {
        tally.outside(&format!("{id}, run"), &outcome, &stage.reached(&listed));
    } else {
        tally.inside(&format!("{id}, listed {listed:?}, run"), &outcome, &reached);
    }
}

/// Every way to what the example is about, while only another table is listed.
fn ways_to(
    stage: &Stage,
    operation: &'static Operation,
    input: &Map<String, Value>,
    path: &str,
    body: Option<&Value>,
) -> Vec<Way> {
    let mut ways = vec![
        ("run".to_owned(), run(input.clone())),
        (
            "in a batch".to_owned(),
            Ask::Batch("dataverse.batch", input.clone()),
        ),
    ];
    if operation.method != "GET" {
        let ask = Ask::Batch("dataverse.changeset", input.clone());
        ways.push(("in a change set".to_owned(), ask));
    }
    for (how, path) in forms(path) {
        let ask = Ask::Raw {
            method: operation.method,
            path: path.clone(),
            body: body.cloned(),
        };
        ways.push((format!("through the pass-through, {how}"), ask));
        let ask = Ask::Mixed {
            allowed: "territories?$top=1".to_owned(),
            method: operation.method,
            path,
            body: body.cloned(),
        };
        ways.push((format!("in a mixed batch, {how}"), ask));
    }
    let root = stage.root(Api::Dataverse);
    let plain = path.split('?').next().unwrap_or_default();
    for (how, url) in [
        ("nextLink", format!("{root}/{plain}?$skiptoken=x")),
        ("delta link", format!("{root}/{plain}?$deltatoken=919042")),
        (
            "nextLink to the listed one and on",
            format!("{root}/territories/../{plain}"),
        ),
        (
            "nextLink in another version",
            format!("{}/{plain}", root.replace("v9.2", "v9.1")),
        ),
        (
            "nextLink to another host",
            format!("https://contoso.crm4.dynamics.com/api/data/v9.2/{plain}"),
        ),
    ] {
        ways.push((format!("through a {how}"), link(input, &url)));
    }
    ways
}
