use std::fmt;

use base64::Engine;
use base64::alphabet;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use model::{Random, sha256};
use secrecy::SecretString;
use zeroize::Zeroizing;

use crate::Error;
use crate::cipher::{Cipher, KEY_LEN};

/// Standard base64, with or without its padding.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &alphabet::STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);
const LONGEST_ID: usize = 64;

/// A keyring: the current key, which wraps, and older ones, which still open.
pub struct MasterKeys {
    current: MasterKey,
    older: Vec<MasterKey>,
}

pub(crate) struct MasterKey {
    pub(crate) id: String,
    pub(crate) cipher: Cipher,
    bytes: Zeroizing<[u8; KEY_LEN]>,
}

impl MasterKeys {
    /// Lines of `id:base64 of 32 bytes`, the current key first; empty lines and lines from `#` are skipped. One bare base64
    /// key alone is taken too, under an id derived from it.
    ///
    /// [`Error::Keyring`] names the line and never repeats what stands in it.
    pub fn parse(text: &str) -> Result<Self, Error> {
        let mut keys: Vec<MasterKey> = Vec::new();
        let mut bare = None;
        for (number, line) in (1..).zip(text.lines().map(str::trim)) {
            if line.is_empty() || line.starts_with('#') {
                continue;
            }
            let refuse = |reason| Error::Keyring {
                line: number,
                reason,
            };
            let key = MasterKey::parse(line).map_err(refuse)?;
            if !line.contains(':') {
                bare = Some(number);
            }
            if keys.iter().any(|other| other.id == key.id) {
                return Err(refuse("repeats an id"));
            }
            keys.push(key);
        }
        if let (Some(line), true) = (bare, keys.len() > 1) {
            let reason = "has no id, which only a key alone may lack";
            return Err(Error::Keyring { line, reason });
        }
        let mut keys = keys.into_iter();
        let current = keys.next().ok_or(Error::Keyring {
            line: 1,
            reason: "holds no key",
        })?;
        Ok(Self {
            current,
            older: keys.collect(),
        })
    }

    /// One new key, under an id derived from it.
    pub fn generate(random: &dyn Random) -> Self {
        let mut bytes = Zeroizing::new([0; KEY_LEN]);
        random.fill(&mut *bytes);
        Self {
            current: MasterKey::new(derived_id(&bytes), bytes),
            older: Vec::new(),
        }
    }

    /// The text that [`parse`](Self::parse) takes.
    pub fn to_text(&self) -> SecretString {
        // Room for all lines at once: a string that grows would leave copies of keys behind.
        let room = self.all().map(|key| key.id.len() + 48).sum();
        let mut text = Zeroizing::new(String::with_capacity(room));
        for key in self.all() {
            text.push_str(&key.id);
            text.push(':');
            BASE64.encode_string(*key.bytes, &mut text);
            text.push('\n');
        }
        SecretString::from(text.as_str())
    }

    /// The same keys, with the one of that id to wrap by; as they are where there is none.
    #[must_use]
    pub fn led_by(&self, key_id: &str) -> Self {
        let anew = |key: &MasterKey| MasterKey::new(key.id.clone(), key.bytes.clone());
        let leader = self.get(key_id).unwrap_or(&self.current);
        Self {
            current: anew(leader),
            older: self
                .all()
                .filter(|key| key.id != leader.id)
                .map(anew)
                .collect(),
        }
    }

    /// The id of the key that wraps.
    pub fn current_id(&self) -> &str {
        &self.current.id
    }

    /// All ids, the current one first.
    pub fn ids(&self) -> impl Iterator<Item = &str> {
        self.all().map(|key| key.id.as_str())
    }

    pub(crate) fn current(&self) -> &MasterKey {
        &self.current
    }

    pub(crate) fn all(&self) -> impl Iterator<Item = &MasterKey> {
        std::iter::once(&self.current).chain(&self.older)
    }

    pub(crate) fn get(&self, key_id: &str) -> Result<&MasterKey, Error> {
        self.all()
            .find(|key| key.id == key_id)
            .ok_or_else(|| Error::UnknownMasterKey {
                key_id: key_id.to_owned(),
            })
    }
}

impl fmt::Debug for MasterKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("MasterKeys")?;
        f.debug_list().entries(self.ids()).finish()
    }
}

impl MasterKey {
    fn new(id: String, bytes: Zeroizing<[u8; KEY_LEN]>) -> Self {
        let cipher = Cipher::new(&bytes);
        Self { id, cipher, bytes }
    }

    fn parse(line: &str) -> Result<Self, &'static str> {
        let (id, key) = match line.split_once(':') {
            Some((id, key)) => (Some(id.trim()), key.trim()),
            None => (None, line),
        };
        if id.is_some_and(|id| !is_id(id)) {
            return Err("has an id that is not 1 to 64 letters, digits, `.`, `_` or `-`");
        }
        let decoded = BASE64.decode(key).map_err(|_| "is not base64")?;
        let decoded = Zeroizing::new(decoded);
        let bytes = <[u8; KEY_LEN]>::try_from(decoded.as_slice())
            .map(Zeroizing::new)
            .map_err(|_| "is not 32 bytes long")?;
        let id = id.map_or_else(|| derived_id(&bytes), str::to_owned);
        Ok(Self::new(id, bytes))
    }
}

fn is_id(text: &str) -> bool {
    (1..=LONGEST_ID).contains(&text.len())
        && text
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"._-".contains(&byte))
}

/// `k` and the first eight digits of the key's SHA-256: the same key has the same id on every machine.
fn derived_id(bytes: &[u8; KEY_LEN]) -> String {
    format!("k{}", hex::encode(&sha256(bytes)[..4]))
}
