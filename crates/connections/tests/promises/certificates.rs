//! Certificates that Consentry replaces itself, wherever it is stopped, and what it says when it cannot.

use connections::{Apps, Error, NewApp, NewCertificate, NewProof, NewSecret, jobs};
use jiff::SignedDuration;
use microsoft::ClientCertificate;
use model::{Act, AppRegistrationId, ConnectionId, Proof, ProofKind, ProofState};
use sandbox::{Action, Fault, NewApplication};
use serde_json::{Value, json};

use crate::world::{World, outlook};

const ACTIVE: (ProofKind, ProofState) = (ProofKind::Certificate, ProofState::Active);
const PENDING: (ProofKind, ProofState) = (ProofKind::Certificate, ProofState::Pending);
const RETIRED: (ProofKind, ProofState) = (ProofKind::Certificate, ProofState::Retired);
const SECRET: (ProofKind, ProofState) = (ProofKind::ClientSecret, ProofState::Retired);

/// An application with a connection.
struct Rolling<'a> {
    world: &'a World,
    app: AppRegistrationId,
    connection: ConnectionId,
    client_id: String,
}

impl<'a> Rolling<'a> {
    /// By client secret, and with this permission beside its own.
    async fn by_secret(world: &'a World, permission: Option<&str>) -> Self {
        let mut application = vec!["Mail.Read".to_owned()];
        application.extend(permission.map(str::to_owned));
        let control = world.control();
        let new = NewApplication {
            display_name: "rolls its keys".to_owned(),
            application,
            admin_consent: true,
            ..NewApplication::default()
        };
        let registered = control.register_application(new).unwrap();
        let lifetime = std::time::Duration::from_hours(24 * 400);
        let secret = control.add_secret(&registered.client_id, "first", lifetime);
        let secret = NewSecret {
            value: secret.unwrap().secret_text.into(),
            expires_at: None,
        };
        let app = NewApp {
            name: registered.client_id.clone(),
            cloud: "sandbox".to_owned(),
            tenant_id: registered.tenant_id,
            client_id: registered.client_id.clone(),
            proof: Some(secret.into()),
        };
        let created = world
            .life
            .connect_new_application(&world.admin, outlook(&app.name), app)
            .await
            .unwrap();
        Self {
            world,
            app: created.connection.app_registration_id,
            connection: created.connection.id,
            client_id: registered.client_id,
        }
    }

    /// By a certificate made here that ends in twenty days.
    async fn by_certificate(world: &'a World, permission: Option<&str>) -> Self {
        let rolling = Self::by_secret(world, permission).await;
        let generate = NewProof::Certificate(NewCertificate::Generate { days: 20 });
        let proof = rolling
            .apps()
            .add_proof(&world.admin, rolling.app, generate)
            .await
            .unwrap();
        let public = proof.details.certificate.clone().unwrap();
        world
            .control()
            .add_certificate(&rolling.client_id, "by hand", &public)
            .unwrap();
        world
            .life
            .verify_proof(&world.admin, rolling.app, proof.id)
            .await
            .unwrap();
        rolling
    }

    fn apps(&self) -> Apps {
        Apps::new(self.world.context.clone())
    }

    async fn rotate(&self) -> Result<Proof, Error> {
        let world = self.world;
        world
            .life
            .rotate_by_itself(&world.admin, self.app, None)
            .await
    }

    /// Newest first.
    async fn proofs(&self) -> Vec<Proof> {
        let view = self.apps().get(&self.world.admin, self.app).await;
        view.unwrap().proofs
    }

    async fn states(&self) -> Vec<(ProofKind, ProofState)> {
        let proofs = self.proofs().await;
        let states = proofs.iter().map(|proof| (proof.kind, proof.state));
        states.collect()
    }

    /// How many certificates Microsoft lists.
    async fn there(&self) -> usize {
        let control = self.world.control();
        let client_id = &self.world.registered.client_id;
        let reader = control.issue_access_token(client_id, None, &["Application.Read.All"]);
        let url = format!(
            "{}/v1.0/applications(appId='{}')?$select=keyCredentials",
            self.world.sandbox.url(),
            self.client_id
        );
        let client = reqwest::Client::builder().build().unwrap();
        let answer = client.get(url).bearer_auth(reader.unwrap()).send().await;
        let body: Value = answer.unwrap().json().await.unwrap();
        body["keyCredentials"].as_array().map_or(0, Vec::len)
    }

    fn count(&self, method: &str, path: &str) -> usize {
        self.world.control().count(method, path)
    }

    fn fail(&self, method: &str, path: &str, action: Action) {
        self.world
            .control()
            .inject(Fault::once(method, path, action));
    }

