use serde_json::{Value, json};

use super::reach::{Asked, Place, Reach, Start};

const ROOT: &str = "https://contoso.crm4.dynamics.com/api/data/v9.2";
const ID: &str = "9f1e2d3c-4b5a-4968-8776-655443322110";

fn asked(method: &str, path: &str, body: Option<&Value>) -> Vec<Reach> {
    let (path, query) = path.split_once('?').unwrap_or((path, ""));
    Asked {
        root: ROOT,
        method,
        path,
        query,
        body,
    }
    .reaches()
}

/// Places as `accounts/primarycontactid`, tables as `=account`, columns with a `.`; without what stands twice.
fn shown(reaches: &[Reach]) -> Vec<String> {
    let place = |place: &Place| {
        let start = match &place.start {
            Start::Set(name) => name.clone(),
            Start::Table(name) => format!("={name}"),
        };
        let mut all = vec![start];
        all.extend(place.steps.iter().cloned());
        all.join("/")
    };
    let mut all: Vec<String> = Vec::new();
    for reach in reaches {
        let text = match reach {
            Reach::Rows(at) => place(at),
            Reach::Column(at, name) => format!("{}.{name}", place(at)),
            Reach::Beyond(_) => "beyond".to_owned(),
        };
        if !all.contains(&text) {
            all.push(text);
        }
    }
    all
}

fn get(path: &str) -> Vec<String> {
    shown(&asked("GET", path, None))
}

fn post(path: &str, body: &Value) -> Vec<String> {
    shown(&asked("POST", path, Some(body)))
}

#[test]
fn what_goes_on_for_ever_is_not_followed() {
    // As long as `$ref` leads to no other rows, and however far it is.
    for levels in [17, 100_000] {
        let open = "$ref($expand=".repeat(levels);
        let expand = format!("accounts?$expand={open}a{}", ")".repeat(levels));
        assert_eq!(get(&expand), ["accounts", "beyond"]);
    }
    for steps in [17, 100_000] {
        let far = vec!["a"; steps + 1].join("/");
        assert_eq!(get(&format!("accounts({ID})/{far}")), ["beyond"]);
        for option in ["$expand", "$orderby"] {
            let found = get(&format!("accounts?{option}={far}"));
            assert_eq!(found, ["accounts", "beyond"]);
        }
    }
}

#[test]
fn a_path_leads_from_a_table_along_its_relations() {
    let cases: [(&str, &[&str]); 9] = [
        ("accounts", &["accounts"]),
        ("accounts/$count", &["accounts"]),
        ("%61ccounts(name='x/../y')", &["beyond"]),
        ("accounts(accountnumber='a''b(c)')", &["accounts"]),
        (
            "accounts(1)/contact_customer_accounts/$ref",
            &["accounts", "accounts/contact_customer_accounts"],
        ),
        (
            "accounts(1)/primarycontactid/parentcustomerid_account",
            &[
                "accounts",
                "accounts/primarycontactid",
                "accounts/primarycontactid/parentcustomerid_account",
            ],
        ),
        (
            "accounts(1)/entityimage/$value",
            &["accounts", "accounts.entityimage"],
        ),
        ("accounts(1)/$links/x", &["accounts", "beyond"]),
        ("WhoAmI", &[]),
    ];
    for (path, wanted) in cases {
        assert_eq!(get(path), wanted, "{path}");
    }
    let changed = shown(&asked("PATCH", "accounts(1)/entityimage", None));
    assert_eq!(changed, ["accounts", "accounts.entityimage"]);
    let query = format!("accounts(1)/contacts/$ref?$id={ROOT}/contacts({ID})");
    let unrelated = shown(&asked("DELETE", &query, None));
    assert_eq!(unrelated, ["accounts", "accounts/contacts", "contacts"]);
}

