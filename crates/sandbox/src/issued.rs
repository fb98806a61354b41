//! Everything unguessable that was given out, for whoever wants to see that it is found nowhere it should not be.

use std::collections::VecDeque;
use std::sync::{Mutex, PoisonError};

use serde::Serialize;

/// Kept at most; older ones are forgotten.
const KEPT: usize = 10_000;

/// A token, code or secret in clear. `Debug` does not show it.
#[derive(Clone, Serialize)]
pub struct IssuedSecret {
    /// `token`, which is signed, `refresh_token`, `code` or `client_secret`.
    pub kind: &'static str,
    /// As it was given out.
    pub text: String,
}

/// In memory only: what is saved holds hashes.
#[derive(Default)]
pub(crate) struct Issued(Mutex<VecDeque<IssuedSecret>>);

impl Issued {
    pub(crate) fn note(&self, kind: &'static str, text: &str) {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.len() == KEPT {
            kept.pop_front();
        }
        kept.push_back(IssuedSecret {
            kind,
            text: text.to_owned(),
        });
    }

    pub(crate) fn all(&self) -> Vec<IssuedSecret> {
        let kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        kept.iter().cloned().collect()
    }
}

impl std::fmt::Debug for IssuedSecret {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("IssuedSecret")
            .field("kind", &self.kind)
            .finish_non_exhaustive()
    }
}
