//! It is stopped, or an answer is lost on the way: nothing is made twice.

use sandbox::{Action, Fault};

use super::census::{census, census_of, graph, whole, whole_of};
use super::process::{ADMIN, Process, all, called, done};
use crate::world::World;

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
        world
            .control()
            .inject(Fault::once(method, path, Action::ResetAfter));
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
    world
        .control()
        .inject(Fault::once("POST", "/addPassword", Action::ResetAfter));
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
