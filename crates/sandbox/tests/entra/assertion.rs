//! Applications that prove themselves with a certificate.

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::KeyPair as RsaKey;
use aws_lc_rs::signature::{RSA_PKCS1_SHA256, RSA_PSS_SHA256};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use rcgen::{CertificateParams, KeyPair, PKCS_RSA_SHA256};
use serde_json::{Value, json};

use crate::cloud::{Answer, Cloud, claims};

const TYPE: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

/// A certificate with its key.
struct Owner {
    pem: String,
    key: RsaKey,
}

impl Owner {
    fn new() -> Self {
        let pair = KeyPair::generate_for(&PKCS_RSA_SHA256).unwrap();
        let params = CertificateParams::new(Vec::new()).unwrap();
        Self {
            pem: params.self_signed(&pair).unwrap().pem(),
            key: RsaKey::from_pkcs8(&pair.serialize_der()).unwrap(),
        }
    }

    fn sign(&self, header: &Value, claims: &Value) -> String {
        let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
        let message = format!("{}.{}", part(header), part(claims));
        let mut signature = vec![0; self.key.public_modulus_len()];
        let random = SystemRandom::new();
        let result = if header["alg"] == "PS256" {
            let scheme = &RSA_PSS_SHA256;
            self.key
                .sign(scheme, &random, message.as_bytes(), &mut signature)
        } else {
            let scheme = &RSA_PKCS1_SHA256;
            self.key
                .sign(scheme, &random, message.as_bytes(), &mut signature)
        };
        result.unwrap();
        format!("{message}.{}", URL_SAFE_NO_PAD.encode(signature))
    }
}

/// A cloud whose application has a certificate, and what a good assertion says.
struct Proof {
    cloud: Cloud,
    owner: Owner,
    x5t: String,
    x5t_s256: String,
}

impl Proof {
    async fn start() -> Self {
        let cloud = Cloud::start().await;
        let owner = Owner::new();
        let added = cloud
            .control
            .add_certificate(&cloud.client_id, "test", &owner.pem);
        let added = added.unwrap();
        Self {
            cloud,
            owner,
            x5t: added.x5t,
            x5t_s256: added.x5t_s256,
        }
    }

    fn claims(&self) -> Value {
        let now = self.cloud.control.now().as_second();
        json!({
            "aud": self.cloud.tenant_url("/oauth2/v2.0/token"),
            "iss": self.cloud.client_id,
            "sub": self.cloud.client_id,
            "jti": "1",
            "nbf": now,
            "exp": now + 300,
        })
    }

    async fn present(&self, header: Value, claims: Value) -> Answer {
        let assertion = self.owner.sign(&header, &claims);
        let changes = [
            ("client_secret", ""),
            ("client_assertion_type", TYPE),
            ("client_assertion", &assertion),
        ];
        self.cloud.app_only(&changes).await
    }

    fn header(&self) -> Value {
        json!({ "alg": "PS256", "typ": "JWT", "x5t#S256": self.x5t_s256 })
    }
}

#[tokio::test]
async fn both_signatures_and_both_thumbprints_prove_an_application() {
    let proof = Proof::start().await;
    for header in [
        json!({ "alg": "RS256", "typ": "JWT", "x5t": proof.x5t }),
        json!({ "alg": "PS256", "typ": "JWT", "x5t": proof.x5t }),
        json!({ "alg": "RS256", "typ": "JWT", "x5t#S256": proof.x5t_s256 }),
        json!({ "alg": "PS256", "typ": "JWT", "x5t#S256": proof.x5t_s256 }),
    ] {
        let answer = proof.present(header, proof.claims()).await;
        assert_eq!(answer.status, 200, "{}", answer.body);
        assert_eq!(claims(&answer.body["access_token"])["appidacr"], "2");
    }
}

#[tokio::test]
async fn an_assertion_that_differs_in_anything_is_refused() {
    let proof = Proof::start().await;
    let now = proof.cloud.control.now().as_second();
    for (name, value, code) in [
        ("sub", json!("somebody-else"), 50048),
        ("aud", json!("https://login.example/token"), 700_023),
        ("exp", json!(now - 600), 700_024),
        ("nbf", json!(now + 600), 700_024),
    ] {
        let mut claims = proof.claims();
        claims[name] = value;
        let refused = proof.present(proof.header(), claims).await;
        refused.assert_refused(401, "invalid_client", code);
    }
    for header in [
        json!({ "alg": "RS256", "typ": "JWT", "x5t": "nobody's" }),
        json!({ "alg": "HS256", "typ": "JWT", "x5t": proof.x5t }),
    ] {
        let refused = proof.present(header, proof.claims()).await;
        refused.assert_refused(401, "invalid_client", 700_027);
    }
}

#[tokio::test]
async fn another_key_under_a_registered_thumbprint_proves_nothing() {
    let mut proof = Proof::start().await;
    proof.owner = Owner::new();
    let refused = proof.present(proof.header(), proof.claims()).await;
    refused.assert_refused(401, "invalid_client", 700_027);
}

#[tokio::test]
async fn what_is_no_assertion_is_malformed() {
    let cloud = Cloud::start().await;
    for (kind, code) in [(TYPE, 50027), ("something-else", 900_144)] {
        let changes = [
            ("client_secret", ""),
            ("client_assertion_type", kind),
            ("client_assertion", "nonsense"),
        ];
        let refused = cloud.app_only(&changes).await;
        refused.assert_refused(400, "invalid_request", code);
    }
    let refused = cloud
        .control
        .add_certificate(&cloud.client_id, "test", "nonsense");
    assert_eq!(refused.unwrap_err().code(), "invalid_request");
}