    /// Whether a new token is to be had.
    async fn works(&self) -> bool {
        let world = self.world;
        let report = world.life.test(&world.admin, self.connection).await;
        report.is_ok()
    }
}

fn refusal(status: u16, body: Value) -> Action {
    Action::Status {
        status,
        retry_after: None,
        body: Some(body),
    }
}

#[tokio::test]
async fn a_certificate_vouches_for_its_successor_with_no_permission_to_change_anything() {
    let world = World::start().await;
    let rolling = Rolling::by_certificate(&world, Some("Application.Read.All")).await;
    let new = rolling.rotate().await.unwrap();
    assert_eq!(new.state, ProofState::Active);
    assert_eq!(rolling.states().await, [ACTIVE, RETIRED, SECRET]);
    assert_eq!(rolling.there().await, 2);
    assert_eq!(rolling.count("PATCH", "/applications"), 0);
    assert!(rolling.works().await);

    let newer = rolling.rotate().await.unwrap();
    let proofs = rolling.proofs().await;
    assert_eq!(rolling.states().await, [ACTIVE, RETIRED, SECRET]);
    assert_eq!((proofs[0].id, proofs[1].id), (newer.id, new.id));
    assert_eq!(rolling.there().await, 2, "the first one is removed there");
    assert_eq!(rolling.count("POST", "/addKey"), 2);
    assert_eq!(rolling.count("POST", "/removeKey"), 1);
    assert!(rolling.works().await);
    let actions = world.actions().await;
    let told = actions.iter().filter(|it| *it == "app_registration.rotate");
    assert_eq!(told.count(), 2);
    world.stop().await;
}

#[tokio::test]
async fn the_first_certificate_takes_the_place_of_a_secret_where_the_application_may_change_itself()
{
    let world = World::start().await;
    let rolling = Rolling::by_secret(&world, Some("Application.ReadWrite.All")).await;
    let first = world
        .life
        .rotate_by_itself(&world.admin, rolling.app, Some(ProofKind::Certificate))
        .await
        .unwrap();
    assert_eq!(first.kind, ProofKind::Certificate);
    assert_eq!(rolling.states().await, [ACTIVE, SECRET]);
    let count = |method, path| rolling.count(method, path);
    assert_eq!(
        (count("PATCH", "/applications"), count("POST", "/addKey")),
        (1, 0)
    );
    rolling.rotate().await.unwrap();
    assert_eq!(rolling.states().await, [ACTIVE, RETIRED, SECRET]);
    assert_eq!(
        (count("PATCH", "/applications"), count("POST", "/addKey")),
        (1, 1)
    );
    assert!(rolling.works().await);
    let other = world
        .life
        .rotate_by_itself(&world.admin, rolling.app, Some(ProofKind::ManagedIdentity))
        .await;
    assert!(matches!(other, Err(Error::Invalid { field: "kind", .. })));
    world.stop().await;
}

#[tokio::test]
async fn a_certificate_that_ends_soon_is_replaced_on_schedule_once() {
    let world = World::start().await;
    let rolling = Rolling::by_certificate(&world, Some("Application.Read.All")).await;
    let apps = rolling.apps();
    apps.auto_rotate(&world.admin, rolling.app, true)
        .await
        .unwrap();
    for _ in 0..3 {
        let (context, live) = (world.context.clone(), world.live.clone());
        jobs::warn(context, live, world.broker.clone())
            .await
            .unwrap();
    }
    assert_eq!(rolling.states().await, [ACTIVE, RETIRED, SECRET]);
    assert_eq!(rolling.count("POST", "/addKey"), 1);
    let id = rolling.connection.to_string();
    let connection = world.life.find(&world.admin, &id).await.unwrap();
    assert_eq!(connection.state, model::ConnectionState::Active);
    assert!(connection.diagnosis.is_none(), "nobody is warned");
    world.stop().await;
}

#[tokio::test]
async fn stopped_at_any_step_and_run_again_nothing_is_lost_and_nothing_made_twice() {
    let world = World::start().await;
    for (method, path, action) in [
        ("GET", "/applications", Action::Reset),
        ("POST", "/addKey", Action::Reset),
        ("POST", "/addKey", Action::ResetAfter),
    ] {
        let rolling = Rolling::by_certificate(&world, Some("Application.Read.All")).await;
        // A read that got no answer is repeated by itself.
        for _ in 0..if method == "GET" { 10 } else { 1 } {
            rolling.fail(method, path, action.clone());
        }
        rolling.rotate().await.unwrap_err();
        assert!(rolling.states().await.contains(&ACTIVE), "{method} {path}");
        world.control().clear_faults();
        let made = rolling.proofs().await[0].clone();
        rolling.rotate().await.unwrap();
        assert_eq!(rolling.states().await, [ACTIVE, RETIRED, SECRET]);
        assert_eq!(rolling.there().await, 2, "{method} {path}");
        if method == "POST" {
            assert_eq!(rolling.proofs().await[0].id, made.id, "it was kept");
        }
    }
    world.stop().await;
}

