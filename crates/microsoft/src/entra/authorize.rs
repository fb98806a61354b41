use url::Url;

use super::Entra;

/// What Microsoft is asked to show.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Prompt {
    Login,
    None,
    Consent,
    SelectAccount,
}

impl Prompt {
    fn id(self) -> &'static str {
        match self {
            Self::Login => "login",
            Self::None => "none",
            Self::Consent => "consent",
            Self::SelectAccount => "select_account",
        }
    }
}

/// The first leg of a sign-in. `state` and `nonce` tie the answer to the browser and the attempt; they are secrets until
/// it is over.
pub struct AuthorizeRequest<'a> {
    /// A tenant's GUID or verified domain; `organizations` for a multi-tenant registration.
    pub tenant_id: &'a str,
    pub client_id: &'a str,
    /// Exactly as registered, and the same again when the code is redeemed.
    pub redirect_uri: &'a str,
    /// From [`Cloud::delegated_scopes`](crate::Cloud::delegated_scopes).
    pub scopes: &'a [String],
    pub state: &'a str,
    pub nonce: &'a str,
    /// [`Pkce::challenge`](super::Pkce), always S256.
    pub code_challenge: &'a str,
    pub login_hint: Option<&'a str>,
    pub prompt: Option<Prompt>,
}

impl Entra {
    /// Where the browser is sent to sign in and consent.
    pub fn authorize_url(&self, request: &AuthorizeRequest<'_>) -> Url {
        let mut url = self.endpoint(request.tenant_id, "oauth2/v2.0/authorize");
        let mut query = url.query_pairs_mut();
        query
            .append_pair("client_id", request.client_id)
            .append_pair("response_type", "code")
            .append_pair("redirect_uri", request.redirect_uri)
            .append_pair("response_mode", "query")
            .append_pair("scope", &request.scopes.join(" "))
            .append_pair("state", request.state)
            .append_pair("nonce", request.nonce)
            .append_pair("code_challenge", request.code_challenge)
            .append_pair("code_challenge_method", "S256");
        if let Some(login_hint) = request.login_hint {
            query.append_pair("login_hint", login_hint);
        }
        if let Some(prompt) = request.prompt {
            query.append_pair("prompt", prompt.id());
        }
        if let Some(claims) = self.claims.parameter() {
            query.append_pair("claims", &claims);
        }
        drop(query);
        url
    }

    /// Where an administrator consents for the whole organisation: to `scopes`, or with `{audience}/.default` to
    /// everything that is configured on the registration, application permissions included. The `tenant` of the answer
    /// is user input until a token proves it.
    pub fn admin_consent_url(
        &self,
        tenant_id: &str,
        client_id: &str,
        redirect_uri: &str,
        scopes: &[String],
        state: &str,
    ) -> Url {
        let mut url = self.endpoint(tenant_id, "v2.0/adminconsent");
        url.query_pairs_mut()
            .append_pair("client_id", client_id)
            .append_pair("scope", &scopes.join(" "))
            .append_pair("redirect_uri", redirect_uri)
            .append_pair("state", state);
        url
    }
}
