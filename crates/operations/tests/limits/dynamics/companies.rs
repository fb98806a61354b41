use std::collections::BTreeSet;

use catalog::{Operation, Support};
use model::{Api, ConnectionMethod, Service};
use serde_json::{Map, Value, json};

use super::stage::Stage;
use super::ways::{Ask, Way, forms, link, request, run, send};
use crate::stage::fields;
use crate::tally::Tally;

/// What tells of all companies, and is refused whatever is listed.
const CLOSED: [&str; 2] = [
    "businesscentral.companies.list",
    "businesscentral.subscriptions.list",
];
/// Those that name no company, or whose parts are requests of their own.
const BESIDE: [&str; 3] = [
    "businesscentral.batch",
    "businesscentral.environments.list",
    "businesscentral.metadata.get",
];

pub(crate) struct Company {
    pub(crate) id: String,
    pub(crate) name: String,
}

pub(crate) async fn companies(stage: &Stage) -> Vec<Company> {
    let connection = stage.of(Service::BusinessCentral);
    let list = stage
        .json(connection, "businesscentral.companies.list", json!({}))
        .await
        .unwrap();
    let text = |row: &Value, name: &str| row[name].as_str().unwrap().to_owned();
    let rows = list["value"].as_array().unwrap();
    rows.iter()
        .map(|row| Company {
            id: text(row, "id"),
            name: text(row, "name"),
        })
        .collect()
}

fn is_meant(operation: &Operation) -> bool {
    operation.api == Api::BusinessCentral
        && !BESIDE.contains(&operation.id)
        && operation.support(ConnectionMethod::ServicePrincipal) == Support::Supported
}

/// The example, in one company.
fn input_at(operation: &Operation, company: &str) -> Map<String, Value> {
    let mut input = fields(&operation.example(ConnectionMethod::ServicePrincipal));
    if operation.parameter("companyId").is_some() {
        input.insert("companyId".to_owned(), company.into());
    }
    if operation.parameter("resource").is_some() {
        let resource = format!("api/v2.0/companies({company})/customers");
        input.insert("resource".to_owned(), resource.into());
    }
    input
}

#[tokio::test]
async fn no_company_that_is_not_listed_is_reached_by_any_operation_in_any_way() {
    let stage = Stage::start().await;
    let companies = companies(&stage).await;
    let [own, other, ..] = companies.as_slice() else {
        panic!("the environment has several companies");
    };
    let mut tally = Tally::default();
    // By its id and by its name a company is the same.
    for listed in [&own.id, &own.name] {
        stage.hold_to_companies(&[listed]).await;
        let mut seen = BTreeSet::new();
        for operation in catalog::operations().iter().filter(|one| is_meant(one)) {
            if seen.insert(operation.id) {
                tally.operations += 1;
                Box::pin(one(&stage, operation, listed, own, other, &mut tally)).await;
            }
        }
    }
    stage.world.stop().await;
    tally.close(160, 5_000, 150);
}

async fn one(
    stage: &Stage,
    operation: &'static Operation,
    listed: &str,
    own: &Company,
    other: &Company,
    tally: &mut Tally,
) {
    let id = operation.id;
    let connection = stage.of(Service::BusinessCentral);
    let mut ways = ways_to(stage, operation, own, other);
    ways.extend(ways_out(stage, operation, own, other));
    for (way, ask) in ways {
        stage.world.control().clear_requests();
        let outcome = send(stage, connection, operation, &ask).await;
        let mut reached = stage.reached(&[listed]);
        // What a subscription watches only it tells.
        reached.retain(|request| {
            !(request.method == "GET" && request.path.contains("/subscriptions("))
        });
        tally.outside(
            &format!("{id}, `{listed}` listed, {way}"),
            &outcome,
            &reached,
        );
    }
    let is_closed = CLOSED.contains(&id);
    stage.world.control().clear_requests();
    let outcome = send(
        stage,
        connection,
        operation,
        &run(input_at(operation, &own.id)),
    )
    .await;
    let reached = stage.reached(&[]);
    let way = format!("{id}, `{listed}` listed, run inside");
    if is_closed {
        tally.outside(&way, &outcome, &reached);
    } else {
        tally.inside(&way, &outcome, &reached);
    }
}

