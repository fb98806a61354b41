//! The installation as a whole: disk, server, database, key, public URL, clouds and clocks.

use serde_json::Value;

use super::{Check, clouds, files, public_url};
use crate::arguments::Global;
use crate::client::{Client, Endpoint};
use crate::paths;

/// A question to the database that takes longer makes every call slow.
const SLOW_US: u64 = 100_000;

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
            checks.extend(clouds::examine(None).await);
            return checks;
        }
    };
    checks.push(server(&client).await);
    checks.push(caller(&client).await);
    let asked = client.get(client.url(["installation"])).await;
    let installation = match asked {
        Ok(installation) => installation,
        Err(error) => {
            checks.push(Check::bad(
                "installation",
                format!("{error:#}"),
                "ask with the key of an administrator; if the database is the trouble, see that it runs, and read the server's \
                 log",
            ));
            checks.extend(clouds::examine(None).await);
            return checks;
        }
    };
    checks.push(database(&installation["database"]));
    checks.push(master_key(&client).await);
    checks.extend(clouds::server_clock(&installation));
    let keys = client.get(client.page(".well-known/jwks.json")).await.ok();
    checks.extend(public_url::examine(&installation, keys.as_ref()).await);
    checks.extend(clouds::examine(Some(&installation)).await);
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

fn database(told: &Value) -> Check {
    let name = "database";
    let number = |field: &str| told[field].as_u64().unwrap_or_default();
    let (applied, known) = (number("migrations_applied"), number("migrations_known"));
    let latency = number("latency_us");
    let (open, most) = (number("connections_open"), number("connections_most"));
    let text = |field: &str| told[field].as_str().unwrap_or_default().to_owned();
    let what = format!("{} {}", text("backend"), text("version"));
    if applied > known {
        return Check::bad(
            name,
            format!(
                "{what} was migrated by a newer Consentry: {applied} steps, {known} known here"
            ),
            "run the newer version everywhere, or restore a backup from before it",
        );
    }
    if latency > SLOW_US {
        return Check::bad(
            name,
            format!("{what} takes {} ms to answer", latency / 1_000),
            "bring database and server nearer together, and look at the database's load",
        );
    }
    let latency = format!("{}.{} ms", latency / 1_000, latency % 1_000 / 100);
    let detail = format!(
        "{what} answers in {latency}, all {known} migrations, {open} of {most} connections"
    );
    Check::good(name, detail)
}

/// The server does not start with a key that does not open what is sealed, so that what it runs with is right.
async fn master_key(client: &Client) -> Check {
    let name = "key in use";
    match client.get(client.url(["master-key"])).await {
        Ok(keys) => {
            let current = keys["current"].as_str().unwrap_or_default();
            let older = keys["older"].as_array().map_or(0, Vec::len);
            let rest = match older {
                0 => String::new(),
                n => format!("; {n} older still open what they sealed"),
            };
            Check::good(name, format!("`{current}` opens what is sealed{rest}"))
        }
        Err(_) => Check::good(name, "only an owner is told"),
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

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_database_that_is_newer_or_slow_is_not_well() {
        let told = |applied, known, latency: u64| {
            json!({
                "backend": "postgres", "version": "16.1", "migrations_applied": applied,
                "migrations_known": known, "latency_us": latency, "connections_open": 2,
                "connections_most": 10,
            })
        };
        assert!(database(&told(9, 9, 800)).ok);
        assert!(!database(&told(10, 9, 800)).ok);
        assert!(!database(&told(9, 9, 300_000)).ok);
    }
}
