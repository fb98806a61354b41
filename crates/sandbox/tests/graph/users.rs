use crate::cloud::{ANA, BEN, Cloud};

#[tokio::test]
async fn me_is_the_signed_in_user_with_the_eleven_default_properties() {
    let cloud = Cloud::start().await;
    let me = cloud.user(ANA, &["User.Read"]).get("/me").await;
    assert_eq!(me.status, 200);
    assert_eq!(me.body["displayName"], "Ana Reis");
    assert_eq!(me.body["userPrincipalName"], ANA);
    assert_eq!(me.body.as_object().unwrap().len(), 12);
    let context = format!("{}/v1.0/$metadata#users/$entity", cloud.sandbox.url());
    assert_eq!(me.body["@odata.context"], context);
}

#[tokio::test]
async fn an_application_has_no_me() {
    let cloud = Cloud::start().await;
    let application = cloud.application(&["User.Read.All", "Mail.Read"]);
    for path in ["/me", "/me/messages"] {
        let refused = application.get(path).await;
        refused.assert_refused(400, "BadRequest");
        assert_eq!(
            refused.message(),
            "/me request is only valid with delegated authentication flow."
        );
    }
}

#[tokio::test]
async fn users_are_found_by_id_and_by_principal_name() {
    let cloud = Cloud::start().await;
    let application = cloud.application(&["User.Read.All"]);
    let by_name = application
        .get(&format!("/users/{BEN}?$select=id,department"))
        .await;
    assert_eq!(by_name.body["department"], "Sales");
    assert_eq!(by_name.body.as_object().unwrap().len(), 3);
    let by_id = application.get(&format!("/users/{}", by_name.id())).await;
    assert_eq!(by_id.body["mail"], BEN);
    application
        .get("/users/nobody@contoso.com")
        .await
        .assert_refused(404, "Request_ResourceNotFound");
    application
        .get("/users/x?$select=nonsense")
        .await
        .assert_refused(400, "Request_BadRequest");
}

#[tokio::test]
async fn a_user_permission_is_needed_and_its_absence_told() {
    let cloud = Cloud::start().await;
    cloud
        .user(ANA, &["Mail.Read"])
        .get("/me")
        .await
        .assert_refused(403, "Authorization_RequestDenied");
    let plain = cloud.user(ANA, &["User.Read"]);
    plain
        .get("/users")
        .await
        .assert_refused(403, "Authorization_RequestDenied");
    plain
        .get(&format!("/users/{BEN}"))
        .await
        .assert_refused(403, "Authorization_RequestDenied");
    cloud
        .application(&[])
        .get("/users")
        .await
        .assert_refused(403, "Authorization_RequestDenied");
}

#[tokio::test]
async fn the_list_is_filtered_and_paged_with_a_token() {
    let cloud = Cloud::start().await;
    let application = cloud.application(&["User.Read.All"]);
    let first = application.get("/users?$top=5&$select=mail").await;
    assert_eq!(first.values().len(), 5);
    let mut mails: Vec<String> = Vec::new();
    let mut page = first;
    loop {
        mails.extend(
            page.values()
                .iter()
                .map(|user| user["mail"].as_str().unwrap().to_owned()),
        );
        let Some(next) = page.body["@odata.nextLink"].as_str().map(str::to_owned) else {
            break;
        };
        assert!(next.contains("$skiptoken=") && next.contains("$top=5"));
        page = application.get(&next).await;
    }
    assert_eq!(mails.len(), 41);
    mails.dedup();
    assert_eq!(mails.len(), 41);
    let sales = application
        .get("/users?$filter=department eq 'Sales' and startswith(displayName,'a')")
        .await
        .values();
    assert_eq!(sales.len(), 1);
    assert_eq!(sales[0]["displayName"], "Ana Reis");
}

#[tokio::test]
async fn advanced_queries_want_eventual_consistency() {
    let cloud = Cloud::start().await;
    let path = "/users?$count=true&$filter=endswith(mail,'okafor@contoso.com')";
    let strict = cloud.application(&["User.Read.All"]);
    strict
        .get(path)
        .await
        .assert_refused(400, "Request_UnsupportedQuery");
    let eventual = cloud
        .application(&["User.Read.All"])
        .with("ConsistencyLevel", "eventual");
    let found = eventual.get(path).await;
    assert_eq!(found.body["@odata.count"], 1);
    assert_eq!(eventual.get("/users/$count").await.text, "41");
    strict
        .get("/users?$top=1000")
        .await
        .assert_refused(400, "Request_UnsupportedQuery");
}
