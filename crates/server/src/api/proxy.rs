//! The raw pass-through. It is the measured way: nothing here reads the database or copies a body, and bodies stream both ways.

use std::borrow::Cow;

use axum::body::{Body, HttpBody};
use axum::extract::{Request, State};
use axum::response::Response;
use http::{HeaderMap, header};
use model::Api;
use operations::{ProxyAnswer, ProxyBody, ProxyCall, RawBody};
use percent_encoding::percent_decode_str;

use super::input::called;
use super::operations::{idempotency_key, patiently};
use crate::App;
use crate::auth::Caller;
use crate::problem::Problem;

const BEFORE: &str = "/api/v1/connections/";
const BETWEEN: &str = "/proxy/";

/// Microsoft's answer, streamed. The path goes on as it came, percent-encoding and all: policy judges what is sent.
pub(crate) async fn pass(
    State(app): State<App>,
    caller: Caller,
    request: Request,
) -> Result<Response, Problem> {
    let (parts, body) = request.into_parts();
    let asked = Address::parse(parts.uri.path())?;
    let connection = called(&app, &caller, &asked.connection).await?;
    let key = idempotency_key(&parts.headers)?;
    let call = ProxyCall {
        caller: &caller,
        connection,
        api: asked.api,
        method: parts.method.clone(),
        path: asked.path,
        query: parts.uri.query(),
        headers: &parts.headers,
        body: raw_body(&parts.headers, body),
        body_limit: app.config().limits.max_body_bytes,
        idempotency_key: key.as_deref(),
    };
    let answer = app.runner().proxy(call).await?;
    Ok(passed_on(answer))
}

struct Address<'a> {
    connection: Cow<'a, str>,
    api: Api,
    /// With the version in front.
    path: &'a str,
}

impl<'a> Address<'a> {
    fn parse(path: &'a str) -> Result<Self, Problem> {
        let unknown = || Problem::not_found("address", path);
        let rest = path.strip_prefix(BEFORE).ok_or_else(unknown)?;
        let (connection, rest) = rest.split_once(BETWEEN).ok_or_else(unknown)?;
        let (api, path) = rest.split_once('/').ok_or_else(unknown)?;
        let api = api
            .parse()
            .map_err(|message: String| Problem::not_found("API", api).next(message))?;
        let connection = percent_decode_str(connection)
            .decode_utf8()
            .map_err(|_| unknown())?;
        Ok(Self {
            connection,
            api,
            path,
        })
    }
}

/// The body as it comes. A caller that sends nothing for a minute is gone.
fn raw_body(headers: &HeaderMap, body: Body) -> RawBody {
    if body.is_end_stream() {
        return RawBody::empty();
    }
    let length = headers.get(header::CONTENT_LENGTH);
    RawBody {
        length: length.and_then(|value| value.to_str().ok()?.parse().ok()),
        bytes: patiently(body),
    }
}

fn passed_on(answer: ProxyAnswer) -> Response {
    let body = match answer.body {
        ProxyBody::Whole(bytes) => Body::from(bytes),
        ProxyBody::Stream(bytes) => Body::from_stream(bytes),
    };
    let mut response = Response::new(body);
    *response.status_mut() = answer.status;
    *response.headers_mut() = answer.headers;
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_path_stays_as_it_was_encoded() -> Result<(), Problem> {
        let asked =
            Address::parse("/api/v1/connections/my%20mail/proxy/graph/v1.0/users/a%2Fb/messages")?;
        assert_eq!(asked.connection, "my mail");
        assert_eq!(
            (asked.api, asked.path),
            (Api::Graph, "v1.0/users/a%2Fb/messages")
        );
        Ok(())
    }

    #[test]
    fn an_unknown_api_is_refused_with_those_that_exist() {
        let refusal = Address::parse("/api/v1/connections/c/proxy/ews/v1.0/me").err();
        assert!(refusal.is_some_and(|problem| {
            problem
                .next_step()
                .is_some_and(|step| step.contains("`graph`"))
        }));
    }
}