#[tokio::test]
async fn what_could_not_be_removed_is_removed_the_next_time() {
    let world = World::start().await;
    let rolling = Rolling::by_certificate(&world, Some("Application.Read.All")).await;
    rolling.rotate().await.unwrap();
    for action in [Action::Reset, Action::ResetAfter] {
        rolling.fail("POST", "/removeKey", action);
        rolling.rotate().await.unwrap();
    }
    assert!(rolling.works().await);
    rolling.rotate().await.unwrap();
    assert_eq!(rolling.states().await, [ACTIVE, RETIRED, SECRET]);
    assert_eq!(rolling.there().await, 2);
    world.stop().await;
}

#[tokio::test]
async fn a_certificate_that_does_not_work_leaves_the_old_one_in_use_and_waits() {
    let world = World::start().await;
    let rolling = Rolling::by_certificate(&world, Some("Application.Read.All")).await;
    // One token to look at the registration, one to announce the new certificate; the third tries it.
    let disabled = json!({
        "error": "unauthorized_client",
        "error_description": "AADSTS7000112: Application is disabled.",
        "error_codes": [7_000_112],
    });
    for _ in 0..2 {
        rolling.fail("POST", "/oauth2/v2.0/token", Action::Delay(0));
    }
    rolling.fail("POST", "/oauth2/v2.0/token", refusal(401, disabled));
    let error = rolling.rotate().await.unwrap_err();
    assert_eq!(error.diagnosis().unwrap().evidence.code, "AADSTS7000112");
    assert_eq!(rolling.states().await, [PENDING, ACTIVE, SECRET]);
    assert!(rolling.works().await);
    rolling.rotate().await.unwrap();
    assert_eq!(rolling.states().await, [ACTIVE, RETIRED, SECRET]);
    assert_eq!(
        (rolling.there().await, rolling.count("POST", "/addKey")),
        (2, 1)
    );
    world.stop().await;
}

#[tokio::test]
async fn an_application_that_may_not_is_told_so_before_anything_is_made() {
    let world = World::start().await;
    let rolling = Rolling::by_certificate(&world, None).await;
    let error = rolling.rotate().await.unwrap_err();
    let told = error.diagnosis().unwrap();
    assert_eq!(told.act, Act::Administrator);
    assert!(
        told.remedy[0]
            .text
            .contains("Application.ReadWrite.OwnedBy")
    );
    assert_eq!(rolling.states().await, [ACTIVE, SECRET]);
    assert_eq!(rolling.count("POST", "/addKey"), 0);
    world.stop().await;
}

#[tokio::test]
async fn a_proof_that_microsoft_does_not_accept_is_explained() {
    let world = World::start().await;
    let rolling = Rolling::by_certificate(&world, Some("Application.Read.All")).await;
    let body = json!({ "error": {
        "code": "Authentication_MissingOrMalformed", "message": "Access Token missing or malformed.",
    } });
    rolling.fail("POST", "/addKey", refusal(401, body));
    let error = rolling.rotate().await.unwrap_err();
    let told = error.diagnosis().unwrap();
    assert_eq!(told.act, Act::Operator);
    assert!(told.cause.contains("certificate in use"), "{}", told.cause);
    assert_eq!(told.evidence.code, "Authentication_MissingOrMalformed");
    assert_eq!(rolling.states().await, [PENDING, ACTIVE, SECRET]);
    world.stop().await;
}

#[tokio::test]
async fn a_certificate_that_was_given_to_consentry_is_never_removed_at_microsoft() {
    let world = World::start().await;
    let rolling = Rolling::by_secret(&world, Some("Application.Read.All")).await;
    let now = world.context.now();
    let ends = now + SignedDuration::from_hours(24 * 90);
    let theirs = ClientCertificate::generate("operations", now, ends).unwrap();
    let name = "of the operations team";
    world
        .control()
        .add_certificate(&rolling.client_id, name, &theirs.public_pem())
        .unwrap();
    let given = NewProof::Certificate(NewCertificate::Pem(theirs.to_pem().unwrap()));
    let apps = rolling.apps();
    apps.add_proof(&world.admin, rolling.app, given)
        .await
        .unwrap();
    for _ in 0..3 {
        rolling.rotate().await.unwrap();
    }
    let states = [ACTIVE, RETIRED, RETIRED, SECRET];
    assert_eq!(rolling.states().await, states);
    assert_eq!(rolling.there().await, 3);
    assert_eq!(rolling.count("POST", "/removeKey"), 1);
    world.stop().await;
}
