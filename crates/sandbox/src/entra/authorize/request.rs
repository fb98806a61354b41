//! A request to the authorize endpoint, checked in Entra's order: what cannot be trusted yet is answered by a page, what
//! comes after the redirect URI is known to be good is sent there.

use axum::response::Response;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::json;

use crate::entra::authority::Authority;
use crate::entra::claims::RequestedClaims;
use crate::entra::device;
use crate::entra::error::EntraError;
use crate::entra::parameters::Parameters;
use crate::entra::redirect::{self, Mode};
use crate::entra::scopes::{Asker, Scopes};
use crate::entra::session::SignedIn;
use crate::entra::trace::Trace;
use crate::state::State;
use crate::state::directory::{Application, Tenant, User};
use crate::state::sign_in::Challenge;

/// A request that may go on.
pub(super) struct Request {
    /// The tenant segment, as written.
    pub(super) segment: String,
    /// The parameters as they came, for the pages to carry along.
    pub(super) text: String,
    pub(super) parameters: Parameters,
    pub(super) application: Application,
    /// Where the application is used: the path's, or that of whoever signs in.
    pub(super) tenant: Tenant,
    /// The account decides on the tenant.
    pub(super) is_open: bool,
    pub(super) reply: Reply,
    pub(super) scopes: Scopes,
    pub(super) prompt: Prompt,
    pub(super) login_hint: Option<String>,
    pub(super) nonce: Option<String>,
    pub(super) challenge: Option<Challenge>,
    pub(super) claims: RequestedClaims,
    pub(super) response: ResponseType,
}

/// What the answer is to hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct ResponseType {
    pub(super) code: bool,
    pub(super) id_token: bool,
}

/// Where and how the answer goes.
pub(super) struct Reply {
    pub(super) redirect_uri: String,
    mode: Mode,
    state: Option<String>,
    wants_client_info: bool,
    /// The device that waits for the answer instead.
    pub(super) device: Option<String>,
}

/// What the request wants the person to be asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Prompt {
    Unsaid,
    Login,
    None,
    Consent,
    SelectAccount,
}

/// Why a request goes no further, and who is told.
pub(super) enum Refusal {
    Page(EntraError),
    Reply(Box<Reply>, EntraError),
}

impl Request {
    pub(super) fn parse(state: &State, segment: &str, text: String) -> Result<Self, Refusal> {
        let parameters = Parameters::parse(text.as_bytes());
        let authority = Authority::parse(state, segment).map_err(Refusal::Page)?;
        let (application, tenant) =
            client(state, &authority, &parameters).map_err(Refusal::Page)?;
        let device = parameters.get(device::PARAMETER).map(str::to_owned);
        let redirect_uri = match &device {
            Some(_) => String::new(),
            None => redirect::check(&application, parameters.get("redirect_uri"))
                .map_err(Refusal::Page)?,
        };
        let mut reply = Reply {
            redirect_uri,
            mode: Mode::Query,
            state: parameters.get("state").map(str::to_owned),
            wants_client_info: parameters.get("client_info") == Some("1"),
            device,
        };
        match reply_mode(&parameters) {
            Ok(mode) => reply.mode = mode,
            Err(error) => return Err(Refusal::Reply(Box::new(reply), error)),
        }
        match Wanted::read(state, &parameters, &application, &tenant) {
            Ok(wanted) => Ok(Self {
                segment: segment.to_owned(),
                login_hint: parameters.get("login_hint").map(str::to_owned),
                nonce: parameters.get("nonce").map(str::to_owned),
                text,
                parameters,
                application,
                tenant,
                is_open: authority.is_open(),
                reply,
                scopes: wanted.scopes,
                prompt: wanted.prompt,
                challenge: wanted.challenge,
                claims: wanted.claims,
                response: wanted.response,
            }),
            Err(error) => Err(Refusal::Reply(Box::new(reply), error)),
        }
    }

    /// Whether this user is the one that the request hints at, if at any.
    pub(super) fn suits(&self, user: &User) -> bool {
        self.login_hint
            .as_ref()
            .is_none_or(|hint| user.answers_to(hint))
    }

    /// The path of one of our pages' forms.
    pub(super) fn path(&self, page: &str) -> String {
        format!("/{}/{page}", self.segment)
    }

    /// This request again, with another account filled in.
    pub(super) fn link_for(&self, user_principal_name: &str) -> String {
        let query = self.parameters.with("login_hint", user_principal_name, &[]);
        format!("/{}/oauth2/v2.0/authorize?{query}", self.segment)
    }

    /// This request again, asking who it is.
    pub(super) fn link_to_other_account(&self) -> String {
        let query = self
            .parameters
            .with("prompt", "select_account", &["login_hint"]);
        format!("/{}/oauth2/v2.0/authorize?{query}", self.segment)
    }
}

/// What the application wants, the part of a request that may be refused by redirect.
struct Wanted {
    scopes: Scopes,
    prompt: Prompt,
    challenge: Option<Challenge>,
    claims: RequestedClaims,
    response: ResponseType,
}

