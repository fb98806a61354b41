//! Everything that proves an application: side by side, in order, and each explained when it fails.

use std::collections::BTreeMap;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use connections::{
    Apps, CONSENTRY, Error, Federation, MANAGED_IDENTITY, NewCertificate, NewFederated, NewProof,
    Source,
};
use microsoft::ManagedIdentity;
use model::{AppRegistrationId, ConnectionState, Proof, ProofKind, ProofState};
use sandbox::{Action, NewFederatedCredential};
use serde_json::json;

use crate::world::{ANA, World, outlook};

impl World {
    fn apps(&self) -> Apps {
        Apps::new(self.context.clone())
    }

    async fn add(&self, app: AppRegistrationId, proof: NewProof) -> Result<Proof, Error> {
        self.apps().add_proof(&self.admin, app, proof).await
    }

    async fn proofs(&self, app: AppRegistrationId) -> Vec<(ProofKind, ProofState)> {
        let view = self.apps().get(&self.admin, app).await.unwrap();
        view.proofs
            .iter()
            .map(|proof| (proof.kind, proof.state))
            .collect()
    }

    /// A certificate made here and known to Entra.
    async fn certificate(&self, app: AppRegistrationId) -> Proof {
        let generate = NewProof::Certificate(NewCertificate::Generate { days: 90 });
        let proof = self.add(app, generate).await.unwrap();
        assert_eq!(proof.state, ProofState::Pending);
        let public = proof.details.certificate.clone().unwrap();
        self.control()
            .add_certificate(&self.registered.client_id, "made here", &public)
            .unwrap();
        proof
    }
}

/// What another issuer said of somebody.
struct Issued {
    token: String,
    issuer: String,
    subject: String,
    audience: String,
}

/// An id token of this world, for another to trust.
async fn id_token(world: &World) -> Issued {
    let url = format!(
        "{}/{}/oauth2/v2.0/token",
        world.sandbox.url(),
        world.registered.tenant_id
    );
    let form = [
        ("grant_type", "password"),
        ("client_id", &world.registered.client_id),
        ("client_secret", &world.secret),
        ("username", ANA),
        ("password", "Sandbox-1"),
        ("scope", "openid profile"),
    ];
    let answer = reqwest::Client::builder()
        .build()
        .unwrap()
        .post(url)
        .form(&form);
    let body: serde_json::Value = answer.send().await.unwrap().json().await.unwrap();
    let token = body["id_token"].as_str().expect("an id token").to_owned();
    let claims = URL_SAFE_NO_PAD
        .decode(token.split('.').nth(1).unwrap())
        .unwrap();
    let claims: serde_json::Value = serde_json::from_slice(&claims).unwrap();
    let text = |name: &str| claims[name].as_str().unwrap().to_owned();
    Issued {
        issuer: text("iss"),
        subject: text("sub"),
        audience: text("aud"),
        token,
    }
}

fn federated(source: &str) -> NewProof {
    NewProof::Federated(NewFederated {
        source: source.to_owned(),
        identity_client_id: None,
    })
}

#[tokio::test]
async fn a_certificate_replaces_a_secret_for_applications_and_for_users() {
    let world = World::start().await;
    let connection = world.connect_user(ANA).await;
    let app = connection.app_registration_id;
    let proof = world.certificate(app).await;
    let verified = world
        .life
        .verify_proof(&world.admin, app, proof.id)
        .await
        .unwrap();
    assert_eq!(verified.state, ProofState::Active);
    assert_eq!(
        world.proofs(app).await,
        [
            (ProofKind::Certificate, ProofState::Active),
            (ProofKind::ClientSecret, ProofState::Retired)
        ]
    );
    world
        .control()
        .expire_secrets(&world.registered.client_id)
        .unwrap();
    let report = world.life.test(&world.admin, connection.id).await.unwrap();
    assert!(report.ok, "{report:?}");
    let created = world
        .life
        .connect_application(&world.admin, outlook("reports"), app)
        .await
        .unwrap();
    assert!(created.test.ok);
    world.stop().await;
}

#[tokio::test]
async fn a_certificate_that_entra_does_not_know_is_refused_and_the_secret_stays_in_use() {
    let world = World::start().await;
    let connection = world.connect_application().await;
    let app = connection.app_registration_id;
    let generate = NewProof::Certificate(NewCertificate::Generate { days: 90 });
    let proof = world.add(app, generate).await.unwrap();
    let refused = world
        .life
        .verify_proof(&world.admin, app, proof.id)
        .await
        .unwrap_err();
    assert_eq!(refused.diagnosis().unwrap().evidence.code, "AADSTS700027");
    assert_eq!(
        world.proofs(app).await,
        [
            (ProofKind::Certificate, ProofState::Pending),
            (ProofKind::ClientSecret, ProofState::Active)
        ]
    );
    let before = world.token_requests();
    let report = world.life.test(&world.admin, connection.id).await.unwrap();
    assert!(report.ok);
    assert_eq!(world.token_requests(), before + 1);
    world.stop().await;
}

