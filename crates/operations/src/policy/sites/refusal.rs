//! How a decision against is told.

use super::Limits;
use super::known::Failed;
use crate::Error;
use crate::policy::refusal::{Listing, Refusal};

static SITES: Listing = Listing {
    all: "sites",
    one: "site",
    option: "--site",
    by: " by its address or id",
    unknown: "none at",
    mend: "ask an administrator to correct the addresses: a site that was renamed has another",
};

impl Limits<'_> {
    pub(super) fn refusal(&self) -> Refusal<'_> {
        Refusal::new(self.snapshot, &SITES, self.listed)
    }

    /// Something that is not there, or in a listed site that could not be looked at: then that is what has to be mended.
    pub(super) fn not_found(&self, what: &str, failed: Vec<Failed>) -> Error {
        let mut missing = Vec::new();
        for failure in failed {
            match failure {
                Failed::Refused(diagnosis, body) => {
                    return Error::Microsoft {
                        status: 403,
                        diagnosis,
                        body,
                        retry_after: None,
                    };
                }
                Failed::Missing(url) => missing.push(url),
            }
        }
        self.refusal().not_found(what, &missing)
    }

    pub(super) fn unclear(&self, text: &str) -> Error {
        let instead = "name a site by its address, or by its whole id: `{host},{guid},{guid}`";
        self.refusal().unclear(text, "which site it is", instead)
    }
}
