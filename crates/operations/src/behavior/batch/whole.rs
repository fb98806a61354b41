//! All or none: one request, and one outcome.

use microsoft::odata::Reply;
use model::{OperationKind, RemoteIds};
use tokio::time::sleep;

use super::envelope::Sent;
use super::fate::{self, Fate};
use super::run::{Run, State};
use crate::{Error, Result};

/// Longest that is waited for at a throttled whole.
const LONGEST_WAIT: std::time::Duration = std::time::Duration::from_mins(1);

/// An error names the member that failed, and says that nothing of the batch was kept.
pub(super) async fn send(run: &mut Run<'_>) -> Result<RemoteIds> {
    let places: Vec<usize> = (0..run.batch.members.len()).collect();
    loop {
        let (wait, error) = match run.send(&places).await? {
            Sent::Throttled(wait, error) => (wait, error),
            Sent::Answered(replies, remote, _) => {
                let Some((place, reply)) = failed(&replies) else {
                    return settle(run, replies).map(|()| remote);
                };
                if reply.status != http::StatusCode::TOO_MANY_REQUESTS {
                    return Err(refused(run, place, reply));
                }
                let now = run.parts.context.now();
                let wait = microsoft::retry_after(&reply.headers, now);
                (wait, refused(run, place, reply))
            }
        };
        let pause = run.wait(0, wait);
        if !run.may_go_again(&places) || pause > LONGEST_WAIT {
            return Err(error);
        }
        sleep(pause).await;
    }
}

fn failed(replies: &[Option<Reply>]) -> Option<(usize, &Reply)> {
    let mut answered = replies
        .iter()
        .enumerate()
        .filter_map(|(place, reply)| Some((place, reply.as_ref()?)));
    answered.find(|(_, reply)| !reply.status.is_success())
}

fn settle(run: &mut Run<'_>, replies: Vec<Option<Reply>>) -> Result<()> {
    if replies.iter().any(Option::is_none) {
        return Err(Error::Uncertain {
            activity: None,
            message: "Microsoft's answer does not tell of every request".to_owned(),
        });
    }
    let replies = replies.into_iter().flatten().map(Fate::Done);
    run.states = replies.map(State::Settled).collect();
    Ok(())
}

/// The member's own error. What commits by itself before it may be kept.
fn refused(run: &mut Run<'_>, place: usize, reply: &Reply) -> Error {
    let member = run.member(place);
    let own = fate::refusal(&run.ready.snapshot, member, reply);
    let before = &run.batch.members[..place];
    let commits = before
        .iter()
        .find(|member| member.ready.permit.deed().kind == OperationKind::Action);
    if let Some(commits) = commits {
        return Error::Uncertain {
            activity: None,
            message: format!(
                "request `{}` failed ({own}), and what `{}` did before it may be kept",
                member.id, commits.id
            ),
        };
    }
    run.states[place] = State::Settled(Fate::of(member, reply.clone()));
    for (other, state) in run.states.iter_mut().enumerate() {
        if other != place {
            let message = format!("request `{}` failed, and nothing was kept", member.id);
            *state = State::Settled(Fate::NotSent(message));
        }
    }
    fate::named(own, place, &member.id)
}
