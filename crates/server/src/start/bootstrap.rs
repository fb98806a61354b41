use model::{Member, MemberId, Role, Workspace, WorkspaceId};
use store::{Store, Transaction};

use crate::Dependencies;
use crate::state::FirstOwner;

/// Written first by whoever makes the workspace, so that processes that start together make one: the second waits for
/// this row, and then sees the workspace.
const MARK: &str = "first_workspace";

/// The owner of the first workspace; an empty database gets both.
pub(super) async fn first_owner(
    store: &Store,
    dependencies: &Dependencies,
) -> Result<FirstOwner, store::Error> {
    if let Some(owner) = existing(&mut *store.read().await?).await? {
        return Ok(owner);
    }
    let mut tx = store.write().await?;
    tx.set_meta(MARK, b"made").await?;
    if let Some(owner) = existing(&mut *tx).await? {
        return Ok(owner);
    }
    let owner = make(&mut *tx, dependencies).await?;
    tx.commit().await?;
    Ok(owner)
}

async fn existing(tx: &mut dyn Transaction) -> Result<Option<FirstOwner>, store::Error> {
    for workspace in tx.workspaces().await? {
        let members = tx.members(workspace.id).await?;
        let owners = members.iter().filter(|member| member.role == Role::Owner);
        if let Some(owner) = owners.min_by_key(|member| member.id) {
            return Ok(Some(FirstOwner {
                workspace: workspace.id,
                member: owner.id,
            }));
        }
    }
    Ok(None)
}

async fn make(
    tx: &mut dyn Transaction,
    dependencies: &Dependencies,
) -> Result<FirstOwner, store::Error> {
    let Dependencies { clock, random } = dependencies;
    let workspace = Workspace {
        id: WorkspaceId::generate(&**clock, &**random),
        name: "default".to_owned(),
        created_at: clock.now(),
    };
    let owner = Member {
        id: MemberId::generate(&**clock, &**random),
        workspace_id: workspace.id,
        email: "owner@localhost".to_owned(),
        name: "Owner".to_owned(),
        role: Role::Owner,
        password_hash: None,
        disabled_at: None,
        created_at: clock.now(),
    };
    tx.create_workspace(&workspace).await?;
    tx.create_member(&owner).await?;
    Ok(FirstOwner {
        workspace: workspace.id,
        member: owner.id,
    })
}
