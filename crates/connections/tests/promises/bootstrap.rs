//! An administrator signs in once, and everything an application needs is made, once.

mod processes;
mod users;

use connections::Apps;
use connections::bootstrap::{
    Bootstraps, Connected, Progress, SignIn, State, StepState, Wanted, WantedConnection,
    WantedProof,
};
use http::StatusCode;
use jiff::SignedDuration;
use model::{ConnectionMethod, ConnectionState, Place, ProofState, Service};
use sandbox::{Action, Fault};
use serde_json::{Value, json};

use crate::world::{BEN, Person, World};

const ADMIN: &str = "admin@contoso.com";
const ROLE: &str = "System Administrator";
/// More rounds than any attempt takes.
const ROUNDS: usize = 60;

/// All seven services by one application.
fn all(world: &World) -> Wanted {
    called(world, "contoso")
}

/// The same under another name.
fn called(world: &World, name: &str) -> Wanted {
    let connections = Service::ALL.iter().map(|service| WantedConnection {
        service: *service,
        name: format!("{name}-{service}"),
        permissions: None,
    });
    Wanted {
        name: name.to_owned(),
        cloud: "sandbox".to_owned(),
        tenant_id: None,
        connections: connections.collect(),
        method: ConnectionMethod::ServicePrincipal,
        admin_consent: false,
        proof: WantedProof::Secret,
        place: Place {
            environment_url: Some(world.sandbox.url().to_owned()),
            environment: Some("Production".to_owned()),
            company_id: None,
        },
        dataverse_role: Some(ROLE.to_owned()),
        auto_rotate: true,
        sign_in_client_id: None,
    }
}

/// One process, as far as set-up goes: what it remembers is gone with it.
struct Process<'a> {
    world: &'a World,
    bootstraps: Bootstraps,
    id: String,
}

impl<'a> Process<'a> {
    /// Begins, and has somebody enter the code.
    async fn begin(world: &'a World, wanted: Wanted, person: &str) -> Self {
        let bootstraps = Bootstraps::new(world.life.clone());
        let begun = bootstraps
            .begin(&world.admin, wanted, SignIn::DeviceCode)
            .await
            .unwrap();
        assert_eq!(begun.state, State::SigningIn);
        let page = begun.verification_uri.unwrap();
        Person::new(world.sandbox.url())
            .enter(&page, &begun.user_code.unwrap(), person)
            .await;
        Self {
            world,
            bootstraps,
            id: begun.id,
        }
    }

    /// Goes on once, when it is time.
    async fn next(&self) -> Progress {
        let now = self.look().await;
        let wait = SignedDuration::from_secs(now.next_in_secs.unwrap_or_default());
        self.world.clock.advance(wait);
        self.bootstraps
            .next(&self.world.admin, &self.id)
            .await
            .unwrap()
    }

    async fn look(&self) -> Progress {
        self.bootstraps
            .look(&self.world.admin, &self.id)
            .await
            .unwrap()
    }

    async fn finish(&self) -> Progress {
        for _ in 0..ROUNDS {
            let now = self.next().await;
            if now.next_in_secs.is_none() {
                return now;
            }
        }
        panic!("it does not end: {:?}", self.look().await.steps);
    }
}

async fn done(world: &World, wanted: Wanted) -> Progress {
    let begun = Box::pin(Process::begin(world, wanted, ADMIN)).await;
    let ended = Box::pin(begun.finish()).await;
    assert_eq!(ended.state, State::Done, "{:?}", ended.failure);
    ended
}

/// What there is, there and here.
#[derive(Debug, PartialEq, Eq)]
struct Census {
    applications: usize,
    principals: usize,
    granted: usize,
    owners: usize,
    secrets: usize,
    certificates: usize,
    application_users: Vec<Vec<String>>,
    registrations: usize,
    proofs: Vec<ProofState>,
    connections: Vec<(String, ConnectionState)>,
}

async fn census(world: &World) -> Census {
    census_of(world, "contoso").await
}

