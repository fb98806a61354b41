//! The checked catalogue as Rust source. `Debug` of strings, numbers and slices of them is Rust's own syntax for literals.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

use super::compile::{
    Behavior, Catalogue, Integration, Listed, Method, Mistake, Offer, Operation, Parameter,
    Permission, Piece, Target, parse_path, services,
};
use super::routes::{Leaf, Node, Step, tree};

const DYNAMICS: &str = "Support::Refused { reason: \"Dynamics 365 is connected by service principal only\", instead: \"make a service principal connection\" }";

pub(crate) fn rust(catalogue: &Catalogue) -> Result<String, Vec<Mistake>> {
    let mut source = format!(
        "pub(crate) static OPERATIONS: &[Operation] = {};\n\
         pub(crate) static BY_ID: &[(&str, usize)] = &{:?};\n\
         pub(crate) static PERMISSIONS: &[PermissionEntry] = {};\n\
         pub(crate) static INTEGRATIONS: &[Integration] = {};\n\
         pub(crate) static BEHAVIORS: &[Behavior] = {};\n\
         pub(crate) static WAITING: &[(&str, &str)] = &{:?};\n",
        list(catalogue.operations.iter().map(operation)),
        by_id(catalogue),
        list(
            catalogue
                .permissions
                .keys()
                .map(|name| permission(name, &catalogue.permissions))
        ),
        list(catalogue.integrations.iter().map(integration)),
        list(catalogue.behaviors.iter().map(behavior)),
        catalogue.waiting,
    );
    for (name, api) in [
        ("GRAPH", "graph"),
        ("DATAVERSE", "dataverse"),
        ("BUSINESS_CENTRAL", "businesscentral"),
    ] {
        let root = tree(api, catalogue).map_err(|mistake| vec![mistake])?;
        writeln!(source, "pub(crate) static {name}: Node = {};", node(&root))
            .expect("writing to a string cannot fail");
    }
    Ok(source)
}

/// Each id and its place among the operations, sorted.
fn by_id(catalogue: &Catalogue) -> Vec<(&str, usize)> {
    let ids = catalogue.operations.iter().map(|one| one.id.as_str());
    let mut places: Vec<_> = ids.zip(0..).collect();
    places.sort_unstable();
    places
}

fn operation(operation: &Operation) -> String {
    let segments = parse_path(&operation.path).expect("the path was checked");
    let segments = segments.iter().map(|pieces| list(pieces.iter().map(piece)));
    let oauth = access(&operation.delegated, operation.api != "graph");
    let service_principal = access(&operation.application, false);
    let touches = operation.touches.iter().map(|text| target(text));
    format!(
        "Operation {{ id: {id:?}, title: {title:?}, summary: {summary:?}, kind: OperationKind::{kind}, api: Api::{api}, \
         services: {services}, method: {method:?}, path: {path:?}, parameters: {parameters}, paging: {paging}, \
         delta: {delta}, repeat: {repeat}, target: {target}, touches: {touches}, root: Root::{root}, is_raw: {raw}, \
         result: ResultShape {{ type_name: {type_name:?}, status: {status}, bytes: {bytes} }}, docs: {docs:?}, \
         behavior: {behavior:?}, segments: {segments}, query: {query}, headers: {headers}, fixed: {fixed:?}, example: {example:?}, \
         oauth: {oauth}, service_principal: {service_principal} }}",
        id = operation.id,
        title = operation.title,
        summary = operation.summary,
        kind = capital(&operation.kind),
        api = api(&operation.api),
        services = list(services(&operation.id).into_iter().map(service)),
        method = operation.method,
        path = operation.path,
        parameters = list(operation.parameter.iter().map(parameter)),
        paging = operation.paging,
        delta = operation.delta,
        repeat = repeat(&operation.repeat),
        target = target(&operation.target),
        touches = list(touches),
        root = capital(&operation.root),
        raw = operation.raw,
        type_name = operation.result.type_name,
        status = operation.result.status,
        bytes = operation.result.bytes,
        docs = operation.docs,
        behavior = operation.behavior,
        segments = list(segments),
        query = pairs(&operation.query),
        headers = pairs(&operation.headers),
        fixed = fixed(&operation.fixed),
        example = example(operation),
    )
}

