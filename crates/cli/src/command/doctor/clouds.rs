//! Whether the hosts of the clouds that are used can be reached from here, step by step, and agree with this machine about the
//! time.

use std::net::SocketAddr;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp, fmt::rfc2822};
use model::{Clock, SystemClock};
use reqwest::header::DATE;
use serde_json::Value;
use tokio::net::{TcpStream, lookup_host};
use tokio::time::timeout;
use url::Url;

use super::Check;
use crate::environment;

const PATIENCE: Duration = Duration::from_secs(10);
/// Entra refuses assertions and tokens of a clock that is further off.
const TOLERABLE: SignedDuration = SignedDuration::from_mins(5);
/// From here on it is told, though nothing fails yet.
const NOTABLE: SignedDuration = SignedDuration::from_secs(30);

/// A check of each host that the server named; of the worldwide cloud's when no server could be asked.
pub(super) async fn examine(installation: Option<&Value>) -> Vec<Check> {
    let mut checks = Vec::new();
    let mut theirs = None;
    for host in hosts(installation) {
        let (check, date) = reach(&host).await;
        checks.push(check);
        // By the time that came first: the others would say the same.
        theirs = theirs.or(date);
    }
    checks.extend(theirs.map(|date| clock("cloud", date, SystemClock.now())));
    checks
}

/// Whether the server's own clock is this machine's: they may not be the same machine.
pub(super) fn server_clock(installation: &Value) -> Option<Check> {
    let theirs = installation["time"].as_str()?.parse().ok()?;
    Some(clock("server", theirs, SystemClock.now()))
}

fn hosts(installation: Option<&Value>) -> Vec<Url> {
    let named = installation.map(|installation| {
        let clouds = installation["clouds"].as_array();
        let hosts = clouds
            .into_iter()
            .flatten()
            .filter_map(|cloud| cloud["hosts"].as_array());
        let urls = hosts
            .flatten()
            .filter_map(|host| host.as_str()?.parse().ok());
        urls.collect::<Vec<Url>>()
    });
    let worldwide = || {
        let clouds = microsoft::Clouds::built_in();
        let cloud = clouds.get("global").cloned();
        let urls = cloud.map(|cloud| vec![cloud.authority.clone(), cloud.graph_url.clone()]);
        urls.unwrap_or_default()
    };
    let mut urls = named.unwrap_or_else(worldwide);
    urls.sort();
    urls.dedup();
    urls
}

/// Name, connection, then an answer by https: the first step that fails is the one that is told. By a proxy, the first two are
/// the proxy's affair.
async fn reach(url: &Url) -> (Check, Option<Timestamp>) {
    let name = "cloud";
    let shown = url.host_str().unwrap_or_default();
    let proxy = environment::proxy(url.scheme());
    let mut way = String::new();
    if let Some(proxy) = &proxy {
        way = format!(" through the proxy `{proxy}`");
    } else {
        let addresses = match resolve(url).await {
            Ok(addresses) => addresses,
            Err(error) => {
                let hint = "see that this machine's name servers answer (`/etc/resolv.conf`)";
                return (
                    Check::bad(
                        name,
                        format!("`{shown}` has no address here: {error}"),
                        hint,
                    ),
                    None,
                );
            }
        };
        if let Err(error) = connect(&addresses).await {
            let hint = "let this machine out to that port in the firewall, or name a proxy with `HTTPS_PROXY`";
            let detail = format!("`{shown}` takes no connection from here: {error}");
            return (Check::bad(name, detail, hint), None);
        }
    }
    match ask(url.clone()).await {
        Ok(date) => (Check::good(name, format!("`{shown}` answers{way}")), date),
        Err(error) => {
            let hint = if proxy.is_some() {
                "see that the proxy lets this host through, and that its certificate authority is known to this machine"
            } else {
                "see that nothing on the way replaces the certificate: what inspects TLS needs its authority in this \
                 machine's store (`SSL_CERT_FILE`)"
            };
            let detail = format!("`{shown}` does not answer{way}: {error:#}");
            (Check::bad(name, detail, hint), None)
        }
    }
}

async fn resolve(url: &Url) -> anyhow::Result<Vec<SocketAddr>> {
    let host = url.host_str().unwrap_or_default();
    let host = host.trim_start_matches('[').trim_end_matches(']');
    let port = url.port_or_known_default().unwrap_or(443);
    let found = timeout(PATIENCE, lookup_host((host, port))).await??;
    Ok(found.collect())
}

async fn connect(addresses: &[SocketAddr]) -> anyhow::Result<()> {
    timeout(PATIENCE, TcpStream::connect(addresses)).await??;
    Ok(())
}

/// What time it is there. Any answer will do: without a token there is nothing to be had but a refusal.
async fn ask(url: Url) -> anyhow::Result<Option<Timestamp>> {
    let policy = reqwest::redirect::Policy::none();
    let http = reqwest::Client::builder()
        .timeout(PATIENCE)
        .redirect(policy)
        .build()?;
    let response = http.get(url).send().await?;
    let date = response
        .headers()
        .get(DATE)
        .and_then(|date| date.to_str().ok());
    Ok(date
        .and_then(|date| rfc2822::parse(date).ok())
        .map(|date| date.timestamp()))
}

fn clock(whose: &str, theirs: Timestamp, ours: Timestamp) -> Check {
    let apart = ours.duration_since(theirs);
    let shown = format!("{} s apart from the {whose}'s", apart.as_secs());
    if apart.abs() > TOLERABLE {
        return Check::bad(
            "clock",
            format!("{shown}: tokens and assertions are refused"),
            "let this machine's time be set over the network (NTP)",
        );
    }
    let note = if apart.abs() > NOTABLE {
        "; Entra refuses from five minutes on"
    } else {
        ""
    };
    Check::good("clock", format!("{shown}{note}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clock_that_is_ten_minutes_off_is_not_well() {
        let now = Timestamp::UNIX_EPOCH;
        assert!(clock("cloud", now, now + SignedDuration::from_secs(30)).ok);
        let slow = clock("cloud", now, now + SignedDuration::from_mins(2));
        assert!(slow.ok && slow.detail.contains("five minutes"));
        assert!(!clock("cloud", now, now + SignedDuration::from_mins(10)).ok);
        assert!(!clock("cloud", now + SignedDuration::from_mins(10), now).ok);
    }

    #[test]
    fn without_a_server_the_worldwide_cloud_is_tried_and_with_one_what_it_names() {
        let clouds = microsoft::Clouds::built_in();
        let global = clouds.get("global").unwrap();
        assert!(hosts(None).contains(&global.graph_url));
        let said = serde_json::json!({ "clouds": [
            { "hosts": ["https://a.example", "https://b.example"] },
            { "hosts": ["https://a.example"] },
        ] });
        let named: Vec<_> = hosts(Some(&said))
            .iter()
            .map(|url| url.host_str().unwrap().to_owned())
            .collect();
        assert_eq!(named, ["a.example", "b.example"]);
    }

    #[tokio::test]
    async fn a_host_that_takes_no_connection_is_told_as_such() {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        drop(listener);
        let url: Url = format!("http://{address}").parse().unwrap();
        let (check, _) = reach(&url).await;
        assert!(!check.ok && check.detail.contains("takes no connection"));
        assert!(check.hint.unwrap().contains("firewall"));
    }
}
