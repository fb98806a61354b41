//! What requests act on, and what is refused because two readers could see two requests in it.

mod batches;

use http::{HeaderMap, HeaderValue, Method};
use model::{Policy, Service};
use serde_json::{Value, json};
use url::Url;

use super::headers;
use super::reach::{Asked, Reading, reading};
use crate::Result;

const GRAPH: &str = "https://graph.microsoft.com/v1.0";
const DATAVERSE: &str = "https://contoso.crm.dynamics.com/api/data/v9.2";
const BUSINESS_CENTRAL: &str =
    "https://api.businesscentral.dynamics.com/v2.0/t/Production/api/v2.0";
const GUID: &str = "3f2504e0-4f89-11d3-9a0c-0305e82c3301";

fn root(service: Service) -> Url {
    let text = match service.api() {
        model::Api::Graph => GRAPH,
        model::Api::Dataverse => DATAVERSE,
        model::Api::BusinessCentral => BUSINESS_CENTRAL,
    };
    text.parse().unwrap()
}

/// Each part as its operation and all its targets.
fn shown(parts: Vec<super::Part>) -> Vec<String> {
    let shown = parts.into_iter().map(|part| {
        let id = part.operation.map_or("raw", |operation| operation.id);
        let mut targets: Vec<_> = part
            .targets
            .iter()
            .map(|(kind, name)| format!("{kind:?}:{name}"))
            .collect();
        targets.dedup();
        if targets.is_empty() {
            id.to_owned()
        } else {
            format!("{id} {}", targets.join(" "))
        }
    });
    shown.collect()
}

fn reached(
    service: Service,
    method: &str,
    address: &str,
    body: Option<&Value>,
) -> Result<Vec<String>> {
    let root = root(service);
    let (path, query) = address.split_once('?').unwrap_or((address, ""));
    let method: Method = method.parse().unwrap();
    let asked = Asked {
        service,
        root: &root,
        method: &method,
        path,
        query,
    };
    let matched = asked.matched()?;
    let operation = matched.as_ref().map(|matched| matched.operation);
    if body.is_some() {
        assert_eq!(
            reading(service, &Policy::default(), &method, operation),
            Reading::Whole,
            "{address}"
        );
    }
    asked.parts(matched.as_ref(), body).map(shown)
}

fn get(service: Service, address: &str) -> Vec<String> {
    reached(service, "GET", address, None).unwrap()
}

#[test]
fn what_expand_brings_along_is_a_request_of_its_own() {
    let table: [(&str, &[&str]); 8] = [
        (
            "/me/messages?$expand=attachments",
            &[
                "outlook.messages.list Mailbox:me",
                "outlook.attachments.list Mailbox:me",
            ],
        ),
        (
            "/me/messages/a?$expand=singleValueExtendedProperties($filter=id eq 'x')",
            &["outlook.messages.get Mailbox:me"],
        ),
        (
            "/sites/a,b,c?$expand=sites",
            &[
                "sharepoint.sites.get Site:a,b,c",
                "sharepoint.sites.listSubsites Site:a,b,c",
            ],
        ),
        (
            "/sites/a,b,c?$expand=lists($expand=items)",
            &[
                "sharepoint.sites.get Site:a,b,c",
                "sharepoint.lists.list Site:a,b,c",
                "sharepoint.items.list Site:a,b,c",
            ],
        ),
        ("/me?$expand=manager", &["graph.me.get", "raw"]),
        ("/me?$expand=*", &["graph.me.get", "raw"]),
        (
            "/me?%24EXPAND=drive",
            &["graph.me.get", "onedrive.drives.getDefault User:me"],
        ),
        (
            "/drives/d/items/i?expand=children,x",
            &[
                "onedrive.items.get Drive:d",
                "onedrive.items.listChildren Drive:d",
                "raw",
            ],
        ),
    ];
    for (address, parts) in table {
        let service = if address.starts_with("/sites") {
            Service::SharePoint
        } else if address.starts_with("/drives") {
            Service::OneDrive
        } else {
            Service::Outlook
        };
        assert_eq!(get(service, address), parts, "{address}");
    }
}