/// What belongs to the application of this name.
async fn census_of(world: &World, name: &str) -> Census {
    let apps = graph(
        world,
        &format!("/applications?$filter=displayName eq '{name}'"),
    )
    .await;
    let app = &apps[0];
    let client_id = app["appId"].as_str().unwrap();
    let path = format!("/servicePrincipals?$filter=appId eq '{client_id}'");
    let principals = graph(world, &path).await;
    let principal = principals[0]["id"].as_str().unwrap();
    let granted = graph(
        world,
        &format!("/servicePrincipals/{principal}/appRoleAssignments"),
    )
    .await;
    let owners = graph(
        world,
        &format!("/applications/{}/owners", app["id"].as_str().unwrap()),
    )
    .await;
    let count = |list: &str| app[list].as_array().unwrap().len();
    let registered = Apps::new(world.context.clone())
        .list(&world.admin)
        .await
        .unwrap();
    let registered: Vec<_> = registered
        .into_iter()
        .filter(|it| it.app.name == name)
        .collect();
    let page = store::Page::first(1000);
    let (connections, _) = world.life.list(&world.admin, page).await.unwrap();
    let mut connections: Vec<_> = connections
        .into_iter()
        .filter(|one| one.name.starts_with(&format!("{name}-")))
        .map(|one| (one.name, one.state))
        .collect();
    connections.sort_by(|one, other| one.0.cmp(&other.0));
    Census {
        applications: apps.len(),
        principals: principals.len(),
        granted: granted.len(),
        owners: owners.len(),
        secrets: count("passwordCredentials"),
        certificates: count("keyCredentials"),
        application_users: world
            .control()
            .application_users()
            .into_iter()
            .filter(|user| user.application_id == client_id)
            .map(|user| user.roles)
            .collect(),
        registrations: registered.len(),
        proofs: registered
            .iter()
            .flat_map(|app| app.proofs.iter().map(|proof| proof.state))
            .collect(),
        connections,
    }
}

/// A list of the sandbox's Graph, as its administrator sees it.
async fn graph(world: &World, path: &str) -> Vec<Value> {
    let token = world
        .control()
        .issue_access_token(
            &world.registered.client_id,
            Some(ADMIN),
            &["Application.Read.All", "User.Read.All"],
        )
        .unwrap();
    let url = format!("{}/v1.0{path}", world.sandbox.url());
    let answer = reqwest::Client::builder()
        .build()
        .unwrap()
        .get(url)
        .bearer_auth(token)
        .send()
        .await
        .unwrap();
    let mut body: Value = answer.json().await.unwrap();
    match body["value"].take() {
        Value::Array(items) => items,
        _ => panic!("{path}: {body}"),
    }
}

/// As it has to be in the end, whatever happened on the way.
fn whole() -> Census {
    whole_of("contoso")
}

fn whole_of(name: &str) -> Census {
    let mut names: Vec<_> = Service::ALL
        .iter()
        .map(|service| {
            let state = match service {
                // Nobody but its administrator lets an application in there.
                Service::BusinessCentral => ConnectionState::NeedsAdmin,
                _ => ConnectionState::Active,
            };
            (format!("{name}-{service}"), state)
        })
        .collect();
    names.sort_by(|one, other| one.0.cmp(&other.0));
    Census {
        applications: 1,
        principals: 1,
        // Three of mail, two of teams, two of files, two of sites, its own registration; one of Business Central.
        granted: 11,
        // Whoever made it, and itself.
        owners: 2,
        secrets: 1,
        certificates: 0,
        application_users: vec![vec![ROLE.to_owned()]],
        registrations: 1,
        proofs: vec![ProofState::Active],
        connections: names,
    }
}

fn states(progress: &Progress) -> Vec<(&str, StepState)> {
    let steps = progress.steps.iter();
    steps.map(|step| (step.id.as_str(), step.state)).collect()
}

#[tokio::test]
async fn from_nothing_to_seven_connections_by_one_sign_in_and_the_second_time_nothing_is_made() {
    let world = World::start().await;
    let first = done(&world, all(&world)).await;
    assert_eq!(census(&world).await, whole());
    let by_hand = |progress: &Progress| {
        let told = states(progress).into_iter();
        told.filter(|(_, state)| *state == StepState::ByHand)
            .map(|(id, _)| id.to_owned())
            .collect::<Vec<_>>()
    };
    assert_eq!(by_hand(&first), ["business_central"]);
    let working: Vec<_> = first
        .connections
        .iter()
        .filter(|made| made.works())
        .map(|made| made.connection.service)
        .collect();
    assert_eq!(working.len(), 6, "{:?}", first.connections);

    // Somebody lets it into Business Central, and runs it again.
    world
        .control()
        .enable_business_central(first.client_id.as_ref().unwrap(), &["D365 BUS FULL ACCESS"])
        .unwrap();
    let second = done(&world, all(&world)).await;
    assert!(
        states(&second)
            .iter()
            .all(|(_, state)| *state == StepState::There),
        "{:?}",
        states(&second)
    );
    assert!(second.connections.iter().all(Connected::works));
    let mut expected = whole();
    for (_, state) in &mut expected.connections {
        *state = ConnectionState::Active;
    }
    assert_eq!(census(&world).await, expected);
    let actions = world.actions().await;
    for made in [
        "bootstrap.begin",
        "bootstrap.signed_in",
        "bootstrap.application",
        "bootstrap.consent",
        "bootstrap.proof",
        "bootstrap.application_user",
        "bootstrap.done",
    ] {
        assert!(
            actions.iter().any(|action| action == made),
            "{made}: {actions:?}"
        );
    }
    world.stop().await;
}

