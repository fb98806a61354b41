//! More than was asked for at first, and what only an administrator of the tenant may grant.

use connections::Error;
use connections::oauth::{AdministratorsAnswer, Callback};
use model::{Connection, ConnectionState, Permission, PermissionSet};
use secrecy::ExposeSecret;
use store::ConsentAnswer;

use crate::world::{ANA, Person, World};

const ADMINISTRATOR: &str = "admin@contoso.com";

fn set(names: &[&str]) -> PermissionSet {
    names.iter().map(|name| Permission::new(*name)).collect()
}

/// Ana's try at one permission more, up to Microsoft's answer.
async fn more(
    world: &World,
    connection: &Connection,
    name: &str,
    decision: &str,
) -> Result<Connection, Error> {
    let invitation = world
        .life
        .ask_for_more(&world.admin, connection.id, set(&[name]))
        .await?;
    finish(world, &invitation.connect_url, decision).await
}

async fn finish(world: &World, connect_url: &str, decision: &str) -> Result<Connection, Error> {
    let secret = connect_url.rsplit('/').next().unwrap();
    let departure = world.life.oauth.depart(secret).await?;
    let answer = Person::new(world.sandbox.url())
        .consent(departure.authorize_url.as_str(), ANA, decision)
        .await;
    let cookie = Some(&departure.cookie);
    world.life.oauth.arrive(answer, cookie).await?;
    world.life.oauth.confirm(cookie).await
}

/// The administrator at the page that they were given.
async fn administrator(world: &World, admin_url: &str, decision: &str) -> AdministratorsAnswer {
    let Callback { state, error, .. } = Person::new(world.sandbox.url())
        .consent(admin_url, ADMINISTRATOR, decision)
        .await;
    AdministratorsAnswer { state, error }
}

#[tokio::test]
async fn more_is_asked_for_and_the_connection_stays_the_same() {
    let world = World::start().await;
    let before = world.connect_user(ANA).await;
    assert!(
        !before
            .requested
            .contains(&Permission::new("Calendars.Read"))
    );
    let refused = more(&world, &before, "Calendars.Read", "cancel").await;
    assert!(
        matches!(refused, Err(Error::ConsentRefused(_))),
        "{refused:?}"
    );
    let still = world.snapshot(&before).await.connection.clone();
    assert_eq!(
        (&still.requested, still.state),
        (&before.requested, ConnectionState::Active),
        "a refusal changes nothing"
    );
    let after = more(&world, &before, "Calendars.Read", "accept")
        .await
        .unwrap();
    assert_eq!((after.id, after.identity), (before.id, before.identity));
    assert!(after.requested.is_superset(&before.requested));
    let granted = after.granted.unwrap();
    for name in ["Calendars.Read", "Mail.Read"] {
        assert!(granted.contains(&Permission::new(name)), "{granted:?}");
    }
    world.stop().await;
}

#[tokio::test]
async fn what_is_asked_for_already_or_unknown_is_refused_by_name() {
    let world = World::start().await;
    let connection = world.connect_user(ANA).await;
    for (name, part) in [
        ("Mail.Read", "does not ask for yet"),
        ("Mail.Everything", "`Mail.Everything` is no permission"),
    ] {
        let refused = more(&world, &connection, name, "accept").await.unwrap_err();
        assert!(refused.to_string().contains(part), "{refused}");
    }
    world.stop().await;
}

#[tokio::test]
async fn an_administrator_is_asked_and_the_user_goes_on() {
    let world = World::start().await;
    let before = world.connect_user(ANA).await;
    let refused = more(&world, &before, "User.Read.All", "return").await;
    let Err(Error::ApprovalNeeded { diagnosis, waiting }) = refused else {
        panic!("{refused:?}");
    };
    assert_eq!(diagnosis.evidence.code, "AADSTS90094");
    let waiting = waiting.expose_secret();
    let oauth = &world.life.oauth;
    let request = oauth.waiting(waiting).await.unwrap();
    assert_eq!(request.answer, ConsentAnswer::Waiting);
    assert!(
        request
            .permissions
            .contains(&Permission::new("User.Read.All"))
    );
    assert!(
        oauth.go_on(waiting).await.is_err(),
        "nobody has consented yet"
    );
    let listed = oauth.approvals(&world.admin).await.unwrap();
    assert_eq!(listed.len(), 1, "administrators see it: {listed:?}");

    let declined = administrator(&world, &request.admin_url, "cancel").await;
    oauth.answered(&declined).await.unwrap().unwrap();
    assert_eq!(
        oauth.waiting(waiting).await.unwrap().answer,
        ConsentAnswer::Declined
    );
    let granted = administrator(&world, &request.admin_url, "accept").await;
    let answered = oauth.answered(&granted).await.unwrap().unwrap();
    assert_eq!(answered.answer, ConsentAnswer::Granted);

    let link = oauth.go_on(waiting).await.unwrap();
    let after = finish(&world, &link.connect_url, "accept").await.unwrap();
    assert_eq!(after.id, before.id);
    assert!(
        after
            .granted
            .unwrap()
            .contains(&Permission::new("User.Read.All"))
    );
    assert!(
        oauth.approval_of(&before).await.unwrap().is_none(),
        "it is done"
    );
    assert!(oauth.waiting(waiting).await.is_err());
    let actions = world.actions().await;
    assert!(
        actions
            .iter()
            .any(|known| known == "connection.admin_consent")
    );
    world.stop().await;
}

#[tokio::test]
async fn an_answer_that_nobody_asked_for_changes_nothing() {
    let world = World::start().await;
    let stray = AdministratorsAnswer {
        state: "guess".to_owned(),
        error: None,
    };
    assert!(world.life.oauth.answered(&stray).await.unwrap().is_none());
    world.stop().await;
}

#[tokio::test]
async fn a_request_is_forgotten_after_a_week() {
    let world = World::start().await;
    let before = world.connect_user(ANA).await;
    let oauth = &world.life.oauth;
    let request = oauth
        .ask_administrator(&world.admin, &before)
        .await
        .unwrap();
    assert_eq!(request.permissions, before.requested);
    world
        .clock
        .advance(jiff::SignedDuration::from_hours(8 * 24));
    assert!(oauth.approval_of(&before).await.unwrap().is_none());
    let late = administrator(&world, &request.admin_url, "accept").await;
    assert!(oauth.answered(&late).await.unwrap().is_none());
    world.stop().await;
}
