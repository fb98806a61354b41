//! New lines as they come.

use std::collections::HashMap;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use serde_json::Value;

use super::{Activity, Names, at, row, text};
use crate::client::Client;
use crate::exit::{self, Exit, Failure};
use crate::output::{self, Output};

/// How often new lines are asked for.
const PERIOD: Duration = Duration::from_secs(1);
/// Lines are committed a little after what they tell of, and those of several servers not in their order: so far back is looked
/// again.
const OVERLAP: SignedDuration = SignedDuration::from_secs(10);

/// Where it is.
struct Place {
    /// Nothing before this was asked for.
    begin: Option<Timestamp>,
    newest: Option<Timestamp>,
    /// What was shown, as far back as is looked.
    seen: HashMap<String, Timestamp>,
}

/// Ends when interrupted. A server that is away for a while is waited for.
pub(super) async fn run(
    wanted: &Activity,
    client: &Client,
    output: Output,
) -> anyhow::Result<Exit> {
    // One at least, to know where the log ends now.
    let url = wanted.url(client, wanted.since);
    let mut items = client.list(url, wanted.limit.max(1)).await?;
    let names = Names::known(client, output).await?;
    let mut place = Place::at(wanted.since, &items);
    if wanted.limit == 0 {
        place.pass(items.drain(..));
    }
    let mut is_away = false;
    loop {
        for item in place.pass(items) {
            show(&item, &names, output)?;
        }
        tokio::time::sleep(PERIOD).await;
        let url = wanted.url(client, place.look_from());
        items = match client.list(url, usize::MAX).await {
            Ok(items) => {
                is_away = false;
                items
            }
            Err(error) if Failure::is_unreachable(&error) => {
                if !is_away {
                    output::note(format_args!("{}; waiting for it", exit::sentence(&error)));
                }
                is_away = true;
                Vec::new()
            }
            Err(error) => return Err(error),
        };
    }
}

impl Place {
    /// Behind `since`, or where the first lines begin.
    fn at(since: Option<Timestamp>, first: &[Value]) -> Self {
        Self {
            begin: first.iter().filter_map(at).min().or(since),
            newest: None,
            seen: HashMap::new(),
        }
    }

    fn look_from(&self) -> Option<Timestamp> {
        let back = self
            .newest
            .and_then(|newest| newest.checked_sub(OVERLAP).ok());
        back.max(self.begin)
    }

    /// Those that are new, the oldest first.
    fn pass(&mut self, items: impl IntoIterator<Item = Value>) -> Vec<Value> {
        let mut new: Vec<_> = items
            .into_iter()
            .filter(|item| {
                let at = at(item).unwrap_or_default();
                self.newest = self.newest.max(Some(at));
                self.seen.insert(text(item, "id"), at).is_none()
            })
            .collect();
        new.sort_by_key(at);
        if let Some(from) = self.look_from() {
            self.seen.retain(|_, at| *at >= from);
        }
        new
    }
}

fn show(item: &Value, names: &Names, output: Output) -> anyhow::Result<()> {
    if output.is_json() {
        return Ok(output::line(item)?);
    }
    let known = row(item, names).into_iter().filter(|part| !part.is_empty());
    Ok(output::line(known.collect::<Vec<_>>().join("  "))?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn line(id: &str, second: u8) -> Value {
        json!({ "id": id, "at": format!("2026-11-24T12:00:{second:02}Z") })
    }

    fn ids(lines: &[Value]) -> Vec<&str> {
        lines
            .iter()
            .map(|line| line["id"].as_str().unwrap_or_default())
            .collect()
    }

    #[test]
    fn a_line_that_is_committed_late_is_shown_and_none_twice() {
        let first = [line("b", 12), line("a", 11)];
        let mut place = Place::at(None, &first);
        assert_eq!(ids(&place.pass(first)), ["a", "b"]);
        let next = [line("d", 14), line("b", 12), line("a", 11)];
        assert_eq!(ids(&place.pass(next)), ["d"]);
        let late = [line("d", 14), line("c", 13), line("b", 12)];
        assert_eq!(ids(&place.pass(late)), ["c"]);
    }

    #[test]
    fn it_looks_back_a_little_and_not_before_where_it_began() {
        let first = [line("a", 10)];
        let mut place = Place::at(None, &first);
        place.pass(first);
        let began = place.look_from();
        place.pass([line("b", 15)]);
        assert_eq!(place.look_from(), began);
        place.pass([line("c", 40)]);
        assert_eq!(
            place.look_from().map(|at| at.to_string()).as_deref(),
            Some("2026-11-24T12:00:30Z")
        );
        assert_eq!(
            place.seen.len(),
            1,
            "what is not looked at again is forgotten"
        );
    }
}
