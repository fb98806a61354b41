use jiff::{SignedDuration, Timestamp};
use model::{MemberId, SignInLink, WorkspaceId, random_token, sha256};
use serde::Serialize;

use crate::App;

const LIFETIME: SignedDuration = SignedDuration::from_mins(15);

/// A link that signs a member in, once.
#[derive(Serialize)]
pub(crate) struct NewLink {
    /// The secret is its fragment, which no browser sends and no log sees.
    pub(crate) url: String,
    pub(crate) expires_at: Timestamp,
}

pub(crate) async fn new_link(
    app: &App,
    workspace: WorkspaceId,
    member: MemberId,
) -> Result<NewLink, store::Error> {
    let context = app.context();
    let secret = random_token(&*context.random);
    let expires_at = app.now() + LIFETIME;
    let mut tx = app.store().write().await?;
    tx.create_sign_in_link(&SignInLink {
        workspace_id: workspace,
        member_id: member,
        secret_hash: sha256(secret.as_bytes()),
        expires_at,
    })
    .await?;
    tx.commit().await?;
    let base = context.public_url.as_str().trim_end_matches('/');
    Ok(NewLink {
        url: format!("{base}/sign-in#{secret}"),
        expires_at,
    })
}
