//! The master key: where it comes from, at the start and when it is read anew, and whether it is the one that sealed what lies in the database.
//!
//! A new key over rows that another one sealed would lock them up for good, so one is only made for an installation that
//! is empty, on one machine, and has none configured.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;

use connections::Context;
use connections::jobs::DEAD_AFTER_SECS;
use connections::program::printed_by;
use model::Sealed;
use secrecy::{ExposeSecret, SecretString};
use store::{Store, Transaction};
use tokio::process::Command;
use vault::{MasterKeys, Vault, create_key_file, read_key_file};

use crate::config::MasterKey;
use crate::{Config, Dependencies, StartError};

const FILE_NAME: &str = "master.key";
/// Under this name lie the check values, as JSON from key id to hexadecimal.
const CHECKS: &str = "master_key_checks";
/// Under this name lie those of keys that were said to be removable, in the same way: nobody is asked for them again.
const REMOVABLE: &str = "master_keys_removable";
/// Written before they are, by one process at a time.
const MARK: &str = "master_key_mark";
/// Longest wait for the command that prints the keyring.
const PATIENCE: Duration = Duration::from_secs(30);

type Checks = BTreeMap<String, String>;

/// The vault, with a keyring that is proven to be the right one, and the key in it that waits: while another process does not hold
/// the first one, the vault wraps by what that one wraps by.
pub(super) async fn unlock(
    config: &MasterKey,
    directory: &Path,
    store: &Store,
    dependencies: &Dependencies,
) -> Result<(Vault, Option<String>), StartError> {
    let (checks, sealed_rows) = known(store).await?;
    let is_empty = sealed_rows == 0 && checks.is_empty();
    let must_open = sealed_rows > 0 || store.backend() == "postgres";
    let keys = match configured(config).await? {
        Some(keys) => keys,
        None => own(directory, store, is_empty, dependencies)?,
    };
    let vault = Vault::new(keys, dependencies.random.clone());
    prove(&vault, &checks, must_open)?;
    remember(&vault, store, &checks, must_open).await?;
    let said = said_keys(store).await?;
    let first = vault.master_keys().current_id().to_owned();
    let is_ours = |id: &String| vault.master_keys().ids().any(|known| known == id);
    let wrapped_by = said.iter().flatten().map(|said| said.wraps.clone());
    Ok(match wrapped_by.clone().find(is_ours) {
        Some(other) if !all_hold(&said, &first) => (vault.led_by(&other), Some(first)),
        _ => (vault, None),
    })
}

/// What a process says of its master keys with its heartbeat.
struct Said {
    wraps: String,
    /// What it would wrap by if every process held it.
    next: Option<String>,
}

impl Said {
    fn parse(text: &str) -> Self {
        let (wraps, next) = match text.split_once(' ') {
            Some((wraps, next)) => (wraps, Some(next.to_owned())),
            None => (text, None),
        };
        let wraps = wraps.to_owned();
        Self { wraps, next }
    }

    fn newest(&self) -> &str {
        self.next.as_deref().unwrap_or(&self.wraps)
    }
}

/// Whether every process holds that key. One that says nothing, as one of the version before, does not.
fn all_hold(said: &[Option<Said>], key: &str) -> bool {
    said.iter()
        .all(|said| said.as_ref().is_some_and(|said| said.newest() == key))
}

/// The check values, and how many data keys there are.
async fn known(store: &Store) -> Result<(Checks, i64), store::Error> {
    let mut tx = store.read().await?;
    Ok((checks(&mut *tx, CHECKS).await?, tx.count_data_keys().await?))
}

async fn checks(tx: &mut dyn Transaction, name: &str) -> Result<Checks, store::Error> {
    let bytes = tx.meta(name).await?.unwrap_or_default();
    Ok(serde_json::from_slice(&bytes).unwrap_or_default())
}

