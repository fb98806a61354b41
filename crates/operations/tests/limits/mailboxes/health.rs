//! A connection test looks at each listed mailbox and at no other, and says of each that fails what is to be done.

use model::{Act, ConnectionMethod, Policy};
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
