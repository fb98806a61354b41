//! Services with memory of their own, in crates of their own.

use std::sync::{Arc, Mutex};

use crate::business_central::BusinessCentral;
use crate::dataverse::Dataverse;
use crate::state::part::{Part, Parts};

/// Handles to each; clones are of the same services.
#[derive(Clone, Default)]
pub(crate) struct Services {
    pub(crate) business_central: BusinessCentral,
    pub(crate) dataverse: Dataverse,
}

impl Services {
    /// A line for each: what is saved, in snapshots, and begins anew.
    pub(crate) fn parts(&self) -> Parts {
        let business_central: Arc<Mutex<dyn Part>> = self.business_central.part();
        let dataverse: Arc<Mutex<dyn Part>> = self.dataverse.part();
        Parts::new(vec![business_central, dataverse])
    }
}
