use bytes::Bytes;
use http::header::{ACCEPT, CONTENT_TYPE};
use http::{HeaderValue, Method};
use model::random_token;
use secrecy::SecretString;

use super::certificate::ClientCertificate;
use super::client_assertion;
use super::form::{Form, Presented};
use super::response::{self, TokenResponse};
use super::{Entra, EntraError, TOKEN_DEADLINE};
use crate::{Body, Outgoing, Repeat};

/// How an application proves that it is itself.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub enum ClientProof<'a> {
    Secret(&'a SecretString),
    /// Signs an assertion for each request.
    Certificate(&'a ClientCertificate),
    /// A token of an issuer that the registration's federated credential trusts.
    Assertion(&'a SecretString),
    /// None: a public client, such as a command line, keeps no secret.
    Public,
}

/// An authorization code for tokens.
pub struct CodeGrant<'a> {
    /// The same as in the authorize request.
    pub tenant_id: &'a str,
    pub client_id: &'a str,
    pub proof: ClientProof<'a>,
    pub code: &'a SecretString,
    pub redirect_uri: &'a str,
    pub code_verifier: &'a SecretString,
    pub scopes: &'a [String],
}

/// A refresh token for tokens.
pub struct RefreshGrant<'a> {
    pub tenant_id: &'a str,
    pub client_id: &'a str,
    pub proof: ClientProof<'a>,
    pub refresh_token: &'a SecretString,
    /// Of one resource; any that were consented to.
    pub scopes: &'a [String],
}

/// A token for the application itself.
pub struct ClientCredentials<'a> {
    /// A tenant's GUID or verified domain. `organizations` and its like are refused by Entra.
    pub tenant_id: &'a str,
    pub client_id: &'a str,
    pub proof: ClientProof<'a>,
    /// Exactly one `{audience}/.default`.
    pub scope: &'a str,
}

impl Entra {
    /// Never repeated once it may have arrived: a code can be redeemed once, and a second try would be told so.
    pub async fn redeem_code(&self, grant: &CodeGrant<'_>) -> Result<TokenResponse, EntraError> {
        let scope = grant.scopes.join(" ");
        let proof = self.present(grant.tenant_id, grant.client_id, grant.proof)?;
        let form = Form::new("authorization_code", grant.client_id)
            .proof(&proof)
            .secret("code", grant.code)
            .field("redirect_uri", grant.redirect_uri)
            .secret("code_verifier", grant.code_verifier)
            .field("scope", &scope);
        self.token(grant.tenant_id, &form, Repeat::Never).await
    }

    /// Repeated on transient trouble: Entra lets the old refresh token live on when it hands out a new one.
    pub async fn refresh(&self, grant: &RefreshGrant<'_>) -> Result<TokenResponse, EntraError> {
        let scope = grant.scopes.join(" ");
        let proof = self.present(grant.tenant_id, grant.client_id, grant.proof)?;
        let form = Form::new("refresh_token", grant.client_id)
            .proof(&proof)
            .secret("refresh_token", grant.refresh_token)
            .field("scope", &scope);
        self.token(grant.tenant_id, &form, Repeat::Safe).await
    }

    /// Repeated on transient trouble. The token comes even when no permission was granted: then it has no roles.
    pub async fn client_credentials(
        &self,
        grant: &ClientCredentials<'_>,
    ) -> Result<TokenResponse, EntraError> {
        let proof = self.present(grant.tenant_id, grant.client_id, grant.proof)?;
        let form = Form::new("client_credentials", grant.client_id)
            .proof(&proof)
            .field("scope", grant.scope);
        self.token(grant.tenant_id, &form, Repeat::Safe).await
    }

    /// What is sent of the proof. An assertion is good at this tenant's endpoint only, and for some minutes.
    fn present<'a>(
        &self,
        tenant_id: &str,
        client_id: &str,
        proof: ClientProof<'a>,
    ) -> Result<Presented<'a>, EntraError> {
        Ok(match proof {
            ClientProof::Public => Presented::Nothing,
            ClientProof::Secret(secret) => Presented::Secret(secret),
            ClientProof::Assertion(assertion) => Presented::Assertion(assertion.clone()),
            ClientProof::Certificate(certificate) => {
                let audience = self.endpoint(tenant_id, "oauth2/v2.0/token");
                let signed = client_assertion::sign(
                    certificate,
                    client_id,
                    audience.as_str(),
                    &random_token(self.transport.random()),
                    self.clock.now(),
                );
                Presented::Assertion(signed.map_err(EntraError::Signing)?)
            }
        })
    }

    pub(super) async fn token(
        &self,
        tenant_id: &str,
        form: &Form<'_>,
        repeat: Repeat,
    ) -> Result<TokenResponse, EntraError> {
        let url = self.endpoint(tenant_id, "oauth2/v2.0/token");
        let mut body = form.encoded();
        if let Some(claims) = self.claims.parameter() {
            body = form_urlencoded::Serializer::new(body)
                .append_pair("claims", &claims)
                .finish();
        }
        let request = Outgoing::new(Method::POST, url, repeat)
            .header(
                CONTENT_TYPE,
                HeaderValue::from_static("application/x-www-form-urlencoded"),
            )
            .header(ACCEPT, HeaderValue::from_static("application/json"))
            .body(Body::Bytes(Bytes::from(body)))
            .deadline(TOKEN_DEADLINE);
        // Counted from before it was sent, so that it never ends later here than at Microsoft.
        let asked_at = self.clock.now();
        let answer = self.transport.send(request).await?;
        response::read(answer, form, asked_at).await
    }
}
