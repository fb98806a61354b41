//! Business Central of one tenant: what it keeps, and its answer to a request.

mod ask;
mod automation;
mod batch;
mod control;
mod csdl;
mod environments;
mod root;
mod tables;
mod webhooks;

use bytes::Bytes;
use http::{HeaderValue, StatusCode, header};
use sandbox_odata::service::{Request, Response};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::books::guid;
use crate::cloud::Environment;
use crate::cloud::access::Right;
use crate::cloud::platform::Directory;
use crate::engine::Reply;
use crate::fault::Fault;
use crate::model::Api;

use ask::Ask;

pub use webhooks::Handshake;

/// Environments with companies, and all that happened in them.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct BusinessCentral {
    pub(crate) tenant_id: String,
    pub(crate) environments: Vec<Environment>,
    /// Object ids of people without a licence.
    #[serde(default)]
    pub(crate) unlicensed: Vec<String>,
    /// Whether operational limits are kept.
    #[serde(default)]
    pub(crate) has_limits: bool,
    /// Who and which groups there are in the tenant, as far as was told.
    #[serde(skip)]
    pub(crate) directory: Directory,
    /// Drawn from for correlation ids, subscriptions and validation tokens.
    pub(crate) counter: u64,
}

/// What becomes of a request.
#[derive(Debug)]
pub enum Answer {
    /// Answered.
    Done(Response),
    /// An address outside must prove itself first: [`BusinessCentral::shaken`] answers then.
    Handshake(Handshake),
}

/// What is found out before an answer is written.
enum Outcome {
    Reply(Reply),
    Handshake(Box<Handshake>),
}

impl From<Reply> for Outcome {
    fn from(reply: Reply) -> Self {
        Self::Reply(reply)
    }
}

impl BusinessCentral {
    /// Answers a request of a verified caller.
    pub fn answer(&mut self, request: &Request) -> Answer {
        match self.route(request) {
            Ok(Outcome::Reply(reply)) => Answer::Done(written(reply)),
            Ok(Outcome::Handshake(handshake)) => Answer::Handshake(*handshake),
            Err(fault) => Answer::Done(self.refusal(&fault)),
        }
    }

    /// The answer to a request without a good token.
    pub fn unauthenticated(&mut self) -> Response {
        let fault = Fault::unauthenticated("The server has rejected the client credentials.");
        let mut response = self.refusal(&fault);
        response.headers_mut().insert(
            header::WWW_AUTHENTICATE,
            HeaderValue::from_static("Bearer realm=\"\", error=\"invalid_token\""),
        );
        response
    }

    fn route(&mut self, request: &Request) -> Result<Outcome, Fault> {
        let path = request.uri.path();
        let segments: Vec<&str> = path.split('/').filter(|it| !it.is_empty()).collect();
        match segments.as_slice() {
            ["environments", _] | ["v2.0", "environments"] => {
                self.list_environments(request).map(Outcome::from)
            }
            ["admin", _, "applications", ..] => self.admin(request, &segments).map(Outcome::from),
            ["v2.0", rest @ ..] => self.api(request, rest),
            _ => Err(Fault::segment_not_found(path)),
        }
    }

    /// `{tenant?}/{environment}/api/…`
    fn api(&mut self, request: &Request, segments: &[&str]) -> Result<Outcome, Fault> {
        let is_kind =
            |it: &str| it.eq_ignore_ascii_case("api") || it.eq_ignore_ascii_case("ODataV4");
        let (tenant, name, rest) = match segments {
            [name, kind, rest @ ..] if is_kind(kind) => (None, *name, rest),
            [tenant, name, kind, rest @ ..] if is_kind(kind) => (Some(*tenant), *name, rest),
            _ => return Err(Fault::segment_not_found(request.uri.path())),
        };
        // A tenant by its domain is the caller's own, or the token would not be good here.
        let is_foreign = tenant.is_some_and(|tenant| {
            !tenant.contains('.') && !tenant.eq_ignore_ascii_case(&request.caller.tenant_id)
        });
        if is_foreign || request.caller.tenant_id != self.tenant_id {
            return Err(Fault::unauthenticated(
                "The server has rejected the client credentials.",
            ));
        }
        let at = self
            .environments
            .iter()
            .position(|it| it.name.eq_ignore_ascii_case(name))
            .ok_or_else(|| Fault::no_environment(name))?;
        self.admit(request, at)?;
        let prefix = request.uri.path();
        let ask = Ask::new(request);
        match rest {
            ["v2.0", inner @ ..] => {
                let base = base_of(prefix, inner.len());
                let base = format!("{}{base}", request.origin);
                self.v2(Api::V2, at, &ask, &base, inner)
            }
            ["microsoft", "automation", "v2.0", inner @ ..] => {
                must_automate(request)?;
                let base = format!("{}{}", request.origin, base_of(prefix, inner.len()));
                self.v2(Api::Automation, at, &ask, &base, inner)
            }
            [
                "microsoft",
                "runtime",
                "beta",
                company,
                "webhookSupportedResources",
            ] => self.supported(at, company, request).map(Outcome::from),
            _ => Err(Fault::not_implemented(&format!(
                "{} {prefix}",
                request.method
            ))),
        }
    }

