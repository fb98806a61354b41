//! `GET /{tenant}/adminconsent` and `/{tenant}/v2.0/adminconsent`: an administrator consents for the organisation.
//! Source: learn.microsoft.com/entra/identity-platform/v2-admin-consent

use axum::extract::{Path, RawQuery, State};
use axum::http::HeaderMap;
use axum::response::{Html, IntoResponse, Response};

use super::authority::Authority;
use super::authorize::{accounts, error_page};
use super::error::EntraError;
use super::pages::{self, ConsentPage, SignInPage};
use super::parameters::Parameters;
use super::redirect::{self, Mode};
use super::scopes::{Asker, Scopes};
use super::session::{self, SignedIn};
use super::tokens::GRAPH_APP_ID;
use super::trace::Trace;
use crate::control::{grant_configured_api_roles, grant_roles, grant_scopes};
use crate::shared::Shared;
use crate::state::State as SandboxState;
use crate::state::directory::{Application, Tenant};

/// Which of the two endpoints; also what its forms send as `purpose`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Version {
    V1,
    V2,
}

/// A request to either endpoint that may go on.
struct Request {
    version: Version,
    segment: String,
    text: String,
    application: Application,
    tenant: Tenant,
    redirect_uri: String,
    state: Option<String>,
    /// The parameter of version 2, to be repeated in the answer.
    scope: Option<String>,
    /// App id of what is consented to.
    resource: String,
    delegated: Vec<String>,
    roles: Vec<String>,
    /// The administrator's own tenant is meant.
    is_open: bool,
}

/// `GET /{tenant}/adminconsent`.
pub(crate) async fn v1(
    State(shared): State<Shared>,
    trace: Trace,
    Path(tenant): Path<String>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Response {
    let text = query.unwrap_or_default();
    start(&shared, &trace, Version::V1, &tenant, text, &headers)
}

/// `GET /{tenant}/v2.0/adminconsent`.
pub(crate) async fn v2(
    State(shared): State<Shared>,
    trace: Trace,
    Path(tenant): Path<String>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Response {
    let text = query.unwrap_or_default();
    start(&shared, &trace, Version::V2, &tenant, text, &headers)
}

fn start(
    shared: &Shared,
    trace: &Trace,
    version: Version,
    tenant: &str,
    text: String,
    headers: &HeaderMap,
) -> Response {
    match shared.read(|state| Request::parse(state, version, tenant, text)) {
        Ok(mut request) => {
            let signed_in = shared.read(|state| session::current(state, headers, trace.at));
            match signed_in {
                Some(signed_in) if request.settle(shared, &signed_in).is_ok() => {
                    request.consent_page(&signed_in)
                }
                _ => request.sign_in_page(shared, None),
            }
        }
        Err(error) => error_page(&error, trace),
    }
}

/// After the sign-in page's form.
pub(super) fn resume(
    shared: &Shared,
    trace: &Trace,
    tenant: &str,
    form: &Parameters,
    signed_in: &SignedIn,
) -> Response {
    match parse_form(shared, tenant, form) {
        Ok(mut request) => match request.settle(shared, signed_in) {
            Ok(()) => request.consent_page(signed_in),
            Err(error) => request.sign_in_page(shared, Some(&error)),
        },
        Err(error) => error_page(&error, trace),
    }
}

/// The sign-in page again, after an answer that was wrong.
pub(super) fn sign_in_page(
    shared: &Shared,
    trace: &Trace,
    tenant: &str,
    form: &Parameters,
    error: Option<&EntraError>,
) -> Response {
    match parse_form(shared, tenant, form) {
        Ok(request) => request.sign_in_page(shared, error),
        Err(error) => error_page(&error, trace),
    }
}

/// The consent page's form.
pub(super) fn decide(
    shared: &Shared,
    trace: &Trace,
    tenant: &str,
    form: &Parameters,
    signed_in: &SignedIn,
) -> Response {
    let mut request = match parse_form(shared, tenant, form) {
        Ok(request) => request,
        Err(error) => return error_page(&error, trace),
    };
    if let Err(error) = request.settle(shared, signed_in) {
        return request.sign_in_page(shared, Some(&error));
    }
    if form.get("decision") != Some("accept") {
        return request.declined(trace);
    }
    shared.write(|state| {
        let client_id = &request.application.client_id;
        let tenant_id = &request.tenant.id;
        grant_scopes(
            state,
            client_id,
            tenant_id,
            None,
            &request.resource,
            &request.delegated,
        );
        grant_roles(state, client_id, tenant_id, &request.roles);
        grant_configured_api_roles(state, client_id, tenant_id);
    });
    request.accepted()
}

fn parse_form(shared: &Shared, tenant: &str, form: &Parameters) -> Result<Request, EntraError> {
    let version = match form.get("purpose") {
        Some("adminconsent") => Version::V1,
        Some("adminconsent_v2") => Version::V2,
        _ => return Err(EntraError::malformed()),
    };
    let text = form.get("request").unwrap_or_default().to_owned();
    shared.read(|state| Request::parse(state, version, tenant, text))
}

impl Version {
    fn purpose(self) -> &'static str {
        match self {
            Self::V1 => "adminconsent",
            Self::V2 => "adminconsent_v2",
        }
    }

    fn path(self) -> &'static str {
        match self {
            Self::V1 => "adminconsent",
            Self::V2 => "v2.0/adminconsent",
        }
    }
}