#[test]
fn a_body_names_where_a_copy_or_a_move_goes() {
    let named = |path: &str, method: &str, body: Value| {
        reached(Service::OneDrive, method, path, Some(&body))
            .unwrap()
            .join(" | ")
    };
    let copy = "/drives/d/items/i/copy";
    for (body, wanted) in [
        (
            json!({ "parentReference": { "driveId": "other", "id": "x" } }),
            "Drive:other",
        ),
        (
            json!({ "ParentReference": { "DriveID": "other" } }),
            "Drive:other",
        ),
        (
            json!({ "parentReference": { "path": "/drives/other/root:/a" } }),
            "Drive:other",
        ),
        (
            json!({ "parentReference": { "path": "/drive/root:/a" } }),
            "Drive:/drive/root:/a",
        ),
        (json!({ "parentReference": { "siteId": "s" } }), "Site:s"),
        (
            json!({ "parentReference": { "sharepointIds": { "siteUrl": "https://x" } } }),
            "Site:https://x",
        ),
        (
            json!({ "parentReference": { "shareId": "u!x" } }),
            "Drive:u!x",
        ),
    ] {
        let found = named(copy, "POST", body.clone());
        assert!(found.contains(wanted), "{body}: {found}");
    }
    let shortcut = json!({ "name": "x", "remoteItem": { "id": "i", "parentReference": { "driveId": "other" } } });
    assert!(named("/drives/d/items/i/children", "POST", shortcut).contains("Drive:other"));
    let by_url = json!({ "@microsoft.graph.sourceUrl": "https://elsewhere", "file": {} });
    assert!(
        named("/drives/d/items/i/children", "POST", by_url).contains("Drive:https://elsewhere")
    );
    let moved = json!({ "parentReference": { "driveId": "other" } });
    assert!(named("/drives/d/items/i", "PATCH", moved).contains("Drive:other"));
}

#[test]
fn what_a_subscription_watches_is_read_by_it() {
    let watched = |resource: &str| {
        let body = json!({ "Resource": resource, "changeType": "updated" });
        reached(Service::OneDrive, "POST", "/subscriptions", Some(&body)).unwrap()[1].clone()
    };
    assert_eq!(
        watched("me/mailFolders('inbox')/messages"),
        "outlook.messages.listInFolder Mailbox:me"
    );
    assert_eq!(
        watched("/users/adele/events?$filter=x"),
        "outlook.events.list Mailbox:adele"
    );
    assert_eq!(watched("/drives/d/root"), "onedrive.items.delta Drive:d");
    assert_eq!(
        watched("/me/drive/root"),
        "onedrive.drives.getDefault User:me"
    );
    assert_eq!(watched("sites/s/lists/l"), "sharepoint.lists.get Site:s");
    assert_eq!(watched("/chats/getAllMessages"), "raw");
    let climbing = json!({ "resource": "/me/../drives/d/root" });
    assert!(reached(Service::OneDrive, "POST", "/subscriptions", Some(&climbing)).is_err());
    let company =
        json!({ "resource": "/api/v2.0/companies(c)/customers", "notificationUrl": "https://x" });
    let found = reached(
        Service::BusinessCentral,
        "POST",
        "/subscriptions",
        Some(&company),
    )
    .unwrap();
    assert_eq!(found[1], "businesscentral.customers.list Company:c");
}

#[test]
fn tables_are_found_in_queries_and_in_what_is_bound() {
    let fetch = "<fetch><entity name='account'><link-entity name='contact' from='a' to='b'/></entity></fetch>";
    let fetch = percent_encoding::utf8_percent_encode(fetch, percent_encoding::NON_ALPHANUMERIC);
    let one = |address: &str| get(Service::Crm, address).join(" | ");
    let linked = one(&format!("/accounts?fetchXml={fetch}"));
    assert!(
        linked.contains("Table:account") && linked.contains("Table:contact"),
        "{linked}"
    );
    assert!(
        one("/accounts?$expand=primarycontactid($expand=owninguser)")
            .ends_with("Table:primarycontactid Table:owninguser")
    );
    assert!(one("/accounts?savedQuery=x").ends_with("Table:$savedquery"));
    assert!(one("/accounts?$filter=primarycontactid/fullname eq 'x'").ends_with("Table:$filter"));
    assert!(reached(Service::Crm, "GET", "/accounts?fetchXml=%3Cfetch/%3E", None).is_err());
    let create = |body: Value| {
        reached(Service::Crm, "POST", "/tasks", Some(&body))
            .unwrap()
            .join(" | ")
    };
    let bound =
        create(json!({ "regardingobjectid_account@odata.bind": format!("/accounts({GUID})") }));
    assert!(bound.contains("Table:accounts"), "{bound}");
    let whole = create(json!({ "x@OData.Bind": format!("{DATAVERSE}/contacts({GUID})") }));
    assert!(whole.contains("Table:contacts"), "{whole}");
    let nested = create(json!({ "account_tasks": [{ "contact_x": { "a": 1 } }] }));
    assert!(
        nested.contains("Table:account_tasks") && nested.contains("Table:contact_x"),
        "{nested}"
    );
    let action = reached(
        Service::Crm,
        "POST",
        "/systemusers",
        Some(&json!({ "a": 1 })),
    )
    .unwrap()
    .join(" ");
    assert!(action.ends_with("Table:systemusers"), "{action}");
}

#[test]
fn a_company_may_be_named_in_the_query_too() {
    let found = get(
        Service::BusinessCentral,
        "/companies(c)/items?Company=Other",
    );
    assert_eq!(
        found,
        ["businesscentral.items.list Company:c Company:Other"]
    );
    assert!(
        reached(
            Service::BusinessCentral,
            "GET",
            "/companies(c)/items?tenant=x",
            None
        )
        .is_err()
    );
}

