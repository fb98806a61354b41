//! The server is killed at every step, and within those that make something by a request that may be answered to nobody.

use reqwest::Method;
use serde_json::json;

use super::{PREFIX, Setting, assert_once};
use crate::server::Setup;
use crate::world::World;

/// Requests that make something and are never repeated by themselves, in the order in which they are made.
const MAKES: [&str; 5] = [
    "/servicePrincipals",
    "/appRoleAssignments",
    "/addPassword",
    "/systemusers",
    "/systemuserroles_association",
];

/// Where the server is killed.
enum Kill {
    /// Microsoft did what it was asked for, and its answer never came.
    Unanswered(&'static str),
    /// After the first `✓` lines.
    After(usize),
}

/// One run that ends with the server's death; what starts it again.
async fn killed(world: &World, setup: &Setup, at: Kill) -> Setup {
    let server = setup.start().await;
    if let Kill::Unanswered(path) = at {
        let fault = json!({ "method": "POST", "path_contains": path, "action": "reset_after" });
        world.portal.control(Method::POST, "faults", &fault).await;
    }
    let mut setting = Setting::begin(world, &setup.data, &["--no-wait", "--browser"]);
    setting.sign_in_here().await;
    match at {
        Kill::Unanswered(_) => {
            setting.hear("waiting: ").await;
        }
        Kill::After(steps) => {
            for _ in 0..steps {
                setting.hear("✓").await;
            }
        }
    }
    let setup = server.kill().await;
    let (code, _) = setting.end().await;
    assert_eq!(code, Some(6));
    setup
}

/// The server that was started again says how far it is and what to do.
async fn assert_told(setup: &Setup) -> Setup {
    let server = setup.start().await;
    let api = server.owner();
    let listed = api.get("/bootstraps").await;
    let latest = &listed["items"][0];
    assert_eq!(latest["name"], PREFIX);
    let path = format!("/bootstraps/{}", latest["id"].as_str().unwrap());
    let seen = api.get(&path).await;
    assert_eq!(seen["state"], "needs_sign_in", "{seen}");
    let next = format!("{path}/next");
    let refused = api
        .send(Method::POST, &next, &json!({}), None)
        .await
        .unwrap();
    assert_eq!(
        (refused.status, refused.code()),
        (409, "set_up_needs_sign_in")
    );
    let step = refused.body["next_step"].as_str().unwrap();
    assert!(step.contains("run the same command again"), "{step}");
    server.kill().await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_killed_at_any_step_is_started_again_and_the_command_goes_on() {
    let world = World::new().await;
    let mut setup = world.setup("server", None, "info");
    for path in MAKES {
        setup = killed(&world, &setup, Kill::Unanswered(path)).await;
        setup = assert_told(&setup).await;
    }
    assert_ends_well(&world, &setup).await;

    let world = World::new().await;
    let mut setup = world.setup("server", None, "info");
    // Application, principal, two consents, registration, proof, sign-in, application user, seven connections; the last step is a
    // person's.
    for steps in 0..=15 {
        setup = killed(&world, &setup, Kill::After(steps)).await;
    }
    assert_ends_well(&world, &setup).await;
}

async fn assert_ends_well(world: &World, setup: &Setup) {
    let server = setup.start().await;
    let mut setting = Setting::begin(world, &setup.data, &["--no-wait"]);
    setting.sign_in().await;
    let (code, ended) = setting.end().await;
    // Business Central waits for a person.
    assert_eq!(code, Some(5), "{ended}");
    let states: Vec<_> = ended["steps"]
        .as_array()
        .unwrap()
        .iter()
        .map(|step| step["state"].as_str().unwrap())
        .collect();
    assert!(!states.contains(&"pending"), "{states:?}");
    assert_once(world, setup).await;
    drop(server);
}
