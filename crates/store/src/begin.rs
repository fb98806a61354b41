//! Beginning a transaction, whatever becomes of who asked for it.

use std::future::Future;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use futures_util::future::BoxFuture;
use sqlx::pool::MaybePoolConnection;
use sqlx::{Database, Pool, Transaction};
use tokio::runtime::Handle;
use tokio_util::task::TaskTracker;

/// Begins transactions so that a caller who leaves meanwhile, such as a client that hangs up, leaves none open.
///
/// After a `BEGIN` of our own sqlx asks SQLite whether there is a transaction now, and of PostgreSQL it awaits the answer. Whoever is
/// dropped in between leaves a connection inside of a transaction that no [`Transaction`] ends: it goes back to the pool, holds
/// its snapshot, and fails or misleads everybody who gets it afterwards. So what was begun is finished, by a task where nobody
/// waits any more, and undone.
#[derive(Default)]
pub(crate) struct Beginnings {
    left: TaskTracker,
}

impl Beginnings {
    pub(crate) async fn begin<DB: Database>(
        &self,
        pool: &Pool<DB>,
        statement: &'static str,
    ) -> sqlx::Result<Transaction<'static, DB>> {
        let connection = pool.acquire().await.map_err(unreached)?;
        let connection = MaybePoolConnection::PoolConnection(connection);
        let begun = Transaction::begin(connection, Some(statement.into()));
        let finished = Finished {
            begun: Some(begun),
            left: &self.left,
        };
        finished.await
    }

    /// Waits for those that are being undone.
    pub(crate) async fn close(&self) {
        self.left.close();
        self.left.wait().await;
    }
}

/// Why there is no connection. Who answers, and not as the database does, or hangs up, is a proxy or balancer before a database that is
/// away: no fault of what was to be done, of which nothing has begun.
pub(crate) fn unreached(error: sqlx::Error) -> sqlx::Error {
    match error {
        sqlx::Error::Protocol(said) => sqlx::Error::Io(io::Error::other(said)),
        other => other,
    }
}

type Begun<DB> = BoxFuture<'static, sqlx::Result<Transaction<'static, DB>>>;

struct Finished<'a, DB: Database> {
    /// None once it is over.
    begun: Option<Begun<DB>>,
    left: &'a TaskTracker,
}

impl<DB: Database> Future for Finished<'_, DB> {
    type Output = sqlx::Result<Transaction<'static, DB>>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let begun = self.begun.as_mut().expect("nobody polls what is over");
        let transaction = ready!(begun.as_mut().poll(context));
        self.begun = None;
        Poll::Ready(transaction)
    }
}

impl<DB: Database> Drop for Finished<'_, DB> {
    fn drop(&mut self) {
        // Without a runtime the pool is at its end, too.
        if let (Some(begun), Ok(runtime)) = (self.begun.take(), Handle::try_current()) {
            self.left
                .spawn_on(async move { drop(begun.await) }, &runtime);
        }
    }
}
