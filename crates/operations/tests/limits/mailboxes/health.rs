//! A connection test looks at each listed mailbox and at no other, and says of each that fails what is to be done.

use model::{Act, ConnectionMethod, Permission, PermissionSet, Policy};
use sandbox::AccessRight;

use super::stage::{Stage, only};
use crate::world::{ANA, BEN};

const APPLICATION: ConnectionMethod = ConnectionMethod::ServicePrincipal;
const USER: ConnectionMethod = ConnectionMethod::OAuth;

fn listing(addresses: &[&str]) -> Policy {
    let addresses = addresses.iter().map(|address| address.parse().unwrap());
    Policy {
        mailboxes: Some(addresses.collect()),
        ..Policy::default()
    }
}

/// What the test asked for below `/v1.0`.
fn asked(stage: &Stage) -> Vec<String> {
    let requests = stage.world.control().requests();
    let paths = requests.into_iter().map(|request| request.path);
    paths
        .filter_map(|path| path.strip_prefix("/v1.0").map(str::to_owned))
        .collect()
}

async fn tested(stage: &Stage, method: ConnectionMethod) -> connections::TestReport {
    stage.world.control().clear_requests();
    let id = stage.of(method).id;
    let admin = &stage.world.admin;
    stage.world.life.test(admin, id).await.unwrap()
}

#[tokio::test]
async fn each_listed_mailbox_is_looked_at_and_no_other() {
    let stage = Stage::start().await;
    let report = tested(&stage, APPLICATION).await;
    assert!(report.ok, "{report:?}");
    assert_eq!(asked(&stage), [format!("/users/{ANA}/mailFolders/inbox")]);
    let report = tested(&stage, USER).await;
    assert!(report.ok, "{report:?}");
    assert_eq!(asked(&stage), ["/me/mailFolders/inbox"]);
    stage
        .world
        .limit(stage.of(APPLICATION), listing(&[ANA, BEN]))
        .await;
    let report = tested(&stage, APPLICATION).await;
    let names: Vec<_> = report.steps.iter().map(|step| step.name).collect();
    assert_eq!(names, ["sign in", "permissions", "mailbox", "mailbox"]);
    assert_eq!(asked(&stage).len(), 2);
    // Somebody else's is not looked at for want of one's own.
    stage.world.limit(stage.of(USER), only(BEN)).await;
    tested(&stage, USER).await;
    assert_eq!(asked(&stage), [format!("/users/{BEN}/mailFolders/inbox")]);
    stage.world.stop().await;
}

#[tokio::test]
async fn each_that_fails_is_told_with_what_is_to_be_done() {
    let stage = Stage::start().await;
    let control = stage.world.control();
    let accounts = control.users().into_iter();
    let mut names = accounts.map(|account| account.user_principal_name);
    let is_guest = |name: &String| name.contains("#EXT#");
    let without = names.find(is_guest).unwrap();
    let client_id = stage.world.registered.client_id.clone();
    let open = [ANA, &without];
    let restricted =
        control.add_application_access_policy(&client_id, AccessRight::RestrictAccess, &open);
    restricted.unwrap();
    let gone = "gone@contoso.com";
    stage
        .world
        .limit(stage.of(APPLICATION), listing(&[ANA, BEN, gone, &without]))
        .await;
    let report = tested(&stage, APPLICATION).await;
    assert!(!report.ok);
    let of = |address: &str| {
        let mut steps = report.steps.iter();
        steps
            .find(|step| step.name == "mailbox" && step.detail.contains(&address.to_lowercase()))
            .unwrap_or_else(|| panic!("{address}: {:?}", report.steps))
    };
    assert!(of(ANA).ok);
    let outside = of(BEN).diagnosis.as_ref().unwrap();
    assert_eq!(outside.act, Act::Administrator);
    assert!(
        outside.cause.contains("application access policy"),
        "{outside:?}"
    );
    let remedy: Vec<_> = outside
        .remedy
        .iter()
        .map(|step| step.text.as_str())
        .collect();
    let remedy = remedy.join(" ");
    for part in [
        "Add-DistributionGroupMember",
        "New-ServicePrincipal",
        "New-ManagementRoleAssignment",
        BEN,
        &client_id,
    ] {
        assert!(remedy.contains(part), "{part}: {remedy}");
    }
    let missing = of(gone).diagnosis.as_ref().unwrap();
    assert_eq!(missing.evidence.code, "ErrorInvalidUser");
    assert_eq!(missing.act, Act::User);
    let absent = of(&without).diagnosis.as_ref().unwrap();
    assert_eq!(absent.evidence.code, "MailboxNotEnabledForRESTAPI");
    assert!(absent.cause.contains("not licensed"), "{absent:?}");
    stage.world.stop().await;
}

#[tokio::test]
async fn a_new_application_is_told_at_once_which_mailbox_it_does_not_open() {
    let stage = Stage::start().await;
    let client_id = stage.world.registered.client_id.clone();
    let control = stage.world.control();
    control
        .add_application_access_policy(&client_id, AccessRight::DenyAccess, &[ANA])
        .unwrap();
    let new = connections::NewConnection {
        name: "another".to_owned(),
        service: model::Service::Outlook,
        permissions: None,
        policy: listing(&[ANA]),
        shared: false,
        place: model::Place::default(),
    };
    let app = stage.of(APPLICATION).app_registration_id;
    let (life, admin) = (&stage.world.life, &stage.world.admin);
    let created = life.connect_application(admin, new, app).await.unwrap();
    assert!(!created.test.ok);
    let told = created.test.diagnosis.unwrap();
    assert!(told.cause.contains(ANA), "{told:?}");
    stage.world.stop().await;
}

