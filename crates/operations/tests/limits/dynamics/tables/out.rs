//! The ways from a listed table to one that is not.

use catalog::Operation;
use model::Api;
use serde_json::{Value, json};

use super::input;
use crate::dynamics::relations::{Relation, Schema, Table};
use crate::dynamics::stage::Stage;
use crate::dynamics::ways::{Ask, Way, link, request, run};
use crate::stage::fields;

/// Every way from the listed table to one that is not.
pub(super) fn ways_out(
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