async fn set_checks(
    tx: &mut dyn Transaction,
    name: &str,
    checks: &Checks,
) -> Result<(), store::Error> {
    let bytes = serde_json::to_vec(checks).expect("texts serialise");
    tx.set_meta(name, &bytes).await
}

/// That each key which ever sealed here is in the keyring and is that very key. One that was rotated out may be gone
/// once nothing is sealed any more.
fn prove(vault: &Vault, checks: &Checks, must_open: bool) -> Result<(), vault::Error> {
    for (id, value) in checks {
        if must_open || vault.master_keys().ids().any(|known| known == id) {
            prove_one(vault, id, value)?;
        }
    }
    Ok(())
}

fn prove_one(vault: &Vault, id: &str, value: &str) -> Result<(), vault::Error> {
    let bytes = hex::decode(value).unwrap_or_default();
    vault.check(id, &Sealed::from_bytes(bytes))
}

/// Writes check values of keys that have none yet. Values made anew differ each time, so known ones stay. Processes that
/// start together wait for the mark, and prove themselves against what the first of them wrote. A key that was said to be
/// removable gets none: whoever took it out would be asked for it because another did not yet. It gets one as the current key.
async fn remember(
    vault: &Vault,
    store: &Store,
    known: &Checks,
    must_open: bool,
) -> Result<(), StartError> {
    if vault.master_keys().ids().all(|id| known.contains_key(id)) {
        return Ok(());
    }
    let mut tx = store.write().await?;
    tx.set_meta(MARK, b"held").await?;
    let mut all = checks(&mut *tx, CHECKS).await?;
    let mut removable = checks(&mut *tx, REMOVABLE).await?;
    prove(vault, &all, must_open)?;
    let current = vault.master_keys().current_id();
    for (id, value) in vault.key_check() {
        let is_removable = removable
            .get(&id)
            .is_some_and(|value| prove_one(vault, &id, value).is_ok());
        if is_removable && id != current {
            continue;
        }
        removable.remove(&id);
        all.entry(id)
            .or_insert_with(|| hex::encode(value.as_bytes()));
    }
    set_checks(&mut *tx, CHECKS, &all).await?;
    set_checks(&mut *tx, REMOVABLE, &removable).await?;
    Ok(tx.commit().await?)
}

/// Reads the keyring anew from where it was configured, and uses it if it opens everything that is sealed; otherwise the one
/// there was stays in use. Answers whether it differs from that one.
pub(crate) async fn reload(config: &Config, context: &Context) -> Result<bool, StartError> {
    let keys = match configured(&config.master_key).await? {
        Some(keys) => keys,
        None => read_key_file(&config.data.directory.join(FILE_NAME))?.ok_or(
            StartError::NoMasterKey {
                why: "`master.key` is not in the data directory any more",
            },
        )?,
    };
    let vault = Vault::new(keys, context.random.clone());
    let (checks, _) = known(&context.store).await?;
    prove(&vault, &checks, true)?;
    remember(&vault, &context.store, &checks, true).await?;
    let seals = &context.seals;
    let before = seals.master_keys();
    let wraps = seals.current_master_key();
    let first = vault.master_keys().current_id().to_owned();
    if first == wraps || !vault.master_keys().ids().any(|id| id == wraps) {
        seals.use_vault(vault, None);
        say(context).await?;
    } else {
        // What it wraps must open everywhere: the new key waits until every process holds it.
        seals.use_vault(vault.led_by(&wraps), Some(first));
        say(context).await?;
        advance(context).await?;
    }
    Ok(before != seals.master_keys())
}

/// Says at once what the next heartbeat would.
async fn say(context: &Context) -> Result<(), store::Error> {
    let mut tx = context.store.write().await?;
    let said = context.seals.said_master_keys();
    tx.beat(context.journal.writer(), &said).await?;
    tx.commit().await
}

