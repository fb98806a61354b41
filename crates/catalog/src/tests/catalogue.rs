use std::collections::BTreeSet;

use model::{Api, OperationKind, Service};
use serde_json::{Value, json};

use super::{APPLICATION, OAUTH, ROOT, object, supported, the};
use crate::{
    Encoding, Location, Operation, Parameter, Repeat, Root, Support, integration, integrations,
    matching, nearest, operation, operations, search,
};

#[test]
fn every_operation_is_described_has_a_page_and_is_found_by_its_id() {
    let mut ids = BTreeSet::new();
    for one in operations() {
        assert!(ids.insert(one.id), "`{}` stands here twice", one.id);
        assert!(!one.title.is_empty() && !one.summary.is_empty());
        assert!(one.docs.starts_with("https://learn.microsoft.com/"));
        assert!(!one.services.is_empty());
        assert_eq!(operation(one.id).map(|found| found.id), Some(one.id));
    }
}

#[test]
fn the_mail_operations_are_there() {
    let ids: Vec<_> = operations().iter().map(|operation| operation.id).collect();
    for id in [
        "outlook.messages.list",
        "outlook.messages.listInFolder",
        "outlook.messages.search",
        "outlook.messages.get",
        "outlook.messages.send",
        "outlook.messages.reply",
        "outlook.messages.move",
        "outlook.drafts.create",
        "outlook.drafts.send",
        "outlook.folders.list",
    ] {
        assert!(ids.contains(&id), "{id}");
    }
}

#[test]
fn every_operation_names_the_permissions_of_both_methods() {
    for (operation, method) in supported() {
        let permissions = operation.permissions(method);
        assert!(
            permissions.depends.is_some()
                || operation.api == Api::Dataverse
                || (!permissions.least.is_empty() && !permissions.any.is_empty()),
            "{}",
            operation.id
        );
    }
}

#[test]
fn every_example_fits_its_own_schema() {
    for (operation, method) in supported() {
        let schema = operation.input_schema(method);
        let validator = jsonschema::draft202012::new(&schema).unwrap();
        let example = operation.example(method);
        let mistakes: Vec<_> = validator
            .iter_errors(&example)
            .map(|e| e.to_string())
            .collect();
        assert!(mistakes.is_empty(), "{}: {mistakes:?}", operation.id);
        for parameter in operation.parameters {
            let Some(value) = parameter.example() else {
                continue;
            };
            let mut input = object(example.clone());
            input.insert(parameter.name.to_owned(), value);
            assert!(
                validator.is_valid(&Value::Object(input)),
                "{}: `{}`",
                operation.id,
                parameter.name
            );
        }
    }
}

/// Only its behaviour can ask for it.
fn has_url(operation: &Operation) -> bool {
    let mut parameters = operation.parameters.iter();
    parameters.any(|one| one.location == Location::Path(Encoding::Url))
}

#[test]
fn every_request_is_recognised_as_the_operation_it_came_from() {
    for (operation, method) in supported() {
        if operation.root != Root::Version || has_url(operation) {
            continue;
        }
        let input = object(operation.example(method));
        let request = operation.request(method, &input, ROOT).unwrap();
        let matched = operation.matched(&request.path).unwrap();
        let matched = matched.unwrap_or_else(|| panic!("{}: {}", operation.id, request.path));
        for (name, value) in &matched.parameters {
            let location = operation
                .parameter(name)
                .map(|parameter| parameter.location);
            if let Some(Location::Path(Encoding::Share | Encoding::ODataKeys)) = location {
                continue;
            }
            assert_eq!(Some(&json!(value)), input.get(*name), "{}", operation.id);
        }
    }
}