    fn admit(&mut self, request: &Request, at: usize) -> Result<(), Fault> {
        let environment = &mut self.environments[at];
        environment.admit(&request.caller, &self.unlicensed)?;
        if self.has_limits {
            let caller = &request.caller;
            let who = if caller.is_application {
                &caller.client_id
            } else {
                &caller.object_id
            };
            environment.meter.count(who, request.now)?;
        }
        Ok(())
    }

    /// Refuses what the caller's permission sets do not allow.
    fn authorize(
        &self,
        at: usize,
        ask: &Ask<'_>,
        table: &str,
        is_action: bool,
    ) -> Result<(), Fault> {
        let right = Right::of(&ask.method, is_action);
        self.environments[at].authorize(ask.caller, table, right)
    }

    fn next_id(&mut self) -> String {
        self.counter += 1;
        guid(0xBC, self.counter)
    }

    fn refusal(&mut self, fault: &Fault) -> Response {
        let id = self.next_id();
        let mut response = json_response(fault.status, &fault.body(&id));
        if let Ok(id) = HeaderValue::from_str(&id) {
            response.headers_mut().insert("ms-correlation-x", id);
        }
        response
    }
}

/// An application's token must have the role of this API.
/// <https://learn.microsoft.com/dynamics365/business-central/dev-itpro/administration/automation-apis-using-s2s-authentication>
fn must_automate(request: &Request) -> Result<(), Fault> {
    let caller = &request.caller;
    let has_role = caller
        .roles
        .iter()
        .any(|it| it == "Automation.ReadWrite.All");
    if caller.is_application && !has_role {
        return Err(Fault::unauthenticated(
            "The server has rejected the client credentials.",
        ));
    }
    Ok(())
}

/// The path up to the version, of which `below` segments follow.
fn base_of(path: &str, below: usize) -> String {
    let mut segments: Vec<&str> = path.trim_end_matches('/').split('/').collect();
    let keep = segments.len().saturating_sub(below);
    segments.truncate(keep);
    segments.join("/")
}

fn json_response(status: StatusCode, body: &Value) -> Response {
    let mut response = Response::new(Bytes::from(body.to_string()));
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(
        header::CONTENT_TYPE,
        HeaderValue::from_static("application/json; odata.metadata=minimal; odata.streaming=true"),
    );
    headers.insert("odata-version", HeaderValue::from_static("4.0"));
    response
}

/// A reply as it goes over the wire.
fn written(reply: Reply) -> Response {
    let located = |mut response: Response, location: &str| {
        if let Ok(location) = HeaderValue::from_str(location) {
            response.headers_mut().insert(header::LOCATION, location);
        }
        response
    };
    match reply {
        Reply::Json(body) => tagged(json_response(StatusCode::OK, &body), &body),
        Reply::Created { body, location } => {
            let response = tagged(json_response(StatusCode::CREATED, &body), &body);
            located(response, &location)
        }
        Reply::NoContent => empty(),
        Reply::Made { location } => located(empty(), &location),
        Reply::Bytes {
            content_type,
            bytes,
        } => bytes_response(&content_type, bytes),
        Reply::Text(text) => bytes_response("text/plain", text.into_bytes()),
        Reply::Xml(text) => bytes_response("application/xml", text.into_bytes()),
    }
}

fn empty() -> Response {
    let mut response = Response::new(Bytes::new());
    *response.status_mut() = StatusCode::NO_CONTENT;
    response
}

fn bytes_response(content_type: &str, bytes: Vec<u8>) -> Response {
    let mut response = Response::new(Bytes::from(bytes));
    let type_ = HeaderValue::from_str(content_type);
    let type_ = type_.unwrap_or(HeaderValue::from_static("application/octet-stream"));
    response.headers_mut().insert(header::CONTENT_TYPE, type_);
    response
}

/// The tag of a single entity is told in a header too.
fn tagged(mut response: Response, body: &Value) -> Response {
    let tag = body.get("@odata.etag").and_then(Value::as_str);
    if let Some(Ok(tag)) = tag.map(HeaderValue::from_str) {
        response.headers_mut().insert(header::ETAG, tag);
    }
    response
}
