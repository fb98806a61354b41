use std::sync::LazyLock;

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::{KeyPair, KeySize};
use aws_lc_rs::signature::{KeyPair as _, RSA_PKCS1_SHA256};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64;
use jiff::SignedDuration;
use model::ManualClock;
use secrecy::SecretString;
use serde_json::{Value, json};

use super::*;
use crate::support::{NOW, Reply};

const TID: &str = "8b3f4c2e-1111-4222-8333-444455556666";
const CLIENT: &str = "1c3a5f00-aaaa-4bbb-8ccc-ddddeeeeffff";
const NONCE: &str = "n0nce";

static KEY: LazyLock<KeyPair> =
    LazyLock::new(|| KeyPair::generate(KeySize::Rsa2048).expect("a key"));

fn now() -> i64 {
    NOW.parse::<jiff::Timestamp>().expect("a time").as_second()
}

fn claims(server: &Responder) -> Value {
    json!({
        "aud": CLIENT, "iss": issuer(server, TID), "iat": now(), "nbf": now(), "exp": now() + 3600,
        "nonce": NONCE, "tid": TID, "oid": "o-1", "preferred_username": "adele@contoso.com",
        "name": "Adele Vance", "email": "adele@contoso.com", "sub": "s", "ver": "2.0",
    })
}

fn issuer(server: &Responder, tenant: &str) -> String {
    format!("{}{tenant}/v2.0", server.url)
}

fn signed_as(header: &Value, claims: &Value) -> SecretString {
    let text = format!(
        "{}.{}",
        BASE64.encode(header.to_string()),
        BASE64.encode(claims.to_string())
    );
    let mut signature = vec![0; KEY.public_modulus_len()];
    KEY.sign(
        &RSA_PKCS1_SHA256,
        &SystemRandom::new(),
        text.as_bytes(),
        &mut signature,
    )
    .expect("a signature");
    format!("{text}.{}", BASE64.encode(signature)).into()
}

fn signed(claims: &Value) -> SecretString {
    signed_as(
        &json!({ "typ": "JWT", "alg": "RS256", "kid": "k1" }),
        claims,
    )
}

/// Scripts a look at the tenant's documents, each key with its issuer.
fn documents(server: &Responder, issuer: &str, kid: &str) {
    let mut key = public_key(kid);
    key["issuer"] = issuer.into();
    documents_with(server, issuer, &key);
}

fn documents_with(server: &Responder, issuer: &str, key: &Value) {
    let discovery = json!({ "issuer": issuer, "jwks_uri": server.url("/keys").as_str() });
    let keys = json!({ "keys": [{ "kty": "future", "kid": "k0" }, key] });
    server.then(Reply::json(200, &discovery));
    server.then(Reply::json(200, &keys));
}

fn public_key(kid: &str) -> Value {
    let key = KEY.public_key();
    json!({
        "kty": "RSA", "use": "sig", "kid": kid,
        "n": BASE64.encode(key.modulus().big_endian_without_leading_zero()),
        "e": BASE64.encode(key.exponent().big_endian_without_leading_zero()),
    })
}

async fn server() -> Responder {
    let server = Responder::start(Vec::new()).await;
    documents(&server, &issuer(&server, TID), "k1");
    server
}

