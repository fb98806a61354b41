//! Tokens of issuers that Entra is told to trust, where such an issuer hands them out at a URL.

use bytes::Bytes;
use http::header::ACCEPT;
use http::{HeaderValue, Method};
use secrecy::SecretString;
use serde_json::Value;
use url::Url;

use crate::entra::{EntraError, TOKEN_DEADLINE};
use crate::{Outgoing, Repeat, Transport};

/// A JWT is a few kilobytes.
pub const LARGEST_ASSERTION: usize = 32 * 1024;
/// Under which an issuer may put it, if the answer is an object.
const FIELDS: [&str; 4] = ["value", "id_token", "access_token", "token"];

/// The JWT that `url` answers with: as it is, or in JSON under `value`, `id_token`, `access_token` or `token`. Https, or http
/// on this machine. `token` is shown as a bearer where the issuer asks for one, as those of build services do.
///
/// Source: <https://docs.github.com/actions/reference/security/oidc>
pub async fn fetch_assertion(
    transport: &Transport,
    url: &Url,
    token: Option<SecretString>,
) -> Result<SecretString, EntraError> {
    let mut request = Outgoing::new(Method::GET, url.clone(), Repeat::Safe)
        .header(
            ACCEPT,
            HeaderValue::from_static("application/json, text/plain, application/jwt"),
        )
        .sensitive()
        .deadline(TOKEN_DEADLINE);
    if let Some(token) = token {
        request = request.for_issuer(token);
    }
    let answer = transport.send(request).await?;
    let status = answer.status;
    let retry_after = answer.retry_after;
    let body = answer.body.bytes(LARGEST_ASSERTION).await?;
    let found = if status.is_success() {
        assertion_in(&body)
    } else {
        None
    };
    // What it said is never shown: it may hold a token.
    found.ok_or(EntraError::Unreadable {
        status: status.as_u16(),
        excerpt: String::new(),
        retry_after,
        request_id: None,
    })
}

fn assertion_in(body: &Bytes) -> Option<SecretString> {
    let text = std::str::from_utf8(body).ok()?.trim();
    if is_jwt(text) {
        return Some(text.into());
    }
    let json: Value = serde_json::from_str(text).ok()?;
    let texts = FIELDS.iter().filter_map(|field| json[*field].as_str());
    texts.into_iter().find(|text| is_jwt(text)).map(Into::into)
}

/// Three parts of base64url with dots between them.
pub fn is_jwt(text: &str) -> bool {
    let mut parts = 0;
    text.split('.').all(|part| {
        parts += 1;
        !part.is_empty()
            && part
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'='))
    }) && parts == 3
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::support::{Reply, Responder, transport};
    use secrecy::ExposeSecret;

    #[tokio::test]
    async fn an_assertion_is_found_bare_or_in_json_and_nothing_else_passes() {
        let replies = vec![
            Reply::text(200, "aa.bb.cc\n"),
            Reply::text(200, r#"{"value":"aa.bb.cc"}"#),
            Reply::text(200, "<html>sign in</html>"),
            Reply::text(404, "aa.bb.cc"),
        ];
        let server = Responder::start(replies).await;
        let url = server.url("/token");
        let mut got = Vec::new();
        for _ in 0..4 {
            got.push(fetch_assertion(&transport(), &url, None).await);
        }
        for found in &got[..2] {
            assert_eq!(found.as_ref().expect("a JWT").expose_secret(), "aa.bb.cc");
        }
        for refused in &got[2..] {
            let text = crate::support::shown(refused.as_ref().expect_err("no JWT"));
            assert!(!text.contains("aa.bb") && !text.contains("html"), "{text}");
        }
        assert_eq!(server.seen()[0].header("authorization"), None);
    }

    #[tokio::test]
    async fn an_issuer_that_asks_for_a_token_is_shown_it_and_errors_do_not_show_it() {
        let server = Responder::start(vec![
            Reply::text(200, r#"{"count":1,"value":"aa.bb.cc"}"#),
            Reply::text(401, "no"),
        ])
        .await;
        let url = server.url("/token?audience=api://AzureADTokenExchange");
        let (outside, token) = (transport(), || Some("request-token".into()));
        let got = fetch_assertion(&outside, &url, token()).await;
        assert_eq!(got.expect("a JWT").expose_secret(), "aa.bb.cc");
        let refused = fetch_assertion(&outside, &url, token()).await;
        let text = crate::support::shown(&refused.expect_err("refused"));
        assert!(!text.contains("request-token"), "{text}");
        let seen = server.seen();
        assert_eq!(
            seen[0].header("authorization"),
            Some("Bearer request-token")
        );
    }
}
