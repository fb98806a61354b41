//! Claims challenges: an API wants more of a token than it has. It is met once, by a token that was asked for with just these
//! claims; an API that asks again wants something that only a person can give.
//!
//! Sources: <https://learn.microsoft.com/entra/identity-platform/claims-challenge>,
//! <https://learn.microsoft.com/entra/identity/conditional-access/concept-continuous-access-evaluation>

use std::sync::Arc;

use model::Diagnosis;

use super::{BrokerError, Token, TokenBroker};
use crate::Snapshot;
use crate::probe::{self, Findings};

impl Token {
    /// Whether it was minted for this very challenge: then another one like it will not do either.
    pub fn meets(&self, claims: &str) -> bool {
        self.met.as_deref() == Some(claims)
    }

    /// Whether it was minted for a challenge.
    pub fn was_demanded(&self) -> bool {
        self.met.is_some()
    }
}

impl TokenBroker {
    /// A token in place of `token`, asked for with `claims`: what Microsoft's challenge says. Entra refuses where somebody has to
    /// sign in again, and then the connection waits for that.
    pub async fn meet(
        &self,
        snapshot: &Arc<Snapshot>,
        token: &Token,
        claims: &str,
    ) -> Result<Arc<Token>, BrokerError> {
        self.replaced(snapshot, token, Some(claims.into())).await
    }

    /// A token that was minted to meet a challenge is challenged again: the connection waits for whoever has to act, and no further
    /// call is made.
    pub async fn challenged_again(
        &self,
        snapshot: &Snapshot,
        diagnosis: &Diagnosis,
    ) -> Result<(), BrokerError> {
        let Some(state) = probe::state_after(snapshot.connection.method, diagnosis) else {
            return Ok(());
        };
        let (workspace, id) = (snapshot.connection.workspace_id, snapshot.connection.id);
        // The new token may have told of other permissions, which is a change of the connection.
        let now = self.live.reread(workspace, id).await?;
        if now.connection.state.is_usable() {
            self.fail(&now, state, diagnosis).await?;
        }
        Ok(())
    }

    /// Probes with `token`, and with one that meets what is asked for where it is challenged.
    pub(crate) async fn probed(
        &self,
        snapshot: &Arc<Snapshot>,
        token: &Token,
    ) -> Result<Findings, BrokerError> {
        let mut findings = probe::run(&self.context, snapshot, &token.access).await;
        if let Some(claims) = findings.challenge.take() {
            if !token.meets(&claims) {
                let token = self.meet(snapshot, token, &claims).await?;
                findings = probe::run(&self.context, snapshot, &token.access).await;
            }
            if let (Some(_), Some(diagnosis)) = (&findings.challenge, &findings.diagnosis) {
                findings.state = probe::state_after(snapshot.connection.method, diagnosis);
            }
        }
        Ok(findings)
    }
}