/// Every way to the other company.
fn ways_to(
    stage: &Stage,
    operation: &'static Operation,
    own: &Company,
    other: &Company,
) -> Vec<Way> {
    let mut ways = Vec::new();
    if operation.parameter("companyId").is_some() {
        for (how, value) in [
            ("by id", other.id.clone()),
            ("in upper case", other.id.to_uppercase()),
            ("by name", other.name.clone()),
            ("in quotes", format!("'{}'", other.id)),
            ("by `..`", format!("{})/../companies({}", own.id, other.id)),
            ("encoded", other.id.replace('-', "%2D")),
            ("as `id=`", format!("id={}", other.id)),
            ("empty", String::new()),
        ] {
            let mut input = input_at(operation, &own.id);
            input.insert("companyId".to_owned(), value.into());
            ways.push((format!("the other one {how}, run"), run(input.clone())));
            let ask = Ask::Batch("businesscentral.batch", input);
            ways.push((format!("the other one {how}, in a batch"), ask));
        }
    } else {
        let input = input_at(operation, &other.id);
        ways.push(("the other one, run".to_owned(), run(input.clone())));
        let ask = Ask::Batch("businesscentral.batch", input);
        ways.push(("the other one, in a batch".to_owned(), ask));
    }
    let input = input_at(operation, &other.id);
    let Some((path, body)) = request(stage, operation, &input) else {
        return ways;
    };
    for (how, path) in forms(&path) {
        let ask = Ask::Raw {
            method: operation.method,
            path: path.clone(),
            body: body.clone(),
        };
        ways.push((
            format!("the other one through the pass-through, {how}"),
            ask,
        ));
        let ask = Ask::Mixed {
            allowed: format!("companies({})/customers?$top=1", own.id),
            method: operation.method,
            path,
            body: body.clone(),
        };
        ways.push((format!("the other one in a mixed batch, {how}"), ask));
    }
    let root = stage.root(Api::BusinessCentral);
    let plain = path.split('?').next().unwrap_or_default();
    let allowed = input_at(operation, &own.id);
    for (how, url) in [
        ("nextLink", format!("{root}/{plain}?$skiptoken=x")),
        ("delta link", format!("{root}/{plain}?$deltatoken=x")),
        (
            "nextLink by `..`",
            format!("{root}/companies({})/../{plain}", own.id),
        ),
        (
            "nextLink into another environment",
            format!("{}/{plain}", root.replace("Production", "Sandbox")),
        ),
        (
            "nextLink to another host",
            format!("https://api.businesscentral.dynamics.com/v2.0/x/Production/api/v2.0/{plain}"),
        ),
    ] {
        ways.push((
            format!("the other one through a {how}"),
            link(&allowed, &url),
        ));
    }
    ways
}

/// Every way from the listed company to the other one.
fn ways_out(
    stage: &Stage,
    operation: &'static Operation,
    own: &Company,
    other: &Company,
) -> Vec<Way> {
    let allowed = input_at(operation, &own.id);
    let Some((path, body)) = request(stage, operation, &allowed) else {
        return Vec::new();
    };
    let root = stage.root(Api::BusinessCentral);
    let sign = if path.contains('?') { '&' } else { '?' };
    let name: String = url::form_urlencoded::byte_serialize(other.name.as_bytes()).collect();
    let mut ways = Vec::new();
    for query in [
        format!("company={}", other.id),
        format!("company={name}"),
        format!("Company={name}"),
        format!("%63ompany={name}"),
        format!("$company={name}"),
        format!("%2563ompany={name}"),
        format!("company={}&company={}", own.id, other.id),
        "$expand=companies".to_owned(),
        "$expand=companies($expand=customers)".to_owned(),
        "tenant=contoso.example".to_owned(),
        "aid=FIN".to_owned(),
    ] {
        let path = format!("{path}{sign}{query}");
        let ask = Ask::Raw {
            method: operation.method,
            path: path.clone(),
            body: body.clone(),
        };
        ways.push((format!("`{query}`"), ask));
        if operation.paging {
            ways.push((
                format!("a nextLink with `{query}`"),
                link(&allowed, &format!("{root}/{path}")),
            ));
        }
    }
    let own_path = format!("companies({})", own.id);
    for path in [
        format!("{own_path}/companies({})/customers", other.id),
        format!("{own_path}/../companies({})/customers", other.id),
        format!("{own_path}/%2e%2e/companies({})/customers", other.id),
        format!("companies/{}/customers", other.id),
        format!("companies(name='{}')/customers", name.replace('+', "%20")),
        "companies".to_owned(),
        "companies?$expand=customers".to_owned(),
        "customers".to_owned(),
        format!("customers?company={name}"),
    ] {
        let ask = Ask::Raw {
            method: "GET",
            path: path.clone(),
            body: None,
        };
        ways.push((format!("GET {path}"), ask));
    }
    if !matches!(operation.method, "GET" | "DELETE") && !operation.body_is_content() {
        let base = body.unwrap_or_else(|| json!({}));
        let address = format!("{root}/companies({})/customers({})", other.id, own.id);
        for (name, value) in [
            ("customer@odata.bind", json!(address)),
            ("@odata.id", json!(address)),
            ("lines", json!([{ "item@odata.bind": address }])),
            (
                "x@odata.bind",
                json!(format!("/companies({})/items(1)", other.id)),
            ),
        ] {
            let mut body = fields(&base);
            body.insert(name.to_owned(), value);
            let ask = Ask::Raw {
                method: operation.method,
                path: path.clone(),
                body: Some(body.into()),
            };
            ways.push((format!("`{name}` in the body"), ask));
        }
    }
    ways
}
