//! The directory takes its time, or never comes to know.

use connections::bootstrap::State;
use serde_json::json;

use super::census::{census, whole};
use super::process::{ADMIN, Process, all, done, refuse};
use crate::world::World;

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