/// An application without any consent in Entra: what it may, Exchange gave it by roles.
async fn known_to_exchange_alone(
    stage: &Stage,
    roles: &[(&str, &[&str])],
    asked: &[&str],
    listed: &[&str],
) -> connections::Created {
    let control = stage.world.control();
    let new = sandbox::NewApplication {
        display_name: "By roles in Exchange".to_owned(),
        ..sandbox::NewApplication::default()
    };
    let client_id = control.register_application(new).unwrap().client_id;
    control.grant_admin_consent(&client_id).unwrap();
    for (role, scope) in roles {
        let assigned = control.assign_exchange_role(&client_id, role, Some(scope));
        assigned.unwrap();
    }
    let year = std::time::Duration::from_hours(24 * 365);
    let secret = control.add_secret(&client_id, "test", year).unwrap();
    let proof = connections::NewSecret {
        value: secret.secret_text.into(),
        expires_at: None,
    };
    let app = connections::NewApp {
        client_id,
        proof: Some(proof.into()),
        ..stage.world.new_app("by-roles")
    };
    let new = connections::NewConnection {
        name: "by roles".to_owned(),
        service: model::Service::Outlook,
        permissions: Some(asked.iter().map(|name| Permission::new(*name)).collect()),
        policy: listing(listed),
        shared: false,
        place: model::Place::default(),
    };
    let (life, admin) = (&stage.world.life, &stage.world.admin);
    let created = life.connect_new_application(admin, new, app).await;
    created.unwrap()
}

#[tokio::test]
async fn an_application_whose_roles_are_in_exchange_works_and_is_told_so() {
    let stage = Stage::start().await;
    let roles: [(&str, &[&str]); 2] = [
        ("Application Mail.Read", &[ANA]),
        ("Application Calendars.Read", &[ANA, BEN]),
    ];
    let asked = ["Mail.Read", "Calendars.Read"];
    let created = known_to_exchange_alone(&stage, &roles, &asked, &[ANA]).await;
    let (connection, admin) = (created.connection, &stage.world.admin);
    assert!(created.test.ok, "{:?}", created.test);
    assert_eq!(connection.granted, Some(PermissionSet::new()));
    let report = stage.world.life.test(admin, connection.id).await.unwrap();
    assert!(report.ok, "{report:?}");
    assert!(report.missing.is_empty() && report.locked.is_empty());
    let told = &report.steps[1].detail;
    assert!(told.contains("roles in Exchange may give"), "{told}");
    let mailbox = &report.steps[2].detail;
    assert!(mailbox.contains("Exchange gives at least"), "{mailbox}");
    // The daily look holds the same.
    assert!(connections::missing(&connection).is_empty());
    // What is in its scope is reached, whatever the token carries; what is not is refused by Exchange, and explained.
    let list = async |operation: &str, mailbox: &str| {
        let input = serde_json::json!({ "mailbox": mailbox });
        stage.json(&connection, operation, input).await
    };
    let found = list("outlook.messages.list", ANA).await.unwrap();
    assert!(found["value"].is_array(), "{found}");
    stage.world.limit(&connection, listing(&[ANA, BEN])).await;
    list("outlook.events.list", BEN).await.unwrap();
    let refused = list("outlook.messages.list", BEN).await.unwrap_err();
    let diagnosis = refused.diagnosis().unwrap();
    assert_eq!(diagnosis.act, Act::Administrator);
    let remedy: Vec<_> = diagnosis
        .remedy
        .iter()
        .map(|step| step.text.as_str())
        .collect();
    let remedy = remedy.join(" ");
    assert!(remedy.contains("New-ManagementRoleAssignment"), "{remedy}");
    stage.world.stop().await;
}

#[tokio::test]
async fn what_exchange_does_not_give_either_is_told_with_what_it_would_open() {
    let stage = Stage::start().await;
    let roles: [(&str, &[&str]); 1] = [("Application Mail.Read", &[ANA])];
    let asked = ["Mail.Read", "Calendars.Read"];
    let created = known_to_exchange_alone(&stage, &roles, &asked, &[ANA]).await;
    let report = created.test;
    assert!(!report.ok, "{report:?}");
    let failed: Vec<_> = report.steps.iter().filter(|step| !step.ok).collect();
    let [calendar] = failed.as_slice() else {
        panic!("{failed:?}");
    };
    let diagnosis = calendar.diagnosis.as_ref().unwrap();
    assert_eq!(diagnosis.act, Act::Administrator);
    assert!(
        diagnosis.cause.contains("role in Exchange"),
        "{diagnosis:?}"
    );
    let locked: Vec<_> = report
        .locked
        .iter()
        .map(|it| it.permission.as_str())
        .collect();
    assert_eq!(locked, ["Calendars.Read"]);
    stage.world.stop().await;
}

#[tokio::test]
async fn a_token_that_opens_nothing_says_how_roles_in_exchange_are_looked_at() {
    let stage = Stage::start().await;
    let mut created = known_to_exchange_alone(&stage, &[], &["Mail.Read"], &[ANA]).await;
    assert!(!created.test.ok);
    let connection = &created.connection;
    stage.world.limit(connection, Policy::default()).await;
    created.test = {
        let (life, admin) = (&stage.world.life, &stage.world.admin);
        life.test(admin, connection.id).await.unwrap()
    };
    assert!(!created.test.ok);
    let told = &created.test.steps[1].detail;
    assert!(
        told.contains("grant consent") && told.contains("Exchange"),
        "{told}"
    );
    stage.world.stop().await;
}
