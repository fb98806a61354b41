//! Sandbox and server, in this process and on ports of their own.

use std::sync::Arc;

use anyhow::Context;
use model::{Clock, SystemRandom};
use sandbox::{Options, Sandbox};
use server::config::CustomCloud;
use server::{Config, Dependencies, Server};

use crate::command::up;
use crate::demo::portal::Portal;
use crate::demo::scene::Scene;

pub(in crate::demo) async fn sandbox(scene: &mut Scene) -> anyhow::Result<String> {
    let sandbox = Sandbox::start(Options {
        data: Some(scene.sandbox_directory()),
        ..Options::default()
    })
    .await?;
    let portal = Portal::new(sandbox.url())?;
    // A used data directory goes on in the time that its last demonstration ended in.
    let ahead = portal.now().await?.duration_since(scene.clock.now());
    if ahead.as_secs() > 0 {
        scene.clock.advance(ahead);
    }
    let seen = format!("{} is the tenant {}", sandbox.url(), sandbox.tenant_id());
    scene.portal = Some(portal);
    scene.sandbox = Some(sandbox);
    Ok(seen)
}

pub(in crate::demo) async fn server(scene: &mut Scene) -> anyhow::Result<String> {
    let sandbox = scene.sandbox.as_ref().context("no sandbox is running")?;
    let mut config = Config::in_directory(&scene.data);
    config.listen.address = scene.listen;
    config.clouds.custom = vec![CustomCloud::sandbox(sandbox.url())];
    let dependencies = Dependencies {
        clock: Arc::clone(&scene.clock) as model::SharedClock,
        random: Arc::new(SystemRandom),
    };
    let server = Server::start(config, dependencies)
        .await
        .map_err(|error| up::failure(&error))?;
    scene.begun = Some(scene.clock.now());
    let seen = format!("{} with SQLite", server.url());
    scene.server = Some(server);
    Ok(seen)
}