#[test]
fn what_a_query_asks_of_related_rows_is_found() {
    let cases: [(&str, &[&str]); 20] = [
        ("$select=name,accountid&$top=5&$count=true", &[]),
        ("$filter=name eq 'a/b' and statecode eq 0", &[]),
        ("$filter=createdon gt 2026-11-23T10:00:00Z", &[]),
        (
            "$filter=_primarycontactid_value eq 9f1e2d3c-4b5a-4968-8776-655443322110",
            &[],
        ),
        (
            "$filter=primarycontactid/fullname eq 'x'",
            &["accounts/primarycontactid"],
        ),
        (
            "$FILTER=contains(primarycontactid / fullname,'x')",
            &["accounts/primarycontactid"],
        ),
        (
            "$orderby=primarycontactid/fullname desc",
            &["accounts/primarycontactid"],
        ),
        (
            "$select=primarycontactid/fullname",
            &["accounts/primarycontactid"],
        ),
        (
            "$filter=a/any(o:o/b/all(p:p/c/d eq o/e/f and name eq 1))",
            &[
                "accounts/a",
                "accounts/a/b",
                "accounts/a/b/c",
                "accounts/a/e",
            ],
        ),
        ("$filter=a/any()", &["accounts/a"]),
        ("$filter=a/$count gt 5", &["accounts/a"]),
        (
            "$filter=Microsoft.Dynamics.CRM.In(PropertyName='name',PropertyValues=['a/b'])",
            &[],
        ),
        (
            "$filter=Microsoft.Dynamics.CRM.In(PropertyName=@p,PropertyValues=@q)&@p='name'&@q=[\"a/b\"]",
            &[],
        ),
        (
            "$apply=filter(statecode eq 0)/groupby((statuscode),aggregate($count as n))",
            &[],
        ),
        (
            "$apply=groupby((primarycontactid/fullname),aggregate(revenue with sum as total))",
            &["accounts/primarycontactid"],
        ),
        (
            "$expand=a($select=x;$expand=b($filter=c/d eq 1)),e/$ref",
            &["accounts/a", "accounts/a/b", "accounts/a/b/c", "accounts/e"],
        ),
        (
            "$expand=a/Microsoft.Dynamics.CRM.email($select=subject)",
            &["accounts/a/Microsoft.Dynamics.CRM.email"],
        ),
        (
            "fetchXml=<fetch><entity name='account'><link-entity name='contact' from='a' to='b'/></entity></fetch>",
            &["=account", "=contact"],
        ),
        ("$skiptoken=%3Ccookie%20pagenumber=%222%22%20/%3E", &[]),
        ("$deltatoken=919042%2108%2f21%2f2017", &[]),
    ];
    for (query, wanted) in cases {
        let mut all = vec!["accounts"];
        all.extend(wanted);
        assert_eq!(get(&format!("accounts?{query}")), all, "{query}");
    }
}