async fn reason(server: &Responder, token: &SecretString, tenant_id: &str) -> &'static str {
    let entra = entra(server);
    match entra.verify_id_token(token, CLIENT, NONCE, tenant_id).await {
        Err(EntraError::Untrusted { reason }) => reason,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_token_of_this_tenant_client_and_attempt_is_trusted() {
    let server = server().await;
    let token = signed(&claims(&server));
    let entra = entra(&server);
    for _ in 0..2 {
        let claims = entra
            .verify_id_token(&token, CLIENT, NONCE, TID)
            .await
            .expect("claims");
        assert_eq!((claims.tid.as_str(), claims.oid.as_str()), (TID, "o-1"));
        assert_eq!(
            claims.preferred_username.as_deref(),
            Some("adele@contoso.com")
        );
        assert_eq!(claims.name.as_deref(), Some("Adele Vance"));
    }
    let lines: Vec<_> = server.seen().into_iter().map(|seen| seen.line).collect();
    let discovery = format!("GET /{TID}/v2.0/.well-known/openid-configuration");
    assert_eq!(lines, [discovery.as_str(), "GET /keys"], "keys are kept");
}

#[tokio::test]
async fn at_organizations_each_tenant_issues_in_its_own_name() {
    let server = Responder::start(Vec::new()).await;
    documents(&server, &issuer(&server, "{tenantid}"), "k1");
    let entra = entra(&server);
    let token = signed(&claims(&server));
    let verified = entra
        .verify_id_token(&token, CLIENT, NONCE, "organizations")
        .await;
    assert_eq!(verified.expect("claims").tid, TID);

    let mut forged = claims(&server);
    forged["tid"] = "9b3f4c2e-1111-4222-8333-444455556666".into();
    let result = entra
        .verify_id_token(&signed(&forged), CLIENT, NONCE, "organizations")
        .await;
    assert!(matches!(result, Err(EntraError::Untrusted { .. })));
}

#[tokio::test]
async fn every_wrong_claim_is_found() {
    let cases = [
        ("nonce", json!("other"), "it is of another sign-in"),
        ("nonce", json!(""), "it is of another sign-in"),
        ("aud", json!("other"), "it is for another application"),
        ("exp", json!("never"), "its claims cannot be read"),
        (
            "iss",
            json!("https://evil.example/v2.0"),
            "it is signed by an unknown key",
        ),
        ("exp", json!(now() - 301), "it has expired"),
        ("nbf", json!(now() + 301), "it is not in force yet"),
        ("tid", json!("{tenantid}"), "it names no tenant"),
    ];
    for (claim, value, wanted) in cases {
        let server = server().await;
        let mut claims = claims(&server);
        claims[claim] = value;
        assert_eq!(
            reason(&server, &signed(&claims), TID).await,
            wanted,
            "{claim}"
        );
    }
}

#[tokio::test]
async fn another_issuer_is_found_where_keys_name_none() {
    let server = Responder::start(Vec::new()).await;
    documents_with(&server, &issuer(&server, TID), &public_key("k1"));
    let mut claims = claims(&server);
    claims["iss"] = "https://evil.example/v2.0".into();
    let reason = reason(&server, &signed(&claims), TID).await;
    assert_eq!(reason, "another issuer made it");
}

#[tokio::test]
async fn another_tenants_token_is_refused_where_one_tenant_was_named() {
    let server = Responder::start(Vec::new()).await;
    documents(&server, &issuer(&server, "{tenantid}"), "k1");
    let token = signed(&claims(&server));
    let other = "9b3f4c2e-1111-4222-8333-444455556666";
    assert_eq!(
        reason(&server, &token, other).await,
        "it is of another tenant"
    );
}

#[tokio::test]
async fn unsigned_and_otherwise_signed_tokens_are_refused_without_a_look_at_keys() {
    let server = Responder::start(Vec::new()).await;
    let claims = claims(&server);
    let header = |alg: &str| json!({ "typ": "JWT", "alg": alg, "kid": "k1" });
    let none = format!(
        "{}.{}.",
        BASE64.encode(header("none").to_string()),
        BASE64.encode(claims.to_string())
    );
    assert_eq!(
        reason(&server, &none.into(), TID).await,
        "it is no signed token"
    );
    let symmetric = signed_as(&header("HS256"), &claims);
    assert_eq!(
        reason(&server, &symmetric, TID).await,
        "it is not signed by RS256"
    );
    let nameless = signed_as(&json!({ "alg": "RS256" }), &claims);
    assert_eq!(reason(&server, &nameless, TID).await, "it names no key");
    assert_eq!(
        reason(&server, &"garbage".into(), TID).await,
        "it is no signed token"
    );
    assert!(server.seen().is_empty());
}

#[tokio::test]
async fn a_changed_token_is_refused() {
    use secrecy::ExposeSecret;
    let server = server().await;
    let token = signed(&claims(&server));
    let parts: Vec<_> = token.expose_secret().split('.').collect();
    let mut changed = claims(&server);
    changed["oid"] = "o-2".into();
    let forged = format!(
        "{}.{}.{}",
        parts[0],
        BASE64.encode(changed.to_string()),
        parts[2]
    );
    let reason = reason(&server, &forged.into(), TID).await;
    assert_eq!(reason, "its signature is wrong");
}

#[tokio::test]
async fn an_unknown_key_makes_it_look_again_but_not_more_than_once_a_minute() {
    let server = Responder::start(Vec::new()).await;
    documents(&server, &issuer(&server, TID), "old");
    documents(&server, &issuer(&server, TID), "k1");
    let clock = Arc::new(ManualClock::fixed(NOW.parse().expect("a time")));
    let shared: SharedClock = clock.clone();
    let entra = Entra::new(transport(), Arc::new(server.cloud()), shared);
    let token = signed(&claims(&server));
    for _ in 0..3 {
        let result = entra.verify_id_token(&token, CLIENT, NONCE, TID).await;
        assert!(matches!(result, Err(EntraError::Untrusted { .. })));
    }
    assert_eq!(server.seen().len(), 2);
    clock.advance(SignedDuration::from_secs(61));
    let claims = entra.verify_id_token(&token, CLIENT, NONCE, TID).await;
    assert!(claims.is_ok());
    assert_eq!(server.seen().len(), 4);
}

#[tokio::test]
async fn an_unknown_tenant_is_refused_in_entras_words() {
    let server = Responder::start(Vec::new()).await;
    let body = json!({ "error": "invalid_tenant", "error_description": "AADSTS90002: …", "error_codes": [90_002] });
    server.then(Reply::json(400, &body));
    let token = signed(&claims(&server));
    let result = entra(&server)
        .verify_id_token(&token, CLIENT, NONCE, TID)
        .await;
    assert!(matches!(result, Err(EntraError::Misconfigured(_))));
}

#[tokio::test]
async fn keys_outside_of_the_cloud_are_not_fetched() {
    let elsewhere = Responder::start(Vec::new()).await;
    let server = Responder::start(Vec::new()).await;
    let discovery =
        json!({ "issuer": issuer(&server, TID), "jwks_uri": elsewhere.url("/keys").as_str() });
    server.then(Reply::json(200, &discovery));
    reason(&server, &signed(&claims(&server)), TID).await;
    assert!(elsewhere.seen().is_empty());
}