#[tokio::test]
async fn stopped_after_any_step_it_goes_on_and_makes_nothing_twice() {
    let world = World::start().await;
    let steps = done(&world, all(&world)).await.steps.len();
    for stop in 0..=steps {
        let name = format!("stopped{stop}");
        let process = Process::begin(&world, called(&world, &name), ADMIN).await;
        // Signing in is a round too.
        for _ in 0..=stop {
            process.next().await;
        }
        drop(process);
        done(&world, called(&world, &name)).await;
        assert_eq!(census_of(&world, &name).await, whole_of(&name));
    }
    world.stop().await;
}

#[tokio::test]
async fn an_answer_lost_on_the_way_makes_nothing_twice() {
    let world = World::start().await;
    for (number, (method, path)) in [
        ("PATCH", "/applications(uniqueName="),
        ("POST", "/servicePrincipals"),
        ("POST", "/appRoleAssignments"),
        ("POST", "/owners/$ref"),
        ("POST", "/addPassword"),
        ("POST", "/systemusers"),
        ("POST", "/systemuserroles_association"),
    ]
    .into_iter()
    .enumerate()
    {
        world.control().inject(Fault {
            method: Some(method.to_owned()),
            path_contains: path.to_owned(),
            times: 1,
            action: Action::ResetAfter,
        });
        let name = format!("lost{number}");
        done(&world, called(&world, &name)).await;
        let found = census_of(&world, &name).await;
        assert_eq!(found, whole_of(&name), "{method} {path}");
    }
    world.stop().await;
}

#[tokio::test]
async fn a_secret_whose_text_was_lost_is_removed_and_made_anew() {
    let world = World::start().await;
    let process = Process::begin(&world, all(&world), ADMIN).await;
    world.control().inject(Fault {
        method: Some("POST".to_owned()),
        path_contains: "/addPassword".to_owned(),
        times: 1,
        action: Action::ResetAfter,
    });
    while process
        .next()
        .await
        .steps
        .iter()
        .all(|step| step.id != "proof" || !waits(&step.details))
    {}
    drop(process);
    assert_eq!(census_of_secrets(&world).await, 1, "nobody has its text");
    done(&world, all(&world)).await;
    assert_eq!(world.control().count("POST", "/removePassword"), 1);
    assert_eq!(census(&world).await, whole());
    world.stop().await;
}

fn waits(details: &[String]) -> bool {
    details.iter().any(|detail| detail.starts_with("waiting"))
}

async fn census_of_secrets(world: &World) -> usize {
    let apps = graph(world, "/applications?$filter=displayName eq 'contoso'").await;
    apps[0]["passwordCredentials"].as_array().unwrap().len()
}

fn refuse(world: &World, method: &str, path: &str, status: u16, times: u32, body: Option<Value>) {
    world.control().inject(Fault {
        method: Some(method.to_owned()),
        path_contains: path.to_owned(),
        times,
        action: Action::Status {
            status,
            retry_after: None,
            body,
        },
    });
}

#[tokio::test]
async fn what_the_directory_does_not_see_yet_is_waited_for() {
    let world = World::start().await;
    let process = Process::begin(&world, all(&world), ADMIN).await;
    while process.next().await.state == State::SigningIn {}
    refuse(&world, "POST", "/servicePrincipals", 400, 2, None);
    refuse(&world, "POST", "/appRoleAssignments", 404, 2, None);
    let unknown = json!({
        "error": "invalid_client",
        "error_description": "AADSTS7000215: Invalid client secret provided.",
        "error_codes": [7_000_215],
    });
    refuse(&world, "POST", "/oauth2/v2.0/token", 401, 2, Some(unknown));
    let ended = process.finish().await;
    assert_eq!(ended.state, State::Done, "{:?}", ended.failure);
    assert_eq!(census(&world).await, whole());
    world.stop().await;
}

