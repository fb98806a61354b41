//! Certificates of a registration, by API, and what becomes of them at the token endpoint.

use reqwest::Method;
use serde_json::{Value, json};

use crate::certificate::{self, Key};
use crate::cloud::{Answer, Caller, Cloud};
use crate::directory::{EVERYTHING, id, refused, set_up};

const MISSING: &str = "Authentication_MissingOrMalformed";

fn entry(certificate: &str) -> Value {
    json!({ "type": "AsymmetricX509Cert", "usage": "Verify", "key": certificate })
}

/// What Microsoft asks a proof to say.
fn claims(cloud: &Cloud, issuer: &str) -> Value {
    let now = cloud.control.now().as_second();
    json!({
        "aud": "00000002-0000-0000-c000-000000000000",
        "iss": issuer,
        "nbf": now,
        "exp": now + 600,
    })
}

async fn add(caller: &Caller<'_>, object_id: &str, certificate: &str, proof: &str) -> Answer {
    let body = json!({
        "keyCredential": entry(certificate), "passwordCredential": null, "proof": proof,
    });
    let path = format!("/applications/{object_id}/addKey");
    caller.post(&path, body).await
}

/// Signs in with a certificate; the status, and Entra's code of a refusal.
async fn sign_in(cloud: &Cloud, client_id: &str, x5t: &Value, key: &Key) -> (u16, Value) {
    let tenant = cloud.sandbox.tenant_id();
    let url = format!("{}/{tenant}/oauth2/v2.0/token", cloud.sandbox.url());
    let now = cloud.control.now().as_second();
    let claims = json!({
        "aud": url, "iss": client_id, "sub": client_id, "jti": "one", "nbf": now, "exp": now + 300,
    });
    let assertion = key.sign_as(json!({ "x5t": x5t }), &claims);
    let form = [
        ("grant_type", "client_credentials"),
        ("client_id", client_id),
        (
            "client_assertion_type",
            "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
        ),
        ("client_assertion", &assertion),
        ("scope", "https://graph.microsoft.com/.default"),
    ];
    let answer = cloud.request(Method::POST, &url).form(&form);
    let answer = answer.send().await.unwrap();
    let status = answer.status().as_u16();
    let body: Value = answer.json().await.unwrap();
    (status, body["error_codes"][0].clone())
}

#[tokio::test]
async fn the_list_is_replaced_as_a_whole_and_an_entry_without_its_key_stays() {
    let cloud = Cloud::start().await;
    let admin = cloud.application(&EVERYTHING);
    let set = set_up(&admin).await;
    let path = format!("/applications/{}", id(&set.application));
    let (first, _) = certificate::new();
    let (second, _) = certificate::new();
    let put = async |list: Value| {
        let change = json!({ "keyCredentials": list });
        admin.patch(&path, change).await
    };
    let list = async || admin.get(&path).await.body["keyCredentials"].clone();
    assert_eq!(put(json!([entry(&first)])).await.status, 204);
    let held = list().await;
    assert_eq!(held[0]["key"], Value::Null);
    assert!(held[0]["endDateTime"].is_string());
    let named = admin.get(&format!("{path}?$select=keyCredentials")).await;
    assert_eq!(named.body["keyCredentials"][0]["key"], first);
    let all = admin.get("/applications?$select=keyCredentials").await;
    let held_of = |it: &Value| it["keyCredentials"].as_array().cloned().unwrap_or_default();
    let all: Vec<Value> = all.values().iter().flat_map(held_of).collect();
    assert!(!all.is_empty() && all.iter().all(|it| it["key"].is_null()));

    assert_eq!(put(json!([held[0], entry(&second)])).await.status, 204);
    let both = list().await;
    assert_eq!(both.as_array().map(Vec::len), Some(2));
    assert_eq!(both[0]["keyId"], held[0]["keyId"]);
    assert_eq!(put(json!([both[1]])).await.status, 204);
    assert_eq!(list().await, json!([both[1]]));
    for wrong in [
        json!([{ "type": "AsymmetricX509Cert", "usage": "Verify", "key": "nonsense" }]),
        json!([{ "key": first }]),
        json!([{ "type": "AsymmetricX509Cert", "usage": "Sign", "key": first }]),
        json!("nothing"),
    ] {
        assert_eq!(put(wrong).await.status, 400);
    }
    assert_eq!(list().await, json!([both[1]]));
}

