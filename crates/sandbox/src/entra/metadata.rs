//! Documents by which clients find their way: instance discovery, OIDC discovery, signing keys.
//! Source: learn.microsoft.com/entra/identity-platform/v2-protocols-oidc

use std::collections::HashMap;

use axum::Json;
use axum::extract::{Path, Query, State};
use axum::http::header;
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};
use url::Url;

use super::authority::Authority;
use super::error::EntraError;
use super::trace::Trace;
use crate::shared::Shared;

const KNOWN_HOSTS: [&str; 9] = [
    "login.microsoftonline.com",
    "login.windows.net",
    "login.microsoft.com",
    "sts.windows.net",
    "login.microsoftonline.us",
    "login.usgovcloudapi.net",
    "login.partner.microsoftonline.cn",
    "login.chinacloudapi.cn",
    "login-us.microsoftonline.com",
];

/// Which of the two generations a discovery document describes.
#[derive(Clone, Copy)]
enum Version {
    V1,
    V2,
}

/// `GET /common/discovery/instance`. Knows Microsoft's hosts and the one under which the sandbox is reached.
pub(crate) async fn instance(
    trace: Trace,
    Query(query): Query<HashMap<String, String>>,
) -> Response {
    let Some(endpoint) = query.get("authorization_endpoint") else {
        return EntraError::parameter_missing("authorization_endpoint").respond(&trace);
    };
    let Ok(endpoint) = Url::parse(endpoint) else {
        return EntraError::unknown_instance().respond(&trace);
    };
    let authority = endpoint.authority();
    let own = trace.base.split_once("//").map_or("", |(_, host)| host);
    if authority != own && !KNOWN_HOSTS.contains(&authority) {
        return EntraError::unknown_instance().respond(&trace);
    }
    let tenant = endpoint
        .path_segments()
        .and_then(|mut segments| segments.next())
        .unwrap_or("common");
    public(&json!({
        "tenant_discovery_endpoint":
            format!("{}/{tenant}/v2.0/.well-known/openid-configuration", trace.base),
        "api-version": "1.1",
        "metadata": clouds(own),
    }))
}

/// Microsoft's clouds, after the sandbox's own address when that is none of Microsoft's names.
fn clouds(own: &str) -> Vec<Value> {
    let own = json!({ "preferred_network": own, "preferred_cache": own, "aliases": [own] });
    let known = known_clouds();
    let is_known = |entry: &Value| {
        let mut aliases = entry["aliases"].as_array().into_iter().flatten();
        aliases.any(|alias| *alias == own["preferred_network"])
    };
    let is_one_of_them = known.iter().any(is_known);
    let first = (!is_one_of_them).then_some(own);
    first.into_iter().chain(known).collect()
}

fn known_clouds() -> [Value; 4] {
    [
        json!({
            "preferred_network": "login.microsoftonline.com",
            "preferred_cache": "login.windows.net",
            "aliases": [
                "login.microsoftonline.com", "login.windows.net", "login.microsoft.com", "sts.windows.net"
            ],
        }),
        json!({
            "preferred_network": "login.partner.microsoftonline.cn",
            "preferred_cache": "login.partner.microsoftonline.cn",
            "aliases": ["login.partner.microsoftonline.cn", "login.chinacloudapi.cn"],
        }),
        json!({
            "preferred_network": "login.microsoftonline.us",
            "preferred_cache": "login.microsoftonline.us",
            "aliases": ["login.microsoftonline.us", "login.usgovcloudapi.net"],
        }),
        json!({
            "preferred_network": "login-us.microsoftonline.com",
            "preferred_cache": "login-us.microsoftonline.com",
            "aliases": ["login-us.microsoftonline.com"],
        }),
    ]
}

/// `GET /{tenant}/v2.0/.well-known/openid-configuration`.
pub(crate) async fn openid_v2(
    State(shared): State<Shared>,
    trace: Trace,
    Path(tenant): Path<String>,
) -> Response {
    openid(&shared, &trace, &tenant, Version::V2)
}