#[tokio::test]
async fn what_never_comes_ends_it_after_some_minutes_and_says_so() {
    let world = World::start().await;
    let process = Process::begin(&world, all(&world), ADMIN).await;
    while process.next().await.state == State::SigningIn {}
    refuse(&world, "POST", "/servicePrincipals", 400, 1000, None);
    let ended = process.finish().await;
    assert_eq!(ended.state, State::Failed);
    assert_eq!(ended.failure.unwrap().code, "refused_by_entra");
    world.control().clear_faults();
    done(&world, all(&world)).await;
    assert_eq!(census(&world).await, whole());
    world.stop().await;
}

#[tokio::test]
async fn an_account_without_the_role_is_told_which_one_it_needs() {
    let world = World::start().await;
    let ended = Process::begin(&world, all(&world), BEN)
        .await
        .finish()
        .await;
    let diagnosis = ended.failure.unwrap().diagnosis.unwrap();
    assert_eq!(
        diagnosis.evidence.status,
        Some(StatusCode::FORBIDDEN.as_u16())
    );
    assert!(
        diagnosis.remedy[0]
            .text
            .contains("Application Administrator"),
        "{diagnosis:?}"
    );

    let process = Process::begin(&world, all(&world), ADMIN).await;
    while process.next().await.state == State::SigningIn {}
    refuse(&world, "POST", "/appRoleAssignments", 403, 1, None);
    let ended = process.finish().await;
    let diagnosis = ended.failure.unwrap().diagnosis.unwrap();
    assert!(
        diagnosis.remedy[0]
            .text
            .contains("Privileged Role Administrator"),
        "{diagnosis:?}"
    );
    done(&world, all(&world)).await;
    assert_eq!(census(&world).await, whole());
    world.stop().await;
}

#[tokio::test]
async fn a_sign_in_that_is_declined_late_or_of_another_process_ends_and_changes_nothing() {
    let world = World::start().await;
    let bootstraps = Bootstraps::new(world.life.clone());
    let begin = || bootstraps.begin(&world.admin, all(&world), SignIn::DeviceCode);
    let late = begin().await.unwrap();
    world.advance_all(901);
    let late = bootstraps.next(&world.admin, &late.id).await.unwrap();
    assert_eq!(late.state, State::Failed);
    assert!(late.failure.unwrap().message.contains("new code"));

    let waiting = begin().await.unwrap();
    let again = bootstraps.next(&world.admin, &waiting.id).await.unwrap();
    assert_eq!(
        (again.state, again.next_in_secs.is_some()),
        (State::SigningIn, true)
    );
    assert_eq!(world.token_requests(), 0, "the interval is kept");
    bootstraps.cancel(&world.admin, &waiting.id).await.unwrap();
    assert!(bootstraps.look(&world.admin, &waiting.id).await.is_err());
    let elsewhere = Bootstraps::new(world.life.clone());
    let seen = elsewhere.look(&world.admin, &late.id).await.unwrap();
    assert_eq!(seen.state, State::Failed);
    assert!(
        graph(&world, "/applications?$filter=displayName eq 'contoso'")
            .await
            .is_empty()
    );
    world.stop().await;
}

#[tokio::test]
async fn the_browser_of_the_administrators_machine_signs_in_as_well() {
    let world = World::start().await;
    let bootstraps = Bootstraps::new(world.life.clone());
    let browser = |redirect_uri: &str| SignIn::Browser {
        redirect_uri: redirect_uri.to_owned(),
    };
    let elsewhere = browser("https://attacker.example/");
    assert!(
        bootstraps
            .begin(&world.admin, all(&world), elsewhere)
            .await
            .is_err()
    );
    let here = browser("http://localhost:40123");
    let begun = bootstraps
        .begin(&world.admin, all(&world), here)
        .await
        .unwrap();
    let url = begun.authorize_url.unwrap();
    let answer = Person::new(world.sandbox.url())
        .consent(&url, ADMIN, "accept")
        .await;
    let code = answer.code.unwrap();
    let forged = bootstraps
        .redeem(&world.admin, &begun.id, &code, "another")
        .await
        .unwrap_err();
    assert_eq!(forged.code(), "state_mismatch");
    let signed_in = bootstraps
        .redeem(&world.admin, &begun.id, &code, &answer.state)
        .await
        .unwrap();
    assert_eq!(signed_in.state, State::Working);
    world.stop().await;
}

