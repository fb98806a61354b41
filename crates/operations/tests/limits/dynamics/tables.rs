use catalog::{Operation, Support};
use model::{Api, ConnectionMethod, Service};
use serde_json::{Map, Value, json};

use super::relations::{Relation, Schema, Table};
use super::stage::Stage;
use super::ways::{Ask, Way, forms, link, request, run, send};
use crate::stage::fields;
use crate::tally::Tally;

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

/// Every way from the listed table to one that is not.
fn ways_out(
    stage: &Stage,
    schema: &Schema,
    operation: &'static Operation,
    own: &Table,
    relations: &[Relation],
    listed: &[String],
) -> Vec<Way> {
    let leads = |is_list: bool| {
        let mut relations = relations.iter();
        relations.find(|one| {
            one.is_list == is_list
                && !listed.contains(&one.to)
                && schema.by_name.contains_key(&one.to)
        })
    };
    let mut ways = Vec::new();
    if let (Some(one), Some(many)) = (leads(false), leads(true)) {
        ways.extend(queries(stage, operation, own, one, many));
        ways.extend(paths(own, one, many));
        if let Some(target) = schema.by_name.get(&one.to) {
            ways.extend(bodies(stage, operation, own, one, many, target));
        }
    }
    ways
}

fn queries(
    stage: &Stage,
    operation: &'static Operation,
    own: &Table,
    one: &Relation,
    many: &Relation,
) -> Vec<Way> {
    let Table { name, set, key } = own;
    let (nav, list, other) = (&one.name, &many.name, &one.to);
    let fetch = |inner: &str| {
        let xml = format!("<fetch><entity name='{name}'>{inner}</entity></fetch>");
        let value: String = url::form_urlencoded::byte_serialize(xml.as_bytes()).collect();
        value
    };
    let linked = format!("<link-entity name='{other}' from='{other}id' to='{key}'/>");
    let within =
        format!("<filter><link-entity name='{other}' link-type='any' from='a' to='b'/></filter>");
    let elsewhere = format!("<fetch><entity name='{other}'/></fetch>");
    let elsewhere: String = url::form_urlencoded::byte_serialize(elsewhere.as_bytes()).collect();
    let queries = [
        format!("$expand={nav}"),
        format!("$expand={list}($select=createdon)"),
        format!("$EXPAND={nav}"),
        format!("expand={nav}"),
        format!("%24expand={nav}"),
        format!("%2524expand={nav}"),
        format!("$expand={}", nav.to_uppercase()),
        format!("$expand=%20{nav}%20"),
        format!("$expand={list}($filter=createdon%20ne%20null;$top=1)"),
        format!("$expand={nav}/$ref"),
        format!("$expand={list}/$count"),
        format!("$expand={list}/Microsoft.Dynamics.CRM.{other}"),
        "$expand=*".to_owned(),
        format!("$select={key}&$expand={nav}($select=createdon)"),
        format!("$select={nav}/createdon"),
        format!("$filter={nav}/createdon%20ne%20null"),
        format!("$filter=not%20({nav}%20/%20createdon%20eq%20null)"),
        format!("$filter=contains({nav}/createdon,%27a%27)"),
        format!("$filter={list}/any(o:o/createdon%20ne%20null)"),
        format!("$filter={list}/any()"),
        format!("$filter={list}/$count%20gt%200"),
        format!("$filter=@p&@p={nav}/createdon%20ne%20null"),
        format!("$filter={key}%20ne%20null%20or%20{nav}/createdon%20ne%20null&$count=true"),
        format!("$orderby={nav}/createdon%20desc"),
        format!("$apply=groupby(({nav}/createdon))"),
        format!("$apply=filter({nav}/createdon%20ne%20null)/aggregate($count%20as%20n)"),
        format!("$apply=join({list}%20as%20x)"),
        "$compute=1".to_owned(),
        "savedQuery=00000000-0000-0000-00aa-000010001002".to_owned(),
        "userQuery=00000000-0000-0000-00aa-000010001002".to_owned(),
        format!("fetchXml={}", fetch(&linked)),
        format!("FetchXML={}", fetch(&linked)),
        format!("fetchXml={}", fetch(&within)),
        format!("fetchXml={elsewhere}"),
        format!("$skiptoken=x&$expand={nav}"),
        format!("$deltatoken=919042&$expand={nav}"),
    ];
    let root = stage.root(Api::Dataverse);
    let allowed = input(operation);
    let mut ways = Vec::new();
    for query in queries {
        let path = format!("{set}?{query}");
        if operation.paging {
            ways.push((
                format!("a nextLink with `{query}`"),
                link(&allowed, &format!("{root}/{path}")),
            ));
        }
        let ask = Ask::Raw {
            method: "GET",
            path: path.clone(),
            body: None,
        };
        ways.push((format!("`{query}`"), ask));
        let ask = Ask::Mixed {
            allowed: set.clone(),
            method: "GET",
            path,
            body: None,
        };
        ways.push((format!("`{query}` in a mixed batch"), ask));
    }
    for (name, value) in [
        ("expand", json!([nav])),
        ("expand", json!([format!("{list}($expand={nav})")])),
        ("filter", json!(format!("{nav}/createdon ne null"))),
        ("orderby", json!(format!("{nav}/createdon"))),
        ("select", json!([format!("{nav}/createdon")])),
        ("apply", json!(format!("groupby(({nav}/createdon))"))),
        (
            "fetchXml",
            json!(format!(
                "<fetch><entity name='{name}'>{linked}</entity></fetch>"
            )),
        ),
    ] {
        if operation.parameter(name).is_some() {
            let mut input = allowed.clone();
            input.insert(name.to_owned(), value.clone());
            ways.push((format!("`{name}` {value}, run"), run(input.clone())));
            ways.push((
                format!("`{name}` {value}, in a batch"),
                Ask::Batch("dataverse.batch", input),
            ));
        }
    }
    ways
}

