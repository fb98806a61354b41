//! What is told of changes, when, how often, and how it is sealed.

use std::time::Duration;

use aws_lc_rs::cipher::{AES_256, DecryptionContext, PaddedBlockDecryptingKey, UnboundCipherKey};
use aws_lc_rs::hmac;
use aws_lc_rs::iv::FixedLength;
use aws_lc_rs::rsa::{OAEP_SHA1_MGF1SHA1, OaepPrivateDecryptingKey, PrivateDecryptingKey};
use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use rcgen::{CertificateParams, KeyPair, PKCS_RSA_SHA256};
use reqwest::Method;
use serde_json::{Value, json};

use crate::cloud::{ANA, BEN, Caller, Cloud, message};
use crate::listener::{Listener, Mood};
use crate::subscriptions::inbox;

async fn watch(caller: &Caller<'_>, url: &str, resource: &str, kinds: &str) -> String {
    let mut new = inbox(url);
    new["resource"] = json!(resource);
    new["changeType"] = json!(kinds);
    new["lifecycleNotificationUrl"] = json!(url);
    let made = caller.post("/subscriptions", new).await;
    assert_eq!(made.status, 201, "{}", made.text);
    made.id()
}

fn kinds(told: &[Value]) -> Vec<&str> {
    told.iter()
        .map(|it| it["changeType"].as_str().unwrap_or("-"))
        .collect()
}

#[tokio::test]
async fn a_mailbox_tells_of_what_comes_changes_and_goes() {
    let (cloud, listener) = (Cloud::start().await, Listener::start().await);
    let (ana, ben) = (cloud.mail_user(ANA), cloud.mail_user(BEN));
    let id = watch(
        &ana,
        &listener.url,
        "me/mailFolders('inbox')/messages",
        "created,updated,deleted",
    )
    .await;
    let mail = json!({ "message": message("For the watcher", &[ANA]) });
    assert_eq!(ben.post("/me/sendMail", mail).await.status, 202);
    cloud.control.notified().await;
    let told = listener.take();
    assert_eq!(kinds(&told), ["created"]);
    assert_eq!(told[0]["subscriptionId"], id.as_str());
    assert_eq!(told[0]["clientState"], "a secret of the client's");
    assert_eq!(told[0]["tenantId"], cloud.sandbox.tenant_id());
    assert_eq!(
        told[0]["resourceData"]["@odata.type"],
        "#Microsoft.Graph.Message"
    );
    let path = format!("/{}", told[0]["resource"].as_str().unwrap());
    let found = ana.get(&path).await;
    assert_eq!(found.body["subject"], "For the watcher", "{}", found.text);
    ana.patch(&path, json!({ "isRead": true })).await;
    cloud.control.notified().await;
    assert_eq!(kinds(&listener.take()), ["updated"]);
    ana.delete(&path).await;
    cloud.control.notified().await;
    assert_eq!(kinds(&listener.take()), ["deleted"]);
    // A draft is elsewhere, and after the end nobody is told.
    ana.draft("Not in the inbox").await;
    ana.delete(&format!("/subscriptions/{id}")).await;
    ben.post(
        "/me/sendMail",
        json!({ "message": message("Later", &[ANA]) }),
    )
    .await;
    cloud.control.notified().await;
    assert!(listener.take().is_empty());
}

#[tokio::test]
async fn drives_people_and_groups_tell_too() {
    let (cloud, listener) = (Cloud::start().await, Listener::start().await);
    let ana = cloud.user(ANA, &["Files.ReadWrite.All"]);
    watch(&ana, &listener.url, "/me/drive/root", "updated").await;
    let put = ana
        .call(
            Method::PUT,
            "/me/drive/root:/watched.txt:/content",
            Some(json!(1)),
        )
        .await;
    assert_eq!(put.status, 201, "{}", put.text);
    cloud.control.notified().await;
    let told = listener.take();
    assert_eq!(kinds(&told), ["updated"]);
    assert_eq!(told[0]["resource"], "/me/drive/root");
    let admin = cloud.application(&["User.ReadWrite.All", "Group.ReadWrite.All"]);
    watch(&admin, &listener.url, "users", "created,updated,deleted").await;
    watch(&admin, &listener.url, "groups", "created,updated,deleted").await;
    admin
        .patch(&format!("/users/{BEN}"), json!({ "jobTitle": "Watched" }))
        .await;
    let group = json!({ "displayName": "w", "mailNickname": "w", "mailEnabled": false, "securityEnabled": true });
    let group = admin.post("/groups", group).await.id();
    admin.delete(&format!("/groups/{group}")).await;
    cloud.control.notified().await;
    let mut told = kinds(&listener.take())
        .join(" ")
        .split(' ')
        .map(str::to_owned)
        .collect::<Vec<_>>();
    told.sort();
    assert_eq!(told, ["created", "deleted", "updated"]);
}

