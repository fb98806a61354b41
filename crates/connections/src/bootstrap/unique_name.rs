//! The name that an application has in the directory and no other, by which every attempt finds what another one made.
//!
//! Whoever knows it beforehand could have an application of their own there already, and be granted what an administrator
//! means for ours: users may register applications unless they are kept from it. So it follows from a secret of the installation,
//! and not from what a member sees.
//!
//! Source: <https://learn.microsoft.com/entra/fundamentals/users-default-permissions>

use model::{WorkspaceId, sha256};

use crate::{Context, Error, Result};

/// Under this name lies the secret.
const NAME: &str = "bootstrap_names";
/// Written before it is, by one process at a time.
const MARK: &str = "bootstrap_names_mark";
const LENGTH: usize = 32;

/// The same for the same workspace and name, in every process and after a restore.
pub(super) async fn of(context: &Context, workspace: WorkspaceId, name: &str) -> Result<String> {
    Ok(from(&secret(context).await?, workspace, name))
}

fn from(secret: &[u8], workspace: WorkspaceId, name: &str) -> String {
    let what = format!("{workspace}/{}", name.trim());
    let digest = sha256(&[secret, what.as_bytes()].concat());
    let hex = digest[..16].iter().map(|byte| format!("{byte:02x}"));
    format!("consentry-{}", hex.collect::<String>())
}

async fn secret(context: &Context) -> Result<Vec<u8>> {
    let known = context.store.read().await?.meta(NAME).await?;
    if let Some(known) = known {
        return whole(known);
    }
    let mut tx = context.store.write().await?;
    tx.set_meta(MARK, b"held").await?;
    if let Some(known) = tx.meta(NAME).await? {
        return whole(known);
    }
    let mut secret = vec![0; LENGTH];
    context.random.fill(&mut secret);
    tx.set_meta(NAME, &secret).await?;
    tx.commit().await?;
    Ok(secret)
}

fn whole(secret: Vec<u8>) -> Result<Vec<u8>> {
    if secret.len() == LENGTH {
        return Ok(secret);
    }
    Err(Error::Unexpected(
        "the secret that names of applications follow from does not read".to_owned(),
    ))
}

#[cfg(test)]
mod tests {
    use model::WorkspaceId;

    use super::from;

    #[test]
    fn a_name_is_the_same_for_the_same_and_another_for_any_other() {
        let one: WorkspaceId = "ws_01998b3c000070008000000000000001".parse().unwrap();
        let other: WorkspaceId = "ws_01998b3c000070008000000000000002".parse().unwrap();
        let name = from(&[1; 32], one, "contoso");
        assert_eq!(name, from(&[1; 32], one, " contoso "));
        assert_eq!(name.len(), "consentry-".len() + 32);
        for different in [
            from(&[2; 32], one, "contoso"),
            from(&[1; 32], other, "contoso"),
            from(&[1; 32], one, "fabrikam"),
        ] {
            assert_ne!(name, different);
        }
    }
}
