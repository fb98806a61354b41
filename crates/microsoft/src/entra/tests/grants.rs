use jiff::SignedDuration;
use secrecy::{ExposeSecret, SecretString};
use serde_json::json;

use super::*;
use crate::support::{NOW, Reply};

fn given() -> Reply {
    let body = json!({
        "token_type": "Bearer", "access_token": "t0ken", "expires_in": 3599, "ext_expires_in": 3599,
        "refresh_in": 1800, "refresh_token": "r0tated", "id_token": "1d", "scope": "Mail.Read openid",
    });
    Reply::json(200, &body).with("x-ms-request-id", "trace")
}

fn pairs(wanted: &[(&str, &str)]) -> Vec<(String, String)> {
    wanted
        .iter()
        .map(|&(name, value)| (name.to_owned(), value.to_owned()))
        .collect()
}

fn scopes() -> Vec<String> {
    vec![
        "https://graph.microsoft.com/Mail.Read".to_owned(),
        "offline_access".to_owned(),
    ]
}

#[tokio::test]
async fn a_code_is_redeemed_with_exactly_these_parameters() {
    let server = Responder::start(vec![given()]).await;
    let (secret, code, verifier) = ("s&cret".into(), "c0de".into(), "v3rifier".into());
    let grant = CodeGrant {
        tenant_id: "contoso.com",
        client_id: "client",
        proof: ClientProof::Secret(&secret),
        code: &code,
        redirect_uri: "https://c.example/cb",
        code_verifier: &verifier,
        scopes: &scopes(),
    };
    entra(&server).redeem_code(&grant).await.expect("tokens");
    let seen = &server.seen()[0];
    assert_eq!(seen.line, "POST /contoso.com/oauth2/v2.0/token");
    assert_eq!(
        seen.header("content-type"),
        Some("application/x-www-form-urlencoded")
    );
    assert_eq!(seen.header("authorization"), None);
    let wanted = [
        ("grant_type", "authorization_code"),
        ("client_id", "client"),
        ("client_secret", "s&cret"),
        ("code", "c0de"),
        ("redirect_uri", "https://c.example/cb"),
        ("code_verifier", "v3rifier"),
        (
            "scope",
            "https://graph.microsoft.com/Mail.Read offline_access",
        ),
    ];
    assert_eq!(seen.form(), pairs(&wanted));
}

#[tokio::test]
async fn a_refresh_token_is_redeemed_with_exactly_these_parameters() {
    let server = Responder::start(vec![given()]).await;
    let (secret, refresh_token) = ("s3cret".into(), "r3fresh".into());
    let grant = RefreshGrant {
        tenant_id: "tid",
        client_id: "client",
        proof: ClientProof::Secret(&secret),
        refresh_token: &refresh_token,
        scopes: &scopes(),
    };
    entra(&server).refresh(&grant).await.expect("tokens");
    let wanted = [
        ("grant_type", "refresh_token"),
        ("client_id", "client"),
        ("client_secret", "s3cret"),
        ("refresh_token", "r3fresh"),
        (
            "scope",
            "https://graph.microsoft.com/Mail.Read offline_access",
        ),
    ];
    assert_eq!(server.seen()[0].form(), pairs(&wanted));
}

#[tokio::test]
async fn client_credentials_are_sent_with_exactly_these_parameters() {
    let server = Responder::start(vec![given()]).await;
    ask(&server).await.expect("tokens");
    let wanted = [
        ("grant_type", "client_credentials"),
        ("client_id", "client"),
        ("client_secret", "s3cret-s3cret"),
        ("scope", "https://graph.microsoft.com/.default"),
    ];
    assert_eq!(server.seen()[0].form(), pairs(&wanted));
}

pub(super) async fn ask(server: &Responder) -> Result<TokenResponse, EntraError> {
    let secret = "s3cret-s3cret".into();
    let grant = ClientCredentials {
        tenant_id: "tid",
        client_id: "client",
        proof: ClientProof::Secret(&secret),
        scope: "https://graph.microsoft.com/.default",
    };
    entra(server).client_credentials(&grant).await
}

pub(super) async fn redeem(server: &Responder) -> Result<TokenResponse, EntraError> {
    let secret: SecretString = "s3cret-s3cret".into();
    let grant = CodeGrant {
        tenant_id: "tid",
        client_id: "client",
        proof: ClientProof::Secret(&secret),
        code: &"c0de-c0de-c0de".into(),
        redirect_uri: "https://c.example/cb",
        code_verifier: &"v3rifier-v3rifier".into(),
        scopes: &[],
    };
    entra(server).redeem_code(&grant).await
}

#[tokio::test]
async fn the_answer_is_read_whole_and_never_shown() {
    let server = Responder::start(vec![given()]).await;
    let tokens = ask(&server).await.expect("tokens");
    let now: jiff::Timestamp = NOW.parse().expect("a time");
    let expires_at = now + SignedDuration::from_secs(3599);
    assert_eq!(tokens.access_token.expose(), "t0ken");
    assert_eq!(tokens.access_token.expires_at(), expires_at);
    assert!(!tokens.access_token.is_expired(now));
    assert!(tokens.access_token.is_expired(expires_at));
    assert_eq!(tokens.refresh_in, Some(Duration::from_mins(30)));
    let scope = tokens.scope.as_deref().expect("scopes");
    assert_eq!(scope, ["Mail.Read", "openid"]);
    assert_eq!(tokens.request_id.as_deref(), Some("trace"));
    assert!(tokens.client_request_id.is_some());
    let text = format!("{tokens:?}");
    for secret in ["t0ken", "r0tated", "1d\""] {
        assert!(!text.contains(secret), "{text}");
    }
    let refresh_token = tokens.refresh_token.expect("a refresh token");
    assert_eq!(refresh_token.expose_secret(), "r0tated");
}

