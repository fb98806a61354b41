//! `GET /oidc/userinfo`, which Microsoft serves on the host of Microsoft Graph.
//! Source: learn.microsoft.com/entra/identity-platform/userinfo

use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::json;

use super::tokens::{self, AccessClaims};
use crate::shared::Shared;

/// Claims about the user of a token that has the scope `openid`.
pub(crate) async fn userinfo(State(shared): State<Shared>, headers: HeaderMap) -> Response {
    let claims = bearer(&headers).and_then(|token| tokens::verify(&shared, token).ok());
    let Some(claims) = claims.filter(AccessClaims::is_for_graph) else {
        let message = "Access token is missing, invalid or expired.";
        return refusal(
            StatusCode::UNAUTHORIZED,
            "InvalidAuthenticationToken",
            message,
        );
    };
    if !claims.scopes().any(|scope| scope == "openid") {
        let message = "The token lacks the scope openid.";
        return refusal(StatusCode::FORBIDDEN, "Forbidden", message);
    }
    Json(json!({
        "sub": claims.sub,
        "name": claims.name,
        "family_name": claims.family_name,
        "given_name": claims.given_name,
        "email": claims.upn,
    }))
    .into_response()
}

fn bearer(headers: &HeaderMap) -> Option<&str> {
    let value = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    value.strip_prefix("Bearer ")
}

fn refusal(status: StatusCode, code: &str, message: &str) -> Response {
    let body = json!({ "error": { "code": code, "message": message } });
    (status, Json(body)).into_response()
}
