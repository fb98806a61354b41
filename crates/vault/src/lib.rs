#![doc = include_str!("../README.md")]

mod cipher;
mod data_key;
mod error;
mod key_file;
mod master_keys;
mod place;
#[cfg(test)]
mod tests;
mod wrap;

pub use data_key::DataKey;
pub use error::Error;
pub use key_file::{create_key_file, read_key_file};
pub use master_keys::MasterKeys;
pub use place::Place;
pub use secrecy::{ExposeSecret, SecretSlice, SecretString};
pub use wrap::{Vault, WrappedKey};
