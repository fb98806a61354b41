use connections::oauth::{AttemptCookie, Callback};
use connections::{AttemptError, Error};
use model::ConnectionState;
use secrecy::ExposeSecret;

use crate::world::{ANA, BEN, Person, World, outlook};

async fn invited(world: &World) -> (model::Connection, String) {
    let app = world.register().await;
    let (connection, invitation) = world
        .life
        .connect_user(&world.admin, outlook("mail"), app)
        .await
        .unwrap();
    (connection, invitation.connect_url)
}

async fn state_of(world: &World, connection: &model::Connection) -> ConnectionState {
    world.snapshot(connection).await.connection.state
}

#[tokio::test]
async fn the_account_is_used_only_after_it_was_confirmed() {
    let world = World::start().await;
    let (connection, url) = invited(&world).await;
    let (callback, cookie) = world.consent(&url, ANA).await;
    let arrival = world
        .life
        .oauth
        .arrive(callback, Some(&cookie))
        .await
        .unwrap();
    assert_eq!(arrival.username, ANA);
    assert_eq!(
        state_of(&world, &connection).await,
        ConnectionState::Pending
    );
    world.life.oauth.confirm(Some(&cookie)).await.unwrap();
    assert_eq!(state_of(&world, &connection).await, ConnectionState::Active);
    let actions = world.actions().await;
    for action in [
        "connection.create",
        "connection.consent",
        "connection.confirm",
    ] {
        assert!(
            actions.iter().any(|known| known == action),
            "{action} is not among {actions:?}"
        );
    }
    world.stop().await;
}

#[tokio::test]
async fn an_account_that_is_not_confirmed_is_thrown_away() {
    let world = World::start().await;
    let (connection, url) = invited(&world).await;
    let (callback, cookie) = world.consent(&url, ANA).await;
    world
        .life
        .oauth
        .arrive(callback, Some(&cookie))
        .await
        .unwrap();
    world.life.oauth.cancel(Some(&cookie)).await.unwrap();
    let refused = world.life.oauth.confirm(Some(&cookie)).await.unwrap_err();
    assert!(matches!(refused, Error::Attempt(AttemptError::Used)));
    assert_eq!(
        state_of(&world, &connection).await,
        ConnectionState::Pending
    );
    world.stop().await;
}

#[tokio::test]
async fn a_callback_in_another_browser_is_refused_and_the_right_one_goes_on() {
    let world = World::start().await;
    let (_, url) = invited(&world).await;
    let (callback, cookie) = world.consent(&url, ANA).await;
    let again = |callback: &Callback| Callback {
        state: callback.state.clone(),
        code: callback.code.clone(),
        ..Callback::default()
    };
    let without = world
        .life
        .oauth
        .arrive(again(&callback), None)
        .await
        .unwrap_err();
    assert!(matches!(
        without,
        Error::Attempt(AttemptError::WrongBrowser)
    ));
    let forged = AttemptCookie::parse(&format!("{}.guessed", callback.state)).unwrap();
    let other = world
        .life
        .oauth
        .arrive(again(&callback), Some(&forged))
        .await
        .unwrap_err();
    assert!(matches!(other, Error::Attempt(AttemptError::WrongBrowser)));
    world
        .life
        .oauth
        .arrive(callback, Some(&cookie))
        .await
        .unwrap();
    world.stop().await;
}

#[tokio::test]
async fn a_tampered_state_is_refused_without_a_request() {
    let world = World::start().await;
    let (_, url) = invited(&world).await;
    let (mut callback, cookie) = world.consent(&url, ANA).await;
    let before = world.token_requests();
    callback.state.replace_range(
        0..1,
        if callback.state.starts_with('0') {
            "1"
        } else {
            "0"
        },
    );
    let refused = world
        .life
        .oauth
        .arrive(callback, Some(&cookie))
        .await
        .unwrap_err();
    assert_eq!(refused.code(), "state_mismatch");
    assert_eq!(world.token_requests(), before);
    world.stop().await;
}

#[tokio::test]
async fn a_replayed_code_is_redeemed_once() {
    let world = World::start().await;
    let (_, url) = invited(&world).await;
    let (callback, cookie) = world.consent(&url, ANA).await;
    let replay = Callback {
        state: callback.state.clone(),
        code: callback.code.clone(),
        ..Callback::default()
    };
    let before = world.token_requests();
    world
        .life
        .oauth
        .arrive(callback, Some(&cookie))
        .await
        .unwrap();
    let refused = world
        .life
        .oauth
        .arrive(replay, Some(&cookie))
        .await
        .unwrap_err();
    assert_eq!(refused.code(), "attempt_used");
    assert_eq!(world.token_requests() - before, 1);
    world.life.oauth.confirm(Some(&cookie)).await.unwrap();
    world.stop().await;
}