/// Some share a path: with another of the same effect, such as moving and renaming, or with one that is more particular, such
/// as any table's rows and those of accounts.
#[test]
fn every_raw_request_is_judged_as_gravely_as_its_operation() {
    for (operation, method) in supported() {
        if operation.root != Root::Version || !operation.is_raw || has_url(operation) {
            continue;
        }
        let input = object(operation.example(method));
        let request = operation.request(method, &input, ROOT).unwrap();
        let query = request
            .query
            .iter()
            .map(|(name, value)| format!("{name}={value}"));
        let query = query.collect::<Vec<_>>().join("&");
        for service in operation.services {
            let matched = matching(*service, request.method, &request.path, &query).unwrap();
            let matched = matched.unwrap();
            let other = matched.operation;
            assert_eq!(other.kind, operation.kind, "{} {}", operation.id, other.id);
            let is_spelt = |parameter: Option<&'static Parameter>| {
                let location = parameter.map(|parameter| parameter.location);
                matches!(location, Some(Location::Path(Encoding::Share)))
            };
            if operation
                .target
                .parameter
                .is_some_and(|name| is_spelt(operation.parameter(name)))
            {
                continue;
            }
            assert_eq!(
                matched.target(),
                request.target,
                "{} {}",
                operation.id,
                other.id
            );
        }
    }
}

#[test]
fn an_unknown_field_and_a_missing_one_do_not_fit() {
    let schema = the("outlook.messages.move").input_schema(OAUTH);
    let validator = jsonschema::draft202012::new(&schema).unwrap();
    assert!(validator.is_valid(&json!({ "messageId": "a", "destinationId": "archive" })));
    assert!(!validator.is_valid(&json!({ "messageId": "a" })));
    assert!(
        !validator.is_valid(&json!({ "messageId": "a", "destinationId": "archive", "to": "b" }))
    );
}

#[test]
fn an_unknown_property_of_a_message_does_not_fit() {
    let schema = the("outlook.messages.send").input_schema(OAUTH);
    let validator = jsonschema::draft202012::new(&schema).unwrap();
    assert!(!validator.is_valid(&json!({ "message": { "subjekt": "Hello" } })));
    assert!(!validator.is_valid(&json!({ "message": { "toRecipients": ["adele@contoso.com"] } })));
}

#[test]
fn an_application_has_to_name_a_mailbox_and_a_user_may() {
    let list = the("outlook.messages.list");
    let fits = |method, input: &Value| {
        let schema = list.input_schema(method);
        jsonschema::draft202012::new(&schema)
            .unwrap()
            .is_valid(input)
    };
    let named = json!({ "mailbox": "support@contoso.com" });
    assert!(fits(OAUTH, &json!({})) && fits(OAUTH, &named));
    assert!(!fits(APPLICATION, &json!({})) && fits(APPLICATION, &named));
}

#[test]
fn only_reads_are_repeated_without_a_thought() {
    for operation in operations() {
        let is_read = operation.kind == OperationKind::Read;
        assert_eq!(
            is_read,
            operation.repeat == Repeat::Safe,
            "{}",
            operation.id
        );
    }
    assert_eq!(the("outlook.messages.reply").repeat, Repeat::Never);
    assert_eq!(
        the("outlook.messages.send").repeat,
        Repeat::Look("sent_items")
    );
}

#[test]
fn a_slip_in_an_id_is_answered_with_what_was_meant() {
    assert!(operation("outlook.message.send").is_none());
    assert_eq!(
        nearest("outlook.message.send", 1),
        ["outlook.messages.send"]
    );
    assert_eq!(
        nearest("Outlook.Messages.Mvoe", 3)[0],
        "outlook.messages.move"
    );
    assert_eq!(nearest(&"x".repeat(100_000), 2).len(), 2);
}

#[test]
fn a_search_finds_by_every_word() {
    let ids = |words| -> Vec<_> { search(words).iter().map(|found| found.id).collect() };
    assert_eq!(ids("send DRAFT")[0], "outlook.drafts.send");
    assert_eq!(ids("send mail")[0], "outlook.messages.send");
    assert!(ids("destinationId").contains(&"outlook.messages.move"));
    assert!(ids("zeppelin").is_empty());
    assert_eq!(ids("").len(), operations().len());
}

#[test]
fn each_service_is_described_once_and_offers_what_it_supports() {
    assert!(
        integrations()
            .iter()
            .map(|one| one.service)
            .eq(Service::ALL)
    );
    for service in Service::ALL {
        for method in model::ConnectionMethod::ALL {
            let offer = integration(service).offer(method);
            assert_eq!(
                service.supports(method),
                offer.support == Support::Supported
            );
            assert_eq!(service.supports(method), !offer.why.is_empty());
        }
    }
}
