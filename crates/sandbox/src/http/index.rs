//! The page at the root, for a person who opens the sandbox's address to see what it is.

use askama::Template;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Html;

use super::base_url;
use crate::control::{Account, Control, RegisteredApplication};
use crate::shared::Shared;

#[derive(Template)]
#[template(path = "index.html")]
struct IndexPage {
    base: String,
    tenants: Vec<(String, String, String)>,
    accounts: Vec<Account>,
    applications: Vec<RegisteredApplication>,
    now: String,
}

/// `GET /`.
pub(super) async fn index(State(shared): State<Shared>, headers: HeaderMap) -> Html<String> {
    let control = Control::new(shared.clone());
    let tenants = shared.read(|state| {
        let tenants = state.directory.tenants.iter();
        tenants
            .map(|it| (it.display_name.clone(), it.id.clone(), it.domain.clone()))
            .collect()
    });
    let page = IndexPage {
        base: base_url(&headers),
        tenants,
        accounts: control.users(),
        applications: control.applications(),
        now: control.now().strftime("%Y-%m-%d %H:%M:%SZ").to_string(),
    };
    Html(page.render().expect("templates write to memory only"))
}
