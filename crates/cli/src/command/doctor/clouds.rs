//! Whether the clouds that are used can be reached from here, and agree with this machine about the time.

use std::collections::BTreeSet;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp, fmt::rfc2822};
use model::{Clock, SystemClock};
use reqwest::header::DATE;
use serde_json::Value;
use server::{Config, Flags};
use url::Url;

use super::Check;
use crate::arguments::Global;

const PATIENCE: Duration = Duration::from_secs(10);
/// Entra refuses assertions and tokens of a clock that is further off.
const TOLERABLE: SignedDuration = SignedDuration::from_mins(5);

/// A check of each cloud that an application is registered in; of the worldwide one when none is.
pub(super) async fn examine(global: &Global, apps: &[Value]) -> Vec<Check> {
    let mut ids: BTreeSet<&str> = apps
        .iter()
        .filter_map(|app| app["cloud"].as_str())
        .collect();
    if ids.is_empty() {
        ids.insert("global");
    }
    let mut checks = Vec::new();
    for id in ids {
        match authority(global, id) {
            Some(authority) => checks.extend(reach(id, &authority).await),
            None => checks.push(Check::bad(
                "cloud",
                format!(
                    "`{id}` is not configured on this machine, so it cannot be tried from here"
                ),
                "run `consentry doctor` where the server runs",
            )),
        }
    }
    checks
}

/// Where sign-in of a cloud happens: Microsoft's own, or the configuration's.
fn authority(global: &Global, id: &str) -> Option<Url> {
    if let Some(cloud) = microsoft::Clouds::built_in().get(id) {
        return Some(cloud.authority.clone());
    }
    let flags = Flags {
        data: global.data.clone(),
        ..Flags::default()
    };
    let config = Config::load(&flags).ok()?;
    let custom = config
        .clouds
        .custom
        .into_iter()
        .find(|cloud| cloud.id == id)?;
    custom.sandbox_url.or(custom.authority)?.parse().ok()
}

async fn reach(id: &str, authority: &Url) -> Vec<Check> {
    let Ok(url) = authority.join("common/v2.0/.well-known/openid-configuration") else {
        return Vec::new();
    };
    match ask(url).await {
        Ok(date) => {
            let reached = Check::good("cloud", format!("`{id}` answers at `{authority}`"));
            let clock = date.map(|date| clock(date, SystemClock.now()));
            std::iter::once(reached).chain(clock).collect()
        }
        Err(error) => vec![Check::bad(
            "cloud",
            format!("`{id}` does not answer at `{authority}`: {error:#}"),
            "see that this machine may reach it; a proxy is set with `HTTPS_PROXY`",
        )],
    }
}

/// What time it is there.
async fn ask(url: Url) -> anyhow::Result<Option<Timestamp>> {
    let http = reqwest::Client::builder().timeout(PATIENCE).build()?;
    let response = http.get(url).send().await?;
    let date = response
        .headers()
        .get(DATE)
        .and_then(|date| date.to_str().ok());
    Ok(date
        .and_then(|date| rfc2822::parse(date).ok())
        .map(|date| date.timestamp()))
}

fn clock(theirs: Timestamp, ours: Timestamp) -> Check {
    let apart = ours.duration_since(theirs);
    let shown = format!("{} s apart from the cloud's", apart.as_secs());
    if apart.abs() <= TOLERABLE {
        return Check::good("clock", shown);
    }
    Check::bad(
        "clock",
        shown,
        "let this machine's time be set over the network (NTP)",
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clock_that_is_ten_minutes_off_is_not_well() {
        let now = Timestamp::UNIX_EPOCH;
        assert!(clock(now, now + SignedDuration::from_secs(30)).ok);
        assert!(!clock(now, now + SignedDuration::from_mins(10)).ok);
        assert!(!clock(now + SignedDuration::from_mins(10), now).ok);
    }
}