#[tokio::test]
async fn what_cannot_be_delivered_is_tried_again_and_then_counted_as_missed() {
    let (cloud, listener) = (Cloud::start().await, Listener::start().await);
    let (ana, ben) = (cloud.mail_user(ANA), cloud.mail_user(BEN));
    let lifecycle = Listener::start().await;
    let mut new = inbox(&listener.url);
    new["lifecycleNotificationUrl"] = json!(lifecycle.url);
    assert_eq!(ana.post("/subscriptions", new).await.status, 201);
    listener.be(Mood::Failing);
    ben.post(
        "/me/sendMail",
        json!({ "message": message("Unheard", &[ANA]) }),
    )
    .await;
    cloud.control.notified().await;
    assert_eq!(listener.take().len(), 1);
    cloud.control.notified().await;
    assert!(listener.take().is_empty(), "not before its time");
    cloud.control.advance(Duration::from_secs(10));
    cloud.control.notified().await;
    assert_eq!(listener.take().len(), 1);
    listener.be(Mood::Willing);
    cloud.control.advance(Duration::from_secs(20));
    cloud.control.notified().await;
    assert_eq!(listener.take().len(), 1);
    listener.be(Mood::Failing);
    ben.post(
        "/me/sendMail",
        json!({ "message": message("Never heard", &[ANA]) }),
    )
    .await;
    for _ in 0..12 {
        cloud.control.notified().await;
        cloud.control.advance(Duration::from_hours(1));
    }
    cloud.control.notified().await;
    let events: Vec<Value> = lifecycle.take();
    assert_eq!(events.len(), 1);
    assert_eq!(events[0]["lifecycleEvent"], "missed");
}

#[tokio::test]
async fn a_subscription_says_that_it_ends_and_is_removed_with_its_users_sessions() {
    let (cloud, listener) = (Cloud::start().await, Listener::start().await);
    let ana = cloud.mail_user(ANA);
    let mut new = inbox(&listener.url);
    new["lifecycleNotificationUrl"] = json!(listener.url);
    new["expirationDateTime"] = json!("2026-10-01T12:50:00Z");
    let id = ana.post("/subscriptions", new.clone()).await.id();
    cloud.control.advance(Duration::from_mins(36));
    cloud.control.notified().await;
    let told = listener.take();
    assert_eq!(told[0]["lifecycleEvent"], "reauthorizationRequired");
    assert_eq!(told[0]["subscriptionId"], id.as_str());
    cloud.control.notified().await;
    assert!(listener.take().is_empty(), "told once");
    let later = json!({ "expirationDateTime": "2026-10-02T12:00:00Z" });
    assert_eq!(
        ana.patch(&format!("/subscriptions/{id}"), later)
            .await
            .status,
        200
    );
    cloud.control.advance(Duration::from_secs(1));
    cloud.control.revoke_sessions(ANA).unwrap();
    cloud.control.notified().await;
    let told = listener.take();
    assert_eq!(told[0]["lifecycleEvent"], "subscriptionRemoved");
    assert!(ana.get("/subscriptions").await.values().is_empty());
}