#[test]
fn headers_that_act_as_somebody_else_stay_here() {
    let mut given = HeaderMap::new();
    for name in [
        "authorization",
        "callerobjectid",
        "mscrmcallerid",
        "x-http-method-override",
        "cookie",
        "host",
        "x-anchormailbox",
        "x-ms-client-principal",
        "company",
    ] {
        given.insert(name, HeaderValue::from_static("x"));
    }
    given.insert("if-match", HeaderValue::from_static("*"));
    given.append("prefer", HeaderValue::from_static("return=representation"));
    given.append("prefer", HeaderValue::from_static("odata.maxpagesize=5"));
    let sent = headers::sent(&given).unwrap();
    assert_eq!(sent.keys_len(), 2, "{sent:?}");
    assert_eq!(sent.get_all("prefer").iter().count(), 2);
    let refused = |name: &'static str, value: &'static str| {
        let mut given = HeaderMap::new();
        given.append("content-type", HeaderValue::from_static("application/json"));
        given.append(name, HeaderValue::from_static(value));
        headers::sent(&given).is_err()
    };
    assert!(refused("content-encoding", "gzip"));
    assert!(refused("content-type", "text/plain"));
    assert!(refused(
        "prefer",
        "return=minimal, RedeemSharingLinkIfNecessary"
    ));
    assert!(!refused("content-encoding", "identity"));
}

#[test]
fn bodies_are_read_where_they_decide_and_nowhere_else() {
    let of = |service: Service, id: &str| {
        let operation = catalog::operation(id).unwrap();
        reading(
            service,
            &Policy::default(),
            &operation.method.parse().unwrap(),
            Some(operation),
        )
    };
    for (service, id, wanted) in [
        (
            Service::OneDrive,
            "onedrive.files.replaceContent",
            Reading::Stream,
        ),
        (Service::OneDrive, "onedrive.items.copy", Reading::Whole),
        (Service::OneDrive, "onedrive.items.rename", Reading::Whole),
        (
            Service::OneDrive,
            "onedrive.files.download",
            Reading::Nothing,
        ),
        (Service::Outlook, "outlook.messages.send", Reading::Stream),
        (
            Service::Outlook,
            "outlook.messages.delete",
            Reading::Nothing,
        ),
        (
            Service::Outlook,
            "graph.subscriptions.create",
            Reading::Whole,
        ),
        (
            Service::SharePoint,
            "sharepoint.items.create",
            Reading::Whole,
        ),
        (Service::Crm, "dataverse.files.upload", Reading::Stream),
        (Service::Crm, "crm.accounts.update", Reading::Whole),
        (
            Service::BusinessCentral,
            "businesscentral.salesOrders.create",
            Reading::Stream,
        ),
        (
            Service::BusinessCentral,
            "businesscentral.subscriptions.create",
            Reading::Whole,
        ),
    ] {
        assert_eq!(of(service, id), wanted, "{id}");
    }
}

#[test]
fn an_attackers_ways_round_a_target_lead_to_it_or_nowhere() {
    let copy = |body: Value| {
        let found = reached(
            Service::OneDrive,
            "POST",
            "/drives/d/items/i/copy",
            Some(&body),
        );
        found.unwrap().join(" ")
    };
    assert!(
        copy(json!({ "parentReference": { "driveId": ["d", "other"] } })).contains("Drive:other")
    );
    assert!(copy(json!({ "parentReference": [{ "driveId": "other" }] })).contains("Drive:other"));
    assert!(
        copy(json!({ "PARENTREFERENCE": { "PATH": "/Drives/other/root:" } }))
            .contains("Drive:other")
    );
    assert!(copy(json!({ "x": { "@odata.bind": "sites/other/lists/l" } })).contains("Site:other"));
    let by_name = get(Service::BusinessCentral, "/companies(name='Other')/items");
    assert_eq!(by_name, ["businesscentral.items.list Company:name='Other'"]);
    for (service, address) in [
        (
            Service::OneDrive,
            "/drives/d/items/i/content?@microsoft.graph.sourceUrl=https://x",
        ),
        (Service::OneDrive, "/drives/d;x/items/i"),
        (
            Service::OneDrive,
            "/drives/d/items/i/../../../other/items/i",
        ),
        (Service::OneDrive, "/drives('d')('other')/items/i"),
        (
            Service::Crm,
            "/accounts?fetchXml=%3Cfetch%3E%3Centity%20name='a'%3E&FETCHXML=x",
        ),
    ] {
        assert!(reached(service, "GET", address, None).is_err(), "{address}");
    }
    for address in [
        "/drives/d/root:/a:/children",
        "/sites/root:/sites/other:/lists",
        "/drives/delta",
        "/shares/u!x/root",
    ] {
        assert_eq!(get(Service::OneDrive, address), ["raw"], "{address}");
    }
}
