//! One renewal: the steps of `lease` carried out against the database and Entra.

use std::sync::Arc;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use microsoft::entra::TOKEN_DEADLINE;
use microsoft::{AccessToken, TokenResponse};
use model::{ActivityKind, Actor, ConnectionState, Outcome};
use store::{LeaseOutcome, NewToken, RefreshToken, TokenRow, repeated};
use tokio::time::Instant;

use super::lease::{LEASE_SECS, Renewal, Saw, Step};
use super::{BrokerError, LEAST_LEFT, Token, TokenBroker, TokenKey};
use crate::grant::{self, Grant};
use crate::seal::place;
use crate::{Snapshot, diagnosis};

// A holder that is alive has its answer, or none, before others may take its lease.
const _: () = assert!(LEASE_SECS.unsigned_abs() > TOKEN_DEADLINE.as_secs());

/// Tokens are renewed this long before their end, and earlier: by up to five minutes more, or a sixth of their life if that is
/// less, so that those which end together are not renewed together.
const AHEAD: SignedDuration = SignedDuration::from_mins(5);
const SPREAD_SECS: i64 = 300;
const SPREAD_PART: i64 = 6;
/// A token that lives for a day, since what it stands on is evaluated continuously, is used for no longer than this.
const LONG_ENOUGH: SignedDuration = SignedDuration::from_hours(1);
/// Each process begins a little later than the row says, by up to so much, if the window is long enough: so the first one renews
/// and the others find it done.
const STAGGER_SECS: i64 = 15;
const LONG_WINDOW: SignedDuration = SignedDuration::from_mins(4);
/// What Entra gave is tried to be stored for so long while the database does not answer: it may hold a new refresh token. That
/// another was faster meanwhile shows by the version.
const KEEP_TRYING: Duration = Duration::from_mins(1);
const FIRST_PAUSE: Duration = Duration::from_millis(100);
const LONGEST_PAUSE: Duration = Duration::from_secs(2);

impl TokenBroker {
    pub(super) async fn renew(
        &self,
        snapshot: &Arc<Snapshot>,
        key: &TokenKey,
        stale: Option<i64>,
        claims: Option<&Arc<str>>,
    ) -> Result<Arc<Token>, BrokerError> {
        let (mut renewal, mut step) = Renewal::begin(stale);
        let mut row = None;
        // What somebody else minted meanwhile was asked for without these claims.
        let mut met = None;
        loop {
            let saw = match step {
                Step::Read => {
                    row = self.read(key).await?;
                    Saw::Row {
                        version: row.as_ref().map_or(0, |row| row.version),
                        live: self.is_live(row.as_ref()),
                    }
                }
                Step::Use => return self.open(snapshot, key, row.as_ref(), met).await,
                Step::GiveUp => return Err(BrokerError::Busy),
                Step::Wait { ms } => {
                    tokio::time::sleep(Duration::from_millis(ms)).await;
                    Saw::Waited
                }
                Step::Acquire { seen } => match self.pauses.running(key, self.context.now()) {
                    Some(error) => return Err(error),
                    None => self.acquire(key, seen).await?,
                },
                Step::Mint { seen } => {
                    let is_ours = self.mint(snapshot, key, seen, claims).await?;
                    met = claims.filter(|_| is_ours).cloned();
                    Saw::Stored(is_ours)
                }
            };
            step = renewal.next(saw);
        }
    }

    async fn read(&self, key: &TokenKey) -> Result<Option<TokenRow>, BrokerError> {
        let mut tx = self.context.store.read().await?;
        Ok(tx
            .token(key.workspace, key.connection, &key.audience)
            .await?)
    }

    /// Whether a call can still finish with it. One that was short from the start is good until it is due.
    fn is_live(&self, row: Option<&TokenRow>) -> bool {
        let now = self.context.now();
        row.filter(|row| row.sealed.is_some()).is_some_and(|row| {
            row.expires_at.is_some_and(|end| now + LEAST_LEFT < end)
                || row.renew_at.is_some_and(|due| now < due)
        })
    }

    async fn acquire(&self, key: &TokenKey, seen: i64) -> Result<Saw, BrokerError> {
        let mut tx = self.context.store.write().await?;
        let owner = self.context.journal.writer();
        let outcome = tx
            .acquire_lease(
                key.workspace,
                key.connection,
                &key.audience,
                seen,
                owner,
                LEASE_SECS,
            )
            .await?;
        tx.commit().await?;
        Ok(match outcome {
            LeaseOutcome::Acquired => Saw::Acquired,
            LeaseOutcome::Held(lease) => Saw::Held {
                remaining_ms: lease.remaining_ms,
            },
            LeaseOutcome::Outdated => Saw::Outdated,
        })
    }