#[tokio::test]
async fn resource_data_comes_sealed_for_the_subscribers_certificate() {
    let (cloud, listener) = (Cloud::start().await, Listener::start().await);
    let (ana, ben) = (cloud.mail_user(ANA), cloud.mail_user(BEN));
    let pair = KeyPair::generate_for(&PKCS_RSA_SHA256).unwrap();
    let certificate = CertificateParams::new(Vec::new())
        .unwrap()
        .self_signed(&pair)
        .unwrap();
    let mut new = inbox(&listener.url);
    new["resource"] = json!("me/mailFolders('inbox')/messages?$select=subject");
    new["includeResourceData"] = json!(true);
    new["encryptionCertificate"] = json!(STANDARD.encode(certificate.der()));
    new["encryptionCertificateId"] = json!("mine");
    let made = ana.post("/subscriptions", new).await;
    assert_eq!(made.status, 201, "{}", made.text);
    ben.post(
        "/me/sendMail",
        json!({ "message": message("Sealed", &[ANA]) }),
    )
    .await;
    cloud.control.notified().await;
    let told = listener.take_whole();
    let content = &told[0]["value"][0]["encryptedContent"];
    assert_eq!(content["encryptionCertificateId"], "mine");
    assert_eq!(
        content["encryptionCertificateThumbprint"]
            .as_str()
            .unwrap()
            .len(),
        40
    );
    let opened = open(content, &pair);
    assert_eq!(opened["subject"], "Sealed");
    assert!(opened.get("body").is_none());
    let token = told[0]["validationTokens"][0].as_str().unwrap();
    let claims = URL_SAFE_NO_PAD
        .decode(token.split('.').nth(1).unwrap())
        .unwrap();
    let claims: Value = serde_json::from_slice(&claims).unwrap();
    assert_eq!(claims["aud"], made.body["applicationId"]);
    assert_eq!(claims["appid"], "0bf30f3b-4a52-48df-9a82-234910c4a086");
    assert_eq!(claims["tid"], cloud.sandbox.tenant_id());
}

/// Opens sealed content as Microsoft's documentation tells clients to.
fn open(content: &Value, pair: &KeyPair) -> Value {
    let bytes = |name: &str| STANDARD.decode(content[name].as_str().unwrap()).unwrap();
    let private = PrivateDecryptingKey::from_pkcs8(&pair.serialize_der()).unwrap();
    let private = OaepPrivateDecryptingKey::new(private).unwrap();
    let mut room = vec![0; private.min_output_size()];
    let key = private
        .decrypt(&OAEP_SHA1_MGF1SHA1, &bytes("dataKey"), &mut room, None)
        .unwrap()
        .to_vec();
    let mut data = bytes("data");
    hmac::verify(
        &hmac::Key::new(hmac::HMAC_SHA256, &key),
        &data,
        &bytes("dataSignature"),
    )
    .unwrap();
    let mut vector = [0; 16];
    vector.copy_from_slice(&key[..16]);
    let cipher = UnboundCipherKey::new(&AES_256, &key).unwrap();
    let cipher = PaddedBlockDecryptingKey::cbc_pkcs7(cipher).unwrap();
    let plain = cipher
        .decrypt(
            &mut data,
            DecryptionContext::Iv128(FixedLength::from(vector)),
        )
        .unwrap();
    serde_json::from_slice(plain).unwrap()
}

#[tokio::test]
async fn a_calendar_tells_of_its_events() {
    let (cloud, listener) = (Cloud::start().await, Listener::start().await);
    let ana = cloud.user(ANA, &["Calendars.ReadWrite"]);
    watch(&ana, &listener.url, "me/events", "created,updated,deleted").await;
    let event = json!({
        "subject": "Watched",
        "start": { "dateTime": "2026-10-05T09:00:00", "timeZone": "UTC" },
        "end": { "dateTime": "2026-10-05T10:00:00", "timeZone": "UTC" },
    });
    let made = ana.post("/me/events", event).await;
    assert_eq!(made.status, 201, "{}", made.text);
    cloud.control.notified().await;
    let told = listener.take();
    assert_eq!(kinds(&told), ["created"]);
    let path = format!("/{}", told[0]["resource"].as_str().unwrap());
    assert_eq!(ana.get(&path).await.body["subject"], "Watched");
    ana.patch(&path, json!({ "subject": "Moved" })).await;
    cloud.control.notified().await;
    assert_eq!(kinds(&listener.take()), ["updated"]);
    ana.delete(&path).await;
    cloud.control.notified().await;
    assert_eq!(kinds(&listener.take()), ["deleted"]);
}

#[tokio::test]
async fn contacts_tell_too() {
    let (cloud, listener) = (Cloud::start().await, Listener::start().await);
    let ana = cloud.user(ANA, &["Contacts.ReadWrite"]);
    watch(&ana, &listener.url, "me/contacts", "created,deleted").await;
    let made = ana
        .post("/me/contacts", json!({ "givenName": "Watched" }))
        .await;
    assert_eq!(made.status, 201, "{}", made.text);
    cloud.control.notified().await;
    let told = listener.take();
    assert_eq!(kinds(&told), ["created"]);
    let path = format!("/{}", told[0]["resource"].as_str().unwrap());
    assert_eq!(ana.get(&path).await.body["givenName"], "Watched");
    ana.delete(&path).await;
    cloud.control.notified().await;
    assert_eq!(kinds(&listener.take()), ["deleted"]);
}
