//! A token for whoever takes it away. A call of ours ends within a minute; what somebody else does with a token may not, so
//! that they say how much life it has to have.

use std::sync::Arc;

use jiff::SignedDuration;
use microsoft::access_claims;

use super::{BrokerError, Token, TokenBroker, TokenKey, usable};
use crate::Snapshot;

impl TokenBroker {
    /// The token of [`token_for`](Self::token_for), renewed first where it has less than `least` left. What comes may have
    /// less all the same: Entra's tokens may be that short, and while Entra is in trouble the old one is all there is.
    pub async fn token_lasting(
        &self,
        snapshot: &Arc<Snapshot>,
        least: SignedDuration,
    ) -> Result<Arc<Token>, BrokerError> {
        let token = self.token_for(snapshot).await?;
        if self.left(&token) >= least || self.is_young(&token) {
            return Ok(token);
        }
        usable(snapshot)?;
        let key = TokenKey::of(snapshot);
        let stale = Some(token.version);
        match self.renewed(snapshot, &key, stale, None).await {
            Err(BrokerError::Transient { .. } | BrokerError::Busy) => Ok(token),
            ended => ended,
        }
    }

    fn left(&self, token: &Token) -> SignedDuration {
        token.expires_at.duration_since(self.context.now())
    }

    /// Whether it is in the first half of its life: another one would hardly last longer, and whoever asks for more than
    /// Entra gives would have one made for each request.
    fn is_young(&self, token: &Token) -> bool {
        let claims = access_claims(&token.access);
        let life = claims.and_then(|claims| Some(claims.exp?.duration_since(claims.iat?)));
        match life {
            Some(life) => self.left(token) > life / 2,
            None => self.context.now() < token.renew_at,
        }
    }
}
