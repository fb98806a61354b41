//! Business Central among the parts of the sandbox's memory.

use std::error::Error;

use jiff::Timestamp;
use sandbox_business_central::BusinessCentral as Cloud;

use crate::sandbox::Seed;
use crate::state::State;
use crate::state::part::Part;

/// What varies between the books of companies is drawn from this number.
const SEED: u64 = 2026;

#[derive(Default)]
pub(crate) struct Memory {
    pub(super) cloud: Cloud,
    pub(super) version: u64,
}

impl Part for Memory {
    fn name(&self) -> &'static str {
        "business-central"
    }

    fn version(&self) -> u64 {
        self.version
    }

    fn to_json(&self) -> Result<Vec<u8>, Box<dyn Error + Send + Sync>> {
        Ok(serde_json::to_vec(&self.cloud)?)
    }

    fn restore(&mut self, json: &[u8]) -> Result<(), Box<dyn Error + Send + Sync>> {
        self.cloud = serde_json::from_slice(json)?;
        self.version += 1;
        Ok(())
    }

    fn begin(&mut self, state: &State, seed: Seed, now: Timestamp) {
        let tenant = state.directory.tenants.first();
        let tenant = tenant.map(|tenant| tenant.id.as_str()).unwrap_or_default();
        self.cloud = match seed {
            Seed::Contoso => Cloud::contoso(tenant, now, SEED),
            Seed::Empty => Cloud::default(),
        };
        self.version += 1;
    }
}
