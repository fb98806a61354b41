//! The whole memory at one moment, to come back to.

mod shelf;

use std::collections::BTreeMap;
use std::io;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::State;
use super::part::Parts;

pub(crate) use shelf::Shelf;

/// Longest name of a snapshot.
const LONGEST_NAME: usize = 64;
/// What the state is called among the parts.
const STATE: &str = "state";

/// What is known of a snapshot without looking into it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Snapshot {
    /// As it was given.
    pub name: String,
    /// When it was taken, by the sandbox's clock.
    pub at: Timestamp,
    /// Without the contents of large files.
    pub size_bytes: u64,
}

/// Everything, as text: `state`, and each part by its name.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Memory(pub(crate) BTreeMap<String, Vec<u8>>);

impl Memory {
    /// Of a state that was written already, and of every part.
    pub(crate) fn of(state: Vec<u8>, parts: &Parts) -> io::Result<Self> {
        let mut memory = BTreeMap::from([(STATE.to_owned(), state)]);
        for part in parts.iter() {
            let json = part.to_json().map_err(io::Error::other)?;
            memory.insert(part.name().to_owned(), json);
        }
        Ok(Self(memory))
    }

    /// The state in it.
    pub(crate) fn state(&self) -> io::Result<State> {
        let json = self.0.get(STATE).ok_or(io::ErrorKind::NotFound)?;
        serde_json::from_slice(json).map_err(io::Error::other)
    }

    /// Gives each part what it had; one that was not there yet stays as it is.
    pub(crate) fn give_to(&self, parts: &Parts) -> io::Result<()> {
        for mut part in parts.iter() {
            if let Some(json) = self.0.get(part.name()) {
                part.restore(json).map_err(io::Error::other)?;
            }
        }
        Ok(())
    }

    /// What is known of it from outside.
    pub(crate) fn labelled(&self, name: &str, at: Timestamp) -> Snapshot {
        Snapshot {
            name: name.to_owned(),
            at,
            size_bytes: self.size_bytes(),
        }
    }

    fn size_bytes(&self) -> u64 {
        self.0.values().map(|json| json.len() as u64).sum()
    }
}

/// Whether a snapshot may be called this: it is the name of a folder.
pub(crate) fn is_name(name: &str) -> bool {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
    !name.is_empty()
        && name.len() <= LONGEST_NAME
        && !name.starts_with('.')
        && name.chars().all(is_plain)
}

#[cfg(test)]
mod tests {
    use std::error::Error;
    use std::sync::{Arc, Mutex};

    use super::super::part::Part;
    use super::*;
    use crate::sandbox::Seed;

    struct Counter(u64);

    impl Part for Counter {
        fn name(&self) -> &'static str {
            "counter"
        }

        fn version(&self) -> u64 {
            self.0
        }

        fn to_json(&self) -> Result<Vec<u8>, Box<dyn Error + Send + Sync>> {
            Ok(serde_json::to_vec(&self.0)?)
        }

        fn restore(&mut self, json: &[u8]) -> Result<(), Box<dyn Error + Send + Sync>> {
            self.0 = serde_json::from_slice(json)?;
            Ok(())
        }

        fn begin(&mut self, _: &State, _: Seed, _: Timestamp) {
            self.0 = 0;
        }
    }

    #[test]
    fn parts_come_back_as_they_were() -> io::Result<()> {
        let counter = Arc::new(Mutex::new(Counter(7)));
        let parts = Parts::new(vec![counter.clone()]);
        let state = serde_json::to_vec(&State::default())?;
        let memory = Memory::of(state, &parts)?;
        if let Ok(mut counter) = counter.lock() {
            counter.0 = 8;
        }
        memory.give_to(&parts)?;
        assert_eq!(
            parts.iter().map(|part| part.version()).collect::<Vec<_>>(),
            [7]
        );
        assert!(memory.state().is_ok());
        Ok(())
    }

    #[test]
    fn names_lead_nowhere_else() {
        for (name, good) in [
            ("before-lunch", true),
            ("v1.2_x", true),
            ("", false),
            (".", false),
            ("..", false),
            ("a/b", false),
            ("ä", false),
        ] {
            assert_eq!(is_name(name), good, "{name}");
        }
        assert!(!is_name(&"x".repeat(65)));
    }
}
