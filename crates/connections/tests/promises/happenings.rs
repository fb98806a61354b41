//! What happens to people, applications and consent at Microsoft's side: the next daily look knows of it, says who has to act, and
//! no further request is made while nobody has.

use connections::{Apps, NewCertificate, NewProof};
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use model::{Act, Connection, ConnectionState, Permission};
use reqwest::Method;
use sandbox::{ConditionalAccess, Location, NewTenant};
use serde_json::{Value, json};

use crate::world::{ANA, World, outlook};

const FABRIKAM: &str = "fabrikam.example";

/// What happens, and where it leads.
struct Happening {
    name: &'static str,
    happens: for<'a> fn(&'a World) -> BoxFuture<'a, ()>,
    state: ConnectionState,
    act: Option<Act>,
    code: &'static str,
}

impl World {
    /// An administrator at Microsoft Graph.
    async fn administer(&self, method: Method, path: &str, body: Option<Value>) -> Value {
        let roles = [
            "User.ReadWrite.All",
            "Application.ReadWrite.All",
            "AppRoleAssignment.ReadWrite.All",
        ];
        let client_id = &self.registered.client_id;
        let token = self.control().issue_access_token(client_id, None, &roles);
        let url = format!("{}/v1.0{path}", self.sandbox.url());
        let client = reqwest::Client::builder().build().unwrap();
        let mut request = client.request(method, url).bearer_auth(token.unwrap());
        if let Some(body) = body {
            request = request.json(&body);
        }
        let answer = request.send().await.unwrap();
        assert!(answer.status().is_success(), "{path}: {}", answer.status());
        answer.json().await.unwrap_or_default()
    }

    async fn person(&self, user: &str, body: Value) {
        let path = format!("/users/{user}");
        self.administer(Method::PATCH, &path, Some(body)).await;
    }

    /// `/applications(appId='…')` with what is known of it.
    async fn application(&self) -> (String, Value) {
        let path = format!("/applications(appId='{}')", self.registered.client_id);
        let known = self.administer(Method::GET, &path, None).await;
        (path, known)
    }

    fn principal(&self) -> String {
        format!("/servicePrincipals(appId='{}')", self.registered.client_id)
    }

    pub(crate) async fn stored(&self, connection: &Connection) -> Connection {
        self.snapshot(connection).await.connection.clone()
    }

    /// The daily look after it happened, while the token of before is still good.
    async fn meet(&self, connection: &Connection, happening: &Happening) {
        let name = happening.name;
        let snapshot = self.snapshot(connection).await;
        self.broker.token_for(&snapshot).await.unwrap();
        (happening.happens)(self).await;
        self.look_after().await;
        let told = self.stored(connection).await;
        assert_eq!(told.state, happening.state, "{name}");
        let diagnosis = told.diagnosis.as_ref();
        assert_eq!(diagnosis.map(|it| it.act), happening.act, "{name}");
        let Some(diagnosis) = diagnosis else {
            return;
        };
        assert_eq!(diagnosis.evidence.code, happening.code, "{name}");
        assert!(diagnosis.known && !diagnosis.remedy.is_empty(), "{name}");
        let asked = self.token_requests();
        self.advance_all(25 * 60 * 60);
        self.look_after().await;
        let snapshot = self.snapshot(connection).await;
        self.broker.token_for(&snapshot).await.unwrap_err();
        assert_eq!(self.token_requests(), asked, "{name}");
    }
}

