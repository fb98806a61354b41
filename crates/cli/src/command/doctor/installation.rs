//! The installation as a whole: disk, server, database, key, public URL, clouds and clocks.

use reqwest::Method;
use serde_json::Value;
use url::{Host, Url};

use super::{Check, clouds, files};
use crate::arguments::Global;
use crate::client::{Client, Endpoint};
use crate::paths;

pub(super) async fn examine(global: &Global) -> Vec<Check> {
    let mut checks = Vec::new();
    if global.url.is_none() {
        checks.extend(files::examine(&paths::data_directory(global)));
    }
    let client = match Client::open(global) {
        Ok(client) => client,
        Err(error) => {
            checks.push(Check::bad(
                "server",
                error.to_string(),
                "start it with `consentry up`",
            ));
            checks.extend(clouds::examine(global, &[]).await);
            return checks;
        }
    };
    checks.push(server(&client).await);
    checks.push(database(&client).await);
    checks.push(caller(&client).await);
    let apps = client
        .list(client.url(["app-registrations"]), usize::MAX)
        .await;
    let apps = apps.unwrap_or_default();
    checks.push(public_url(&apps));
    checks.extend(clouds::examine(global, &apps).await);
    checks
}

async fn server(client: &Client) -> Check {
    let place = match client.endpoint() {
        Endpoint::Address(url) => url.to_string(),
        Endpoint::Socket(path) => path.display().to_string(),
    };
    match client.get(client.page("healthz")).await {
        Ok(_) => Check::good("server", format!("answers at `{place}`")),
        Err(error) => Check::bad(
            "server",
            format!("{error:#}"),
            "start it with `consentry up`",
        ),
    }
}

async fn database(client: &Client) -> Check {
    let request = client.request(Method::GET, client.page("readyz"));
    match client.send(request).await {
        Ok(_) => Check::good("database", "answers"),
        Err(error) => Check::bad(
            "database",
            format!("{error:#}"),
            "see that the database runs, and read the server's log",
        ),
    }
}

async fn caller(client: &Client) -> Check {
    match client.get(client.url(["me"])).await {
        Ok(me) => {
            let field = |value: &Value, name: &str| value[name].as_str().unwrap_or("–").to_owned();
            let workspace = field(&me["workspace"], "name");
            Check::good(
                "caller",
                format!("known in {workspace} as {}", field(&me, "role")),
            )
        }
        Err(error) => Check::bad(
            "caller",
            format!("{error:#}"),
            "set `CONSENTRY_API_KEY` to a key of this server; `consentry keys create` makes one",
        ),
    }
}

/// Microsoft sends browsers there, and takes plain http for this machine only.
fn public_url(apps: &[Value]) -> Check {
    let name = "public url";
    let Some(redirect_uri) = apps.iter().find_map(|app| app["redirect_uri"].as_str()) else {
        return Check::good(name, "not needed before an application is registered");
    };
    let is_safe =
        Url::parse(redirect_uri).is_ok_and(|url| url.scheme() == "https" || is_this_machine(&url));
    if is_safe {
        return Check::good(name, format!("browsers come back to `{redirect_uri}`"));
    }
    Check::bad(
        name,
        format!("Microsoft refuses `{redirect_uri}`, which is neither https nor this machine"),
        "give the address that browsers use, with https, to `consentry up --public-url`",
    )
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
    use super::*;
    use serde_json::json;

    #[test]
    fn plain_http_is_well_on_this_machine_only() {
        let cases = [
            ("https://consentry.contoso.com/oauth/callback", true),
            ("http://127.0.0.1:8365/oauth/callback", true),
            ("http://consentry.contoso.com/oauth/callback", false),
        ];
        for (redirect_uri, expected) in cases {
            let check = public_url(&[json!({ "redirect_uri": redirect_uri })]);
            assert_eq!(check.ok, expected, "{redirect_uri}");
        }
    }
}
