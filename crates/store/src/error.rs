/// What the caller can do about a failed statement. Its transaction is over then: it can only be dropped.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A unique name, address or id is taken already. `what` names the table and the column: `connections.name`.
    #[error("`{what}` exists already")]
    Exists { what: String },
    /// The database does not answer, or takes no change: it is stopped, full, locked, read only, or out of connections. Nobody here
    /// did wrong, and the same works again once somebody has seen to it.
    #[error("the database is not available")]
    Unavailable(#[source] sqlx::Error),
    /// The transaction met another one and had to give way. Nothing of it was done: [`repeated`](crate::repeated) does it again.
    #[error("the database gave another transaction the way")]
    Contended(#[source] sqlx::Error),
    /// What a row is to belong to is gone, or what is to go has something that belongs to it: somebody else was faster.
    #[error("what it belongs to was changed meanwhile")]
    Dangling(#[source] sqlx::Error),
    /// A row holds what this version cannot read.
    #[error("column `{column}` holds what this version cannot read")]
    Unreadable {
        column: &'static str,
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// The schema could not be brought up to date.
    #[error("the database's schema could not be brought up to date")]
    Migration(#[from] sqlx::migrate::MigrateError),
    /// A backup that cannot be restored, or an installation that cannot be backed up. Nothing was changed.
    #[error("the backup cannot be used: {0}")]
    Backup(String),
    /// Anything else that the database refused.
    #[error("the database refused a statement")]
    Refused(#[source] sqlx::Error),
}

impl Error {
    /// Whether the same may work later without anybody's changing it: the database is away, or had others to serve first. All else is a
    /// fault of the program, or of what lies in the database.
    pub fn is_transient(&self) -> bool {
        matches!(self, Self::Unavailable(_) | Self::Contended(_))
    }

    /// Faults that look the same in either database; `by_code` sorts what the database itself reported.
    pub(crate) fn sort(
        error: sqlx::Error,
        by_code: impl Fn(&dyn sqlx::error::DatabaseError) -> Option<Fault>,
    ) -> Self {
        let fault = match &error {
            sqlx::Error::Database(reported) if reported.is_foreign_key_violation() => {
                Some(Fault::Dangling)
            }
            sqlx::Error::Database(reported) => by_code(reported.as_ref()),
            sqlx::Error::Io(_)
            | sqlx::Error::Tls(_)
            | sqlx::Error::PoolTimedOut
            | sqlx::Error::PoolClosed
            | sqlx::Error::WorkerCrashed => Some(Fault::Unavailable),
            _ => None,
        };
        match fault {
            Some(Fault::Exists(what)) => Self::Exists { what },
            Some(Fault::Unavailable) => Self::Unavailable(error),
            Some(Fault::Contended) => Self::Contended(error),
            Some(Fault::Dangling) => Self::Dangling(error),
            None => Self::Refused(error),
        }
    }
}

/// What a code of the database means to us.
pub(crate) enum Fault {
    Exists(String),
    Unavailable,
    Contended,
    Dangling,
}