    async fn open(
        &self,
        snapshot: &Snapshot,
        key: &TokenKey,
        row: Option<&TokenRow>,
        met: Option<Arc<str>>,
    ) -> Result<Arc<Token>, BrokerError> {
        let missing = || crate::Error::Unexpected("the token row has no token".to_owned());
        let row = row.ok_or_else(missing)?;
        let (sealed, expires_at) = row
            .sealed
            .as_ref()
            .zip(row.expires_at)
            .ok_or_else(missing)?;
        let name = row_name(key);
        let lies = place::access_token(&name, row.version);
        let seals = &self.context.seals;
        let text = seals.open_text(key.workspace, lies, sealed).await?;
        let renew_at = self.staggered(row.renew_at.unwrap_or(expires_at), expires_at);
        Ok(Arc::new(Token {
            access: AccessToken::new(text, expires_at),
            expires_at,
            renew_at,
            version: row.version,
            connection_version: snapshot.connection.version,
            met,
        }))
    }

    /// Asks Entra, and stores what comes where the version is still `seen`. No transaction is open meanwhile.
    async fn mint(
        &self,
        snapshot: &Arc<Snapshot>,
        key: &TokenKey,
        seen: i64,
        claims: Option<&Arc<str>>,
    ) -> Result<bool, BrokerError> {
        let began = self.context.now();
        let claims = claims.map(|claims| &**claims);
        let result = grant::ask(&self.context, snapshot, claims).await;
        self.log(snapshot, &result, began).await;
        match result {
            Ok((response, grant)) => {
                self.pauses.end(key);
                self.keep_at_last(snapshot, key, seen, &response, &grant)
                    .await
            }
            Err(error) => {
                self.release(key).await?;
                Err(self.refused(snapshot, error, claims).await?)
            }
        }
    }

    /// [`keep`](Self::keep), again while the database does not answer.
    async fn keep_at_last(
        &self,
        snapshot: &Snapshot,
        key: &TokenKey,
        seen: i64,
        response: &TokenResponse,
        grant: &Grant,
    ) -> Result<bool, BrokerError> {
        let begun = Instant::now();
        let mut pause = FIRST_PAUSE;
        loop {
            match self.keep(snapshot, key, seen, response, grant).await {
                Err(error) if error.is_database_gone() && begun.elapsed() < KEEP_TRYING => {
                    tokio::time::sleep(pause).await;
                    pause = (pause * 2).min(LONGEST_PAUSE);
                }
                ended => return ended,
            }
        }
    }

    /// Stores the rotated refresh token and the access token together, before anyone gets either.
    async fn keep(
        &self,
        snapshot: &Snapshot,
        key: &TokenKey,
        seen: i64,
        response: &TokenResponse,
        grant: &Grant,
    ) -> Result<bool, BrokerError> {
        let data_key = self
            .context
            .seals
            .key(key.workspace, snapshot.connection.data_key_id)
            .await?;
        let expires_at = response.access_token.expires_at();
        let sealed = data_key.seal(
            place::access_token(&row_name(key), seen + 1),
            response.access_token.expose().as_bytes(),
        );
        let token = NewToken {
            sealed,
            expires_at,
            renew_at: self.renew_at(response, expires_at),
        };
        let refresh = response.refresh_token.as_ref().map(|secret| {
            let generation = grant.generation.unwrap_or(0) + 1;
            let row = snapshot.connection.id.to_string();
            RefreshToken {
                sealed: data_key.seal_str(place::refresh_token(&row, generation), secret),
                generation,
                stored_at: self.context.now(),
            }
        });
        let refresh = refresh.as_ref().map(|token| (grant.generation, token));
        let stored = repeated(|| self.write(key, seen, &token, refresh)).await?;
        if stored {
            self.recovered(snapshot, response).await?;
        }
        Ok(stored)
    }

    /// `refresh` comes with the generation that it was asked for with.
    async fn write(
        &self,
        key: &TokenKey,
        seen: i64,
        token: &NewToken,
        refresh: Option<(Option<i64>, &RefreshToken)>,
    ) -> Result<bool, BrokerError> {
        let (workspace, connection) = (key.workspace, key.connection);
        let mut tx = self.context.store.write().await?;
        if tx.hold_connection(workspace, connection).await?.is_none() {
            return Ok(false);
        }
        let stored = tx
            .store_token(workspace, connection, &key.audience, seen, token)
            .await?;
        // A refresh token of a result that came too late is as good as the one that is stored, and no better.
        if let Some((before, refresh)) = refresh.filter(|_| stored) {
            // False when a renewal for another audience stored a newer one: Entra lets both live.
            tx.put_refresh_token(workspace, connection, before, refresh)
                .await?;
        }
        tx.commit().await?;
        Ok(stored)
    }

