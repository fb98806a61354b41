//! The master key: where it comes from, and whether it is the one that sealed what lies in the database.
//!
//! A new key over rows that another one sealed would lock them up for good, so one is only made for an installation that
//! is empty, on one machine, and has none configured.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Stdio;

use model::Sealed;
use secrecy::{ExposeSecret, SecretString};
use store::Store;
use tokio::process::Command;
use vault::{MasterKeys, Vault, create_key_file, read_key_file};

use crate::config::MasterKey;
use crate::{Dependencies, StartError};

const FILE_NAME: &str = "master.key";
/// Under this name lie the check values, as JSON from key id to hexadecimal.
const CHECKS: &str = "master_key_checks";

type Checks = BTreeMap<String, String>;

/// The vault, with a keyring that is proven to be the right one.
pub(super) async fn unlock(
    config: &MasterKey,
    directory: &Path,
    store: &Store,
    dependencies: &Dependencies,
) -> Result<Vault, StartError> {
    let (checks, sealed_rows) = known(store).await?;
    let is_empty = sealed_rows == 0 && checks.is_empty();
    let keys = match configured(config).await? {
        Some(keys) => keys,
        None => own(directory, store, is_empty, dependencies)?,
    };
    let vault = Vault::new(keys, dependencies.random.clone());
    for (id, value) in &checks {
        let is_known = vault.master_keys().ids().any(|known| known == id);
        // A key that was rotated out may be gone once nothing is sealed any more.
        if is_known || sealed_rows > 0 || store.backend() == "postgres" {
            let bytes = hex::decode(value).unwrap_or_default();
            vault.check(id, &Sealed::from_bytes(bytes))?;
        }
    }
    remember(&vault, store, &checks).await?;
    Ok(vault)
}

/// The check values, and how many data keys there are.
async fn known(store: &Store) -> Result<(Checks, i64), store::Error> {
    let mut tx = store.read().await?;
    let bytes = tx.meta(CHECKS).await?.unwrap_or_default();
    let checks = serde_json::from_slice(&bytes).unwrap_or_default();
    Ok((checks, tx.count_data_keys().await?))
}

async fn configured(config: &MasterKey) -> Result<Option<MasterKeys>, StartError> {
    if let Some(value) = &config.value {
        return Ok(Some(MasterKeys::parse(value.expose_secret())?));
    }
    if let Some(path) = &config.file {
        let keys = read_key_file(path)?;
        return keys.map(Some).ok_or(StartError::NoMasterKey {
            why: "the file that `master_key.file` names does not exist",
        });
    }
    match &config.command {
        Some(command) => Ok(Some(MasterKeys::parse(
            output(command).await?.expose_secret(),
        )?)),
        None => Ok(None),
    }
}

/// The installation's own file, made at its first start.
fn own(
    directory: &Path,
    store: &Store,
    is_empty: bool,
    dependencies: &Dependencies,
) -> Result<MasterKeys, StartError> {
    let path = directory.join(FILE_NAME);
    if let Some(keys) = read_key_file(&path)? {
        return Ok(keys);
    }
    if store.backend() == "postgres" {
        return Err(StartError::NoMasterKey {
            why: "with PostgreSQL every process needs the same one, so none is made up",
        });
    }
    if !is_empty {
        return Err(StartError::NoMasterKey {
            why: "`master.key` is not in the data directory, and the database holds what only that key opens",
        });
    }
    let keys = MasterKeys::generate(&*dependencies.random);
    create_key_file(&path, &keys)?;
    Ok(keys)
}

/// Writes check values of keys that have none yet. Values made anew differ each time, so known ones stay.
async fn remember(vault: &Vault, store: &Store, known: &Checks) -> Result<(), store::Error> {
    let missing: Checks = vault
        .key_check()
        .into_iter()
        .filter(|(id, _)| !known.contains_key(id))
        .map(|(id, value)| (id, hex::encode(value.as_bytes())))
        .collect();
    if missing.is_empty() {
        return Ok(());
    }
    let mut all = missing;
    all.extend(known.iter().map(|(id, value)| (id.clone(), value.clone())));
    let bytes = serde_json::to_vec(&all).expect("texts serialise");
    let mut tx = store.write().await?;
    tx.set_meta(CHECKS, &bytes).await?;
    tx.commit().await
}

/// What the command prints. Neither its output nor its complaints are repeated: they may hold the key.
async fn output(command: &str) -> Result<SecretString, StartError> {
    let failed = |outcome: String| StartError::MasterKeyCommand {
        command: command.to_owned(),
        outcome,
    };
    let mut shell = Command::new(if cfg!(windows) { "cmd" } else { "sh" });
    shell
        .arg(if cfg!(windows) { "/C" } else { "-c" })
        .arg(command);
    let result = shell
        .stdin(Stdio::null())
        .stderr(Stdio::null())
        .output()
        .await;
    let output = result.map_err(|error| failed(format!("could not be run: {error}")))?;
    if !output.status.success() {
        return Err(failed(format!("ended with {}", output.status)));
    }
    let text = String::from_utf8(output.stdout)
        .map_err(|_| failed("printed something that is no text".to_owned()))?;
    Ok(text.into())
}
