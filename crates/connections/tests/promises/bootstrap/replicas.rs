//! Several processes, and several sign-ins.

use connections::bootstrap::{Bootstraps, SignIn, State, StepState};

use super::census::{census, whole};
use super::process::{ADMIN, Process, all, done, states};
use crate::world::{Person, World};

#[tokio::test]
async fn every_process_tells_how_far_it_is_and_goes_on_after_another_sign_in() {
    let world = World::start().await;
    let first = Process::begin(&world, all(&world), ADMIN).await;
    while first
        .next()
        .await
        .steps
        .iter()
        .all(|step| step.id != "proof" || step.state != StepState::Made)
    {}
    let (far, id) = (first.look().await, first.id.clone());
    let other = Bootstraps::new(world.life.clone());
    let seen = other.look(&world.admin, &id).await.unwrap();
    assert_eq!(seen.state, State::NeedsSignIn);
    assert_eq!(states(&seen), states(&far));
    assert_eq!(seen.client_id, far.client_id);
    assert_eq!((seen.next_in_secs, seen.user_code), (None, None));
    let refused = other.next(&world.admin, &id).await.unwrap_err();
    assert_eq!(refused.code(), "set_up_needs_sign_in");
    let listed = other.list(&world.admin).await.unwrap();
    assert_eq!(
        (listed[0].id.as_str(), listed[0].state),
        (id.as_str(), State::NeedsSignIn)
    );

    let begun = other
        .sign_in(&world.admin, &id, SignIn::DeviceCode)
        .await
        .unwrap();
    let page = begun.verification_uri.unwrap();
    Person::new(world.sandbox.url())
        .enter(&page, &begun.user_code.unwrap(), ADMIN)
        .await;
    let taken = first.next().await;
    assert_eq!(taken.failure.unwrap().code, "set_up_taken_over");
    let second = Process {
        world: &world,
        bootstraps: other,
        id,
    };
    assert_eq!(second.finish().await.state, State::Done);
    assert_eq!(census(&world).await, whole());
    let third = Bootstraps::new(world.life.clone());
    let seen = third.look(&world.admin, &second.id).await.unwrap();
    assert_eq!(seen.state, State::Done);
    assert_eq!(seen.connections.len(), 7);
    world.stop().await;
}

#[tokio::test]
async fn of_two_of_one_name_the_later_sign_in_goes_on_and_one_that_is_ended_elsewhere_stops() {
    let world = World::start().await;
    let first = Process::begin(&world, all(&world), ADMIN).await;
    for _ in 0..3 {
        first.next().await;
    }
    let second = Process::begin(&world, all(&world), ADMIN).await;
    assert_eq!(
        first.next().await.state,
        State::Working,
        "a sign-in decides"
    );
    while second.next().await.state == State::SigningIn {}
    let stopped = first.next().await;
    assert_eq!(stopped.failure.unwrap().code, "set_up_taken_over");
    second
        .bootstraps
        .cancel(&world.admin, &first.id)
        .await
        .unwrap();

    let elsewhere = Bootstraps::new(world.life.clone());
    elsewhere.cancel(&world.admin, &second.id).await.unwrap();
    assert_eq!(second.next().await.state, State::Failed);
    done(&world, all(&world)).await;
    assert_eq!(census(&world).await, whole());
    world.stop().await;
}
