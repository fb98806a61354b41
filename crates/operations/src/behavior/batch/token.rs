//! Members that were refused for their token: the service behind Graph looks at it again, and may challenge it although Graph did
//! not. They are met as a call of its own is: another token once, asked for by the challenge where it is one; a challenge that
//! comes again ends with whoever has to act.
//!
//! Sources: <https://learn.microsoft.com/graph/json-batching>,
//! <https://learn.microsoft.com/entra/identity-platform/claims-challenge>

use connections::{BrokerError, Token};
use microsoft::graph::claims_challenge;
use microsoft::odata::Reply;
use tokio::time::Instant;

use super::fate::{self, Fate};
use super::run::{Run, State};
use crate::wire;

/// Settles those that another token does not help, and lets the others go again with one. `token` is what they went with.
pub(super) async fn renew(run: &mut Run<'_>, token: &Token) {
    let refused = taken(run);
    if refused.is_empty() {
        return;
    }
    let again = refused.iter().find(|(place, reply)| {
        let claims = claims_challenge(&reply.headers);
        claims.is_some_and(|claims| wire::is_met(token, &claims, run.renewed[*place]))
    });
    if let Some((place, reply)) = again {
        let ready = run.ready;
        let snapshot = &ready.snapshot;
        let error = fate::refusal(snapshot, run.member(*place), reply);
        let error = wire::waits_for_somebody(run.parts, snapshot, error).await;
        settle(run, refused, Fate::Refused);
        run.leave(&format!("the connection waits for somebody: {error}"));
        return;
    }
    let (hopeless, hopeful): (Refused, Refused) =
        refused.into_iter().partition(|(place, reply)| {
            run.renewed[*place] > 0 && claims_challenge(&reply.headers).is_none()
        });
    settle(run, hopeless, Fate::Refused);
    go_again(run, hopeful, token).await;
    run.stop_after_failure();
}

type Refused = Vec<(usize, Reply)>;

fn taken(run: &mut Run<'_>) -> Refused {
    let mut refused = Vec::new();
    for (place, state) in run.states.iter_mut().enumerate() {
        if matches!(state, State::Unauthorized(_))
            && let State::Unauthorized(reply) = std::mem::replace(state, State::Waiting(None))
        {
            refused.push((place, reply));
        }
    }
    refused
}

fn settle(run: &mut Run<'_>, refused: Refused, fate: impl Fn(Reply) -> Fate) {
    for (place, reply) in refused {
        run.states[place] = State::Settled(fate(reply));
    }
}

/// One token for all of them. Where there is none to be had, nothing further is sent.
async fn go_again(run: &mut Run<'_>, refused: Refused, token: &Token) {
    if refused.is_empty() {
        return;
    }
    let claims = refused
        .iter()
        .find_map(|(_, reply)| claims_challenge(&reply.headers));
    let (parts, ready) = (run.parts, run.ready);
    match wire::another(parts, &ready.snapshot, token, claims.as_deref()).await {
        Ok(_) => {
            let now = Instant::now();
            for (place, reply) in refused {
                run.renewed[place] += 1;
                run.states[place] = State::Waiting(Some((now, Some(reply))));
            }
        }
        Err(error) => no_token(run, refused, &error),
    }
}

fn no_token(run: &mut Run<'_>, refused: Refused, error: &BrokerError) {
    settle(run, refused, |reply| {
        Fate::Unauthorized(reply, error.clone())
    });
    run.leave(&format!("there is no token for it: {error}"));
}