#[tokio::test]
async fn the_newest_that_works_is_used_and_a_refused_one_costs_one_request_in_all() {
    let world = World::start().await;
    let connection = world.connect_application().await;
    let app = connection.app_registration_id;
    let proof = world.certificate(app).await;
    world
        .life
        .verify_proof(&world.admin, app, proof.id)
        .await
        .unwrap();
    let newer = connections::NewSecret {
        value: "wrong~secret~here".to_owned().into(),
        expires_at: None,
    };
    world.add(app, newer.into()).await.unwrap();
    let before = world.token_requests();
    for _ in 0..2 {
        let report = world.life.test(&world.admin, connection.id).await.unwrap();
        assert!(report.ok, "{report:?}");
    }
    assert_eq!(world.token_requests(), before + 3);
    let view = world.apps().get(&world.admin, app).await.unwrap();
    assert_eq!(view.proofs[0].state, ProofState::Refused);
    assert_eq!(
        view.proofs[0].refused_code.as_deref(),
        Some("AADSTS7000215")
    );
    let told = world.actions().await;
    let refused = told
        .iter()
        .filter(|action| *action == "app_registration.proof_refused");
    assert_eq!(refused.count(), 1);
    world.stop().await;
}

#[tokio::test]
async fn what_passes_by_itself_lets_another_proof_help_out_and_costs_none_its_place() {
    let file = tempfile::NamedTempFile::new().unwrap();
    let path = file.path().to_owned();
    let world = World::build(|_| Federation {
        sources: BTreeMap::from([("file".to_owned(), Source::TokenFile(path))]),
        ..Federation::default()
    })
    .await;
    let outside = World::start().await;
    let connection = world.connect_application().await;
    let app = connection.app_registration_id;
    let certificate = world.certificate(app).await;
    let issued = id_token(&outside).await;
    std::fs::write(file.path(), &issued.token).unwrap();
    let trusted = NewFederatedCredential {
        name: "elsewhere".to_owned(),
        issuer: issued.issuer,
        subject: issued.subject,
        audiences: vec![issued.audience],
    };
    let client_id = &world.registered.client_id;
    let trust = world.control().add_federated_credential(client_id, trusted);
    trust.unwrap();
    let federated = world.add(app, federated("file")).await.unwrap();
    for proof in [&certificate, &federated] {
        let verify = world.life.verify_proof(&world.admin, app, proof.id);
        verify.await.unwrap();
    }
    // The issuer's new key is not read yet, then the clock is wrong for both that know the time: the secret does not.
    for codes in [&[7_000_272][..], &[700_024, 700_024]] {
        for code in codes {
            let body = json!({ "error": "invalid_client", "error_codes": [code],
                "error_description": format!("AADSTS{code}: Simulated.") });
            let status = Action::Status {
                status: 401,
                retry_after: None,
                body: Some(body),
            };
            world
                .control()
                .inject(sandbox::Fault::once("POST", "/oauth2/v2.0/token", status));
        }
        let report = world.life.test(&world.admin, connection.id).await.unwrap();
        assert!(report.ok, "{codes:?}: {report:?}");
        assert!(world.control().faults().is_empty(), "{codes:?}");
        let states = world.proofs(app).await;
        assert!(
            states
                .iter()
                .all(|(_, state)| *state != ProofState::Refused),
            "{states:?}"
        );
    }
    outside.stop().await;
    world.stop().await;
}

#[tokio::test]
async fn when_every_proof_is_refused_the_connection_waits_and_asks_no_more() {
    let world = World::start().await;
    let connection = world.connect_application().await;
    world
        .control()
        .expire_secrets(&world.registered.client_id)
        .unwrap();
    let snapshot = world.snapshot(&connection).await;
    world.advance_all(2 * 3600);
    world.broker.token_for(&snapshot).await.unwrap_err();
    let asked = world.token_requests();
    let waiting = world.snapshot(&connection).await;
    assert_eq!(waiting.connection.state, ConnectionState::NeedsAdmin);
    for _ in 0..24 {
        world.advance_all(3600);
        world.broker.token_for(&waiting).await.unwrap_err();
    }
    assert_eq!(world.token_requests(), asked);
    world.stop().await;
}

