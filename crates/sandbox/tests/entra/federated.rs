//! Applications that an outside issuer's tokens prove. Another sandbox is the outside issuer.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sandbox::NewFederatedCredential;
use serde_json::Value;

use crate::cloud::{Answer, Cloud, claims};

const TYPE: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

/// A cloud that trusts another one, and a token of that other one.
struct Trust {
    outside: Cloud,
    cloud: Cloud,
    token: Value,
}

impl Trust {
    async fn start() -> Self {
        let outside = Cloud::start().await;
        let member = outside.member.clone();
        let token = outside.tokens_for(&member).await["id_token"].clone();
        Self {
            cloud: Cloud::start().await,
            outside,
            token,
        }
    }

    /// What matches the token.
    fn credential(&self) -> NewFederatedCredential {
        let claims = claims(&self.token);
        let text = |name: &str| claims[name].as_str().unwrap().to_owned();
        NewFederatedCredential {
            name: "elsewhere".to_owned(),
            issuer: text("iss"),
            subject: text("sub"),
            audiences: vec![text("aud")],
        }
    }

    fn trust(&self, credential: NewFederatedCredential) {
        let client_id = &self.cloud.client_id;
        let control = &self.cloud.control;
        control
            .add_federated_credential(client_id, credential)
            .unwrap();
    }

    async fn present(&self, token: &str) -> Answer {
        let changes = [
            ("client_secret", ""),
            ("client_assertion_type", TYPE),
            ("client_assertion", token),
        ];
        self.cloud.app_only(&changes).await
    }

    fn text(&self) -> &str {
        self.token.as_str().unwrap()
    }
}

#[tokio::test]
async fn the_token_of_a_trusted_issuer_proves_an_application() {
    let trust = Trust::start().await;
    trust.trust(trust.credential());
    let answer = trust.present(trust.text()).await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    assert_eq!(claims(&answer.body["access_token"])["appidacr"], "2");
    assert!(trust.outside.control.count("GET", "/discovery/v2.0/keys") > 0);
}

#[tokio::test]
async fn each_part_that_does_not_match_letter_by_letter_has_its_own_refusal() {
    let trust = Trust::start().await;
    let refused = trust.present(trust.text()).await;
    refused.assert_refused(400, "invalid_request", 70021);

    let issuer = format!("{}/", trust.credential().issuer);
    trust.trust(NewFederatedCredential {
        issuer,
        ..trust.credential()
    });
    let refused = trust.present(trust.text()).await;
    refused.assert_refused(401, "invalid_client", 700_211);

    let subject = trust.credential().subject.to_uppercase();
    trust.trust(NewFederatedCredential {
        subject,
        ..trust.credential()
    });
    let refused = trust.present(trust.text()).await;
    refused.assert_refused(401, "invalid_client", 700_213);

    // Microsoft's recommended audience, which this token is not for.
    trust.trust(NewFederatedCredential {
        audiences: Vec::new(),
        ..trust.credential()
    });
    let refused = trust.present(trust.text()).await;
    refused.assert_refused(401, "invalid_client", 700_212);
}

#[tokio::test]
async fn a_forged_token_and_an_issuer_that_is_gone_are_refused() {
    let trust = Trust::start().await;
    trust.trust(trust.credential());
    let (message, signature) = trust.text().rsplit_once('.').unwrap();
    let first = if signature.starts_with('A') { "B" } else { "A" };
    let forged = format!("{message}.{first}{}", &signature[1..]);
    let refused = trust.present(&forged).await;
    refused.assert_refused(400, "invalid_request", 50013);
    let (_, rest) = trust.text().split_once('.').unwrap();
    let header = URL_SAFE_NO_PAD.encode(r#"{"alg":"RS256","typ":"JWT","kid":"another"}"#);
    let refused = trust.present(&format!("{header}.{rest}")).await;
    refused.assert_refused(401, "invalid_client", 7_000_272);

    let Trust {
        outside,
        cloud,
        token,
    } = trust;
    outside.sandbox.stop().await;
    let changes = [
        ("client_secret", ""),
        ("client_assertion_type", TYPE),
        ("client_assertion", token.as_str().unwrap()),
    ];
    let refused = cloud.app_only(&changes).await;
    refused.assert_refused(400, "invalid_request", 50166);
}
