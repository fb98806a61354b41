//! AES-256-GCM over byte slices: nonce, ciphertext, tag, in this order behind a header that is bound but not sealed.

use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, MAX_TAG_LEN, NONCE_LEN, Nonce, UnboundKey};
use model::Random;
use secrecy::{ExposeSecretMut, SecretSlice};

use crate::Error;

pub(crate) const KEY_LEN: usize = 32;
const OVERHEAD: usize = NONCE_LEN + MAX_TAG_LEN;

/// One key, ready to use. The library wipes its schedule when it is dropped.
pub(crate) struct Cipher(LessSafeKey);

impl Cipher {
    pub(crate) fn new(key: &[u8; KEY_LEN]) -> Self {
        let key = UnboundKey::new(&AES_256_GCM, key).expect("32 bytes are a key of AES-256");
        Self(LessSafeKey::new(key))
    }

    /// `header`, then a fresh nonce, the ciphertext and its tag. `associated` has to contain the header.
    pub(crate) fn seal(
        &self,
        random: &dyn Random,
        header: &[u8],
        associated: &[u8],
        plaintext: &[u8],
    ) -> Vec<u8> {
        let mut nonce = [0; NONCE_LEN];
        random.fill(&mut nonce);
        let mut envelope = vec![0; header.len() + OVERHEAD + plaintext.len()];
        let (front, rest) = envelope.split_at_mut(header.len());
        front.copy_from_slice(header);
        let (front, rest) = rest.split_at_mut(NONCE_LEN);
        front.copy_from_slice(&nonce);
        let (ciphertext, tag) = rest.split_at_mut(plaintext.len());
        self.0
            .seal_out_of_place_scatter(
                Nonce::assume_unique_for_key(nonce),
                Aad::from(associated),
                plaintext,
                ciphertext,
                &[],
                tag,
            )
            .expect("sealing fails only beyond 64 GiB");
        envelope
    }

    /// What was sealed, from the bytes after the header.
    pub(crate) fn open(&self, associated: &[u8], sealed: &[u8]) -> Result<SecretSlice<u8>, Error> {
        let (nonce, rest) = sealed
            .split_first_chunk::<NONCE_LEN>()
            .ok_or(Error::Malformed)?;
        let (ciphertext, tag) = rest
            .split_last_chunk::<MAX_TAG_LEN>()
            .ok_or(Error::Malformed)?;
        let mut plaintext = SecretSlice::from(vec![0; ciphertext.len()]);
        self.0
            .open_separate_gather(
                Nonce::assume_unique_for_key(*nonce),
                Aad::from(associated),
                ciphertext,
                tag,
                plaintext.expose_secret_mut(),
            )
            .map_err(|_| Error::Tampered)?;
        Ok(plaintext)
    }
}