#[tokio::test]
async fn a_certificate_has_its_key_made_here_and_is_registered_once() {
    let world = World::start().await;
    let wanted = || Wanted {
        proof: WantedProof::Certificate,
        auto_rotate: false,
        ..all(&world)
    };
    for stop in [6, 7] {
        let process = Process::begin(&world, wanted(), ADMIN).await;
        for _ in 0..stop {
            process.next().await;
        }
    }
    done(&world, wanted()).await;
    let expected = Census {
        granted: 10,
        owners: 1,
        secrets: 0,
        certificates: 1,
        ..whole()
    };
    assert_eq!(census(&world).await, expected);
    world.stop().await;
}

#[tokio::test]
async fn an_application_that_owns_itself_replaces_its_secret() {
    let world = World::start().await;
    let made = done(&world, all(&world)).await;
    let app = made.app_registration_id.unwrap();
    let view = Apps::new(world.context.clone())
        .get(&world.admin, app)
        .await
        .unwrap();
    assert!(view.app.auto_rotate);
    for _ in 0..2 {
        world
            .life
            .rotate_by_itself(&world.admin, app, None)
            .await
            .unwrap();
    }
    let count = |path| world.control().count("POST", path);
    assert_eq!((count("/addPassword"), count("/removePassword")), (3, 1));
    world.stop().await;
}

#[tokio::test]
async fn an_application_that_owns_itself_replaces_its_certificate() {
    let world = World::start().await;
    let wanted = Wanted {
        proof: WantedProof::Certificate,
        ..all(&world)
    };
    let app = done(&world, wanted).await.app_registration_id.unwrap();
    for _ in 0..2 {
        world
            .life
            .rotate_by_itself(&world.admin, app, None)
            .await
            .unwrap();
    }
    let count = |path| world.control().count("POST", path);
    assert_eq!((count("/addKey"), count("/removeKey")), (2, 1));
    assert_eq!(census(&world).await.certificates, 2);
    world.stop().await;
}

/// Makes one thing wrong.
type Spoil = fn(&mut Wanted);

#[tokio::test]
async fn the_plan_says_everything_before_anybody_is_asked() {
    let world = World::start().await;
    let bootstraps = Bootstraps::new(world.life.clone());
    let plan = bootstraps.plan(&world.admin, &all(&world)).unwrap();
    assert_eq!(plan.sign_in.client_name, "Microsoft Azure CLI");
    let text = serde_json::to_string(&plan).unwrap();
    for said in [
        "Mail.Send",
        "API.ReadWrite.All",
        ROLE,
        "Privileged Role Administrator",
        "contoso-crm",
    ] {
        assert!(text.contains(said), "{said}: {text}");
    }
    assert_eq!(world.control().count("POST", "/devicecode"), 0);

    let field = |wanted: Wanted| match bootstraps.plan(&world.admin, &wanted) {
        Err(connections::Error::Invalid { field, .. }) => field,
        other => panic!("{other:?}"),
    };
    let wrong: [(&str, Spoil); 7] = [
        ("name", |wanted| wanted.name.clear()),
        ("tenant_id", |wanted| {
            wanted.tenant_id = Some("nonsense".to_owned());
        }),
        ("cloud", |wanted| wanted.cloud = "nowhere".to_owned()),
        ("connections", |wanted| wanted.connections.clear()),
        ("environment_url", |wanted| {
            wanted.place.environment_url = Some("https://example.com".to_owned());
        }),
        ("sign_in_client_id", |wanted| {
            wanted.sign_in_client_id = Some("me".to_owned());
        }),
        ("auto_rotate", |wanted| {
            wanted.proof = WantedProof::Federated;
        }),
    ];
    for (expected, spoil) in wrong {
        let mut wanted = all(&world);
        spoil(&mut wanted);
        assert_eq!(field(wanted), expected);
    }
    let member = connections::Caller {
        role: model::Role::Builder,
        ..world.admin.clone()
    };
    assert!(bootstraps.plan(&member, &all(&world)).is_err());
    world.stop().await;
}