/// `GET /{tenant}/.well-known/openid-configuration`: version 1, for clients that name a resource.
pub(crate) async fn openid_v1(
    State(shared): State<Shared>,
    trace: Trace,
    Path(tenant): Path<String>,
) -> Response {
    openid(&shared, &trace, &tenant, Version::V1)
}

fn openid(shared: &Shared, trace: &Trace, segment: &str, version: Version) -> Response {
    match shared.read(|state| Authority::parse(state, segment)) {
        Ok(authority) => public(&document(trace, &authority, version)),
        Err(error) => error.respond(trace),
    }
}

fn document(trace: &Trace, authority: &Authority, version: Version) -> Value {
    let base = trace.base.as_str();
    let graph = trace.graph_base();
    let tenant = authority.segment();
    let issuer_tenant = authority.issuer_tenant();
    let (issuer, oauth2) = match version {
        Version::V1 => (
            format!("https://sts.windows.net/{issuer_tenant}/"),
            format!("{base}/{tenant}/oauth2"),
        ),
        Version::V2 => (
            format!("{}/{issuer_tenant}/v2.0", trace.issuer_base()),
            format!("{base}/{tenant}/oauth2/v2.0"),
        ),
    };
    json!({
        "token_endpoint": format!("{oauth2}/token"),
        "token_endpoint_auth_methods_supported":
            ["client_secret_post", "private_key_jwt", "client_secret_basic"],
        "jwks_uri": format!("{base}/{tenant}/discovery/v2.0/keys"),
        "response_modes_supported": ["query", "fragment", "form_post"],
        "subject_types_supported": ["pairwise"],
        "id_token_signing_alg_values_supported": ["RS256"],
        "response_types_supported": ["code", "id_token", "code id_token", "id_token token"],
        "scopes_supported": ["openid", "profile", "email", "offline_access"],
        "issuer": issuer,
        "request_uri_parameter_supported": false,
        "userinfo_endpoint": format!("{graph}/oidc/userinfo"),
        "authorization_endpoint": format!("{oauth2}/authorize"),
        "device_authorization_endpoint": format!("{oauth2}/devicecode"),
        "http_logout_supported": true,
        "frontchannel_logout_supported": true,
        "end_session_endpoint": format!("{oauth2}/logout"),
        "claims_supported": [
            "sub", "iss", "cloud_instance_name", "cloud_instance_host_name", "cloud_graph_host_name", "msgraph_host", "aud",
            "exp", "iat", "auth_time", "acr", "nonce", "preferred_username", "name", "tid", "ver", "at_hash", "c_hash",
            "email"
        ],
        "kerberos_endpoint": format!("{base}/{tenant}/kerberos"),
        "tenant_region_scope": "EU",
        "cloud_instance_name": "microsoftonline.com",
        "cloud_graph_host_name": "graph.windows.net",
        "msgraph_host": "graph.microsoft.com",
        "rbac_url": "https://pas.windows.net",
    })
}

/// `GET /{tenant}/discovery/v2.0/keys`.
pub(crate) async fn keys(
    State(shared): State<Shared>,
    trace: Trace,
    Path(tenant): Path<String>,
) -> Response {
    match shared.read(|state| Authority::parse(state, &tenant)) {
        Ok(authority) => {
            let issuer = format!("{}/{}/v2.0", trace.issuer_base(), authority.issuer_tenant());
            let keys = shared.keys();
            let keys: Vec<_> = keys.iter().map(|key| key.public(&issuer)).collect();
            public(&json!({ "keys": keys }))
        }
        Err(error) => error.respond(&trace),
    }
}

fn public(body: &Value) -> Response {
    (
        [(header::CACHE_CONTROL, "max-age=86400, private")],
        Json(body),
    )
        .into_response()
}