fn target(text: &str) -> String {
    let target = Target::parse(text).expect("the target was checked");
    format!(
        "Target {{ kind: TargetKind::{}, parameter: {:?}, within: {:?}, constant: {:?} }}",
        capital(&target.kind),
        target.parameter,
        target.within,
        target.constant,
    )
}

fn behavior((name, behavior): (&String, &Behavior)) -> String {
    format!(
        "Behavior {{ name: {name:?}, contract: {:?}, implemented: {} }}",
        behavior.contract, behavior.implemented
    )
}

fn fixed(table: &toml::Table) -> Option<String> {
    (!table.is_empty()).then(|| json(&toml::Value::Table(table.clone())))
}

fn parameter(parameter: &Parameter) -> String {
    let wire = parameter.wire.as_deref().unwrap_or_default();
    let template = &parameter.template;
    let location = match parameter.location.as_str() {
        "path" => format!("Location::Path(Encoding::{})", encoding(parameter)),
        "query" => format!(
            "Location::Query {{ name: {wire:?}, template: {template:?}, escape: Escape::{} }}",
            capital(parameter.escape.as_deref().unwrap_or("none"))
        ),
        "header" => format!("Location::Header {{ name: {wire:?}, template: {template:?} }}"),
        "content" => format!(
            "Location::Content {{ content_type: {:?}, base64: {} }}",
            parameter.content_type.as_deref().unwrap_or_default(),
            parameter.schema.get("contentEncoding").is_some(),
        ),
        _ if parameter.whole => "Location::WholeBody".to_owned(),
        _ => {
            let place = parameter.wire.as_deref().unwrap_or(&parameter.name);
            let place: Vec<_> = place.split('/').collect();
            format!("Location::Body {{ place: &{place:?}, template: {template:?} }}")
        }
    };
    let absent = match parameter.absent.as_deref() {
        Some("me") => "Me",
        Some(_) => "Connection",
        None => "Nothing",
    };
    format!(
        "Parameter {{ name: {:?}, location: {location}, required: {}, absent: Absent::{absent}, otherwise: {:?}, schema: {:?}, description: {:?}, example: {:?}, unit: {:?} }}",
        parameter.name,
        parameter.required,
        parameter.otherwise,
        json(&parameter.schema),
        parameter.description,
        parameter.example.as_ref().map(json),
        parameter.unit,
    )
}

fn encoding(parameter: &Parameter) -> &'static str {
    match parameter.encoding.as_deref() {
        Some("drive_path") => "DrivePath",
        Some("odata_key") => "ODataKey",
        Some("odata_keys") => "ODataKeys",
        Some("share") => "Share",
        Some("url") => "Url",
        _ => "Segment",
    }
}

fn access(method: &Method, is_dynamics: bool) -> String {
    let support = match &method.refused {
        Some(refused) => format!(
            "Support::Refused {{ reason: {:?}, instead: {:?} }}",
            refused.reason, refused.instead
        ),
        None if is_dynamics => DYNAMICS.to_owned(),
        None => "Support::Supported".to_owned(),
    };
    format!(
        "Access {{ support: {support}, permissions: Permissions {{ least: &{:?}, any: &{:?}, depends: {:?}, privileges: &{:?} }} }}",
        method.least, method.any, method.depends, method.privileges
    )
}

fn repeat(text: &str) -> String {
    match text.strip_prefix("look:") {
        Some(name) => format!("Repeat::Look({name:?})"),
        None => format!("Repeat::{}", capital(text)),
    }
}

/// The operation's own example, or what its required parameters give as theirs.
fn example(operation: &Operation) -> String {
    if let Some(example) = &operation.example {
        return json(example);
    }
    let required = operation
        .parameter
        .iter()
        .filter(|parameter| parameter.required);
    let table: toml::Table = required
        .filter_map(|parameter| Some((parameter.name.clone(), parameter.example.clone()?)))
        .collect();
    json(&toml::Value::Table(table))
}

fn permission(name: &str, all: &BTreeMap<String, Permission>) -> String {
    let Permission {
        delegated,
        application,
        admin_consent,
        personal_accounts,
        resource_specific,
        api,
        ..
    } = &all[name];
    format!(
        "PermissionEntry {{ name: {name:?}, api: Api::{}, delegated_id: {delegated:?}, application_id: {application:?}, \
         needs_admin_consent: {admin_consent}, personal_accounts: {personal_accounts}, \
         resource_specific: {resource_specific}, satisfied_by: &{:?} }}",
        self::api(api),
        closure(name, all).into_iter().collect::<Vec<_>>()
    )
}