#[tokio::test]
async fn a_certificate_is_added_and_removed_by_whoever_proves_to_hold_another() {
    let cloud = Cloud::start().await;
    let admin = cloud.application(&EVERYTHING);
    let set = set_up(&admin).await;
    let object_id = id(&set.application);
    let (first, key) = certificate::new();
    let (second, second_key) = certificate::new();
    let good = claims(&cloud, object_id);
    let early = add(&admin, object_id, &second, &key.sign(&good)).await;
    refused(&early, 401, MISSING);
    let path = format!("/applications/{object_id}");
    let change = json!({ "keyCredentials": [entry(&first)] });
    assert_eq!(admin.patch(&path, change).await.status, 204);

    let now = cloud.control.now().as_second();
    let wrong = [
        ("iss", json!(set.application["appId"])),
        ("aud", json!("00000003-0000-0000-c000-000000000000")),
        ("exp", json!(now - 400)),
        ("exp", json!(now + 601)),
        ("nbf", json!(now + 400)),
        ("nbf", Value::Null),
    ];
    for (claim, value) in wrong {
        let mut claims = good.clone();
        claims[claim] = value;
        let answer = add(&admin, object_id, &second, &key.sign(&claims)).await;
        refused(&answer, 401, MISSING);
    }
    let by_itself = add(&admin, object_id, &second, &second_key.sign(&good)).await;
    refused(&by_itself, 401, MISSING);
    let without = add(&admin, object_id, &second, "").await;
    refused(&without, 400, "Request_BadRequest");
    let nonsense = add(&admin, object_id, "nonsense", &key.sign(&good)).await;
    refused(&nonsense, 400, "Request_BadRequest");

    let added = add(&admin, object_id, &second, &key.sign(&good)).await;
    assert_eq!(added.status, 200, "{}", added.text);
    let remove = format!("{path}/removeKey");
    let body = json!({ "keyId": added.body["keyId"], "proof": second_key.sign(&good) });
    assert_eq!(admin.post(&remove, body.clone()).await.status, 204);
    refused(&admin.post(&remove, body).await, 401, MISSING);
    let unknown = json!({ "keyId": added.body["keyId"], "proof": key.sign(&good) });
    refused(
        &admin.post(&remove, unknown).await,
        400,
        "Request_BadRequest",
    );
}

#[tokio::test]
async fn an_application_rolls_its_own_keys_without_any_permission() {
    let cloud = Cloud::start().await;
    let admin = cloud.application(&EVERYTHING);
    let itself = cloud.application(&[]);
    let found = admin
        .get(&format!("/applications(appId='{}')", cloud.client_id()))
        .await;
    let object_id = id(&found.body);
    let (first, key) = certificate::new();
    cloud
        .control
        .add_certificate(cloud.client_id(), "first", &first)
        .unwrap();
    let (second, _) = certificate::new();
    let proof = key.sign(&claims(&cloud, object_id));
    let added = add(&itself, object_id, &second, &proof).await;
    assert_eq!(added.status, 200, "{}", added.text);
    let set = set_up(&admin).await;
    let other = id(&set.application);
    let proof = key.sign(&claims(&cloud, other));
    let another = add(&itself, other, &second, &proof).await;
    refused(&another, 403, "Authorization_RequestDenied");
    let change = json!({ "keyCredentials": [] });
    let list = itself
        .patch(&format!("/applications/{object_id}"), change)
        .await;
    refused(&list, 403, "Authorization_RequestDenied");
}

#[tokio::test]
async fn entra_takes_a_new_certificate_at_once_and_a_removed_one_no_more() {
    let cloud = Cloud::start().await;
    let admin = cloud.application(&EVERYTHING);
    let set = set_up(&admin).await;
    let object_id = id(&set.application);
    let client_id = set.application["appId"].as_str().unwrap();
    let (first, key) = certificate::new();
    let path = format!("/applications/{object_id}");
    let change = json!({ "keyCredentials": [entry(&first)] });
    assert_eq!(admin.patch(&path, change).await.status, 204);
    let held = admin.get(&path).await.body["keyCredentials"][0].clone();
    let proof = key.sign(&claims(&cloud, object_id));
    let (second, second_key) = certificate::new();
    let added = add(&admin, object_id, &second, &proof).await.body;
    for (x5t, key) in [
        (&held["customKeyIdentifier"], &key),
        (&added["customKeyIdentifier"], &second_key),
    ] {
        assert_eq!(sign_in(&cloud, client_id, x5t, key).await.0, 200);
    }
    let remove = format!("{path}/removeKey");
    let body = json!({ "keyId": held["keyId"], "proof": proof });
    assert_eq!(admin.post(&remove, body).await.status, 204);
    let over = sign_in(&cloud, client_id, &held["customKeyIdentifier"], &key).await;
    assert_eq!(over, (401, json!(700_027)));
    let new = &added["customKeyIdentifier"];
    assert_eq!(sign_in(&cloud, client_id, new, &second_key).await.0, 200);
}
