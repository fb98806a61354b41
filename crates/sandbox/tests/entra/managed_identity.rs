//! Identities that the platform manages.

use crate::cloud::{Cloud, answer, claims};

const RESOURCE: &str = "https://graph.microsoft.com";

#[tokio::test]
async fn a_virtual_machine_gets_a_token_with_the_roles_of_its_identity() {
    let cloud = Cloud::start().await;
    let first = cloud
        .control
        .add_managed_identity("machine", &["Mail.Read"])
        .unwrap();
    let second = cloud.control.add_managed_identity("other", &[]).unwrap();
    let token = async |query: &str| {
        let url = format!("/metadata/identity/oauth2/token?api-version=2018-02-01&{query}");
        let request = cloud.http.get(cloud.url(&url)).header("Metadata", "true");
        answer(request).await
    };
    let own = token(&format!("resource={RESOURCE}")).await;
    assert_eq!(own.status, 200, "{}", own.body);
    assert_eq!(own.body["expires_in"], "86399");
    assert_eq!(own.body["resource"], RESOURCE);
    let access = claims(&own.body["access_token"]);
    assert_eq!(access["oid"], first.principal_id.as_str());
    assert_eq!(access["roles"], serde_json::json!(["Mail.Read"]));

    let by_client = token(&format!(
        "resource={RESOURCE}&client_id={}",
        second.client_id
    ))
    .await;
    assert_eq!(by_client.body["client_id"], second.client_id.as_str());
    let by_object = token(&format!(
        "resource={RESOURCE}&object_id={}",
        second.principal_id
    ))
    .await;
    assert_eq!(by_object.body["client_id"], second.client_id.as_str());

    for (query, error) in [
        (String::new(), "invalid_request"),
        (
            "resource=https://nobody.example".to_owned(),
            "invalid_resource",
        ),
        (
            format!("resource={RESOURCE}&client_id=nobody"),
            "invalid_request",
        ),
    ] {
        let refused = token(&query).await;
        assert_eq!(refused.status, 400);
        assert_eq!(refused.body["error"], error, "{query}");
    }
}

#[tokio::test]
async fn the_metadata_service_wants_its_header_so_that_no_forwarded_request_reaches_it() {
    let cloud = Cloud::start().await;
    cloud.control.add_managed_identity("machine", &[]).unwrap();
    let path =
        format!("/metadata/identity/oauth2/token?api-version=2018-02-01&resource={RESOURCE}");
    let refused = answer(cloud.http.get(cloud.url(&path))).await;
    assert_eq!(refused.status, 400);
    assert_eq!(
        refused.body["error_description"],
        "Required metadata header not specified"
    );
}

#[tokio::test]
async fn app_service_wants_the_secret_of_the_machine() {
    let cloud = Cloud::start().await;
    cloud.control.add_managed_identity("site", &[]).unwrap();
    let path = format!("/msi/token?api-version=2019-08-01&resource={RESOURCE}");
    let request = |header: &str| {
        cloud
            .http
            .get(cloud.url(&path))
            .header("X-IDENTITY-HEADER", header)
    };
    let granted = answer(request(&cloud.control.identity_header())).await;
    assert_eq!(granted.status, 200);
    assert!(granted.body["expires_on"].is_string());
    assert_eq!(answer(request("guess")).await.status, 401);
}

#[tokio::test]
async fn nobody_signs_in_as_a_managed_identity_with_a_secret() {
    let cloud = Cloud::start().await;
    let identity = cloud.control.add_managed_identity("machine", &[]).unwrap();
    let changes = [
        ("client_id", identity.client_id.as_str()),
        ("client_secret", "guess"),
    ];
    let refused = cloud.app_only(&changes).await;
    refused.assert_refused(401, "invalid_client", 7_000_215);
}
