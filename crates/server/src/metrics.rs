//! Figures for Prometheus at `/metrics`. Names begin with `consentry_`; no label holds an id, a name or an address.

use std::fmt::Write;
use std::sync::OnceLock;
use std::time::Duration;

use connections::{READ_ENDS_US, Tally};
use http::StatusCode;
use metrics::{Counter, Histogram, counter, gauge, histogram};
use metrics_exporter_prometheus::{PrometheusBuilder, PrometheusHandle};

/// The recorder is one for the process, however many servers a test starts in it.
static RECORDER: OnceLock<Option<PrometheusHandle>> = OnceLock::new();

const SECONDS: [f64; 12] = [
    0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 5.0, 30.0,
];

/// Begins to count; nothing is counted before. Later calls change nothing.
pub(crate) fn begin() {
    recorder();
}

fn recorder() -> Option<&'static PrometheusHandle> {
    RECORDER
        .get_or_init(|| {
            let recorder = PrometheusBuilder::new()
                .set_buckets(&SECONDS)
                .ok()?
                .build_recorder();
            let handle = recorder.handle();
            metrics::set_global_recorder(recorder).ok()?;
            Some(handle)
        })
        .as_ref()
}

/// Folds what was measured lately into the buckets; without it samples pile up between two scrapes.
pub(crate) fn upkeep() {
    if let Some(handle) = recorder() {
        handle.run_upkeep();
    }
}

/// The text that Prometheus reads. `lost` are activity lines that could not be written, `waiting` events on their way to
/// webhooks.
pub(crate) fn render(lost: u64, waiting: Option<i64>) -> String {
    if let Some(waiting) = waiting {
        gauge!("consentry_webhook_deliveries_waiting").set(float(waiting));
    }
    counter!("consentry_journal_lines_lost_total").absolute(lost);
    gauge!("consentry_up").set(1.0);
    recorder().map(PrometheusHandle::render).unwrap_or_default()
}

/// What became of renewals of tokens, and how many there are to do.
pub(crate) fn renewals(tally: &Tally) {
    let ends = [
        ("renewed", tally.renewed),
        ("refused", tally.refused),
        ("failed", tally.failed),
        ("busy", tally.busy),
    ];
    for (outcome, number) in ends {
        counter!("consentry_token_renewals_total", "outcome" => outcome).absolute(number);
    }
    gauge!("consentry_token_renewals_under_way").set(float(tally.under_way.cast_signed()));
    gauge!("consentry_token_renewals_due").set(float(tally.due.cast_signed()));
}

/// How long callers waited for tokens. The broker counts them itself, so that here they are only written down.
pub(crate) fn token_reads(tally: &Tally) -> String {
    const NAME: &str = "consentry_token_read_seconds";
    let mut text = format!("# TYPE {NAME} histogram\n");
    for (from, reads) in [("memory", tally.from_memory), ("renewal", tally.waited_for)] {
        let ends = READ_ENDS_US.map(|end| Duration::from_micros(end).as_secs_f64().to_string());
        let ends = ends.iter().map(String::as_str).chain(["+Inf"]);
        let mut number = 0;
        for (end, within) in ends.zip(reads.buckets) {
            number += within;
            let _ = writeln!(
                text,
                "{NAME}_bucket{{from=\"{from}\",le=\"{end}\"}} {number}"
            );
        }
        let seconds = reads.total.as_secs_f64();
        let _ = writeln!(
            text,
            "{NAME}_sum{{from=\"{from}\"}} {seconds}\n{NAME}_count{{from=\"{from}\"}} {number}"
        );
    }
    text
}

/// Proofs of one kind that end within `days`.
pub(crate) fn ending(kind: &'static str, days: &'static str, number: i64) {
    gauge!("consentry_credentials_expiring", "kind" => kind, "days" => days).set(float(number));
}

/// How many seconds it is until the first proof of each kind ends. Written down as they are: a gauge of the library would go on
/// telling of a proof that was replaced.
pub(crate) fn first_ends(ends: &[(&'static str, i64)]) -> String {
    const NAME: &str = "consentry_credential_expires_seconds";
    if ends.is_empty() {
        return String::new();
    }
    let mut text = format!("# TYPE {NAME} gauge\n");
    for (kind, secs) in ends {
        let _ = writeln!(text, "{NAME}{{kind=\"{kind}\"}} {secs}");
    }
    text
}

/// Exact up to 2^53, which is far more than is ever counted here.
#[expect(clippy::cast_precision_loss, reason = "figures are small")]
fn float(number: i64) -> f64 {
    number as f64
}

/// One operation's way, from its check to its answer.
pub(crate) fn operation_took(operation: &'static str, outcome: &'static str, took: Duration) {
    histogram!("consentry_operation_duration_seconds", "operation" => operation, "outcome" => outcome)
        .record(took);
}

/// A token that a caller asked for, and whether it left.
pub(crate) fn token_asked(outcome: &'static str) {
    counter!("consentry_tokens_handed_out_total", "outcome" => outcome).increment(1);
}

/// A caller that was turned away.
pub(crate) fn refused(code: &'static str) {
    counter!("consentry_access_refusals_total", "code" => code).increment(1);
}

/// Counters of one route, found once: a look-up for each request would cost more than the count.
pub(crate) struct RouteMetrics {
    /// By the status' first digit, 1 to 5.
    answers: [Counter; 5],
    duration: Histogram,
}

impl RouteMetrics {
    pub(crate) fn new(route: &'static str) -> Self {
        let answers = ["1xx", "2xx", "3xx", "4xx", "5xx"].map(
            |status| counter!("consentry_requests_total", "route" => route, "status" => status),
        );
        let duration = histogram!("consentry_request_duration_seconds", "route" => route);
        Self { answers, duration }
    }

    pub(crate) fn answered(&self, status: StatusCode, took: Duration) {
        let class = usize::from(status.as_u16() / 100).clamp(1, 5) - 1;
        self.answers[class].increment(1);
        self.duration.record(took);
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    /// The names in a text.
    fn names(text: &str) -> BTreeSet<&str> {
        let mut rest = text;
        let mut found = BTreeSet::new();
        while let Some(at) = rest.find("consentry_") {
            rest = &rest[at..];
            let end = rest.find(|c: char| !c.is_ascii_alphanumeric() && c != '_');
            let (name, after) = rest.split_at(end.unwrap_or(rest.len()));
            found.insert(name);
            rest = after;
        }
        found.remove("consentry_");
        found
    }

    #[test]
    fn every_figure_is_documented_and_no_other() {
        let docs = include_str!("../../../docs/logging.md");
        assert_eq!(names(include_str!("metrics.rs")), names(docs));
    }
}