impl Request {
    fn parse(
        state: &SandboxState,
        version: Version,
        segment: &str,
        text: String,
    ) -> Result<Self, EntraError> {
        let parameters = Parameters::parse(text.as_bytes());
        let require = |name| {
            parameters
                .get(name)
                .ok_or_else(|| EntraError::parameter_missing(name))
        };
        let authority = Authority::parse(state, segment)?;
        let (application, tenant) = authority.application(state, require("client_id")?)?;
        let redirect_uri = redirect::check(application, parameters.get("redirect_uri"))?;
        let scope = match version {
            Version::V1 => None,
            Version::V2 => Some(require("scope")?),
        };
        let (resource, delegated, roles) = named(state, application, tenant, scope)?;
        Ok(Self {
            version,
            segment: segment.to_owned(),
            application: application.clone(),
            tenant: tenant.clone(),
            redirect_uri,
            state: parameters.get("state").map(str::to_owned),
            scope: scope.map(str::to_owned),
            resource,
            delegated,
            roles,
            is_open: authority.is_open(),
            text,
        })
    }

    /// Settles on the administrator's tenant, or tells why they cannot consent.
    fn settle(&mut self, shared: &Shared, signed_in: &SignedIn) -> Result<(), EntraError> {
        let user = &signed_in.user;
        if !user.is_admin {
            return Err(EntraError::admin_required());
        }
        if user.tenant_id == self.tenant.id {
            return Ok(());
        }
        let own = shared.read(|state| state.directory.tenant(&user.tenant_id).cloned());
        match own.filter(|_| self.is_open) {
            Some(own) => {
                self.tenant = own;
                Ok(())
            }
            None => Err(EntraError::not_in_tenant(
                &self.tenant.display_name,
                &user.tenant_id,
                &self.application.client_id,
            )),
        }
    }

    fn sign_in_page(&self, shared: &Shared, error: Option<&EntraError>) -> Response {
        let parameters = Parameters::parse(self.text.as_bytes());
        let link = |name: &str| {
            let query = parameters.with("login_hint", name, &[]);
            format!("/{}/{}?{query}", self.segment, self.version.path())
        };
        let page = SignInPage {
            action: format!("/{}/login", self.segment),
            purpose: self.version.purpose(),
            request: &self.text,
            application: &self.application.display_name,
            login: parameters.get("login_hint").unwrap_or_default(),
            error: error.map(EntraError::short),
            current: None,
            accounts: accounts(
                shared,
                Some(&self.tenant.id).filter(|_| !self.is_open),
                link,
            ),
        };
        Html(pages::rendered(&page)).into_response()
    }

    fn consent_page(&self, signed_in: &SignedIn) -> Response {
        let page = ConsentPage {
            action: format!("/{}/consent", self.segment),
            purpose: self.version.purpose(),
            request: &self.text,
            form_token: &signed_in.session.form_token,
            user_principal_name: &signed_in.user.user_principal_name,
            application: &self.application.display_name,
            tenant: &self.tenant.display_name,
            permissions: pages::lines(self.delegated.iter().chain(&self.roles)),
            may_consent_for_organization: false,
            organization_only: true,
        };
        Html(pages::rendered(&page)).into_response()
    }

    fn accepted(&self) -> Response {
        let mut parameters = vec![
            ("admin_consent", "True".to_owned()),
            ("tenant", self.tenant.id.clone()),
        ];
        parameters.extend(self.scope.clone().map(|scope| ("scope", scope)));
        self.answer(parameters)
    }

    fn declined(&self, trace: &Trace) -> Response {
        let error = EntraError::consent_declined();
        let parameters = match self.version {
            Version::V1 => vec![
                ("error", "permission_denied".to_owned()),
                (
                    "error_description",
                    "The admin canceled the request".to_owned(),
                ),
            ],
            Version::V2 => vec![
                ("admin_consent", "True".to_owned()),
                ("error", error.error.to_owned()),
                ("error_description", error.description(trace)),
            ],
        };
        self.answer(parameters)
    }

    fn answer(&self, mut parameters: Vec<(&'static str, String)>) -> Response {
        parameters.extend(self.state.clone().map(|state| ("state", state)));
        redirect::answer(&self.redirect_uri, Mode::Query, &parameters)
    }
}

/// Resource, delegated permissions and roles that a request names: those configured, or the scopes of version 2.
fn named(
    state: &SandboxState,
    application: &Application,
    tenant: &Tenant,
    scope: Option<&str>,
) -> Result<(String, Vec<String>, Vec<String>), EntraError> {
    let configured = (
        GRAPH_APP_ID.to_owned(),
        application.configured_scopes.clone(),
        application.configured_roles.clone(),
    );
    let Some(scope) = scope else {
        return Ok(configured);
    };
    let asker = Asker {
        directory: &state.directory,
        application: &application.display_name,
        tenant: &tenant.display_name,
    };
    let scopes = Scopes::parse(scope, asker)?;
    let resource = scopes.resource_id().to_owned();
    if scopes.is_default && resource == GRAPH_APP_ID {
        return Ok(configured);
    }
    if scopes.is_default {
        let all = scopes.all_of_default(application, &state.directory);
        return Ok((resource, all, Vec::new()));
    }
    Ok((
        resource,
        scopes.oidc.into_iter().chain(scopes.names).collect(),
        Vec::new(),
    ))
}
