//! Companies of Business Central. All that is in a company lies below its address, `companies({id})`, or is asked for with the option
//! `company`; whatever is asked for in another way is refused.
//!
//! Sources: <https://learn.microsoft.com/dynamics365/business-central/dev-itpro/developer/devenv-connect-apps-filtering>,
//! <https://learn.microsoft.com/dynamics365/business-central/dev-itpro/api-reference/v2.0/endpoints-apis-for-dynamics>.

mod reach;
#[cfg(test)]
mod tests;

use std::collections::BTreeSet;

use model::CompanyName;
use reach::Reach;

use super::{Limits, known, lookup};
use crate::Result;
use crate::policy::Wanted;
use crate::policy::refusal::{Listing, Refusal};

type Listed = BTreeSet<CompanyName>;

static COMPANIES: Listing = Listing {
    all: "companies",
    one: "company",
    option: "--company",
    by: "",
    unknown: "no",
    mend: "ask an administrator to correct the list",
};

pub(super) async fn decide(
    limits: &Limits<'_>,
    listed: &Listed,
    wanted: &Wanted<'_>,
) -> Result<()> {
    let companies = Companies { limits, listed };
    for reach in reach::of(limits.snapshot, wanted) {
        companies.check(&reach).await?;
    }
    Ok(())
}

struct Companies<'a> {
    limits: &'a Limits<'a>,
    listed: &'a Listed,
}

impl Companies<'_> {
    fn refusal(&self) -> Refusal<'_> {
        Refusal::new(self.limits.snapshot, &COMPANIES, self.listed)
    }

    async fn check(&self, reach: &Reach) -> Result<()> {
        match reach {
            Reach::Beyond(what) => Err(self.refusal().beyond(what)),
            Reach::Company(name) => self.company(name).await,
            Reach::Subscription(id) => {
                let resource = lookup::subscription(self.limits, id).await?;
                let root = self.limits.snapshot.api_root()?;
                if let Reach::Company(name) = reach::of_resource(&root, &resource) {
                    return self.company(&name).await;
                }
                let what = "watches what is not known to lie in a company";
                Err(self.refusal().beyond(what))
            }
        }
    }

    /// One that is named as the list names it needs no lookup.
    async fn company(&self, name: &CompanyName) -> Result<()> {
        if self.listed.contains(name) {
            return Ok(());
        }
        let (is_found, missing) = match name {
            CompanyName::Id(id) => {
                let by_name = |one: &&CompanyName| matches!(one, CompanyName::Named(_));
                let candidates = self.listed.iter().filter(by_name);
                known::company(self.limits, candidates, |company| company.id == *id).await?
            }
            CompanyName::Named(name) => {
                let by_id = |one: &&CompanyName| matches!(one, CompanyName::Id(_));
                let candidates = self.listed.iter().filter(by_id);
                known::company(self.limits, candidates, |company| company.name == *name).await?
            }
        };
        if is_found {
            return Ok(());
        }
        let what = format!("the company `{name}`");
        Err(self.refusal().not_found(&what, &missing))
    }
}
