use jiff::SignedDuration;
use model::{Connection, ConnectionState, Identity};
use store::{Attempt, AttemptState, NewToken, RefreshToken, repeated};

use super::arrive::{Received, same_account};
use super::{Arrival, AttemptCookie, OAuth, STEP_RECEIVED, from_secret, not_disabled, wanted};
use crate::broker::{TokenKey, row_name};
use crate::seal::place;
use crate::{Error, Result, Snapshot, events};

impl OAuth {
    /// Who waits to be confirmed in this browser.
    pub async fn arrival(&self, cookie: Option<&AttemptCookie>) -> Result<Arrival> {
        let attempt = self.of_cookie(cookie, AttemptState::Received).await?;
        let note = attempt.note.unwrap_or_default();
        serde_json::from_str(&note)
            .map_err(|_| Error::Unexpected("a stored attempt does not read".to_owned()))
    }

    /// The person said yes: from here on the connection uses what was received.
    pub async fn confirm(&self, cookie: Option<&AttemptCookie>) -> Result<Connection> {
        let attempt = self.of_cookie(cookie, AttemptState::Received).await?;
        let outcome = self.adopt(&attempt).await;
        self.record(&attempt, "connection.confirm", outcome.as_ref().err())
            .await?;
        outcome
    }

    /// The person said no: what was received is thrown away.
    pub async fn cancel(&self, cookie: Option<&AttemptCookie>) -> Result<()> {
        let mut attempt = self.of_cookie(cookie, AttemptState::Received).await?;
        attempt.state = AttemptState::Failed;
        attempt.sealed = None;
        attempt.note = None;
        self.advance(AttemptState::Received, &attempt).await?;
        self.record(&attempt, "connection.cancel", None).await
    }

    async fn adopt(&self, attempt: &Attempt) -> Result<Connection> {
        let snapshot = self
            .live
            .reread(attempt.workspace_id, attempt.connection_id)
            .await?;
        let received = self.received(attempt).await?;
        // Since it arrived, another link may have been confirmed, or an administrator may have stepped in.
        not_disabled(&snapshot.connection)?;
        same_account(&snapshot.connection, &received.identity)?;
        let mut connection = snapshot.connection.clone();
        connection.identity = Some(Identity {
            ..received.identity.clone()
        });
        connection.requested = wanted(&snapshot.connection, attempt);
        connection.granted.clone_from(&received.granted);
        connection.state = ConnectionState::Active;
        connection.diagnosis = None;
        connection.updated_at = self.context.now();
        repeated(|| self.write(attempt, &snapshot, &connection, &received)).await?;
        connection.version += 1;
        self.broker.forget(&snapshot);
        self.live
            .forget(connection.workspace_id, connection.id)
            .await;
        Ok(connection)
    }

    async fn received(&self, attempt: &Attempt) -> Result<Received> {
        let sealed = attempt.sealed.as_ref().ok_or(crate::AttemptError::Used)?;
        let row = attempt.id.to_string();
        let lies = place::attempt(&row, STEP_RECEIVED);
        let seals = &self.context.seals;
        from_secret(&seals.open_text(attempt.workspace_id, lies, sealed).await?)
    }

    /// All of it or nothing: the step, both tokens, and the connection.
    async fn write(
        &self,
        attempt: &Attempt,
        snapshot: &Snapshot,
        connection: &Connection,
        received: &Received,
    ) -> Result<()> {
        let (workspace, id) = (connection.workspace_id, connection.id);
        let key = self
            .context
            .seals
            .key(workspace, connection.data_key_id)
            .await?;
        let token_key = TokenKey::of(snapshot);
        let mut tx = self.context.store.write().await?;
        if tx.hold_connection(workspace, id).await?.is_none() {
            return Err(Error::no_connection(&id));
        }
        let done = Attempt {
            state: AttemptState::Confirmed,
            sealed: None,
            note: None,
            ..attempt.clone()
        };
        if !tx.advance_attempt(AttemptState::Received, &done).await? {
            return Err(crate::AttemptError::Used.into());
        }
        let seen = tx
            .refresh_token(workspace, id)
            .await?
            .map(|known| known.generation);
        let generation = seen.unwrap_or(0) + 1;
        let refresh = RefreshToken {
            sealed: key.seal_str(
                place::refresh_token(&id.to_string(), generation),
                &received.refresh_token.clone().into(),
            ),
            generation,
            stored_at: self.context.now(),
        };
        // False when a renewal of the old consent stored first: the step is not taken, and can be tried again.
        if !tx.put_refresh_token(workspace, id, seen, &refresh).await? {
            return Err(Error::Conflict);
        }
        tx.drop_tokens(workspace, id).await?;
        tx.delete_consent_request(workspace, id).await?;
        let version = tx
            .token(workspace, id, &token_key.audience)
            .await?
            .map_or(0, |row| row.version);
        let access = NewToken {
            sealed: key.seal_str(
                place::access_token(&row_name(&token_key), version + 1),
                &received.access_token.clone().into(),
            ),
            expires_at: received.expires_at,
            renew_at: received.expires_at - SignedDuration::from_mins(5),
        };
        let stored = tx
            .store_token(workspace, id, &token_key.audience, version, &access)
            .await?;
        if !stored || !tx.update_connection(connection).await? {
            return Err(Error::Conflict);
        }
        let before = snapshot.connection.state;
        events::note_change(&self.context, &mut *tx, before, connection).await?;
        tx.commit().await?;
        Ok(())
    }
}
