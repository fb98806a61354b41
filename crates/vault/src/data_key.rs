use std::fmt;
use std::str;
use std::sync::Arc;

use model::{DataKeyId, Sealed, SharedRandom};
use secrecy::{ExposeSecret, SecretSlice, SecretString};

use crate::cipher::{Cipher, KEY_LEN};
use crate::{Error, Place};

/// First byte of every envelope. Another layout or algorithm takes another number.
const VERSION: u8 = 1;
const ID_LEN: usize = 16;
const HEADER_LEN: usize = 1 + ID_LEN;

/// Seals and opens the secrets of one owner. Cheap to clone; the key is wiped with the last clone.
///
/// An envelope is the version (1 byte), the data key's id (16), the nonce (12), the ciphertext and its tag (16).
#[derive(Clone)]
pub struct DataKey(Arc<Inner>);

struct Inner {
    id: DataKeyId,
    header: [u8; HEADER_LEN],
    cipher: Cipher,
    random: SharedRandom,
}

impl DataKey {
    pub(crate) fn new(id: DataKeyId, key: &[u8; KEY_LEN], random: SharedRandom) -> Self {
        Self(Arc::new(Inner {
            id,
            header: header(id),
            cipher: Cipher::new(key),
            random,
        }))
    }

    pub fn id(&self) -> DataKeyId {
        self.0.id
    }

    /// Which data key made this envelope. It names the key for whoever looks for it, and proves nothing.
    pub fn id_of(sealed: &Sealed) -> Result<DataKeyId, Error> {
        let (header, _) = sealed
            .as_bytes()
            .split_first_chunk::<HEADER_LEN>()
            .ok_or(Error::Malformed)?;
        if header[0] != VERSION {
            return Err(Error::Malformed);
        }
        let digits = hex::encode(&header[1..]);
        format!("{}_{digits}", DataKeyId::PREFIX)
            .parse()
            .map_err(|_| Error::Malformed)
    }

    /// An envelope that opens under this key and at `place` only.
    pub fn seal(&self, place: Place<'_>, plaintext: &[u8]) -> Sealed {
        let Inner {
            header,
            cipher,
            random,
            ..
        } = &*self.0;
        let associated = place.bind(header);
        Sealed::from_bytes(cipher.seal(&**random, header, &associated, plaintext))
    }

    pub fn seal_str(&self, place: Place<'_>, plaintext: &SecretString) -> Sealed {
        self.seal(place, plaintext.expose_secret().as_bytes())
    }

    /// [`Error::Tampered`] when the value was sealed by another key or for another place, or changed since.
    pub fn open(&self, place: Place<'_>, sealed: &Sealed) -> Result<SecretSlice<u8>, Error> {
        let (header, rest) = sealed
            .as_bytes()
            .split_first_chunk::<HEADER_LEN>()
            .ok_or(Error::Malformed)?;
        if header[0] != VERSION {
            return Err(Error::Malformed);
        }
        if *header != self.0.header {
            return Err(Error::Tampered);
        }
        self.0.cipher.open(&place.bind(header), rest)
    }

    /// As [`open`](Self::open); [`Error::Malformed`] when what was sealed is no text.
    pub fn open_str(&self, place: Place<'_>, sealed: &Sealed) -> Result<SecretString, Error> {
        let bytes = self.open(place, sealed)?;
        str::from_utf8(bytes.expose_secret())
            .map(SecretString::from)
            .map_err(|_| Error::Malformed)
    }
}

impl fmt::Debug for DataKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "DataKey({})", self.0.id)
    }
}

fn header(id: DataKeyId) -> [u8; HEADER_LEN] {
    let text = id.to_string();
    let (_, digits) = text
        .split_once('_')
        .expect("an id is a prefix, `_` and digits");
    let mut header = [VERSION; HEADER_LEN];
    hex::decode_to_slice(digits, &mut header[1..]).expect("the digits of an id are 16 bytes");
    header
}
