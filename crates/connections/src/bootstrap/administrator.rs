//! The administrator's tokens, in memory, for as long as the steps take.

use std::sync::Arc;

use microsoft::{AccessToken, ClientProof, Cloud, RefreshGrant, TokenResponse, access_claims};
use secrecy::SecretString;
use url::Url;

use super::plan::SignInPlan;
use super::refusal::Refusal;
use crate::{Context, Error, Result};

/// Never stored, never shown: it has no `Debug`, and what it holds is wiped when it goes.
pub(super) struct Administrator {
    pub(super) graph: AccessToken,
    refresh: Option<SecretString>,
    /// Of whoever signed in.
    pub(super) tenant_id: String,
    pub(super) object_id: String,
    client_id: String,
}

impl Administrator {
    /// Whoever signed in, if the token lets them do what is planned.
    pub(super) fn of(plan: &SignInPlan, tokens: TokenResponse) -> Result<Self> {
        let claims = access_claims(&tokens.access_token).unwrap_or_default();
        let missing: Vec<_> = plan
            .needs
            .iter()
            .filter(|scope| !claims.scp.is_empty() && !claims.scp.iter().any(|held| held == *scope))
            .copied()
            .collect();
        if !missing.is_empty() {
            return Err(Error::Unsupported {
                reason: format!("{} gives no token with `{}`", plan.client_name, missing.join("`, `")),
                instead: "sign in to another public client: `--sign-in-client 14d82eec-204b-4c2f-b7e8-296a70dab67e` is \
                          Microsoft Graph Command Line Tools, which asks for consent"
                    .to_owned(),
            });
        }
        let tenant_id = claims.tid.ok_or_else(|| {
            Error::Unexpected("the token does not say whose directory it is for".to_owned())
        })?;
        Ok(Self {
            graph: tokens.access_token,
            refresh: tokens.refresh_token,
            tenant_id,
            object_id: claims.oid.unwrap_or_default(),
            client_id: plan.client_id.clone(),
        })
    }

    /// A token for an environment of Dataverse, by the same sign-in.
    pub(super) async fn for_dataverse(
        &self,
        context: &Context,
        cloud: &Arc<Cloud>,
        environment: &Url,
    ) -> std::result::Result<AccessToken, Refusal> {
        let refresh_token = self.refresh.as_ref().ok_or_else(|| Error::Unsupported {
            reason: "the sign-in gives tokens for Microsoft Graph only".to_owned(),
            instead: "leave the security role out, and make the application user by hand"
                .to_owned(),
        })?;
        let audience = cloud
            .audience(model::Service::Crm, Some(environment))
            .map_err(|error| Error::Unexpected(error.to_string()))?;
        let grant = RefreshGrant {
            tenant_id: &self.tenant_id,
            client_id: &self.client_id,
            proof: ClientProof::Public,
            refresh_token,
            scopes: &[cloud.scope_for(&audience), "offline_access".to_owned()],
        };
        let tokens = context.entra(cloud).refresh(&grant).await;
        tokens
            .map(|tokens| tokens.access_token)
            .map_err(|error| Refusal::SignIn(Box::new(error)))
    }
}