#[test]
fn what_is_not_understood_is_beyond() {
    for path in [
        "",
        "accounts?savedQuery=1",
        "accounts?userQuery=1",
        "accounts?$expand=*",
        "accounts?$expand=a($levels=max)",
        "accounts?$expand=a($apply=x)",
        "accounts?$expand=a($expand=*)",
        "accounts?$expand=a)",
        "accounts?$filter=cast(a,'x') eq 1",
        "accounts?$filter=isof('x')",
        "accounts?$filter=$root/contacts eq 1",
        "accounts?$filter=name eq \"a'\" or a/b eq 'x\"'",
        "accounts?$filter=(a/any(o:o/b eq 1)",
        "accounts?$filter=x)/y eq 1",
        "accounts?$filter=Microsoft.Dynamics.CRM.In(PropertyName='a/b',PropertyValues=['c'])",
        "accounts?$filter=Microsoft.Dynamics.CRM.In(PropertyName=@p,PropertyValues=['c'])&@p='a/b'",
        "accounts?$filter=Microsoft.Dynamics.CRM.In(Other='a/b')",
        "accounts?$apply=join(contacts as c)",
        "accounts?$apply=expand(a,filter(x eq 1))",
        "accounts?$apply=concat(identity,filter(x eq 1))/compute(x as y)",
        "accounts?$compute=a/b as c",
        "accounts?$search=x",
        "accounts?$filter=a&$filter=b/c",
        "accounts?%2524filter=a",
        "accounts?fetchXml=<fetch/>",
        "accounts?@p={\"@odata.id\":\"contacts(1)\"}",
        "accounts(1)/Microsoft.Dynamics.CRM.Unknown()",
        "accounts/Microsoft.Dynamics.CRM.account",
        "$metadata/x/$y",
        "EntityDefinitions",
        "EntityDefinitions?$filter=LogicalName eq 'account'",
        "EntityDefinitions(9f1e2d3c-4b5a-4968-8776-655443322110)",
        "EntityDefinitions(LogicalName='account')/Other",
        "EntityDefinitions(LogicalName='account')?$expand=Attributes($expand=Other)",
        "RetrieveTotalRecordCount(EntityNames=@p)?@p=[\"account\"]",
    ] {
        assert!(
            get(path).contains(&"beyond".to_owned()),
            "{path}: {:?}",
            get(path)
        );
    }
    let definition = json!({});
    let changed = asked(
        "PUT",
        "EntityDefinitions(LogicalName='account')",
        Some(&definition),
    );
    assert_eq!(shown(&changed), ["beyond"]);
}

#[test]
fn a_definition_is_of_its_table() {
    for path in [
        "EntityDefinitions(LogicalName='Account')",
        "EntityDefinitions(LogicalName='account')/Attributes?$filter=x eq 'a/b'",
        "EntityDefinitions(LogicalName='account')/Attributes(LogicalName='x')/Microsoft.Dynamics.CRM.PicklistAttributeMetadata?$expand=OptionSet,GlobalOptionSet",
        "EntityDefinitions(LogicalName='account')?$select=LogicalName&$expand=OneToManyRelationships,Keys",
        "RetrieveTotalRecordCount(EntityNames=['account'])",
    ] {
        assert_eq!(get(path), ["=account"], "{path}");
    }
}

#[test]
fn a_body_names_what_it_binds_and_what_it_makes_along() {
    let cases: [(Value, &[&str]); 9] = [
        (json!({ "name": "x", "tags": [1, 2] }), &[]),
        (
            json!({ "primarycontactid@odata.bind": "/contacts(1)" }),
            &["contacts"],
        ),
        (
            json!({ "primarycontactid@OData.Bind": format!("{ROOT}/contacts(1)") }),
            &["contacts"],
        ),
        (
            json!({ "x@odata.bind": ["/api/data/v9.2/contacts(1)", "$1"] }),
            &["contacts"],
        ),
        (json!({ "x@bind": "leads(name='a')" }), &["leads"]),
        (
            json!({ "a": [{ "b": { "c@odata.bind": "/leads(1)" } }] }),
            &["accounts/a", "accounts/a/b", "leads"],
        ),
        (
            json!({ "@odata.type": "#Microsoft.Dynamics.CRM.contact" }),
            &["=contact"],
        ),
        (
            json!({ "x@odata.type": "#Int64", "y@OData.Community.Display.V1.FormattedValue": "a" }),
            &[],
        ),
        (json!({ "x@odata.bind": null }), &[]),
    ];
    for (body, wanted) in cases {
        let mut all = vec!["accounts"];
        all.extend(wanted);
        assert_eq!(post("accounts", &body), all, "{body}");
    }
    for odd in [
        json!({ "x@odata.bind": "https://example.com/contacts(1)" }),
        json!({ "x@odata.bind": "//example.com/contacts(1)" }),
        json!({ "x@odata.bind": "contacts(1)/parentcustomerid_account" }),
        json!({ "x@odata.bind": "contacts" }),
        json!({ "x@odata.bind": { "a": 1 } }),
        json!({ "x@odata.delta": [] }),
        json!({ "@odata.type": "contact.x" }),
        json!({ "x": [[1]] }),
        json!([1]),
    ] {
        assert!(
            post("accounts", &odd).contains(&"beyond".to_owned()),
            "{odd}"
        );
    }
    let related = json!({ "@odata.id": format!("{ROOT}/contacts({ID})") });
    assert_eq!(
        post("accounts(1)/c/$ref", &related),
        ["accounts", "accounts/c", "contacts"]
    );
}

