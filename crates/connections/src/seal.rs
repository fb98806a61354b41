//! Where secrets are sealed and opened. Each connection and each app registration has a data key of its own, so that
//! removing the key shreds everything it sealed.

#[cfg(test)]
mod tests;

use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use model::{Connection, ConnectionId, DataKeyId, Sealed, SharedClock, SharedRandom, WorkspaceId};
use moka::future::Cache;
use secrecy::{ExposeSecret, SecretString};
use store::{DataKeyRow, Page, Store, Transaction, repeated};
use vault::{DataKey, Place, Vault, WrappedKey};

use crate::{Error, Result};

/// Data keys kept open in memory at most.
const OPEN_KEYS: u64 = 10_000;
/// A data key that was not used for so long is opened anew. Another replica may have removed it, with what it sealed.
const OPEN_FOR: Duration = Duration::from_hours(1);
const REWRAPPED_AT_ONCE: i64 = 200;
/// A data key that was replaced is sealed with for so long at most by whoever does not know yet; it is removed much later.
const CURRENT_FOR: Duration = Duration::from_mins(1);

/// Makes, opens and forgets data keys. Cheap to clone.
#[derive(Clone)]
pub struct Seals {
    /// Replaced as a whole when the keyring is read anew.
    keyring: Arc<RwLock<Keyring>>,
    store: Store,
    clock: SharedClock,
    random: SharedRandom,
    open: Cache<DataKeyId, DataKey>,
    /// By which data key a connection's values are sealed at present.
    current: Cache<ConnectionId, DataKeyId>,
}

#[derive(Clone)]
struct Keyring {
    vault: Arc<Vault>,
    /// The master key that is to wrap once every process holds it.
    next: Option<String>,
}

impl Seals {
    pub fn new(vault: Arc<Vault>, store: Store, clock: SharedClock, random: SharedRandom) -> Self {
        Self {
            keyring: Arc::new(RwLock::new(Keyring { vault, next: None })),
            store,
            clock,
            random,
            open: Cache::builder()
                .max_capacity(OPEN_KEYS)
                .time_to_idle(OPEN_FOR)
                .build(),
            current: Cache::builder()
                .max_capacity(OPEN_KEYS)
                .time_to_live(CURRENT_FOR)
                .build(),
        }
    }

