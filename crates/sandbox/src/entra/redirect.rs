//! Redirect URIs: which are accepted, and how an answer is put on one.
//! Source: learn.microsoft.com/entra/identity-platform/reply-url

use axum::http::{StatusCode, header};
use axum::response::{Html, IntoResponse, Response};
use url::{Host, Url};

use super::error::EntraError;
use super::pages;
use crate::state::directory::Application;

/// How an answer travels to the redirect URI.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mode {
    Query,
    Fragment,
    FormPost,
}

/// The URI to answer to: the one asked for when it is registered, or the only one registered when none was asked for.
pub(crate) fn check(application: &Application, asked: Option<&str>) -> Result<String, EntraError> {
    let registered = &application.redirect_uris;
    let Some(asked) = asked else {
        return registered
            .first()
            .cloned()
            .ok_or_else(EntraError::no_redirect_registered);
    };
    if registered.iter().any(|known| is_same(known, asked)) {
        return Ok(asked.to_owned());
    }
    Err(EntraError::redirect_not_registered(
        asked,
        &application.client_id,
    ))
}

/// Exact, but for the port of a loopback address, which a native client cannot know in advance.
fn is_same(registered: &str, asked: &str) -> bool {
    if registered == asked {
        return true;
    }
    let (Ok(mut registered), Ok(mut asked)) = (Url::parse(registered), Url::parse(asked)) else {
        return false;
    };
    if is_loopback(&registered) && is_loopback(&asked) {
        // Setting a port fails only for addresses that have no host.
        let _ = registered.set_port(None);
        let _ = asked.set_port(None);
    }
    registered == asked
}

fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(address)) => address.is_loopback(),
        // Entra does not support the IPv6 loopback address.
        Some(Host::Ipv6(_)) | None => false,
    }
}

/// Sends the browser to the redirect URI with these parameters.
pub(crate) fn answer(redirect_uri: &str, mode: Mode, parameters: &[(&str, String)]) -> Response {
    let encoded = form_urlencoded::Serializer::new(String::new())
        .extend_pairs(parameters)
        .finish();
    let location = match mode {
        Mode::FormPost => {
            return Html(pages::form_post(redirect_uri, parameters)).into_response();
        }
        Mode::Query if redirect_uri.contains('?') => format!("{redirect_uri}&{encoded}"),
        Mode::Query => format!("{}?{encoded}", with_path(redirect_uri)),
        Mode::Fragment => format!("{}#{encoded}", with_path(redirect_uri)),
    };
    (StatusCode::FOUND, [(header::LOCATION, location)]).into_response()
}

/// A URI without a path gets a slash before what is appended, as Entra's answers have.
fn with_path(redirect_uri: &str) -> String {
    match redirect_uri.split_once("://") {
        Some((_, rest)) if !rest.contains(['/', '?', '#']) => format!("{redirect_uri}/"),
        _ => redirect_uri.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_port_of_a_loopback_address_may_differ() {
        assert!(is_same("http://localhost/cb", "http://localhost:4711/cb"));
        assert!(is_same("http://127.0.0.1:1/cb", "http://127.0.0.1:2/cb"));
        assert!(!is_same("http://localhost/cb", "http://localhost/CB"));
        assert!(!is_same("http://localhost/cb", "https://localhost/cb"));
        assert!(!is_same(
            "https://app.example/cb",
            "https://app.example:8443/cb"
        ));
        assert!(!is_same("http://[::1]:1/cb", "http://[::1]:2/cb"));
    }

    #[test]
    fn a_path_left_out_is_the_root() {
        assert!(is_same("https://app.example", "https://app.example/"));
        assert_eq!(with_path("https://app.example"), "https://app.example/");
        assert_eq!(
            with_path("https://app.example/cb"),
            "https://app.example/cb"
        );
    }
}
