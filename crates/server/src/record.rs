//! Lines of the activity log for what this crate itself does: keys, members, sign-in, refusals.

use model::{Activity, ActivityId, ActivityKind, Actor, Outcome, Phase, RemoteIds, WorkspaceId};

use crate::App;
use crate::problem::Problem;

impl App {
    /// Sign-in, sign-out, and refusals.
    pub(crate) fn access_line(
        &self,
        workspace: WorkspaceId,
        actor: Actor,
        action: &str,
    ) -> Activity {
        let context = self.context();
        Activity {
            id: ActivityId::generate(&*context.clock, &*context.random),
            workspace_id: workspace,
            at: context.now(),
            actor,
            kind: ActivityKind::Access,
            action: action.to_owned(),
            connection_id: None,
            target: None,
            phase: Phase::Result,
            intent_id: None,
            outcome: Outcome::Ok,
            status: None,
            code: None,
            duration_us: None,
            bytes_sent: None,
            bytes_received: None,
            remote: RemoteIds::default(),
        }
    }

    /// A change that was made by `caller` to what `target` names. Committed when this returns.
    pub(crate) async fn record_change(
        &self,
        caller: &connections::Caller,
        action: &str,
        target: &str,
    ) -> Result<(), Problem> {
        let mut line = self.access_line(caller.workspace_id, caller.actor.clone(), action);
        line.kind = ActivityKind::Change;
        line.target = Some(target.to_owned());
        Ok(self.context().journal.record(line).await?)
    }
}
