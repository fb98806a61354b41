use crate::cloud::{ANA, Cloud};

#[tokio::test]
async fn a_list_is_ten_messages_newest_first_with_a_link_to_more() {
    let cloud = Cloud::start().await;
    let ana = cloud.mail_user(ANA);
    let list = ana.get("/me/messages").await;
    let values = list.values();
    assert_eq!(values.len(), 10);
    let times: Vec<&str> = values
        .iter()
        .map(|m| m["receivedDateTime"].as_str().unwrap())
        .collect();
    let mut sorted = times.clone();
    sorted.sort_unstable();
    sorted.reverse();
    assert_eq!(times, sorted);
    let next = list.body["@odata.nextLink"].as_str().unwrap();
    assert_eq!(
        next,
        format!("{}/v1.0/me/messages?$skip=10", cloud.sandbox.url())
    );
    assert!(
        list.body["@odata.context"]
            .as_str()
            .unwrap()
            .ends_with("')/messages")
    );
}

#[tokio::test]
async fn a_message_has_the_documented_shape() {
    let cloud = Cloud::start().await;
    let message = cloud
        .mail_user(ANA)
        .get("/me/mailFolders/inbox/messages?$top=1")
        .await
        .values()
        .remove(0);
    for name in [
        "@odata.etag",
        "id",
        "createdDateTime",
        "lastModifiedDateTime",
        "changeKey",
        "categories",
        "receivedDateTime",
        "sentDateTime",
        "hasAttachments",
        "internetMessageId",
        "subject",
        "bodyPreview",
        "importance",
        "parentFolderId",
        "conversationId",
        "conversationIndex",
        "isDeliveryReceiptRequested",
        "isReadReceiptRequested",
        "isRead",
        "isDraft",
        "webLink",
        "inferenceClassification",
        "body",
        "sender",
        "from",
        "toRecipients",
        "ccRecipients",
        "bccRecipients",
        "replyTo",
        "flag",
    ] {
        assert!(message.get(name).is_some(), "{name}");
    }
    assert_eq!(message.as_object().unwrap().len(), 30);
    let id = message["id"].as_str().unwrap();
    assert!(id.starts_with("AAMkA") && id.len() == 152);
    assert_eq!(
        message["@odata.etag"],
        format!("W/\"{}\"", message["changeKey"].as_str().unwrap())
    );
    assert_eq!(
        message["isDeliveryReceiptRequested"],
        serde_json::Value::Null
    );
}

#[tokio::test]
async fn only_selected_properties_come_and_headers_only_when_selected() {
    let cloud = Cloud::start().await;
    let ana = cloud.mail_user(ANA);
    let list = ana
        .get("/me/mailFolders/inbox/messages?$select=Subject,internetMessageHeaders&$top=1")
        .await;
    let message = list.values().remove(0);
    let names: Vec<&String> = message.as_object().unwrap().keys().collect();
    assert_eq!(
        names,
        ["@odata.etag", "id", "subject", "internetMessageHeaders"]
    );
    let headers = message["internetMessageHeaders"].as_array().unwrap();
    assert!(headers.iter().any(|header| header["name"] == "Message-ID"));
    assert!(
        list.body["@odata.context"]
            .as_str()
            .unwrap()
            .ends_with("messages(subject,internetMessageHeaders)")
    );
}

#[tokio::test]
async fn filters_select_and_counts_follow_them() {
    let cloud = Cloud::start().await;
    let ana = cloud.mail_user(ANA);
    let all = ana
        .get("/me/mailFolders/inbox/messages?$top=1000")
        .await
        .values();
    let unread = all
        .iter()
        .filter(|message| message["isRead"] == false)
        .count();
    assert!(unread > 0 && unread < all.len());
    let found = ana
        .get("/me/mailFolders/inbox/messages?$filter=isRead eq false&$count=true&$top=1")
        .await;
    assert_eq!(found.body["@odata.count"], unread);
    assert_eq!(
        ana.get("/me/mailFolders/inbox/messages/$count?$filter=isRead eq false")
            .await
            .text,
        unread.to_string()
    );
    for filter in [
        "from/emailAddress/address eq 'billing@fourthcoffee.com'",
        "startswith(subject,'Invoice')",
        "hasAttachments eq true and contains(subject,'invoice')",
        "receivedDateTime ge 2026-08-01T00:00:00Z and subject eq 'Invoice 2041'",
        "not(isRead eq false) and subject eq 'Invoice 2041'",
        "flag/flagStatus eq 'flagged'",
    ] {
        let found = ana
            .get(&format!(
                "/me/messages?$filter={}",
                filter.replace(' ', "%20")
            ))
            .await;
        assert!(!found.values().is_empty(), "{filter}");
    }
}

