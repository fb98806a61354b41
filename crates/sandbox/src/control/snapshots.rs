//! Going back: to a moment that was kept, or to the beginning.

use std::io;

use super::{Control, ControlError};
use crate::state::snapshot::{Memory, Snapshot, is_name};

impl Control {
    /// Keeps everything as it is now under a name, in place of an earlier one of that name. With a data directory it
    /// outlives the sandbox.
    pub fn take_snapshot(&self, name: &str) -> Result<Snapshot, ControlError> {
        if !is_name(name) {
            let message = format!(
                "`{name}` cannot name a snapshot: letters, digits, `-`, `_` and `.`, at most 64"
            );
            return Err(ControlError::InvalidRequest(message));
        }
        self.shared
            .take_snapshot(name)
            .map_err(|error| storage(&error))
    }

    /// Goes back to a snapshot, the clock with it. Faults still to be met are forgotten; tokens that were given out since
    /// stay what they are, as far as what they stand for exists.
    pub fn restore_snapshot(&self, name: &str) -> Result<(), ControlError> {
        let kept = self
            .shared
            .snapshots()
            .take_down(name)
            .map_err(|error| storage(&error))?;
        let memory = kept.ok_or_else(|| ControlError::UnknownSnapshot(name.to_owned()))?;
        self.restore(&memory).map_err(|error| storage(&error))
    }

    /// What may be gone back to, by name.
    pub fn snapshots(&self) -> Vec<Snapshot> {
        self.shared.snapshots().list()
    }

    /// Forgets a snapshot.
    pub fn delete_snapshot(&self, name: &str) -> Result<(), ControlError> {
        if self
            .shared
            .snapshots()
            .remove(name)
            .map_err(|error| storage(&error))?
        {
            Ok(())
        } else {
            Err(ControlError::UnknownSnapshot(name.to_owned()))
        }
    }

    /// Begins anew: the seed, the clock where it started, no faults, nothing that was registered or written since.
    /// Snapshots, the log of requests and the signing keys stay.
    pub fn reset(&self) {
        self.shared.begin_anew();
    }

    fn restore(&self, memory: &Memory) -> io::Result<()> {
        let state = memory.state()?;
        // A snapshot of before these were kept has none.
        self.shared.outgoing().forget();
        memory.give_to(self.shared.parts())?;
        self.shared.replace(state);
        Ok(())
    }
}

fn storage(error: &io::Error) -> ControlError {
    ControlError::Storage(error.to_string())
}
