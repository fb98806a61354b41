//! Refusals of callers, as lines of the activity log. Whoever is refused chooses how often, so there is a bound: beyond
//! it refusals are only counted, in `/metrics`.

use std::sync::{Mutex, PoisonError};

use jiff::{SignedDuration, Timestamp};
use model::{Actor, Outcome};

use super::Caller;
use crate::App;
use crate::metrics;

const WINDOW: SignedDuration = SignedDuration::from_secs(60);
const LINES_A_WINDOW: u32 = 120;

/// How many lines were written since when.
#[derive(Debug, Default)]
pub(crate) struct Refusals(Mutex<(Timestamp, u32)>);

impl Refusals {
    fn may_write(&self, now: Timestamp) -> bool {
        let mut window = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if now.duration_since(window.0) >= WINDOW {
            *window = (now, 0);
        }
        window.1 += 1;
        window.1 <= LINES_A_WINDOW
    }
}

/// Notes that `caller`, or nobody known, was refused at `route` with `code`.
pub(crate) async fn note_refusal(
    app: &App,
    caller: Option<&Caller>,
    route: &str,
    code: &'static str,
) {
    metrics::refused(code);
    if !app.identities().refusals.may_write(app.now()) {
        return;
    }
    let (workspace, actor) = caller.map_or_else(
        || (app.owner().workspace, Actor::Anonymous),
        |caller| (caller.workspace_id, caller.actor.clone()),
    );
    let mut line = app.access_line(workspace, actor, "request.refuse");
    line.target = Some(route.to_owned());
    line.outcome = Outcome::Denied;
    line.code = Some(code.to_owned());
    app.context().journal.note(line).await;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_flood_of_refusals_does_not_flood_the_log() {
        let refusals = Refusals::default();
        let now = Timestamp::UNIX_EPOCH + SignedDuration::from_hours(1);
        let written = (0..1000).filter(|_| refusals.may_write(now)).count();
        assert_eq!(written, 120);
        assert!(refusals.may_write(now + WINDOW));
    }
}
