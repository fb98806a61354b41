//! What a handler takes, refused as a [`Problem`] when it does not read.

use axum::Json;
use axum::extract::{FromRequest, FromRequestParts, Path, Query, Request};
use bytes::Bytes;
use http::request::Parts;
use model::ConnectionId;
use serde::de::DeserializeOwned;

use crate::App;
use crate::auth::Caller;
use crate::problem::Problem;

/// A JSON body.
pub(crate) struct Input<T>(pub(crate) T);

/// A JSON body that may be left out.
pub(crate) struct Given<T>(pub(crate) T);

/// The query.
pub(crate) struct Asked<T>(pub(crate) T);

/// Segments of the path, decoded.
pub(crate) struct At<T>(pub(crate) T);

impl<T: DeserializeOwned> FromRequest<App> for Input<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, app: &App) -> Result<Self, Problem> {
        let Json(value) = Json::from_request(request, app).await?;
        Ok(Self(value))
    }
}

impl<T: DeserializeOwned + Default> FromRequest<App> for Given<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, app: &App) -> Result<Self, Problem> {
        let body = Bytes::from_request(request, app).await?;
        if body.is_empty() {
            return Ok(Self(T::default()));
        }
        Ok(Self(Json::from_bytes(&body)?.0))
    }
}

impl<T: DeserializeOwned> FromRequestParts<App> for Asked<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Problem> {
        let Query(value) = Query::from_request_parts(parts, app).await?;
        Ok(Self(value))
    }
}

impl<T: DeserializeOwned + Send> FromRequestParts<App> for At<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Problem> {
        let Path(value) = Path::from_request_parts(parts, app).await?;
        Ok(Self(value))
    }
}

/// The connection that a path names, by id or by name.
pub(crate) async fn connection_id(
    app: &App,
    caller: &Caller,
    text: &str,
) -> Result<ConnectionId, Problem> {
    match text.parse() {
        Ok(id) => Ok(id),
        Err(_) => Ok(app.lifecycle().find(caller, text).await?.id),
    }
}

/// The same for a call through the connection: what it is called may be known from a moment ago.
pub(crate) async fn called(
    app: &App,
    caller: &Caller,
    text: &str,
) -> Result<ConnectionId, Problem> {
    match text.parse() {
        Ok(id) => Ok(id),
        Err(_) => Ok(app.runner().named(caller, text).await?),
    }
}
