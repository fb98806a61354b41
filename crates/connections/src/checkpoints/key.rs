use aws_lc_rs::signature::{ED25519, Ed25519KeyPair, KeyPair, UnparsedPublicKey};
use model::{DataKeyId, Sealed, WorkspaceId, sha256};
use serde::{Deserialize, Serialize};
use store::Transaction;
use vault::ExposeSecret;
use zeroize::Zeroizing;

use crate::seal::place;
use crate::{Context, Error, Result};

/// Under this name lies the key, its seed sealed.
const NAME: &str = "checkpoint_key";
/// Written before it is, by one process at a time.
const MARK: &str = "checkpoint_key_mark";
const OWNER: &str = "checkpoints";
const SEED: usize = 32;

#[derive(Serialize, Deserialize)]
struct Stored {
    workspace: WorkspaceId,
    data_key: DataKeyId,
    id: String,
    /// Hexadecimal.
    sealed: String,
}

/// The key that signs checkpoints: one for the installation, made when the first is.
pub(super) struct SigningKey {
    id: String,
    pair: Ed25519KeyPair,
}

impl SigningKey {
    /// `None` when no checkpoint was ever made.
    pub(super) async fn known(context: &Context) -> Result<Option<Self>> {
        let bytes = context.store.read().await?.meta(NAME).await?;
        match bytes {
            Some(bytes) => Self::open(context, &bytes).await.map(Some),
            None => Ok(None),
        }
    }

    pub(super) async fn of_installation(context: &Context) -> Result<Self> {
        if let Some(known) = Self::known(context).await? {
            return Ok(known);
        }
        let mut tx = context.store.write().await?;
        tx.set_meta(MARK, b"held").await?;
        if tx.meta(NAME).await?.is_none() {
            let stored = make(context, &mut *tx).await?;
            let bytes = serde_json::to_vec(&stored).map_err(|error| odd(&error))?;
            tx.set_meta(NAME, &bytes).await?;
            tx.commit().await?;
        } else {
            drop(tx);
        }
        let known = Self::known(context).await?;
        known.ok_or_else(|| odd(&"the key of checkpoints is gone again"))
    }

    async fn open(context: &Context, bytes: &[u8]) -> Result<Self> {
        let stored: Stored = serde_json::from_slice(bytes).map_err(|error| odd(&error))?;
        let sealed = hex(&stored.sealed).map(Sealed::from_bytes);
        let sealed = sealed.ok_or_else(|| odd(&"the key of checkpoints does not read"))?;
        let key = context
            .seals
            .key(stored.workspace, Some(stored.data_key))
            .await?;
        let seed = key.open(place::checkpoint_key(&stored.id), &sealed)?;
        let pair = Ed25519KeyPair::from_seed_unchecked(seed.expose_secret());
        Ok(Self {
            id: stored.id,
            pair: pair.map_err(|error| odd(&error))?,
        })
    }

    /// Follows from the public key.
    pub(super) fn id(&self) -> &str {
        &self.id
    }

    pub(super) fn sign(&self, hash: &[u8; 32]) -> Vec<u8> {
        self.pair.sign(hash).as_ref().to_vec()
    }

    pub(super) fn has_signed(&self, hash: &[u8; 32], signature: &[u8]) -> bool {
        let public = UnparsedPublicKey::new(&ED25519, self.pair.public_key().as_ref());
        public.verify(hash, signature).is_ok()
    }
}

async fn make(context: &Context, tx: &mut dyn Transaction) -> Result<Stored> {
    let workspaces = tx.workspaces().await?;
    let workspace = workspaces
        .first()
        .ok_or_else(|| odd(&"there is no workspace"))?
        .id;
    let (data_key, key) = context.seals.create(tx, workspace, OWNER).await?;
    let mut seed = Zeroizing::new([0; SEED]);
    context.random.fill(&mut *seed);
    let pair = Ed25519KeyPair::from_seed_unchecked(&*seed).map_err(|error| odd(&error))?;
    let id = lower_hex(&sha256(pair.public_key().as_ref())[..8]);
    let sealed = key.seal(place::checkpoint_key(&id), &*seed);
    Ok(Stored {
        workspace,
        data_key,
        id,
        sealed: lower_hex(sealed.as_bytes()),
    })
}

fn odd(reason: &dyn std::fmt::Display) -> Error {
    Error::Unexpected(reason.to_string())
}

pub(super) fn lower_hex(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let digit = |number: u8| char::from(DIGITS[usize::from(number & 15)]);
    bytes
        .iter()
        .flat_map(|byte| [digit(byte >> 4), digit(*byte)])
        .collect()
}

fn hex(text: &str) -> Option<Vec<u8>> {
    (0..text.len())
        .step_by(2)
        .map(|at| u8::from_str_radix(text.get(at..at + 2)?, 16).ok())
        .collect()
}
