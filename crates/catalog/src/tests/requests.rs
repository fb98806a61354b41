use serde_json::json;

use super::{APPLICATION, OAUTH, ROOT, object, request, the};
use crate::{RequestBody, TargetKind};

#[test]
fn a_user_is_me_and_a_mailbox_is_a_user() {
    let own = request("outlook.folders.list", OAUTH, json!({}));
    assert_eq!(
        (own.path.as_str(), own.target.as_deref()),
        ("/me/mailFolders", Some("me"))
    );
    let input = json!({ "mailbox": "support@contoso.com" });
    for method in [OAUTH, APPLICATION] {
        let shared = request("outlook.folders.list", method, input.clone());
        assert_eq!(shared.path, "/users/support@contoso.com/mailFolders");
        assert_eq!(shared.target.as_deref(), Some("support@contoso.com"));
    }
}

#[test]
fn an_application_without_a_mailbox_is_told_so() {
    let refused = the("outlook.messages.list").request(APPLICATION, &object(json!({})), ROOT);
    assert_eq!(refused.unwrap_err().to_string(), "`mailbox` is missing");
}

#[test]
fn a_field_that_is_unknown_is_named() {
    let refused = the("outlook.messages.list").request(OAUTH, &object(json!({ "tpo": 1 })), ROOT);
    assert_eq!(
        refused.unwrap_err().to_string(),
        "`tpo` is no field of `outlook.messages.list`"
    );
}

#[test]
fn list_options_become_odata_options_and_a_preference() {
    let input = json!({
        "filter": "isRead eq false", "select": ["subject", "from"], "orderby": "receivedDateTime desc", "top": 5, "skip": 10,
        "count": true, "bodyContentType": "text",
    });
    let request = request("outlook.messages.list", OAUTH, input);
    let query: Vec<_> = request
        .query
        .iter()
        .map(|(name, value)| format!("{name}={value}"))
        .collect();
    assert_eq!(
        query,
        [
            "$filter=isRead eq false",
            "$select=subject,from",
            "$orderby=receivedDateTime desc",
            "$top=5",
            "$skip=10",
            "$count=true"
        ]
    );
    let prefer = r#"IdType="ImmutableId", outlook.body-content-type="text""#;
    assert_eq!(request.headers, [("Prefer".to_owned(), prefer.to_owned())]);
    assert_eq!(request.body, None);
}

