//! Where browsers and Microsoft reach the installation: whether it may be so, and whether it is reached there.

use std::time::Duration;

use serde_json::Value;
use url::{Host, Url};

use super::Check;

const PATIENCE: Duration = Duration::from_secs(10);
const NAME: &str = "public url";

/// `keys` are those that the server itself publishes, where they are known.
pub(super) async fn examine(installation: &Value, keys: Option<&Value>) -> Vec<Check> {
    let field = |name: &str| {
        installation[name]
            .as_str()
            .and_then(|url| Url::parse(url).ok())
    };
    let (Some(public), Some(redirect)) = (field("public_url"), field("redirect_uri")) else {
        return Vec::new();
    };
    let mut checks = vec![scheme(&redirect)];
    if !checks[0].ok {
        return checks;
    }
    checks.push(reached(&public).await);
    if checks[1].ok {
        checks.push(callback(&redirect).await);
    }
    let is_meant = |url: &Url| url.scheme() == "https" || *url != public;
    if let Some(issuer) = field("issuer_url").filter(is_meant) {
        checks.push(documents(&issuer, keys).await);
    }
    checks
}

/// Microsoft sends browsers there, and takes plain http for this machine only.
fn scheme(redirect_uri: &Url) -> Check {
    if redirect_uri.scheme() == "https" || is_this_machine(redirect_uri) {
        return Check::good(NAME, format!("browsers come back to `{redirect_uri}`"));
    }
    Check::bad(
        NAME,
        format!("Microsoft refuses `{redirect_uri}`, which is neither https nor this machine"),
        "give the address that browsers use, with https, to `consentry up --public-url`",
    )
}

async fn reached(public: &Url) -> Check {
    let hint = "see that the name leads to the server, or to a proxy in front of it that passes on the host's name";
    let Some((status, body)) = get(public, "healthz").await else {
        let detail = format!("nothing answers at `{public}` from here");
        return Check::bad(NAME, detail, hint);
    };
    let is_ours = body["status"] == "ok";
    if status == 200 && is_ours {
        return Check::good(NAME, format!("this server answers at `{public}`"));
    }
    let detail = format!("something else than this server answers at `{public}`: status {status}");
    Check::bad(NAME, detail, hint)
}

/// Without an answer of Microsoft's the page refuses, and is there.
async fn callback(redirect: &Url) -> Check {
    match get(redirect, "").await {
        Some((status, _)) if status != 404 && status < 500 => {
            Check::good(NAME, "the way back from Microsoft is there")
        }
        Some((status, _)) => Check::bad(
            NAME,
            format!("`{redirect}` answers {status}"),
            "let the proxy pass every path on, `/oauth/callback` among them",
        ),
        None => Check::bad(
            NAME,
            format!("nothing answers at `{redirect}`"),
            "let the proxy pass every path on, `/oauth/callback` among them",
        ),
    }
}

/// Microsoft fetches them where a federated credential names Consentry as its issuer.
async fn documents(issuer: &Url, own: Option<&Value>) -> Check {
    let name = "issuer";
    let hint = "publish `/.well-known/openid-configuration` and `/.well-known/jwks.json` there, or correct `--issuer-url`";
    let configuration = get(issuer, ".well-known/openid-configuration").await;
    let keys = get(issuer, ".well-known/jwks.json").await;
    let said = configuration.as_ref().map(|(_, body)| &body["issuer"]);
    let is_same = said
        .and_then(Value::as_str)
        .is_some_and(|said| said.trim_end_matches('/') == issuer.as_str().trim_end_matches('/'));
    let keys = keys.filter(|(status, body)| *status == 200 && body["keys"].is_array());
    let missing = keys
        .as_ref()
        .zip(own)
        .and_then(|((_, published), own)| missing(published, own));
    if let Some(key) = missing.filter(|_| is_same) {
        return Check::bad(
            name,
            format!(
                "the key `{key}` is not among those at `{issuer}`, and Microsoft refuses what it signs"
            ),
            "publish `/.well-known/jwks.json` of this server there anew; do so each time its key is rolled",
        );
    }
    match (configuration, is_same && keys.is_some()) {
        (_, true) => Check::good(name, format!("its two documents are at `{issuer}`")),
        (None, _) => Check::bad(name, format!("nothing answers at `{issuer}`"), hint),
        (Some(_), false) => Check::bad(
            name,
            format!("what is at `{issuer}` is not this issuer's"),
            hint,
        ),
    }
}

/// The first key of ours that is not published.
fn missing(published: &Value, own: &Value) -> Option<String> {
    let names = |keys: &Value| -> Vec<String> {
        let keys = keys["keys"].as_array().into_iter().flatten();
        keys.filter_map(|key| Some(key["kid"].as_str()?.to_owned()))
            .collect()
    };
    let published = names(published);
    names(own).into_iter().find(|key| !published.contains(key))
}

/// Status and JSON, where there is any.
async fn get(base: &Url, path: &str) -> Option<(u16, Value)> {
    let url = if path.is_empty() {
        base.clone()
    } else {
        let base = format!("{}/", base.as_str().trim_end_matches('/'));
        Url::parse(&base).ok()?.join(path).ok()?
    };
    let http = reqwest::Client::builder()
        .timeout(PATIENCE)
        .redirect(reqwest::redirect::Policy::none())
        .build()
        .ok()?;
    let response = http.get(url).send().await.ok()?;
    let status = response.status().as_u16();
    let text = response.text().await.unwrap_or_default();
    Some((status, serde_json::from_str(&text).unwrap_or_default()))
}

fn is_this_machine(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn plain_http_is_well_on_this_machine_only() {
        let cases = [
            ("https://consentry.contoso.com/oauth/callback", true),
            ("http://127.0.0.1:8365/oauth/callback", true),
            ("http://consentry.contoso.com/oauth/callback", false),
        ];
        for (redirect_uri, expected) in cases {
            let check = scheme(&redirect_uri.parse().unwrap());
            assert_eq!(check.ok, expected, "{redirect_uri}");
        }
    }

    #[tokio::test]
    async fn an_address_that_nobody_answers_is_not_well() {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        drop(listener);
        let installation = json!({
            "public_url": format!("http://{address}/"),
            "redirect_uri": format!("http://{address}/oauth/callback"),
            "issuer_url": format!("http://{address}"),
        });
        let checks = examine(&installation, None).await;
        assert_eq!(checks.len(), 2);
        assert!(checks[0].ok && !checks[1].ok);
    }

    #[test]
    fn a_key_that_is_not_published_is_named() {
        let keys = |names: &[&str]| {
            let keys: Vec<_> = names.iter().map(|name| json!({ "kid": name })).collect();
            json!({ "keys": keys })
        };
        let published = keys(&["old", "older"]);
        assert_eq!(missing(&published, &keys(&["old"])), None);
        let rolled = keys(&["new", "old"]);
        assert_eq!(missing(&published, &rolled), Some("new".to_owned()));
    }
}
