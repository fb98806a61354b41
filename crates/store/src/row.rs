use std::error::Error as StdError;
use std::str::FromStr;

use jiff::Timestamp;
use model::Sealed;
use serde::de::value::{Error as NameError, StrDeserializer};
use serde::de::{DeserializeOwned, IntoDeserializer};

use crate::{Error, Result};

/// What lies in a column is not what this version writes there.
pub(crate) fn unreadable(
    column: &'static str,
    source: impl Into<Box<dyn StdError + Send + Sync>>,
) -> Error {
    Error::Unreadable {
        column,
        source: source.into(),
    }
}

/// A row of either database. A backend gives the three column types; the model's types follow from them.
pub(crate) trait Row {
    fn maybe_text(&self, column: &'static str) -> Result<Option<String>>;
    fn maybe_integer(&self, column: &'static str) -> Result<Option<i64>>;
    fn maybe_bytes(&self, column: &'static str) -> Result<Option<Vec<u8>>>;

    fn text(&self, column: &'static str) -> Result<String> {
        present(column, self.maybe_text(column)?)
    }

    fn integer(&self, column: &'static str) -> Result<i64> {
        present(column, self.maybe_integer(column)?)
    }

    fn bytes(&self, column: &'static str) -> Result<Vec<u8>> {
        present(column, self.maybe_bytes(column)?)
    }

    fn flag(&self, column: &'static str) -> Result<bool> {
        Ok(self.integer(column)? != 0)
    }

    fn instant(&self, column: &'static str) -> Result<Timestamp> {
        present(column, self.maybe_instant(column)?)
    }

    fn maybe_instant(&self, column: &'static str) -> Result<Option<Timestamp>> {
        self.maybe_integer(column)?
            .map(|micros| Timestamp::from_microsecond(micros).map_err(|e| unreadable(column, e)))
            .transpose()
    }

    fn sealed(&self, column: &'static str) -> Result<Sealed> {
        self.bytes(column).map(Sealed::from_bytes)
    }

    fn maybe_sealed(&self, column: &'static str) -> Result<Option<Sealed>> {
        Ok(self.maybe_bytes(column)?.map(Sealed::from_bytes))
    }

    fn hash(&self, column: &'static str) -> Result<[u8; 32]> {
        present(column, self.maybe_hash(column)?)
    }

    fn maybe_hash(&self, column: &'static str) -> Result<Option<[u8; 32]>> {
        self.maybe_bytes(column)?
            .map(|bytes| {
                <[u8; 32]>::try_from(bytes).map_err(|_| unreadable(column, "not 32 bytes"))
            })
            .transpose()
    }

    /// An id, or anything else that is written as it is shown.
    fn parsed<T>(&self, column: &'static str) -> Result<T>
    where
        T: FromStr<Err: Into<Box<dyn StdError + Send + Sync>>>,
    {
        present(column, self.maybe_parsed(column)?)
    }

    fn maybe_parsed<T>(&self, column: &'static str) -> Result<Option<T>>
    where
        T: FromStr<Err: Into<Box<dyn StdError + Send + Sync>>>,
    {
        self.maybe_text(column)?
            .map(|text| text.parse().map_err(|e| unreadable(column, e)))
            .transpose()
    }

    /// A variant without fields, by its serde name.
    fn named<T: DeserializeOwned>(&self, column: &'static str) -> Result<T> {
        let text = self.text(column)?;
        let name: StrDeserializer<'_, NameError> = text.as_str().into_deserializer();
        T::deserialize(name).map_err(|e| unreadable(column, e))
    }

    fn json<T: DeserializeOwned>(&self, column: &'static str) -> Result<T> {
        present(column, self.maybe_json(column)?)
    }

    fn maybe_json<T: DeserializeOwned>(&self, column: &'static str) -> Result<Option<T>> {
        self.maybe_text(column)?
            .map(|text| serde_json::from_str(&text).map_err(|e| unreadable(column, e)))
            .transpose()
    }
}

fn present<T>(column: &'static str, value: Option<T>) -> Result<T> {
    value.ok_or_else(|| unreadable(column, "empty"))
}