#[tokio::test]
async fn an_applications_answer_has_only_a_token() {
    let body = json!({ "token_type": "Bearer", "access_token": "t", "expires_in": 3599 });
    let server = Responder::start(vec![Reply::json(200, &body)]).await;
    let tokens = ask(&server).await.expect("tokens");
    assert!(tokens.refresh_token.is_none() && tokens.id_token.is_none());
    assert_eq!((tokens.scope, tokens.refresh_in), (None, None));
}

#[tokio::test]
async fn a_certificate_signs_an_assertion_for_this_endpoint_and_for_each_request_anew() {
    use base64::Engine;
    use base64::engine::general_purpose::URL_SAFE_NO_PAD;
    let server = Responder::start(vec![given(), given()]).await;
    let now: jiff::Timestamp = NOW.parse().expect("a time");
    let ends = now + SignedDuration::from_hours(24);
    let certificate = ClientCertificate::generate("test", now, ends).expect("a certificate");
    let grant = ClientCredentials {
        tenant_id: "tid",
        client_id: "client",
        proof: ClientProof::Certificate(&certificate),
        scope: "https://graph.microsoft.com/.default",
    };
    let (entra, mut ids) = (entra(&server), Vec::new());
    for seen in 0..2 {
        entra.client_credentials(&grant).await.expect("tokens");
        let form = server.seen()[seen].form();
        let value = |name: &str| {
            form.iter()
                .find(|(known, _)| known == name)
                .map(|(_, value)| value.clone())
        };
        assert_eq!(value("client_secret"), None);
        assert_eq!(
            value("client_assertion_type").as_deref(),
            Some("urn:ietf:params:oauth:client-assertion-type:jwt-bearer")
        );
        let jwt = value("client_assertion").expect("an assertion");
        let part = |n: usize| {
            let bytes = URL_SAFE_NO_PAD
                .decode(jwt.split('.').nth(n).expect("a part"))
                .expect("base64url");
            serde_json::from_slice::<serde_json::Value>(&bytes).expect("JSON")
        };
        assert_eq!(part(0)["alg"], "PS256");
        assert_eq!(part(0)["x5t#S256"].as_str().map(str::len), Some(43));
        let claims = part(1);
        assert_eq!(
            claims["aud"],
            server
                .cloud()
                .authority
                .join("tid/oauth2/v2.0/token")
                .expect("a URL")
                .as_str()
        );
        assert_eq!(
            (&claims["iss"], &claims["sub"]),
            (&json!("client"), &json!("client"))
        );
        assert_eq!(claims["exp"], now.as_second() + 600);
        ids.push(claims["jti"].clone());
    }
    assert_ne!(ids[0], ids[1]);
}

#[tokio::test]
async fn an_assertion_that_entra_repeats_in_its_refusal_is_not_shown() {
    let body = json!({
        "error": "invalid_client", "error_codes": [700_213],
        "error_description": "AADSTS700213: no match for aaaa.bbbb.cccc",
    });
    let server = Responder::start(vec![Reply::json(401, &body)]).await;
    let assertion = "aaaa.bbbb.cccc".into();
    let grant = ClientCredentials {
        tenant_id: "tid",
        client_id: "client",
        proof: ClientProof::Assertion(&assertion),
        scope: "x/.default",
    };
    let refused = entra(&server)
        .client_credentials(&grant)
        .await
        .expect_err("refused");
    assert!(!crate::support::shown(&refused).contains("aaaa.bbbb"));
    assert!(!format!("{:?}", grant.proof).contains("aaaa"));
}

#[test]
fn a_proof_and_a_form_show_no_secret() {
    let secret = "s3cret-s3cret".into();
    let proof = ClientProof::Secret(&secret);
    assert!(!format!("{proof:?}").contains("s3cret"));
}

#[test]
fn an_access_tokens_claims_are_read_as_a_hint() {
    use base64::Engine;
    use base64::engine::general_purpose::URL_SAFE_NO_PAD;
    let claims = json!({
        "tid": "t", "oid": "o", "appid": "a", "roles": ["Mail.Read"], "scp": "User.Read Mail.Send",
        "exp": 1_795_435_200, "uti": "u", "idtyp": "app",
    });
    let text = format!("h.{}.s", URL_SAFE_NO_PAD.encode(claims.to_string()));
    let now = NOW.parse().expect("a time");
    let claims = access_claims(&crate::AccessToken::new(text.into(), now)).expect("claims");
    assert_eq!(claims.appid.as_deref(), Some("a"));
    assert_eq!(claims.roles, ["Mail.Read"]);
    assert_eq!(claims.scp, ["User.Read", "Mail.Send"]);
    assert_eq!(claims.exp, Some(now));
    assert_eq!(claims.idtyp.as_deref(), Some("app"));
    for opaque in ["", "opaque", "a.!.c", "a.e30"] {
        let token = crate::AccessToken::new(opaque.into(), now);
        let claims = access_claims(&token).unwrap_or_default();
        assert_eq!(claims, AccessClaims::default());
    }
}