fn of_people() -> Vec<Happening> {
    use ConnectionState::{Active, NeedsAdmin, NeedsReconnect};
    let (user, admin) = (Some(Act::User), Some(Act::Administrator));
    vec![
        Happening {
            name: "an administrator sets a new password",
            happens: |world| {
                let body = json!({ "passwordProfile": { "password": "Another-1" } });
                world.person(ANA, body).boxed()
            },
            state: NeedsReconnect,
            act: user,
            code: "AADSTS50173",
        },
        Happening {
            name: "the person changes their password, which ends nothing of a confidential client",
            happens: |world| {
                world.control().change_password(ANA, "Another-1").unwrap();
                async {}.boxed()
            },
            state: Active,
            act: None,
            code: "",
        },
        Happening {
            name: "sessions are revoked",
            happens: |world| {
                let path = format!("/users/{ANA}/revokeSignInSessions");
                async move {
                    world.administer(Method::POST, &path, None).await;
                }
                .boxed()
            },
            state: NeedsReconnect,
            act: user,
            code: "AADSTS50173",
        },
        Happening {
            name: "the account is disabled",
            happens: |world| {
                world
                    .person(ANA, json!({ "accountEnabled": false }))
                    .boxed()
            },
            state: NeedsAdmin,
            act: admin,
            code: "AADSTS50057",
        },
        Happening {
            name: "the account is deleted",
            happens: |world| {
                async {
                    let path = format!("/users/{ANA}");
                    world.administer(Method::DELETE, &path, None).await;
                }
                .boxed()
            },
            state: NeedsReconnect,
            act: user,
            code: "AADSTS500341",
        },
        Happening {
            name: "the account gets another name",
            happens: |world| {
                let body = json!({ "userPrincipalName": "ana.reis-okafor@contoso.com" });
                world.person(ANA, body).boxed()
            },
            state: Active,
            act: None,
            code: "",
        },
        Happening {
            name: "consent is taken back",
            happens: |world| {
                let client_id = &world.registered.client_id;
                world.control().remove_consent(client_id, None).unwrap();
                async {}.boxed()
            },
            state: NeedsReconnect,
            act: user,
            code: "AADSTS65001",
        },
        Happening {
            name: "the licence is gone, and with it the mailbox",
            happens: |world| {
                let cast = sandbox::Cast {
                    user: Some(ANA.to_owned()),
                    ..sandbox::Cast::default()
                };
                world.control().play("mailbox_not_found", &cast).unwrap();
                async {}.boxed()
            },
            state: NeedsAdmin,
            act: admin,
            code: "MailboxNotEnabledForRESTAPI",
        },
        Happening {
            name: "a second factor is demanded",
            happens: |world| {
                let demanded = ConditionalAccess::Mfa;
                world.control().set_conditional_access(demanded);
                async {}.boxed()
            },
            state: NeedsReconnect,
            act: user,
            code: "AADSTS50076",
        },
        Happening {
            name: "a policy lets nobody in from where we are",
            happens: |world| {
                world.control().set_location(Location::Elsewhere);
                async {}.boxed()
            },
            state: NeedsAdmin,
            act: admin,
            code: "AADSTS53003",
        },
        Happening {
            name: "the application is disabled",
            happens: disable,
            state: NeedsAdmin,
            act: admin,
            code: "AADSTS7000112",
        },
    ]
}

fn disable(world: &World) -> BoxFuture<'_, ()> {
    async {
        let body = Some(json!({ "accountEnabled": false }));
        let path = world.principal();
        world.administer(Method::PATCH, &path, body).await;
    }
    .boxed()
}

fn remove_secrets(world: &World) -> BoxFuture<'_, ()> {
    async {
        let (path, known) = world.application().await;
        for secret in known["passwordCredentials"].as_array().unwrap() {
            let body = Some(json!({ "keyId": secret["keyId"] }));
            let path = format!("{path}/removePassword");
            world.administer(Method::POST, &path, body).await;
        }
    }
    .boxed()
}

fn remove_certificates(world: &World) -> BoxFuture<'_, ()> {
    async {
        let (path, _) = world.application().await;
        let body = Some(json!({ "keyCredentials": [] }));
        world.administer(Method::PATCH, &path, body).await;
    }
    .boxed()
}

fn of_applications() -> Vec<Happening> {
    let needs_admin = |name, code, happens| Happening {
        name,
        happens,
        state: ConnectionState::NeedsAdmin,
        act: Some(Act::Administrator),
        code,
    };
    vec![
        needs_admin("the secret is removed", "AADSTS7000215", remove_secrets),
        needs_admin(
            "the service principal is disabled",
            "AADSTS7000112",
            disable,
        ),
        needs_admin(
            "the service principal is deleted",
            "AADSTS7000229",
            |world| {
                async {
                    let path = world.principal();
                    world.administer(Method::DELETE, &path, None).await;
                }
                .boxed()
            },
        ),
        needs_admin("the registration is deleted", "AADSTS700016", |world| {
            let client_id = &world.registered.client_id;
            world.control().delete_application(client_id).unwrap();
            async {}.boxed()
        }),
        needs_admin(
            "a policy for workload identities blocks it",
            "AADSTS53003",
            |world| {
                world.control().block_applications(true);
                async {}.boxed()
            },
        ),
    ]
}

#[tokio::test]
async fn what_happens_to_a_person_is_known_by_the_next_look() {
    for happening in of_people() {
        let world = World::start().await;
        let connection = world.connect_user(ANA).await;
        world.meet(&connection, &happening).await;
        world.stop().await;
    }
}

