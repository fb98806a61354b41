//! A caller with more to ask than is allowed, for some periods of simulated time.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use futures_util::future::join_all;
use http::Method;
use microsoft::Account;
use microsoft::budget::{Budgets, charges};
use tokio::runtime::Builder;
use tokio::time::{Instant, sleep, sleep_until};
use url::Url;

use crate::cloud::Cloud;
use crate::limits::Row;

/// Who asks at once, in each replica: more than any concurrency.
const CALLERS: usize = 100;
/// Shorter periods are raced for longer, so that the first one does not decide.
const AT_LEAST: Duration = Duration::from_secs(20);

#[derive(Debug, Default)]
pub(crate) struct Told {
    /// Units that were served in all whole periods.
    pub(crate) used: u64,
    /// Units that the limit allows in them.
    pub(crate) allowed: u64,
    pub(crate) refused: u64,
}

#[derive(Default)]
struct Counted {
    served: AtomicU64,
    refused: AtomicU64,
    number: AtomicU64,
}

pub(crate) fn run(cloud: &Cloud, row: &'static Row, replicas: u32, with_budgets: bool) -> Told {
    cloud.forget();
    let period = Duration::from_secs(row.period_secs);
    let at_least = if with_budgets { AT_LEAST } else { period };
    let periods = at_least
        .as_secs()
        .div_ceil(row.period_secs)
        .max(if with_budgets { 2 } else { 1 });
    let ends = period * u32::try_from(periods).unwrap();
    let counted = Arc::new(Counted::default());
    let runtime = Builder::new_current_thread()
        .enable_time()
        .start_paused(true)
        .build()
        .unwrap();
    runtime.block_on(async {
        let began = Instant::now();
        let mut racers = Vec::new();
        for _ in 0..replicas {
            let budgets = if with_budgets {
                Budgets::published()
            } else {
                Budgets::off()
            };
            budgets.share_with(replicas);
            for _ in 0..CALLERS {
                racers.push(racer(
                    cloud,
                    row,
                    budgets.clone(),
                    began,
                    began + ends,
                    &counted,
                ));
            }
        }
        join_all(racers).await;
    });
    Told {
        used: counted.served.load(Ordering::Relaxed) * row.units,
        allowed: row.limit * periods,
        refused: counted.refused.load(Ordering::Relaxed),
    }
}

async fn racer(
    cloud: &Cloud,
    row: &'static Row,
    budgets: Budgets,
    began: Instant,
    ends: Instant,
    counted: &Counted,
) {
    let account = Account {
        api: row.api,
        app: &cloud.app.client_id,
        tenant: &cloud.app.tenant_id,
        user: None,
    };
    let method: Method = row.method.parse().unwrap();
    let half = Duration::from_millis(row.answer_ms) / 2;
    while Instant::now() + half < ends {
        let number = counted.number.fetch_add(1, Ordering::Relaxed);
        let path = row.path.replace("{n}", &number.to_string());
        let path = path.replace("{tenant}", &cloud.app.tenant_id);
        let url: Url = format!("{}{path}", cloud.url()).parse().unwrap();
        let drawn = charges(account, &method, &url);
        let Ok(pass) = budgets.pass(&drawn, ends - half).await else {
            return;
        };
        sleep(half).await;
        cloud.at(began.elapsed());
        let status = cloud.ask(row.api, row.method, url.as_str(), row.body).await;
        sleep(half).await;
        if status == 429 {
            counted.refused.fetch_add(1, Ordering::Relaxed);
        } else {
            // An application may not post in Teams: it is counted, and then refused for that.
            assert!(
                !matches!(status, 401 | 501),
                "{} {path}: {status}",
                row.method
            );
            counted.served.fetch_add(1, Ordering::Relaxed);
        }
        drop(pass);
    }
    sleep_until(ends).await;
}
