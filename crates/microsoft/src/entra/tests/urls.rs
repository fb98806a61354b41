use std::collections::HashMap;

use super::*;
use crate::Clouds;

fn global() -> Entra {
    let cloud = Arc::clone(Clouds::built_in().get("global").expect("a cloud"));
    Entra::new(transport(), cloud, clock())
}

fn query(url: &url::Url) -> HashMap<String, String> {
    url.query_pairs().into_owned().collect()
}

fn scopes() -> Vec<String> {
    vec![
        "https://graph.microsoft.com/Mail.Read".to_owned(),
        "openid".to_owned(),
    ]
}

#[test]
fn a_sign_in_asks_for_a_code_with_state_nonce_and_challenge() {
    let request = AuthorizeRequest {
        tenant_id: "contoso.com",
        client_id: "client",
        redirect_uri: "https://consentry.example/oauth/callback?a=b",
        scopes: &scopes(),
        state: "st&te",
        nonce: "n0nce",
        code_challenge: "ch",
        login_hint: Some("adele@contoso.com"),
        prompt: Some(Prompt::SelectAccount),
    };
    let url = global().authorize_url(&request);
    assert!(
        url.as_str()
            .starts_with("https://login.microsoftonline.com/contoso.com/oauth2/v2.0/authorize?")
    );
    let wanted = [
        ("client_id", "client"),
        ("response_type", "code"),
        (
            "redirect_uri",
            "https://consentry.example/oauth/callback?a=b",
        ),
        ("response_mode", "query"),
        ("scope", "https://graph.microsoft.com/Mail.Read openid"),
        ("state", "st&te"),
        ("nonce", "n0nce"),
        ("code_challenge", "ch"),
        ("code_challenge_method", "S256"),
        ("login_hint", "adele@contoso.com"),
        ("prompt", "select_account"),
    ];
    let wanted = wanted.map(|(name, value)| (name.to_owned(), value.to_owned()));
    assert_eq!(query(&url), HashMap::from(wanted));
}

#[test]
fn an_administrator_consents_at_the_tenants_own_page() {
    let url = global().admin_consent_url("tid", "client", "https://c.example/cb", &scopes(), "st");
    assert_eq!(url.path(), "/tid/v2.0/adminconsent");
    let wanted = [
        ("client_id", "client"),
        ("scope", "https://graph.microsoft.com/Mail.Read openid"),
        ("redirect_uri", "https://c.example/cb"),
        ("state", "st"),
    ];
    let wanted = wanted.map(|(name, value)| (name.to_owned(), value.to_owned()));
    assert_eq!(query(&url), HashMap::from(wanted));
}

#[test]
fn a_tenant_id_cannot_leave_its_place_in_the_path() {
    for tenant_id in ["../evil", "a/b", "a?b", "a#b", "@evil.example"] {
        let url = global().endpoint(tenant_id, "oauth2/v2.0/token");
        assert_eq!(url.host_str(), Some("login.microsoftonline.com"));
        assert!(url.path().ends_with("/oauth2/v2.0/token"), "{url}");
        assert_eq!(url.path().matches('/').count(), 4, "{url}");
        assert_eq!((url.query(), url.fragment()), (None, None));
    }
}
