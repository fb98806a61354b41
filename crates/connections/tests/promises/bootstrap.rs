//! An administrator signs in once, and everything an application needs is made, once.

mod census;
mod interrupted;
mod plan;
mod process;
mod proofs;
mod replicas;
mod sign_in;
mod squatters;
mod users;
mod waiting;

use connections::bootstrap::{Connected, Progress, StepState};
use model::ConnectionState;

use crate::world::World;
use census::{census, whole};
use process::{all, done, states};

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
