//! Who signs in, and how.

use connections::bootstrap::{Bootstraps, SignIn, State};
use http::StatusCode;

use super::census::{census, graph, whole};
use super::process::{ADMIN, Process, all, done, refuse};
use crate::world::{BEN, Person, World};

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
async fn a_sign_in_that_entra_refuses_is_explained_with_what_helps() {
    let world = World::start().await;
    for (code, meaning, known) in [
        (53_003, "conditional access", true),
        (987_654, "Simulated.", false),
    ] {
        let text = format!("AADSTS{code}: Simulated. Trace ID: t-{code}");
        let body = serde_json::json!({ "error": "invalid_grant", "error_description": text,
            "error_codes": [code], "suberror": "message_only", "trace_id": format!("t-{code}") });
        refuse(&world, "POST", "/oauth2/v2.0/token", 400, 1, Some(body));
        let begun = Process::begin(&world, all(&world), ADMIN).await;
        let ended = begun.finish().await;
        let told = ended.failure.unwrap().diagnosis.unwrap();
        assert!(told.cause.contains(meaning), "{told:?}");
        assert_eq!(told.known, known);
        assert_eq!(told.evidence.trace_id, Some(format!("t-{code}")));
        let link = told.remedy[0].link.as_deref().unwrap();
        assert!(link.starts_with(world.sandbox.url()), "{link}");
        assert!(link.ends_with(&format!("error?code={code}")), "{link}");
        assert!(told.remedy[1].text.contains("--browser"), "{told:?}");
    }
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