#[test]
fn an_action_that_is_known_names_its_tables_and_any_other_is_none() {
    let close = json!({ "Status": 3, "OpportunityClose": {
        "subject": "x", "opportunityid@odata.bind": "/opportunities(1)" } });
    let wanted = ["=opportunity", "=opportunityclose", "opportunities"];
    assert_eq!(post("WinOpportunity", &close), wanted);
    let merge = json!({
        "Target": { "@odata.type": "Microsoft.Dynamics.CRM.account", "accountid": ID },
        "Subordinate": { "@odata.type": "#Microsoft.Dynamics.CRM.contact", "a": { "b": 1 } },
        "PerformParentingChecks": false });
    // A JSON object has no order of its own.
    let mut merged = post("Merge", &merge);
    merged.sort();
    assert_eq!(merged, ["=account", "=contact", "=contact/a"]);
    let qualify = json!({ "CreateAccount": true, "CreateContact": false, "CreateOpportunity": "true", "Status": 3,
        "OpportunityCurrencyId@odata.bind": "/transactioncurrencies(1)" });
    let mut qualified = post("leads(1)/Microsoft.Dynamics.CRM.QualifyLead", &qualify);
    qualified.sort();
    let wanted = [
        "=account",
        "=lead",
        "=opportunity",
        "leads",
        "transactioncurrencies",
    ];
    assert_eq!(qualified, wanted);
    let many = json!({ "Targets": [
        { "@odata.type": "Microsoft.Dynamics.CRM.account", "a": [{}] },
        { "@odata.type": "Microsoft.Dynamics.CRM.contact" }] });
    for name in ["CreateMultiple", "UpdateMultiple", "UpsertMultiple"] {
        let made = post(&format!("accounts/Microsoft.Dynamics.CRM.{name}"), &many);
        assert_eq!(made, ["accounts", "=account", "accounts/a", "=contact"]);
    }
    let email = "emails(1)/Microsoft.Dynamics.CRM.SendEmail";
    assert_eq!(
        post(email, &json!({ "IssueSend": true })),
        ["emails", "=email"]
    );
    // Whatever its name is, it is no listed table's.
    assert_eq!(post("new_CloseContract", &json!({})), ["new_CloseContract"]);
    for (path, body) in [
        ("Merge", json!({ "Target": { "accountid": ID } })),
        ("WinOpportunity", json!({ "Other": 1 })),
        ("WinOpportunity?x=1", json!({})),
        (email, json!({ "Other": "contacts(1)" })),
        ("accounts(1)/Microsoft.Dynamics.CRM.GrantAccess", json!({})),
        (
            "accounts/Microsoft.Dynamics.CRM.CreateMultiple/x",
            json!({}),
        ),
    ] {
        assert!(post(path, &body).contains(&"beyond".to_owned()), "{path}");
    }
}

#[test]
fn a_search_names_its_tables() {
    let search = |entities: Value| {
        post(
            "searchquery",
            &json!({ "search": "x", "entities": entities }),
        )
    };
    let named =
        json!("[{\"name\":\"account\",\"searchColumns\":[\"name\"]},{\"name\":\"contact\"}]");
    assert_eq!(search(named), ["=account", "=contact"]);
    for odd in [
        json!(null),
        json!("[]"),
        json!("x"),
        json!("[{\"Name\":\"account\"}]"),
        json!("[{\"name\":\"contact\",\"name\":\"account\"}]"),
        json!([]),
    ] {
        assert_eq!(search(odd.clone()), ["beyond"], "{odd}");
    }
    assert_eq!(post("searchquery", &json!({ "search": "x" })), ["beyond"]);
}
