use serde_json::json;

use super::{APPLICATION, OAUTH, object, request, the};

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
    let refused = the("outlook.messages.list").request(APPLICATION, &object(json!({})));
    assert_eq!(refused.unwrap_err().to_string(), "`mailbox` is missing");
}

#[test]
fn a_field_that_is_unknown_is_named() {
    let refused = the("outlook.messages.list").request(OAUTH, &object(json!({ "tpo": 1 })));
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
    for operation in crate::operations() {
        let input = object(operation.example(OAUTH));
        let headers = operation.request(OAUTH, &input).unwrap().headers;
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
        Some(json!({ "message": { "subject": "Hello" }, "saveToSentItems": false }))
    );

    let moved = request(
        "outlook.messages.move",
        OAUTH,
        json!({ "messageId": "a=", "destinationId": "archive" }),
    );
    assert_eq!(moved.path, "/me/messages/a=/move");
    assert_eq!(moved.body, Some(json!({ "destinationId": "archive" })));

    let draft = request(
        "outlook.drafts.create",
        OAUTH,
        json!({ "subject": "Hello" }),
    );
    assert_eq!(draft.body, Some(json!({ "subject": "Hello" })));
}

#[test]
fn a_request_without_fields_in_its_body_has_none_or_an_empty_one() {
    assert_eq!(
        request("outlook.drafts.send", OAUTH, json!({ "draftId": "a" })).body,
        None
    );
    let reply = request("outlook.messages.reply", OAUTH, json!({ "messageId": "a" }));
    assert_eq!(reply.body, Some(json!({})));
}

#[test]
fn a_header_cannot_be_broken_out_of() {
    for value in ["text\"", "text\r\nX-Other: 1", "täxt"] {
        let input = object(json!({ "bodyContentType": value }));
        let refused = the("outlook.messages.list")
            .request(OAUTH, &input)
            .unwrap_err();
        assert_eq!(refused.field, "bodyContentType");
    }
}