#[tokio::test]
async fn a_configured_source_gives_assertions_and_its_failure_is_the_operators() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("token");
    let sources = BTreeMap::from([
        ("file".to_owned(), Source::TokenFile(file.clone())),
        (
            "command".to_owned(),
            Source::Command(vec!["cat".to_owned(), file.display().to_string()]),
        ),
    ]);
    let world = World::build(|_| Federation {
        sources,
        ..Federation::default()
    })
    .await;
    let outside = World::start().await;
    let app = world.register().await;
    let issued = id_token(&outside).await;
    world
        .control()
        .add_federated_credential(
            &world.registered.client_id,
            NewFederatedCredential {
                name: "elsewhere".to_owned(),
                issuer: issued.issuer,
                subject: issued.subject,
                audiences: vec![issued.audience],
            },
        )
        .unwrap();
    for source in ["file", "command"] {
        let proof = world.add(app, federated(source)).await.unwrap();
        std::fs::write(&file, "no token").unwrap();
        let verify = world.life.verify_proof(&world.admin, app, proof.id);
        let refused = verify.await.unwrap_err();
        let diagnosis = refused.diagnosis().unwrap();
        assert_eq!(diagnosis.evidence.code, "proof.no_assertion");
        assert_eq!(diagnosis.act, model::Act::Operator);
        std::fs::write(&file, format!("{}\n", issued.token)).unwrap();
        let verified = world.life.verify_proof(&world.admin, app, proof.id).await;
        assert_eq!(verified.unwrap().state, ProofState::Active, "{source}");
    }
    let unknown = world.add(app, federated("nowhere")).await.unwrap_err();
    assert!(matches!(
        unknown,
        Error::Invalid {
            field: "source",
            ..
        }
    ));
    outside.stop().await;
    world.stop().await;
}

#[tokio::test]
async fn a_managed_identity_gives_tokens_to_the_application_that_it_is() {
    let world = World::build(|sandbox| Federation {
        platform: Some(ManagedIdentity::Metadata {
            base: sandbox.url().parse().unwrap(),
        }),
        ..Federation::default()
    })
    .await;
    let identity = world
        .control()
        .add_managed_identity("machine", &["Mail.Read"])
        .unwrap();
    let mut app = world.new_app("machine");
    app.client_id = identity.client_id.clone();
    app.proof = Some(NewProof::ManagedIdentity { client_id: None });
    let before = world.token_requests();
    let created = world
        .life
        .connect_new_application(&world.admin, outlook("machine"), app)
        .await
        .unwrap();
    assert_eq!(world.token_requests(), before);
    assert_eq!(
        created.connection.identity.unwrap().object_id,
        identity.principal_id
    );
    let granted = created.connection.granted.unwrap();
    assert!(granted.iter().any(|held| held.as_str() == "Mail.Read"));
    world.stop().await;
}

#[tokio::test]
async fn microsoft_cannot_fetch_our_keys_by_plain_http_and_is_not_promised_to() {
    let world = World::start().await;
    let mut app = world.new_app("global");
    app.cloud = "global".to_owned();
    let app = world.apps().create(&world.admin, app).await.unwrap().app.id;
    let refused = world.add(app, federated(CONSENTRY)).await.unwrap_err();
    assert!(refused.to_string().contains("--issuer-url"), "{refused}");
    let refused = world
        .add(app, federated(MANAGED_IDENTITY))
        .await
        .unwrap_err();
    assert!(
        refused.to_string().contains("IDENTITY_ENDPOINT"),
        "{refused}"
    );
    world.stop().await;
}

#[tokio::test]
async fn what_the_machine_proves_is_the_first_workspaces() {
    let file = tempfile::NamedTempFile::new().unwrap();
    let path = file.path().to_owned();
    let world = World::build(|_| Federation {
        sources: BTreeMap::from([("file".to_owned(), Source::TokenFile(path))]),
        ..Federation::default()
    })
    .await;
    let other = world.another_workspace().await;
    let app = world
        .apps()
        .create(&other, world.new_app("elsewhere"))
        .await
        .unwrap()
        .app
        .id;
    let refused = world.apps().add_proof(&other, app, federated("file")).await;
    let refused = refused.unwrap_err().to_string();
    assert!(refused.contains("the first workspace's"), "{refused}");
    world.stop().await;
}

#[tokio::test]
async fn documents_that_microsoft_cannot_fetch_are_told_and_tried_again_by_themselves() {
    // A place where the documents were to be published, and nothing is.
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let nowhere = format!("http://{}", listener.local_addr().unwrap());
    drop(listener);
    let issuer = nowhere.parse().unwrap();
    let world = World::build(|_| Federation {
        issuer_url: Some(issuer),
        ..Federation::default()
    })
    .await;
    let app = world.register().await;
    let proof = world.add(app, federated(CONSENTRY)).await.unwrap();
    assert_eq!(proof.details.issuer.as_deref(), Some(nowhere.as_str()));
    let trusted = NewFederatedCredential {
        name: "consentry".to_owned(),
        issuer: nowhere,
        subject: proof.details.subject.clone().unwrap(),
        audiences: vec![proof.details.audience.clone().unwrap()],
    };
    world
        .control()
        .add_federated_credential(&world.registered.client_id, trusted)
        .unwrap();
    let verify = world.life.verify_proof(&world.admin, app, proof.id);
    let refused = verify.await.unwrap_err();
    let diagnosis = refused.diagnosis().unwrap();
    assert_eq!(diagnosis.evidence.code, "AADSTS50166");
    assert!(diagnosis.known && diagnosis.cause.contains("could not fetch"));
    assert!(
        diagnosis.remedy[0].text.contains("consentry doctor"),
        "{diagnosis:?}"
    );
    // The secret that is there goes on.
    assert_eq!(
        world.proofs(app).await[0],
        (ProofKind::FederatedCredential, ProofState::Pending)
    );
    world.stop().await;
}