#[test]
fn a_search_stays_within_its_quotes() {
    let found = request(
        "outlook.messages.search",
        OAUTH,
        json!({ "query": r#"subject:"a\b" x"# }),
    );
    let expected = r#""subject:\"a\\b\" x""#.to_owned();
    assert_eq!(found.query, [("$search".to_owned(), expected)]);
}

#[test]
fn every_mail_request_asks_for_immutable_ids() {
    let of_mailboxes = crate::operations()
        .iter()
        .filter(|operation| operation.target.kind == TargetKind::Mailbox);
    for operation in of_mailboxes {
        let input = object(operation.example(OAUTH));
        let headers = operation.request(OAUTH, &input, ROOT).unwrap().headers;
        assert!(
            headers
                .iter()
                .any(|(_, value)| value.contains(r#"IdType="ImmutableId""#)),
            "{}",
            operation.id
        );
    }
}

#[test]
fn a_body_holds_its_own_fields_by_microsofts_names() {
    let input = json!({ "mailbox": "a@contoso.com", "message": { "subject": "Hello" }, "saveToSentItems": false });
    let sent = request("outlook.messages.send", APPLICATION, input);
    assert_eq!(
        (sent.method, sent.path.as_str()),
        ("POST", "/users/a@contoso.com/sendMail")
    );
    assert_eq!(
        sent.body,
        Some(RequestBody::Json(
            json!({ "message": { "subject": "Hello" }, "saveToSentItems": false })
        ))
    );

    let moved = request(
        "outlook.messages.move",
        OAUTH,
        json!({ "messageId": "a=", "destinationId": "archive" }),
    );
    assert_eq!(moved.path, "/me/messages/a=/move");
    assert_eq!(
        moved.body,
        Some(RequestBody::Json(json!({ "destinationId": "archive" })))
    );

    let draft = request(
        "outlook.drafts.create",
        OAUTH,
        json!({ "subject": "Hello" }),
    );
    assert_eq!(
        draft.body,
        Some(RequestBody::Json(json!({ "subject": "Hello" })))
    );
}

#[test]
fn a_request_without_fields_in_its_body_has_none_or_an_empty_one() {
    assert_eq!(
        request("outlook.drafts.send", OAUTH, json!({ "draftId": "a" })).body,
        None
    );
    let reply = request("outlook.messages.reply", OAUTH, json!({ "messageId": "a" }));
    assert_eq!(reply.body, Some(RequestBody::Json(json!({}))));
}

#[test]
fn a_header_cannot_be_broken_out_of() {
    for value in ["text\"", "text\r\nX-Other: 1", "täxt"] {
        let input = object(json!({ "bodyContentType": value }));
        let refused = the("outlook.messages.list")
            .request(OAUTH, &input, ROOT)
            .unwrap_err();
        assert_eq!(refused.field, "bodyContentType");
    }
}

#[test]
fn a_body_is_built_by_places_templates_and_what_is_fixed() {
    let json_of = |id: &str, input| match request(id, APPLICATION, input).body {
        Some(RequestBody::Json(body)) => body,
        other => panic!("{other:?}"),
    };
    let member = json!({ "teamId": "t", "userId": "o'neil@contoso.com", "roles": [] });
    assert_eq!(
        json_of("teams.members.add", member),
        json!({
            "@odata.type": "#microsoft.graph.aadUserConversationMember",
            "user@odata.bind": format!("{ROOT}/users('o''neil@contoso.com')"),
            "roles": [],
        })
    );
    let moved = json!({ "driveId": "d", "itemId": "i", "parentId": "p", "name": "a.txt" });
    assert_eq!(
        json_of("onedrive.items.move", moved),
        json!({ "parentReference": { "id": "p" }, "name": "a.txt" })
    );
    let folder = json!({ "driveId": "d", "parentId": "root", "name": "Reports" });
    assert_eq!(
        json_of("onedrive.folders.create", folder),
        json!({ "folder": {}, "name": "Reports" })
    );
    let row = json!({ "entitySet": "accounts", "record": { "name": "Contoso" } });
    assert_eq!(
        json_of("dataverse.records.create", row),
        json!({ "name": "Contoso" })
    );
}

#[test]
fn bytes_travel_as_what_they_are() {
    let input =
        json!({ "driveId": "d", "parentId": "root", "fileName": "a b.txt", "content": "SGVsbG8=" });
    let upload = request("onedrive.files.upload", OAUTH, input);
    assert_eq!(upload.path, "/drives/d/items/root:/a%20b.txt:/content");
    let bytes = RequestBody::Content {
        content_type: "application/octet-stream",
        bytes: b"Hello".to_vec(),
    };
    assert_eq!(upload.body, Some(bytes));
    let broken = json!({ "driveId": "d", "parentId": "root", "fileName": "a", "content": "%%" });
    let refused = the("onedrive.files.upload").request(OAUTH, &object(broken), ROOT);
    assert_eq!(refused.unwrap_err().to_string(), "`content` is not base64");
}

#[test]
fn what_an_input_touches_is_all_known() {
    use crate::TargetKind::{Company, Drive, Table};
    let record = json!({ "name": "x", "primarycontactid@odata.bind": "/contacts(1)", "contact_customer_accounts": [
        { "owner@odata.bind": "https://contoso.crm.dynamics.com/api/data/v9.2/systemusers(2)" }
    ] });
    let row = request(
        "dataverse.records.create",
        APPLICATION,
        json!({ "entitySet": "accounts", "record": record }),
    );
    let table = |name: &str| (Table, name.to_owned());
    let mut touched = row.targets;
    touched.sort_by(|one, other| one.1.cmp(&other.1));
    assert_eq!(
        touched,
        [table("accounts"), table("contacts"), table("systemusers")]
    );
    let customers = json!({ "companyId": "6c8bb1b4-2fd4-4b8e-9a56-3c1f1d2a7b10" });
    let listed = request("businesscentral.customers.list", APPLICATION, customers);
    assert_eq!(listed.targets[0].0, Company);
    assert_eq!(
        listed.path,
        "/companies(6c8bb1b4-2fd4-4b8e-9a56-3c1f1d2a7b10)/customers"
    );
    let operation = the("onedrive.items.move");
    assert_eq!(operation.target.kind, Drive);
}

#[test]
fn keys_and_sharing_links_are_written_as_microsoft_wants_them() {
    let key = json!({ "entitySet": "accounts", "key": { "accountnumber": "A'1", "_primarycontactid_value": "4f-2", "index": 2 } });
    let row = request("dataverse.records.getByKey", APPLICATION, key);
    assert_eq!(
        row.path,
        "/accounts(accountnumber='A%27%271',_primarycontactid_value=4f-2,index=2)"
    );
    let none = json!({ "functionName": "RetrieveVersion", "arguments": {} });
    assert_eq!(
        request("dataverse.functions.call", APPLICATION, none).path,
        "/RetrieveVersion()"
    );
    let list = json!({ "functionName": "RetrieveTotalRecordCount", "arguments": { "EntityNames": ["account", "le'ad"] } });
    assert_eq!(
        request("dataverse.functions.call", APPLICATION, list).path,
        "/RetrieveTotalRecordCount(EntityNames=%5B'account','le%27%27ad'%5D)"
    );
    let link = json!({ "sharingUrl": "https://contoso.sharepoint.com/:w:/s/a" });
    let item = request("onedrive.shares.resolve", OAUTH, link);
    assert_eq!(
        item.path,
        "/shares/u!aHR0cHM6Ly9jb250b3NvLnNoYXJlcG9pbnQuY29tLzp3Oi9zL2E/driveItem"
    );
    let path = |function: &str, arguments: serde_json::Value| {
        let input = json!({ "functionName": function, "arguments": arguments });
        request("dataverse.functions.call", APPLICATION, input).path
    };
    let guid = "3f2504e0-4f89-11d3-9a0c-0305e82c3301";
    assert_eq!(
        path(
            "RetrieveEntity",
            json!({ "EntityFilters": "Entity", "LogicalName": "account", "MetadataId": guid })
        ),
        format!(
            "/RetrieveEntity(EntityFilters=Microsoft.Dynamics.CRM.EntityFilters'Entity',LogicalName='account',MetadataId={guid})"
        )
    );
    assert_eq!(
        path(
            "new_Own",
            json!({ "Id": { "type": "Edm.Guid", "value": guid }, "Kind": { "type": "Microsoft.Dynamics.CRM.new_kind", "value": "A" } })
        ),
        format!("/new_Own(Id={guid},Kind=Microsoft.Dynamics.CRM.new_kind'A')")
    );
}

#[test]
fn what_is_sent_otherwise_is_sent_when_nothing_is_said() {
    let update = json!({ "id": "9c2f7e4b-5a3d-4a6f-9b1e-2d7c8e9f0a1b", "companyId": "9c2f7e4b-5a3d-4a6f-9b1e-2d7c8e9f0a1b", "displayName": "x" });
    let header = |input| {
        let request = request("businesscentral.customers.update", APPLICATION, input);
        request
            .headers
            .into_iter()
            .find(|(name, _)| name == "If-Match")
    };
    assert_eq!(header(update.clone()).unwrap().1, "*");
    let mut guarded = update;
    guarded["ifMatch"] = json!("W/\"JzQ0\"");
    assert_eq!(header(guarded).unwrap().1, "W/\"JzQ0\"");
}
