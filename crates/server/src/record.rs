//! Lines of the activity log for what this crate itself does: keys, members, sign-in, refusals.

use model::{Activity, ActivityKind, Actor, WorkspaceId};

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
        let line = self.context().line(workspace, actor, action);
        Activity {
            kind: ActivityKind::Access,
            ..line
        }
    }

    /// A change that was made by `caller` to what `target` names. Committed when this returns.
    pub(crate) async fn record_change(
        &self,
        caller: &connections::Caller,
        action: &str,
        target: &str,
    ) -> Result<(), Problem> {
        let context = self.context();
        let mut line = context.line(caller.workspace_id, caller.actor.clone(), action);
        line.target = Some(target.to_owned());
        Ok(context.journal.record(line).await?)
    }
}
