use microsoft::{AuthorizeRequest, Pkce};
use model::{random_token, sha256};
use secrecy::ExposeSecret;
use store::AttemptState;
use url::Url;

use super::{AttemptCookie, OAuth, STEP_SENT, Secrets, demanded, not_disabled, to_secret, wanted};
use crate::Result;
use crate::seal::place;

/// Off to Microsoft.
pub struct Departure {
    pub authorize_url: Url,
    /// To be set in the browser that leaves.
    pub cookie: AttemptCookie,
}

impl OAuth {
    /// Binds `state`, nonce and PKCE verifier to this browser and says where it goes.
    pub async fn depart(&self, secret: &str) -> Result<Departure> {
        let mut attempt = self.open(secret).await?;
        let snapshot = self
            .live
            .reread(attempt.workspace_id, attempt.connection_id)
            .await?;
        not_disabled(&snapshot.connection)?;
        let random = &*self.context.random;
        let (nonce, pkce) = (random_token(random), Pkce::generate(random));
        let cookie = AttemptCookie {
            state: random_token(random),
            binding: random_token(random),
        };
        let connection = &snapshot.connection;
        let authorize_url = self
            .context
            .entra(&snapshot.cloud)
            .meeting(demanded(connection))
            .authorize_url(&AuthorizeRequest {
                tenant_id: &snapshot.app.tenant_id,
                client_id: &snapshot.app.client_id,
                redirect_uri: &self.context.redirect_uri(),
                scopes: &snapshot
                    .cloud
                    .delegated_scopes(&snapshot.audience, &wanted(connection, &attempt)),
                state: &cookie.state,
                nonce: &nonce,
                code_challenge: &pkce.challenge,
                login_hint: connection
                    .identity
                    .as_ref()
                    .and_then(|identity| identity.username.as_deref()),
                prompt: None,
            });
        let key = self
            .context
            .seals
            .key(attempt.workspace_id, connection.data_key_id)
            .await?;
        let secrets = Secrets {
            nonce,
            verifier: pkce.verifier.expose_secret().to_owned(),
        };
        let from = attempt.state;
        attempt.sealed = Some(key.seal_str(
            place::attempt(&attempt.id.to_string(), STEP_SENT),
            &to_secret(&secrets),
        ));
        attempt.state_hash = Some(sha256(cookie.state.as_bytes()));
        attempt.cookie_hash = Some(sha256(cookie.binding.as_bytes()));
        attempt.state = AttemptState::Sent;
        self.advance(from, &attempt).await?;
        Ok(Departure {
            authorize_url,
            cookie,
        })
    }
}
