use std::fmt;
use std::sync::Arc;

use model::{DataKeyId, Sealed, SharedRandom};
use secrecy::{ExposeSecret, SecretSlice};
use zeroize::Zeroizing;

use crate::cipher::KEY_LEN;
use crate::master_keys::MasterKey;
use crate::place::associated_data;
use crate::{DataKey, Error, MasterKeys};

/// First byte of a wrapped key and of a key check value.
const VERSION: [u8; 1] = [1];
/// What a key check value holds: it proves that a master key is the one it was, and is no secret.
const CHECK: &[u8] = b"this master key opens what it sealed";

/// A data key as it is stored: useless without the master key that it names.
#[derive(Clone, PartialEq, Eq)]
pub struct WrappedKey {
    pub master_key_id: String,
    /// Version (1 byte), nonce (12), the sealed key (32) and its tag (16).
    pub bytes: Vec<u8>,
}

impl fmt::Debug for WrappedKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "WrappedKey(under {})", self.master_key_id)
    }
}

/// Makes, wraps and opens data keys. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Vault {
    keys: Arc<MasterKeys>,
    random: SharedRandom,
}

impl Vault {
    pub fn new(keys: MasterKeys, random: SharedRandom) -> Self {
        Self {
            keys: Arc::new(keys),
            random,
        }
    }

    /// With the same keys, wrapping by the one of that id.
    #[must_use]
    pub fn led_by(&self, key_id: &str) -> Self {
        Self {
            keys: Arc::new(self.keys.led_by(key_id)),
            random: Arc::clone(&self.random),
        }
    }

    pub fn master_keys(&self) -> &MasterKeys {
        &self.keys
    }

    /// A value for each master key, by its id, to be stored beside what the keys seal and given to [`check`](Self::check) at the
    /// next start. Without it a wrong key would show only at the first credential that does not open.
    pub fn key_check(&self) -> Vec<(String, Sealed)> {
        self.keys
            .all()
            .map(|key| {
                let associated = associated_data(&[b"key check", &VERSION, key.id.as_bytes()]);
                let value = key.cipher.seal(&*self.random, &VERSION, &associated, CHECK);
                (key.id.clone(), Sealed::from_bytes(value))
            })
            .collect()
    }

    /// Whether the keyring holds the very key that made `value`: [`Error::UnknownMasterKey`] when no key has that id,
    /// [`Error::WrongMasterKey`] when another one has.
    pub fn check(&self, key_id: &str, value: &Sealed) -> Result<(), Error> {
        let key = self.keys.get(key_id)?;
        let associated = associated_data(&[b"key check", &VERSION, key_id.as_bytes()]);
        match key.cipher.open(&associated, unversioned(value.as_bytes())?) {
            Ok(text) if text.expose_secret() == CHECK => Ok(()),
            Err(Error::Malformed) => Err(Error::Malformed),
            _ => Err(Error::WrongMasterKey {
                key_id: key_id.to_owned(),
            }),
        }
    }

    /// A new data key for `owner`, and its wrapped form under the current master key, bound to `id` and `owner`.
    pub fn new_data_key(&self, id: DataKeyId, owner: &str) -> (DataKey, WrappedKey) {
        let mut bytes = Zeroizing::new([0; KEY_LEN]);
        self.random.fill(&mut *bytes);
        let wrapped = self.wrap(id, owner, &*bytes);
        (DataKey::new(id, &bytes, self.random.clone()), wrapped)
    }

    /// [`Error::UnknownMasterKey`] when the keyring lacks the key it is wrapped under; [`Error::Tampered`] when it is not the
    /// data key of `id` and `owner`.
    pub fn open_data_key(
        &self,
        id: DataKeyId,
        owner: &str,
        wrapped: &WrappedKey,
    ) -> Result<DataKey, Error> {
        let bytes = self.unwrap(id, owner, wrapped)?;
        let bytes = <&[u8; KEY_LEN]>::try_from(bytes.expose_secret());
        let bytes = bytes.map_err(|_| Error::Malformed)?;
        Ok(DataKey::new(id, bytes, self.random.clone()))
    }

    /// The same data key under the current master key; `None` when it is there already.
    pub fn rewrap(
        &self,
        id: DataKeyId,
        owner: &str,
        wrapped: &WrappedKey,
    ) -> Result<Option<WrappedKey>, Error> {
        if wrapped.master_key_id == self.keys.current_id() {
            return Ok(None);
        }
        let bytes = self.unwrap(id, owner, wrapped)?;
        Ok(Some(self.wrap(id, owner, bytes.expose_secret())))
    }

    fn wrap(&self, id: DataKeyId, owner: &str, data_key: &[u8]) -> WrappedKey {
        let master = self.keys.current();
        let bound = bound_to(master, id, owner);
        WrappedKey {
            master_key_id: master.id.clone(),
            bytes: master
                .cipher
                .seal(&*self.random, &VERSION, &bound, data_key),
        }
    }

    fn unwrap(
        &self,
        id: DataKeyId,
        owner: &str,
        wrapped: &WrappedKey,
    ) -> Result<SecretSlice<u8>, Error> {
        let master = self.keys.get(&wrapped.master_key_id)?;
        let bound = bound_to(master, id, owner);
        master.cipher.open(&bound, unversioned(&wrapped.bytes)?)
    }
}

fn bound_to(master: &MasterKey, id: DataKeyId, owner: &str) -> Vec<u8> {
    associated_data(&[
        b"data key",
        &VERSION,
        master.id.as_bytes(),
        id.to_string().as_bytes(),
        owner.as_bytes(),
    ])
}

fn unversioned(bytes: &[u8]) -> Result<&[u8], Error> {
    bytes.strip_prefix(&VERSION).ok_or(Error::Malformed)
}
