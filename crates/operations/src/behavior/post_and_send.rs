//! Posting an invoice and mailing it is one action of Business Central, and only its first half cannot be taken back.

use model::RemoteIds;
use serde_json::{Value, json};

use super::{json as read, part};
use crate::exchange::exchange;
use crate::ready::Ready;
use crate::runner::Parts;
use crate::{Answer, Error, Result};

/// After an error the document itself says which half is done.
pub(super) async fn post(parts: &Parts, ready: &Ready) -> Result<(Answer, RemoteIds)> {
    let before = status(parts, ready).await;
    let error = match exchange(parts, ready).await {
        Ok(done) => return Ok(done),
        Err(error) => error,
    };
    // One that was posted before is refused as it should be. What could not be seen may have been a draft.
    if before.is_some_and(|status| !is_draft(&status)) {
        return Err(error);
    }
    let answered = matches!(error, Error::Microsoft { .. });
    match status(parts, ready).await {
        Some(posted) if !is_draft(&posted) => {
            let body = json!({
                "posted": true, "sent": Value::Null, "status": posted,
                "problem": error.to_string(),
                "next": "the invoice is posted; mail it with `businesscentral.salesInvoices.send`",
            });
            Ok((super::answered(200, &body), RemoteIds::default()))
        }
        // Still a draft: nothing happened, and the error is the whole story.
        Some(_) if answered => Err(error),
        _ if error.may_have_happened() => Err(Error::Uncertain {
            activity: None,
            message: format!("the invoice may come to be posted yet: {error}"),
        }),
        _ => Err(error),
    }
}

fn is_draft(status: &str) -> bool {
    matches!(status, "Draft" | "In Review")
}

async fn status(parts: &Parts, ready: &Ready) -> Option<String> {
    let input = json!({ "companyId": ready.input.get("companyId"), "id": ready.input.get("id") });
    let found = part(parts, ready, "businesscentral.salesInvoices.get", input).await;
    let (invoice, _) = found.ok()?;
    let status = read(&invoice).ok()?.get("status")?.as_str()?.to_owned();
    // A blank in an enumeration's member is `_x0020_` on the wire.
    Some(status.replace("_x0020_", " ").trim().to_owned())
}