    /// Long-lived tokens say when (`refresh_in`); the others are renewed some minutes ahead, spread out.
    fn renew_at(&self, response: &TokenResponse, expires_at: Timestamp) -> Timestamp {
        let now = self.context.now();
        let left = expires_at.duration_since(now);
        let spread = self.chance((left.as_secs() / SPREAD_PART).min(SPREAD_SECS));
        if let Some(refresh_in) = response.refresh_in {
            let mut after = SignedDuration::try_from(refresh_in).unwrap_or(AHEAD);
            if self.context.entras.answer_challenges() {
                // It lives for a day, and yet a consent that changed shows within the hour.
                after = after.min(LONG_ENOUGH);
            }
            return now + (after - spread).max(after / 2);
        }
        let ahead = expires_at - AHEAD - spread;
        if ahead > now { ahead } else { now + left / 2 }
    }

    /// When this process begins to renew what is due at `renew_at`.
    fn staggered(&self, renew_at: Timestamp, expires_at: Timestamp) -> Timestamp {
        if expires_at.duration_since(renew_at) < LONG_WINDOW {
            return renew_at;
        }
        renew_at + self.chance(STAGGER_SECS)
    }

    /// A random part of so many seconds.
    fn chance(&self, secs: i64) -> SignedDuration {
        let mut bytes = [0; 4];
        self.context.random.fill(&mut bytes);
        let millis = i64::from(u32::from_be_bytes(bytes)) % (secs * 1000).max(1);
        SignedDuration::from_millis(millis)
    }

    async fn release(&self, key: &TokenKey) -> Result<(), BrokerError> {
        let mut tx = self.context.store.write().await?;
        tx.release_lease(
            key.workspace,
            key.connection,
            &key.audience,
            self.context.journal.writer(),
        )
        .await?;
        Ok(tx.commit().await?)
    }

    /// Turns Entra's refusal into the error for callers, and sets the connection's state by it.
    async fn refused(
        &self,
        snapshot: &Snapshot,
        error: grant::AskError,
        claims: Option<&str>,
    ) -> Result<BrokerError, BrokerError> {
        let error = match error {
            grant::AskError::Entra(error) => error,
            grant::AskError::Source(failure) => {
                let diagnosis = diagnosis::without_assertion(snapshot, &failure);
                self.fail(snapshot, ConnectionState::Degraded, &diagnosis)
                    .await?;
                return Ok(BrokerError::Transient {
                    message: diagnosis.cause.clone(),
                    diagnosis: Some(Box::new(diagnosis)),
                    retry_after: None,
                });
            }
            grant::AskError::Ours(error) => return Err(error.into()),
        };
        let retry_after = error.retry_after();
        let mut diagnosis = diagnosis::diagnose_entra(snapshot, &error);
        // Where Entra does not say itself what would do, it is what the API asked for.
        let demanded = &mut diagnosis.evidence.claims;
        *demanded = demanded.take().or_else(|| claims.map(str::to_owned));
        let state = diagnosis::state_after(snapshot.connection.method, &error);
        self.fail(snapshot, state, &diagnosis).await?;
        let diagnosis = Box::new(diagnosis);
        Ok(if state.is_usable() {
            BrokerError::Transient {
                message: diagnosis.cause.clone(),
                diagnosis: Some(diagnosis),
                retry_after,
            }
        } else {
            BrokerError::Refused(diagnosis)
        })
    }

    async fn log(
        &self,
        snapshot: &Snapshot,
        result: &Result<(TokenResponse, Grant), grant::AskError>,
        began: Timestamp,
    ) {
        let mut line = self.context.line(
            snapshot.connection.workspace_id,
            Actor::System,
            "token.renew",
        );
        line.kind = ActivityKind::Token;
        line.connection_id = Some(snapshot.connection.id);
        line.target = Some(snapshot.audience.to_string());
        line.duration_us = i64::try_from(self.context.now().duration_since(began).as_micros()).ok();
        match result {
            Ok((response, _)) => {
                line.remote = response.remote_ids();
            }
            Err(grant::AskError::Entra(error)) => {
                let evidence = diagnosis::evidence(error);
                line.outcome = Outcome::Failed;
                line.status = evidence.status;
                line.remote = evidence.remote_ids();
                line.code = Some(evidence.code);
            }
            Err(grant::AskError::Source(_)) => {
                line.outcome = Outcome::Failed;
                line.code = Some(diagnosis::NO_ASSERTION.to_owned());
            }
            Err(grant::AskError::Ours(error)) => {
                line.outcome = Outcome::Failed;
                line.code = Some(error.code().to_owned());
            }
        }
        self.context.journal.note(line).await;
    }
}

/// What a sealed access token is bound to.
pub(crate) fn row_name(key: &TokenKey) -> String {
    format!("{}|{}", key.connection, key.audience)
}