    fn keyring(&self) -> Keyring {
        let keyring = self.keyring.read();
        keyring.unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn vault(&self) -> Arc<Vault> {
        self.keyring().vault
    }

    /// Wraps and opens by another keyring from now on; `next` is the key in it that waits until every process holds it. Data keys
    /// that are open stay so.
    pub fn use_vault(&self, vault: Vault, next: Option<String>) {
        let vault = Arc::new(vault);
        *self.keyring.write().unwrap_or_else(PoisonError::into_inner) = Keyring { vault, next };
    }

    /// Wraps by that key of the keyring as soon as every process holds it.
    pub fn wait_for(&self, next: String) {
        let mut keyring = self.keyring.write().unwrap_or_else(PoisonError::into_inner);
        keyring.next = Some(next);
    }

    /// Wraps by the key that waited.
    pub fn lead_by_next(&self) {
        let Keyring { vault, next } = self.keyring();
        if let Some(next) = next {
            self.use_vault(vault.led_by(&next), None);
        }
    }

    /// The master key that waits until every process holds it.
    pub fn next_master_key(&self) -> Option<String> {
        self.keyring().next
    }

    /// What a heartbeat says: by which master key this process wraps, and after a blank the one that waits.
    pub fn said_master_keys(&self) -> String {
        let Keyring { vault, next } = self.keyring();
        let current = vault.master_keys().current_id();
        match next {
            Some(next) => format!("{current} {next}"),
            None => current.to_owned(),
        }
    }

    /// A new data key for `owner`, written in the caller's transaction.
    pub(crate) async fn create(
        &self,
        tx: &mut dyn Transaction,
        workspace: WorkspaceId,
        owner: &str,
    ) -> Result<(DataKeyId, DataKey)> {
        let id = DataKeyId::generate(&*self.clock, &*self.random);
        let (key, wrapped) = self.vault().new_data_key(id, owner);
        tx.create_data_key(&DataKeyRow {
            id,
            workspace_id: workspace,
            owner: owner.to_owned(),
            master_key_id: wrapped.master_key_id,
            wrapped: wrapped.bytes,
        })
        .await?;
        Ok((id, key))
    }

    /// The data key, from memory or unwrapped from its row.
    pub async fn key(&self, workspace: WorkspaceId, id: Option<DataKeyId>) -> Result<DataKey> {
        let id = id.ok_or_else(|| Error::Unexpected("the row has no data key".to_owned()))?;
        if let Some(key) = self.open.get(&id).await {
            return Ok(key);
        }
        let row = self.store.read().await?.data_key(workspace, id).await?;
        let key = self.unwrap(id, row)?;
        self.open.insert(id, key.clone()).await;
        Ok(key)
    }

    /// Opens by the data key that the envelope names: the owner may have got another one since.
    pub(crate) async fn open_text(
        &self,
        workspace: WorkspaceId,
        place: Place<'_>,
        sealed: &Sealed,
    ) -> Result<SecretString> {
        let key = self.key(workspace, Some(DataKey::id_of(sealed)?)).await?;
        Ok(key.open_str(place, sealed)?)
    }

    /// The data key that the connection's values are sealed by, as it was a minute ago or later: what took hours may hold an old
    /// snapshot.
    async fn current_key(&self, connection: &Connection) -> Result<DataKey> {
        let (workspace, id) = (connection.workspace_id, connection.id);
        if let Some(known) = self.current.get(&id).await {
            return self.key(workspace, Some(known)).await;
        }
        let stored = self.store.read().await?.connection(workspace, id).await?;
        let stored = stored.ok_or_else(|| Error::no_connection(&id))?;
        let key = self.key(workspace, stored.data_key_id).await?;
        self.current.insert(id, key.id()).await;
        Ok(key)
    }

    /// The same inside a transaction that may have made the key; not remembered, since it may yet be rolled back.
    pub(crate) async fn key_in(
        &self,
        tx: &mut dyn Transaction,
        workspace: WorkspaceId,
        id: Option<DataKeyId>,
    ) -> Result<DataKey> {
        let id = id.ok_or_else(|| Error::Unexpected("the row has no data key".to_owned()))?;
        let row = tx.data_key(workspace, id).await?;
        self.unwrap(id, row)
    }

    fn unwrap(&self, id: DataKeyId, row: Option<DataKeyRow>) -> Result<DataKey> {
        let row = row.ok_or_else(|| Error::NotFound {
            what: "data key",
            id: id.to_string(),
        })?;
        let wrapped = WrappedKey {
            master_key_id: row.master_key_id,
            bytes: row.wrapped,
        };
        Ok(self.vault().open_data_key(id, &row.owner, &wrapped)?)
    }

    /// Wraps every data key that lies under an older master key anew, under the current one; what they seal is not touched, and
    /// calls go on meanwhile. Answers how many there were.
    pub async fn rewrap(&self) -> Result<u64> {
        let mut done = 0;
        let mut after = None;
        loop {
            let page = Page {
                after,
                limit: REWRAPPED_AT_ONCE,
            };
            let vault = self.vault();
            let current = vault.master_keys().current_id();
            let rows = self
                .store
                .read()
                .await?
                .data_keys_to_rewrap(current, page)
                .await?;
            let Some(last) = rows.last() else {
                return Ok(done);
            };
            after = Some(last.id);
            done += repeated(|| self.rewrap_these(&vault, &rows)).await?;
        }
    }

    /// In their order, which is the one in which others take them too; answers how many there still were.
    async fn rewrap_these(&self, vault: &Vault, rows: &[DataKeyRow]) -> Result<u64> {
        let mut done = 0;
        let mut tx = self.store.write().await?;
        for row in rows {
            let wrapped = WrappedKey {
                master_key_id: row.master_key_id.clone(),
                bytes: row.wrapped.clone(),
            };
            let Some(new) = vault.rewrap(row.id, &row.owner, &wrapped)? else {
                continue;
            };
            // False when it was removed or rewrapped meanwhile, which is as good.
            done += u64::from(
                tx.rewrap_data_key(row, &new.master_key_id, &new.bytes)
                    .await?,
            );
        }
        tx.commit().await?;
        Ok(done)
    }

    /// The id of the master key that wraps what is made from now on.
    pub fn current_master_key(&self) -> String {
        self.vault().master_keys().current_id().to_owned()
    }

    /// Ids of the master keys, the current one first.
    pub fn master_keys(&self) -> Vec<String> {
        self.vault()
            .master_keys()
            .ids()
            .map(str::to_owned)
            .collect()
    }

    /// Seals what was answered under an idempotency key, for as long as the connection's data key lives.
    pub async fn seal_answer(
        &self,
        connection: &Connection,
        key: &str,
        text: &str,
    ) -> Result<Sealed> {
        let data_key = self.current_key(connection).await?;
        Ok(data_key.seal(place::answer(key), text.as_bytes()))
    }

    /// Opens what [`seal_answer`](Self::seal_answer) sealed.
    pub async fn open_answer(
        &self,
        connection: &Connection,
        key: &str,
        sealed: &Sealed,
    ) -> Result<String> {
        let text = self
            .open_text(connection.workspace_id, place::answer(key), sealed)
            .await?;
        Ok(text.expose_secret().to_owned())
    }

    /// Seals where a delta query is: Microsoft's link says what is read, and may hold what it is filtered by.
    pub async fn seal_cursor(
        &self,
        connection: &Connection,
        name: &str,
        text: &str,
    ) -> Result<Sealed> {
        let data_key = self.current_key(connection).await?;
        let row = place::row_of_cursor(connection.id, name);
        Ok(data_key.seal(place::cursor(&row), text.as_bytes()))
    }

    /// Opens what [`seal_cursor`](Self::seal_cursor) sealed, for the same connection and name.
    pub async fn open_cursor(
        &self,
        connection: &Connection,
        name: &str,
        sealed: &Sealed,
    ) -> Result<String> {
        let row = place::row_of_cursor(connection.id, name);
        let text = self
            .open_text(connection.workspace_id, place::cursor(&row), sealed)
            .await?;
        Ok(text.expose_secret().to_owned())
    }

    pub(crate) async fn forget(&self, id: Option<DataKeyId>) {
        if let Some(id) = id {
            self.open.invalidate(&id).await;
        }
    }
}

/// The places where this crate seals. Each binds the seal to its row, so that a seal moved elsewhere does not open.
pub(crate) mod place {
    use super::Place;