#[tokio::test]
async fn what_happens_to_an_application_is_known_by_the_next_look() {
    for happening in of_applications() {
        let world = World::start().await;
        let connection = world.connect_application().await;
        world.meet(&connection, &happening).await;
        world.stop().await;
    }
}

#[tokio::test]
async fn a_certificate_that_was_removed_is_known_by_the_next_look() {
    let world = World::start().await;
    let connection = world.connect_application().await;
    let app = connection.app_registration_id;
    let apps = Apps::new(world.context.clone());
    let made = NewProof::Certificate(NewCertificate::Generate { days: 90 });
    let proof = apps.add_proof(&world.admin, app, made).await.unwrap();
    let public = proof.details.certificate.clone().unwrap();
    world
        .control()
        .add_certificate(&world.registered.client_id, "made here", &public)
        .unwrap();
    let verified = world.life.verify_proof(&world.admin, app, proof.id).await;
    verified.unwrap();
    let view = apps.get(&world.admin, app).await.unwrap();
    let secret = view.proofs.iter().find(|other| other.id != proof.id);
    let secret = secret.unwrap().id;
    apps.delete_proof(&world.admin, app, secret).await.unwrap();
    let happening = Happening {
        name: "the certificate is removed",
        happens: remove_certificates,
        state: ConnectionState::NeedsAdmin,
        act: Some(Act::Administrator),
        code: "AADSTS700027",
    };
    world.meet(&connection, &happening).await;
    world.stop().await;
}

#[tokio::test]
async fn a_guest_who_was_removed_is_known_by_the_next_look() {
    let world = World::start().await;
    world
        .control()
        .add_tenant(&NewTenant {
            display_name: "Fabrikam".to_owned(),
            domain: FABRIKAM.to_owned(),
        })
        .unwrap();
    let person = format!("admin@{FABRIKAM}");
    let home = &world.registered.tenant_id;
    let guest = world.control().add_guest(home, &person).unwrap();
    let connection = world.connect_user(&person).await;
    assert_eq!(connection.identity.as_ref().unwrap().object_id, guest.id);
    let path = format!("/users/{}", guest.id);
    world.administer(Method::DELETE, &path, None).await;
    world.look_after().await;
    let told = world.stored(&connection).await;
    assert_eq!(told.state, ConnectionState::NeedsReconnect);
    let diagnosis = told.diagnosis.unwrap();
    assert_eq!(diagnosis.act, Act::User);
    assert!(diagnosis.known, "{diagnosis:?}");
    world.stop().await;
}

/// The others go on: an application may also reach what the token does not tell of, by Exchange's own roles or by consent to a
/// single team, so that a permission less is told and ends nothing.
#[tokio::test]
async fn a_permission_that_was_taken_back_is_told_and_the_others_go_on() {
    let world = World::start().await;
    let connection = world
        .life
        .connect_new_application(&world.admin, outlook("mail"), world.new_app("mail"))
        .await
        .unwrap()
        .connection;
    let held = connection.granted.clone().unwrap();
    assert!(held.contains(&Permission::new("Mail.Send")));
    let path = format!("{}/appRoleAssignments", world.principal());
    let assigned = world.administer(Method::GET, &path, None).await;
    let graph = "/servicePrincipals(appId='00000003-0000-0000-c000-000000000000')";
    let graph = world.administer(Method::GET, graph, None).await;
    let roles = graph["appRoles"].as_array().unwrap();
    let send = roles.iter().find(|role| role["value"] == "Mail.Send");
    let send = &send.unwrap()["id"];
    for one in assigned["value"].as_array().unwrap() {
        if one["appRoleId"] == *send {
            let path = format!("{path}/{}", one["id"].as_str().unwrap());
            world.administer(Method::DELETE, &path, None).await;
        }
    }
    world.look_after().await;
    let told = world.stored(&connection).await;
    assert_eq!(told.state, ConnectionState::Active);
    let granted = told.granted.clone().unwrap();
    assert!(!granted.contains(&Permission::new("Mail.Send")));
    assert!(granted.contains(&Permission::new("Mail.ReadWrite")));
    let check = world
        .activities()
        .await
        .into_iter()
        .find(|line| line.action == "connection.check");
    let code = check.unwrap().code;
    assert_eq!(code.as_deref(), Some("permission_missing"));
    let report = world.life.test(&world.admin, connection.id).await.unwrap();
    assert!(report.missing.contains(&Permission::new("Mail.Send")));
    world.stop().await;
}