/// All permissions that include `name`, by way of others too.
fn closure<'a>(name: &'a str, all: &'a BTreeMap<String, Permission>) -> BTreeSet<&'a str> {
    let mut found = BTreeSet::new();
    let mut open = vec![name];
    while let Some(next) = open.pop() {
        for other in &all[next].satisfied_by {
            if other != name && found.insert(other.as_str()) {
                open.push(other);
            }
        }
    }
    found
}

fn integration(integration: &Integration) -> String {
    format!(
        "Integration {{ service: {}, summary: {:?}, oauth: {}, service_principal: {} }}",
        service(&integration.service),
        integration.summary,
        offer(&integration.oauth),
        offer(&integration.service_principal),
    )
}

fn offer(offer: &Offer) -> String {
    let support = match &offer.refused {
        Some(refused) => format!(
            "Support::Refused {{ reason: {:?}, instead: {:?} }}",
            refused.reason, refused.instead
        ),
        None => "Support::Supported".to_owned(),
    };
    format!(
        "Offer {{ support: {support}, why: {:?}, when: &{:?}, permissions: {} }}",
        offer.why,
        offer.when,
        list(offer.permission.iter().map(listed)),
    )
}

fn listed(listed: &Listed) -> String {
    format!(
        "ListedPermission {{ name: {:?}, unlocks: {:?}, default: {} }}",
        listed.name, listed.unlocks, listed.default
    )
}

fn node(root: &Node) -> String {
    let mut literals = Vec::new();
    let mut patterns = Vec::new();
    for (step, next) in &root.next {
        match step {
            Step::Literal(text) => literals.push(format!("({text:?}, {})", node(next))),
            Step::Segment(parts) => {
                let weight: usize = parts.iter().map(String::len).sum();
                patterns.push((
                    weight,
                    format!("(Pattern::Segment(&{parts:?}), {})", node(next)),
                ));
            }
            // After every other: it takes all that is left.
            Step::Rest(suffix) => {
                patterns.push((0, format!("(Pattern::Rest({suffix:?}), {})", node(next))));
            }
        }
    }
    patterns.sort_by_key(|(weight, _)| std::cmp::Reverse(*weight));
    format!(
        "Node {{ literals: {}, patterns: {}, leaves: {} }}",
        list(literals),
        list(patterns.into_iter().map(|(_, text)| text)),
        list(root.leaves.iter().map(leaf)),
    )
}

fn leaf(leaf: &Leaf) -> String {
    format!(
        "Leaf {{ method: {:?}, operation: {}, captures: &{:?}, requires: &{:?} }}",
        leaf.method, leaf.operation, leaf.captures, leaf.requires
    )
}

fn piece(piece: &Piece) -> String {
    match piece {
        Piece::Literal(text) => format!("Piece::Literal({text:?})"),
        Piece::Parameter(name) if name == "user" => "Piece::User".to_owned(),
        Piece::Parameter(name) => format!("Piece::Parameter({name:?})"),
    }
}

fn service(id: impl AsRef<str>) -> String {
    let name = match id.as_ref() {
        "onedrive" => "OneDrive",
        "sharepoint" => "SharePoint",
        "fieldservice" => "FieldService",
        "businesscentral" => "BusinessCentral",
        other => return format!("Service::{}", capital(other)),
    };
    format!("Service::{name}")
}

fn api(id: &str) -> String {
    match id {
        "businesscentral" => "BusinessCentral".to_owned(),
        other => capital(other),
    }
}

fn capital(word: &str) -> String {
    let (first, rest) = word.split_at(word.len().min(1));
    first.to_ascii_uppercase() + rest
}

fn pairs(map: &BTreeMap<String, String>) -> String {
    list(
        map.iter()
            .map(|(name, value)| format!("({name:?}, {value:?})")),
    )
}

fn json(value: &toml::Value) -> String {
    serde_json::to_string(value).expect("what TOML can say, JSON can")
}

fn list(items: impl IntoIterator<Item = String>) -> String {
    let items: Vec<_> = items.into_iter().collect();
    format!("&[{}]", items.join(", "))
}