impl Wanted {
    fn read(
        state: &State,
        parameters: &Parameters,
        application: &Application,
        tenant: &Tenant,
    ) -> Result<Self, EntraError> {
        let response = response_type(parameters, application)?;
        let asker = Asker {
            directory: &state.directory,
            application: &application.display_name,
            tenant: &tenant.display_name,
        };
        let scopes = Scopes::parse(required(parameters, "scope")?, asker)?;
        let has_nothing = || {
            let all = scopes.all_of_default(application, &state.directory);
            all.is_empty()
        };
        if scopes.is_default && has_nothing() {
            return Err(EntraError::no_permissions_configured());
        }
        Ok(Self {
            scopes,
            prompt: prompt(parameters.get("prompt"))?,
            challenge: challenge(parameters)?,
            claims: RequestedClaims::parse(parameters.get("claims"))?,
            response,
        })
    }
}

/// ID tokens come from here only where the application says so, and never without a nonce.
fn response_type(
    parameters: &Parameters,
    application: &Application,
) -> Result<ResponseType, EntraError> {
    let text = required(parameters, "response_type")?;
    let mut response = ResponseType {
        code: false,
        id_token: false,
    };
    for item in text.split_whitespace() {
        match item {
            "code" => response.code = true,
            "id_token" if application.issues_id_tokens => response.id_token = true,
            _ => return Err(EntraError::response_type_unsupported(text)),
        }
    }
    if response.id_token {
        required(parameters, "nonce")?;
    }
    Ok(response)
}

/// A code goes into the query unless asked for elsewhere; a token never does.
fn reply_mode(parameters: &Parameters) -> Result<Mode, EntraError> {
    let response_type = parameters.get("response_type").unwrap_or_default();
    let has_token = response_type.split_whitespace().any(|it| it == "id_token");
    match parameters.get("response_mode").map(mode).transpose()? {
        Some(Mode::Query) if has_token => Err(EntraError::query_cannot_carry_tokens()),
        Some(mode) => Ok(mode),
        None if has_token => Ok(Mode::Fragment),
        None => Ok(Mode::Query),
    }
}

fn client(
    state: &State,
    authority: &Authority,
    parameters: &Parameters,
) -> Result<(Application, Tenant), EntraError> {
    let client_id = required(parameters, "client_id")?;
    let (application, tenant) = authority.application(state, client_id)?;
    Ok((application.clone(), tenant.clone()))
}

fn required<'a>(parameters: &'a Parameters, name: &str) -> Result<&'a str, EntraError> {
    parameters
        .get(name)
        .ok_or_else(|| EntraError::parameter_missing(name))
}

fn mode(text: &str) -> Result<Mode, EntraError> {
    match text {
        "query" => Ok(Mode::Query),
        "fragment" => Ok(Mode::Fragment),
        "form_post" => Ok(Mode::FormPost),
        other => Err(EntraError::response_mode_unsupported(other)),
    }
}

fn prompt(text: Option<&str>) -> Result<Prompt, EntraError> {
    match text {
        None => Ok(Prompt::Unsaid),
        Some("login") => Ok(Prompt::Login),
        Some("none") => Ok(Prompt::None),
        Some("consent") => Ok(Prompt::Consent),
        Some("select_account") => Ok(Prompt::SelectAccount),
        Some(other) => Err(EntraError::prompt_unsupported(other)),
    }
}

fn challenge(parameters: &Parameters) -> Result<Option<Challenge>, EntraError> {
    let Some(text) = parameters.get("code_challenge") else {
        return Ok(None);
    };
    // RFC 7636 section 4.2: 43 to 128 characters.
    if !(43..=128).contains(&text.len()) {
        return Err(EntraError::challenge_invalid());
    }
    match parameters.get("code_challenge_method") {
        Some("S256") => Ok(Some(Challenge::S256(text.to_owned()))),
        None | Some("plain") => Ok(Some(Challenge::Plain(text.to_owned()))),
        Some(other) => Err(EntraError::challenge_method_unsupported(other)),
    }
}

impl Reply {
    /// The code, and what the application sent along.
    pub(super) fn success(
        &self,
        code: Option<String>,
        id_token: Option<String>,
        signed_in: &SignedIn,
    ) -> Response {
        let mut parameters = Vec::new();
        parameters.extend(code.map(|code| ("code", code)));
        parameters.extend(id_token.map(|token| ("id_token", token)));
        if self.wants_client_info {
            let user = &signed_in.user;
            let identity = json!({ "uid": user.id, "utid": user.tenant_id });
            let encoded = URL_SAFE_NO_PAD.encode(identity.to_string());
            parameters.push(("client_info", encoded));
        }
        parameters.extend(self.state.clone().map(|state| ("state", state)));
        parameters.push(("session_state", signed_in.session.id.clone()));
        redirect::answer(&self.redirect_uri, self.mode, &parameters)
    }

    /// A refusal that the application is to know of.
    ///
    /// A device hears of it when it asks next: see [`super::refuse_request`].
    pub(super) fn error(&self, error: &EntraError, trace: &Trace) -> Response {
        let mut parameters = vec![("error", error.error.to_owned())];
        if error.error == "access_denied" {
            parameters.push(("error_subcode", "cancel".to_owned()));
        }
        parameters.push(("error_description", error.description(trace)));
        parameters.extend(error.uri(trace).map(|uri| ("error_uri", uri)));
        parameters.extend(self.state.clone().map(|state| ("state", state)));
        redirect::answer(&self.redirect_uri, self.mode, &parameters)
    }
}