fn paths(own: &Table, one: &Relation, many: &Relation) -> Vec<Way> {
    let id = "9f1e2d3c-4b5a-4968-8776-655443322110";
    let row = format!("{}({id})", own.set);
    let (nav, list) = (&one.name, &many.name);
    let paths = [
        ("GET", format!("{row}/{nav}")),
        ("GET", format!("{row}/{nav}/$ref")),
        ("GET", format!("{row}/{list}")),
        ("GET", format!("{row}/{list}/$count")),
        ("GET", format!("{row}/{list}/$ref")),
        ("GET", format!("{row}/{nav}/$value")),
        ("PATCH", format!("{row}/{nav}")),
        ("DELETE", format!("{row}/{nav}")),
        ("DELETE", format!("{row}/{nav}/$ref")),
        ("DELETE", format!("{row}/{list}({id})/$ref")),
        ("POST", format!("{row}/{list}")),
        ("POST", format!("{row}/{list}/$ref")),
        ("PUT", format!("{row}/{nav}/$ref")),
        (
            "GET",
            format!("{}/Microsoft.Dynamics.CRM.{}", own.set, one.to),
        ),
        ("POST", format!("{row}/Microsoft.Dynamics.CRM.GrantAccess")),
        (
            "GET",
            format!("{row}/Microsoft.Dynamics.CRM.RetrieveSharedPrincipalsAndAccess"),
        ),
        (
            "GET",
            format!("EntityDefinitions(LogicalName='{}')", one.to),
        ),
    ];
    paths
        .into_iter()
        .map(|(method, path)| {
            let body = matches!(method, "POST" | "PUT" | "PATCH").then(|| json!({}));
            (format!("{method} {path}"), Ask::Raw { method, path, body })
        })
        .collect()
}

fn bodies(
    stage: &Stage,
    operation: &'static Operation,
    own: &Table,
    one: &Relation,
    many: &Relation,
    target: &Table,
) -> Vec<Way> {
    if operation.method == "GET" || operation.body_is_content() {
        return Vec::new();
    }
    let Some((path, body)) = request(stage, operation, &input(operation)) else {
        return Vec::new();
    };
    let base = body.filter(Value::is_object).unwrap_or_else(|| json!({}));
    let root = stage.root(Api::Dataverse);
    let row = format!("{}(9f1e2d3c-4b5a-4968-8776-655443322110)", target.set);
    let (nav, list, other) = (&one.name, &many.name, &target.name);
    let additions = [
        (format!("{nav}@odata.bind"), json!(format!("/{row}"))),
        (format!("{nav}@odata.bind"), json!(row)),
        (format!("{nav}@odata.bind"), json!(format!("{root}/{row}"))),
        (
            format!("{nav}@OData.BIND"),
            json!(format!("/api/data/v9.2/{row}")),
        ),
        (
            format!("{nav}@odata.bind"),
            json!(format!("/{}", row.to_uppercase())),
        ),
        (
            format!("{nav}@odata.bind"),
            json!(format!("/{}(1)/../{row}", own.set)),
        ),
        (
            format!("{nav}@odata.bind"),
            json!(format!("https://contoso.example/{row}")),
        ),
        (format!("{list}@odata.bind"), json!([format!("/{row}")])),
        (format!("{nav}@bind"), json!(format!("/{row}"))),
        (nav.clone(), json!({ "createdon": "2026-01-01T00:00:00Z" })),
        (nav.clone(), json!({ "@odata.id": format!("/{row}") })),
        (list.clone(), json!([{ "description": "x" }])),
        (list.clone(), json!([{ "a": [{ "b": 1 }] }])),
        (format!("{list}@odata.delta"), json!([])),
        (
            "@odata.type".to_owned(),
            json!(format!("Microsoft.Dynamics.CRM.{other}")),
        ),
        (
            "@odata.type".to_owned(),
            json!(format!("#Microsoft.Dynamics.CRM.{other}")),
        ),
        ("@odata.id".to_owned(), json!(format!("{root}/{row}"))),
        (
            "Targets".to_owned(),
            json!([{ "@odata.type": format!("Microsoft.Dynamics.CRM.{other}"), "name": "x" }]),
        ),
    ];
    let mut ways = Vec::new();
    for (name, value) in additions {
        let mut body = fields(&base);
        body.insert(name.clone(), value.clone());
        let body = Some(Value::Object(body));
        let label = format!("`{name}`: {value}");
        let ask = Ask::Raw {
            method: operation.method,
            path: path.clone(),
            body: body.clone(),
        };
        ways.push((format!("{label} in the body"), ask));
        let ask = Ask::Mixed {
            allowed: own.set.clone(),
            method: operation.method,
            path: path.clone(),
            body,
        };
        ways.push((format!("{label} in the body, in a mixed batch"), ask));
        if operation.parameter("record").is_some() {
            let mut record = input(operation);
            record["record"][&name] = value;
            ways.push((format!("{label} in the record, run"), run(record.clone())));
            for batch in ["dataverse.batch", "dataverse.changeset"] {
                let ask = Ask::Batch(batch, record.clone());
                ways.push((format!("{label} in the record, in {batch}"), ask));
            }
        }
    }
    ways
}