#[tokio::test]
async fn refused_consent_is_told_with_its_code_and_changes_nothing() {
    let world = World::start().await;
    let app = world.register().await;
    world
        .control()
        .remove_consent(&world.registered.client_id, None)
        .unwrap();
    let (connection, invitation) = world
        .life
        .connect_user(&world.admin, outlook("mail"), app)
        .await
        .unwrap();
    let departure = world
        .life
        .oauth
        .depart(invitation.connect_url.rsplit('/').next().unwrap())
        .await
        .unwrap();
    let mut person = Person::new(world.sandbox.url());
    let callback = person
        .consent(departure.authorize_url.as_str(), ANA, "cancel")
        .await;
    let refused = world
        .life
        .oauth
        .arrive(callback, Some(&departure.cookie))
        .await
        .unwrap_err();
    assert_eq!(refused.code(), "consent_refused");
    assert_eq!(refused.diagnosis().unwrap().evidence.code, "AADSTS65004");
    assert_eq!(
        state_of(&world, &connection).await,
        ConnectionState::Pending
    );
    world.stop().await;
}

#[tokio::test]
async fn a_link_is_good_for_ten_minutes() {
    let world = World::start().await;
    let (_, url) = invited(&world).await;
    world.advance_all(601);
    let expired = world
        .life
        .oauth
        .welcome(url.rsplit('/').next().unwrap())
        .await
        .unwrap_err();
    assert_eq!(expired.code(), "attempt_expired");
    let unknown = world.life.oauth.welcome("0000").await.unwrap_err();
    assert_eq!(unknown.code(), "attempt_unknown");
    world.stop().await;
}

#[tokio::test]
async fn a_reconnect_keeps_the_id_and_notices_another_account() {
    let world = World::start().await;
    let connection = world.connect_user(ANA).await;
    let invitation = world
        .life
        .reconnect(&world.admin, connection.id)
        .await
        .unwrap();
    let (callback, cookie) = world.consent(&invitation.connect_url, BEN).await;
    let mismatch = world
        .life
        .oauth
        .arrive(callback, Some(&cookie))
        .await
        .unwrap_err();
    assert_eq!(mismatch.code(), "account_mismatch");
    assert_eq!(state_of(&world, &connection).await, ConnectionState::Active);
    let invitation = world
        .life
        .reconnect(&world.admin, connection.id)
        .await
        .unwrap();
    let reconnected = world.follow(&invitation.connect_url, ANA).await;
    assert_eq!(reconnected.id, connection.id);
    world.stop().await;
}

#[tokio::test]
async fn the_way_to_microsoft_carries_state_nonce_and_a_pkce_challenge() {
    let world = World::start().await;
    let (_, url) = invited(&world).await;
    let departure = world
        .life
        .oauth
        .depart(url.rsplit('/').next().unwrap())
        .await
        .unwrap();
    let query: std::collections::HashMap<_, _> =
        departure.authorize_url.query_pairs().into_owned().collect();
    assert_eq!(query["code_challenge_method"], "S256");
    assert_eq!(query["code_challenge"].len(), 43);
    assert_eq!(query["nonce"].len(), 64);
    assert!(
        departure
            .cookie
            .value()
            .expose_secret()
            .starts_with(&query["state"])
    );
    world.stop().await;
}

#[tokio::test]
async fn of_two_links_for_one_connection_the_first_confirmed_decides_whose_it_is() {
    let world = World::start().await;
    let (connection, one) = invited(&world).await;
    let two = world
        .life
        .reconnect(&world.admin, connection.id)
        .await
        .unwrap()
        .connect_url;
    let (of_ana, anas) = world.consent(&one, ANA).await;
    let (of_ben, bens) = world.consent(&two, BEN).await;
    world.life.oauth.arrive(of_ana, Some(&anas)).await.unwrap();
    world.life.oauth.arrive(of_ben, Some(&bens)).await.unwrap();
    world.life.oauth.confirm(Some(&anas)).await.unwrap();
    let refused = world.life.oauth.confirm(Some(&bens)).await.unwrap_err();
    assert_eq!(refused.code(), "account_mismatch");
    let identity = world
        .snapshot(&connection)
        .await
        .connection
        .identity
        .clone()
        .unwrap();
    assert_eq!(identity.username.as_deref(), Some(ANA));
    world.stop().await;
}
