//! A database that is away, or takes no changes, for a while.

use model::{SystemRandom, random_token};
use sqlx::{Connection, Executor, PgConnection};
use store::{Error, Store};
use tokio::net::TcpListener;
use tokio::task::JoinSet;

use crate::databases::{on_every_database, server};
use crate::world::World;

/// A database of a test's own, with a session beside the store's to do things to it.
struct Away {
    name: String,
    beside: PgConnection,
    store: Store,
}

impl Away {
    async fn new() -> Option<Self> {
        let server = server()?;
        let name = format!("test_{}", &random_token(&SystemRandom)[..16]);
        let mut beside = PgConnection::connect(&server).await.unwrap();
        let create = format!("CREATE DATABASE {name}");
        beside.execute(create.as_str()).await.unwrap();
        let (before, _) = server.rsplit_once('/').unwrap();
        let store = Store::connect(&format!("{before}/{name}")).await.unwrap();
        Some(Self {
            name,
            beside,
            store,
        })
    }

    async fn run(&mut self, statement: &str) {
        let statement = statement.replace("{name}", &self.name);
        self.beside.execute(statement.as_str()).await.unwrap();
    }

    /// As when the server is stopped, for those who are connected.
    async fn disconnect(&mut self) {
        self.run("SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity WHERE datname = '{name}'")
            .await;
    }

    async fn remove(mut self) {
        self.store.close().await;
        self.run("DROP DATABASE {name} WITH (FORCE)").await;
    }
}

/// Makes a workspace.
async fn change(world: &World, name: &str) -> store::Result<()> {
    let mut tx = world.store.write().await?;
    tx.create_workspace(&world.workspace(name)).await?;
    tx.commit().await
}

#[tokio::test]
async fn a_server_that_became_read_only_is_not_available_for_changes_until_it_takes_them_again() {
    let Some(mut away) = Away::new().await else {
        return;
    };
    let world = World::new(away.store.clone());
    let read_only = "ALTER DATABASE {name} SET default_transaction_read_only = on";
    away.run(read_only).await;
    let refused = change(&world, "contoso").await;
    assert!(matches!(refused, Err(Error::Unavailable(_))), "{refused:?}");
    assert!(world.read().await.workspaces().await.unwrap().is_empty());
    let back = "ALTER DATABASE {name} RESET default_transaction_read_only";
    away.run(back).await;
    away.disconnect().await;
    change(&world, "contoso").await.unwrap();
    away.remove().await;
}

#[tokio::test]
async fn a_transaction_whose_connection_is_ended_is_not_available_and_leaves_nothing_behind() {
    let Some(mut away) = Away::new().await else {
        return;
    };
    let world = World::new(away.store.clone());
    let mut tx = world.write().await;
    tx.create_workspace(&world.workspace("contoso"))
        .await
        .unwrap();
    away.disconnect().await;
    let refused = tx.create_workspace(&world.workspace("fabrikam")).await;
    assert!(matches!(refused, Err(Error::Unavailable(_))), "{refused:?}");
    drop(tx);
    assert!(world.read().await.workspaces().await.unwrap().is_empty());
    change(&world, "contoso").await.unwrap();
    away.remove().await;
}

#[tokio::test]
async fn a_proxy_that_hangs_up_since_its_server_is_away_is_not_available() {
    let proxy = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("postgres://nobody@{}/none", proxy.local_addr().unwrap());
    let mut hanging_up = JoinSet::new();
    hanging_up.spawn(async move { while proxy.accept().await.is_ok() {} });
    let refused = Store::connect(&url).await;
    assert!(matches!(refused, Err(Error::Unavailable(_))), "{refused:?}");
}

#[tokio::test]
async fn what_is_wrong_with_a_change_itself_is_not_taken_for_an_outage() {
    on_every_database(async |world| {
        let workspace = world.workspace("contoso");
        let mut tx = world.write().await;
        tx.create_workspace(&workspace).await.unwrap();
        let twice = tx.create_workspace(&workspace).await.unwrap_err();
        assert!(!twice.is_transient(), "{twice:?}");
        drop(tx);
        let mut tx = world.read().await;
        let refused = tx.create_workspace(&workspace).await.unwrap_err();
        assert!(matches!(refused, Error::Refused(_)), "{refused:?}");
        assert!(!refused.is_transient());
    })
    .await;
}
