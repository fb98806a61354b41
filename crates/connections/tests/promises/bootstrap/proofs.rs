//! What the application proves itself with, now and later.

use connections::Apps;
use connections::bootstrap::{Wanted, WantedProof};

use super::census::{Census, census, whole};
use super::process::{ADMIN, Process, all, done};
use crate::world::World;

#[tokio::test]
async fn a_certificate_has_its_key_made_here_and_is_registered_once() {
    let world = World::start().await;
    let wanted = || Wanted {
        proof: WantedProof::Certificate,
        auto_rotate: false,
        ..all(&world)
    };
    for stop in [6, 7] {
        let process = Process::begin(&world, wanted(), ADMIN).await;
        for _ in 0..stop {
            process.next().await;
        }
    }
    done(&world, wanted()).await;
    let expected = Census {
        granted: 10,
        owners: 1,
        secrets: 0,
        certificates: 1,
        ..whole()
    };
    assert_eq!(census(&world).await, expected);
    world.stop().await;
}

#[tokio::test]
async fn an_application_that_owns_itself_replaces_its_secret() {
    let world = World::start().await;
    let made = done(&world, all(&world)).await;
    let app = made.app_registration_id.unwrap();
    let view = Apps::new(world.context.clone())
        .get(&world.admin, app)
        .await
        .unwrap();
    assert!(view.app.auto_rotate);
    for _ in 0..2 {
        world
            .life
            .rotate_by_itself(&world.admin, app, None)
            .await
            .unwrap();
    }
    let count = |path| world.control().count("POST", path);
    assert_eq!((count("/addPassword"), count("/removePassword")), (3, 1));
    world.stop().await;
}

#[tokio::test]
async fn an_application_that_owns_itself_replaces_its_certificate() {
    let world = World::start().await;
    let wanted = Wanted {
        proof: WantedProof::Certificate,
        ..all(&world)
    };
    let app = done(&world, wanted).await.app_registration_id.unwrap();
    for _ in 0..2 {
        world
            .life
            .rotate_by_itself(&world.admin, app, None)
            .await
            .unwrap();
    }
    let count = |path| world.control().count("POST", path);
    assert_eq!((count("/addKey"), count("/removeKey")), (2, 1));
    assert_eq!(census(&world).await.certificates, 2);
    world.stop().await;
}
