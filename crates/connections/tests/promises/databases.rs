//! The databases that a promise about locks and versions is tried on.

use futures_util::future::LocalBoxFuture;
use model::{SystemRandom, random_token};
use sqlx::{Connection, Executor, PgConnection};
use store::Store;

use crate::world::World;

/// Tries a promise on SQLite, and on PostgreSQL where `TEST_DATABASE_URL` names a server; each time on a world of its own, which
/// the promise stops.
pub(crate) fn on_every_database<'a>(promise: impl AsyncFn(World) + 'a) -> LocalBoxFuture<'a, ()> {
    Box::pin(try_on_each(promise))
}

#[expect(clippy::future_not_send, reason = "a test awaits it where it stands")]
async fn try_on_each(promise: impl AsyncFn(World)) {
    eprintln!("on SQLite");
    promise(World::start().await).await;
    let Some(server) = server() else {
        eprintln!("`TEST_DATABASE_URL` is not set: PostgreSQL is left out");
        return;
    };
    eprintln!("on PostgreSQL");
    let schema = format!("promise_{}", &random_token(&SystemRandom)[..16]);
    run(&server, &format!("CREATE SCHEMA {schema}")).await;
    let separator = if server.contains('?') { '&' } else { '?' };
    let url = format!("{server}{separator}options[search_path]={schema}");
    let store = Store::connect(&url).await.unwrap();
    promise(World::on(store.clone()).await).await;
    store.close().await;
    run(&server, &format!("DROP SCHEMA {schema} CASCADE")).await;
}

async fn run(server: &str, statement: &str) {
    let mut connection = PgConnection::connect(server).await.unwrap();
    connection.execute(statement).await.unwrap();
    connection.close().await.unwrap();
}

#[expect(
    clippy::disallowed_methods,
    reason = "whoever runs the tests says which server they may use"
)]
fn server() -> Option<String> {
    std::env::var("TEST_DATABASE_URL").ok()
}
