//! Figures for Prometheus at `/metrics`. Names begin with `consentry_`; no label holds an id, a name or an address.

use std::sync::OnceLock;
use std::time::Duration;

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
    if let Some(waiting) = waiting.and_then(|waiting| u32::try_from(waiting).ok()) {
        gauge!("consentry_webhook_deliveries_waiting").set(f64::from(waiting));
    }
    counter!("consentry_journal_lines_lost_total").absolute(lost);
    gauge!("consentry_up").set(1.0);
    recorder().map(PrometheusHandle::render).unwrap_or_default()
}

/// One operation's way, from its check to its answer.
pub(crate) fn operation_took(operation: &'static str, outcome: &'static str, took: Duration) {
    histogram!("consentry_operation_duration_seconds", "operation" => operation, "outcome" => outcome)
        .record(took);
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