#[tokio::test]
async fn sorting_a_filtered_list_wants_the_keys_first_in_the_filter() {
    let cloud = Cloud::start().await;
    let ana = cloud.mail_user(ANA);
    let refused = ana
        .get("/me/messages?$filter=isRead eq false&$orderby=receivedDateTime desc")
        .await;
    refused.assert_refused(400, "InefficientFilter");
    assert_eq!(
        refused.message(),
        "The restriction or sort order is too complex for this operation."
    );
    let swapped = "/me/messages?$filter=isRead eq false and receivedDateTime ge 2026-01-01T00:00:00Z&$orderby=receivedDateTime";
    ana.get(swapped)
        .await
        .assert_refused(400, "InefficientFilter");
    let allowed = "/me/messages?$filter=receivedDateTime ge 2026-01-01T00:00:00Z and isRead eq false&$orderby=receivedDateTime";
    let oldest_first = ana.get(allowed).await.values();
    assert!(
        oldest_first[0]["receivedDateTime"].as_str()
            <= oldest_first[1]["receivedDateTime"].as_str()
    );
    let by_subject = ana
        .get("/me/messages?$orderby=subject&$top=3")
        .await
        .values();
    assert!(
        by_subject[0]["subject"].as_str().unwrap().to_lowercase()
            <= by_subject[1]["subject"].as_str().unwrap().to_lowercase()
    );
}

#[tokio::test]
async fn malformed_queries_are_refused_with_the_reason() {
    let cloud = Cloud::start().await;
    let ana = cloud.mail_user(ANA);
    for (query, code, reason) in [
        (
            "$filter=subject eq",
            "RequestBroker--ParseUri",
            "Syntax error at position 10 in 'subject eq'.",
        ),
        (
            "$filter=nope eq 1",
            "RequestBroker--ParseUri",
            "Could not find a property named 'nope' on type 'microsoft.graph.message'.",
        ),
        (
            "$filter=subject eq 5",
            "RequestBroker--ParseUri",
            "incompatible types",
        ),
        ("$select=nope", "RequestBroker--ParseUri", "'nope'"),
        ("$orderby=nope", "RequestBroker--ParseUri", "'nope'"),
        (
            "$orderby=subject sideways",
            "RequestBroker--ParseUri",
            "Syntax error",
        ),
        (
            "$top=1001",
            "ErrorInvalidUrlQuery",
            "The limit of '1000' for Top query has been exceeded.",
        ),
        ("$expand=nope", "BadRequest", "'nope'"),
    ] {
        let refused = ana
            .get(&format!("/me/mailFolders/inbox/messages?{query}"))
            .await;
        refused.assert_refused(400, code);
        assert!(refused.message().contains(reason), "{}", refused.text);
    }
    ana.get("/me/messages?$top=many")
        .await
        .assert_refused(400, "RequestBroker--ParseUri");
}

#[tokio::test]
async fn attachments_are_expanded_on_request() {
    let cloud = Cloud::start().await;
    let ana = cloud.mail_user(ANA);
    let path = "/me/messages?$filter=subject eq 'Purchase order 7781'&$expand=attachments($select=id,name,size)";
    let message = ana.get(path).await.values().remove(0);
    let attachment = &message["attachments"][0];
    assert_eq!(attachment["name"], "po-7781.pdf");
    assert_eq!(attachment["contentBytes"], serde_json::Value::Null);
    assert_eq!(attachment["@odata.type"], "#microsoft.graph.fileAttachment");
}

#[tokio::test]
async fn unknown_messages_and_malformed_ids_are_told_apart() {
    let cloud = Cloud::start().await;
    let ana = cloud.mail_user(ANA);
    let malformed = ana.get("/me/messages/nonsense").await;
    malformed.assert_refused(400, "ErrorInvalidIdMalformed");
    assert_eq!(malformed.message(), "Id is malformed.");
    let other = cloud
        .mail_user(crate::cloud::BEN)
        .get("/me/messages?$top=1")
        .await
        .values()
        .remove(0);
    let missing = ana
        .get(&format!("/me/messages/{}", other["id"].as_str().unwrap()))
        .await;
    missing.assert_refused(404, "ErrorItemNotFound");
    assert_eq!(
        missing.message(),
        "The specified object was not found in the store."
    );
    ana.get("/me/mailFolders/nonsense/messages")
        .await
        .assert_refused(400, "ErrorInvalidIdMalformed");
}

#[tokio::test]
async fn what_no_index_of_exchange_serves_is_an_invalid_filter() {
    let cloud = Cloud::start().await;
    let ana = cloud.mail_user(ANA);
    for filter in [
        "toRecipients/any(r:r/emailAddress/address eq 'ana.reis@contoso.com')",
        "isRead eq false and ccRecipients/all(r:r/emailAddress/name eq 'Ana')",
        "endswith(from/emailAddress/address,'contoso.com')",
    ] {
        let refused = ana.get(&format!("/me/messages?$filter={filter}")).await;
        refused.assert_refused(400, "ErrorInvalidUrlQueryFilter");
    }
}