    pub(crate) fn proof(row: &str, generation: i64) -> Place<'_> {
        Place {
            table: "proofs",
            row,
            column: "sealed",
            generation,
        }
    }

    pub(crate) fn webhook(row: &str) -> Place<'_> {
        Place {
            table: "webhooks",
            row,
            column: "sealed",
            generation: 1,
        }
    }

    pub(crate) fn checkpoint_key(row: &str) -> Place<'_> {
        Place {
            table: "meta",
            row,
            column: "checkpoint_key",
            generation: 1,
        }
    }

    pub(crate) fn issuer_key(row: &str) -> Place<'_> {
        Place {
            table: "issuer_keys",
            row,
            column: "sealed",
            generation: 1,
        }
    }

    pub(crate) fn refresh_token(row: &str, generation: i64) -> Place<'_> {
        Place {
            table: "refresh_tokens",
            row,
            column: "sealed",
            generation,
        }
    }

    /// `row` is connection and audience; the generation is the version that is stored.
    pub(crate) fn access_token(row: &str, version: i64) -> Place<'_> {
        Place {
            table: "tokens",
            row,
            column: "sealed",
            generation: version,
        }
    }

    pub(crate) fn answer(row: &str) -> Place<'_> {
        Place {
            table: "idempotency",
            row,
            column: "sealed",
            generation: 1,
        }
    }

    pub(crate) fn row_of_cursor(connection: model::ConnectionId, name: &str) -> String {
        format!("{connection}|{name}")
    }

    pub(crate) fn cursor(row: &str) -> Place<'_> {
        Place {
            table: "cursors",
            row,
            column: "sealed",
            generation: 1,
        }
    }

    pub(crate) fn attempt(row: &str, step: i64) -> Place<'_> {
        Place {
            table: "attempts",
            row,
            column: "sealed",
            generation: step,
        }
    }
}