/// Wraps by the key that waits, if every process holds it by now.
pub(super) async fn advance(context: &Context) -> Result<(), store::Error> {
    let Some(next) = context.seals.next_master_key() else {
        return Ok(());
    };
    if all_hold(&said_keys(&context.store).await?, &next) {
        context.seals.lead_by_next();
        say(context).await?;
    }
    Ok(())
}

/// Whether another process knows a master key that this one does not, or would wrap by another one.
pub(super) async fn is_behind(context: &Context) -> Result<bool, store::Error> {
    let ours = context.seals.master_keys();
    let checks = checks(&mut *context.store.read().await?, CHECKS).await?;
    if checks.keys().any(|id| !ours.contains(id)) {
        return Ok(true);
    }
    let said = said_keys(&context.store).await?;
    let seals = &context.seals;
    let newest = seals
        .next_master_key()
        .unwrap_or_else(|| seals.current_master_key());
    Ok(said.iter().flatten().any(|said| said.newest() != newest))
}

/// Whether every process wraps by the newest master key of this one, which does so as soon as it may.
pub(crate) async fn is_shared(context: &Context) -> Result<bool, store::Error> {
    advance(context).await?;
    if context.seals.next_master_key().is_some() {
        return Ok(false);
    }
    let current = context.seals.current_master_key();
    let said = said_keys(&context.store).await?;
    let wraps = |said: &Said| said.next.is_none() && said.wraps == current;
    Ok(said.iter().all(|said| said.as_ref().is_some_and(wraps)))
}

/// What processes say, this one among them. On SQLite there are no others, however lately one was heard of.
async fn said_keys(store: &Store) -> Result<Vec<Option<Said>>, store::Error> {
    if store.backend() != "postgres" {
        return Ok(Vec::new());
    }
    let said = store.read().await?.master_keys_of(DEAD_AFTER_SECS).await?;
    let parse = |said: Option<String>| said.as_deref().map(Said::parse);
    Ok(said.into_iter().map(parse).collect())
}

/// Which of these older master keys wrap nothing any more, and are wrapped by by nobody: the next start does not ask for them. A
/// process of the version before does not say by which it wraps; then none may go.
pub(crate) async fn removable(
    context: &Context,
    older: &[String],
) -> Result<Vec<String>, store::Error> {
    let mut tx = context.store.write().await?;
    tx.set_meta(MARK, b"held").await?;
    let mut used = tx.master_keys_in_use().await?;
    let ours = context.seals.said_master_keys();
    tx.beat(context.journal.writer(), &ours).await?;
    // On SQLite there are no others, however lately one was heard of.
    if context.store.backend() == "postgres" {
        for said in tx.master_keys_of(DEAD_AFTER_SECS).await? {
            let Some(said) = said else {
                return Ok(Vec::new());
            };
            let Said { wraps, next } = Said::parse(&said);
            used.extend([Some(wraps), next].into_iter().flatten());
        }
    }
    let removable: Vec<_> = older
        .iter()
        .filter(|id| !used.contains(id))
        .cloned()
        .collect();
    let mut all = checks(&mut *tx, CHECKS).await?;
    let mut noted = checks(&mut *tx, REMOVABLE).await?;
    for id in &removable {
        noted.extend(all.remove_entry(id));
    }
    set_checks(&mut *tx, CHECKS, &all).await?;
    set_checks(&mut *tx, REMOVABLE, &noted).await?;
    tx.commit().await?;
    Ok(removable)
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

/// What the command prints. Neither its output nor its complaints are repeated: they may hold the key.
async fn output(command: &str) -> Result<SecretString, StartError> {
    let mut shell = Command::new(if cfg!(windows) { "cmd" } else { "sh" });
    shell
        .arg(if cfg!(windows) { "/C" } else { "-c" })
        .arg(command);
    let printed = printed_by(shell, PATIENCE).await;
    printed.map_err(|outcome| StartError::MasterKeyCommand {
        command: command.to_owned(),
        outcome,
    })
}
