//! Tables of Dataverse. A request leads to rows by entity sets, by navigation properties, by logical names and by addresses;
//! each of the tables on the way has to be listed.

mod action;
mod body;
mod definition;
mod expand;
mod expression;
mod reach;
#[cfg(test)]
mod tests;

use std::collections::BTreeSet;

use model::TableName;
use reach::{Place, Reach, Start};

use super::Limits;
use super::known;
use crate::Result;
use crate::policy::Wanted;
use crate::policy::refusal::{Listing, Refusal};

/// What Dataverse calls a type of its own.
const NAMESPACE: &str = "Microsoft.Dynamics.CRM.";

type Listed = BTreeSet<TableName>;

static TABLES: Listing = Listing {
    all: "tables",
    one: "table",
    option: "--table",
    by: "",
    unknown: "no",
    mend: "ask an administrator to correct the list",
};

pub(super) async fn decide(
    limits: &Limits<'_>,
    listed: &Listed,
    wanted: &Wanted<'_>,
) -> Result<()> {
    let tables = Tables { limits, listed };
    let mut reaches = reach::of(limits.snapshot, wanted);
    // What is refused by itself is refused before anything is looked up.
    reaches.sort_by_key(Reach::cost);
    for reach in &reaches {
        tables.check(reach).await?;
    }
    Ok(())
}

struct Tables<'a> {
    limits: &'a Limits<'a>,
    listed: &'a Listed,
}

impl Tables<'_> {
    fn refusal(&self) -> Refusal<'_> {
        Refusal::new(self.limits.snapshot, &TABLES, self.listed)
    }

    async fn check(&self, reach: &Reach) -> Result<()> {
        match reach {
            Reach::Beyond(what) => Err(self.refusal().beyond(what)),
            Reach::Rows(place) => self.at(place).await.map(drop),
            Reach::Column(place, name) => {
                let tables = self.at(place).await?;
                for table in tables {
                    self.column(&table, name).await?;
                }
                Ok(())
            }
        }
    }

    /// The tables that rows at `place` are of; each of them, and each on the way there, is listed.
    async fn at(&self, place: &Place) -> Result<BTreeSet<TableName>> {
        let mut tables = match &place.start {
            Start::Set(name) => BTreeSet::from([self.by_set(name).await?]),
            Start::Table(name) => BTreeSet::from([self.by_name(name)?]),
        };
        for step in &place.steps {
            tables = match step.strip_prefix(NAMESPACE) {
                Some(name) => BTreeSet::from([self.by_name(name)?]),
                None => self.beside(&tables, step).await?,
            };
        }
        Ok(tables)
    }

    fn by_name(&self, name: &str) -> Result<TableName> {
        let found = self.listed.iter().find(|table| table.as_str() == name);
        found
            .cloned()
            .ok_or_else(|| self.refusal().unlisted(&format!("the table `{name}`")))
    }

    async fn by_set(&self, name: &str) -> Result<TableName> {
        let found = known::table_of(self.limits, self.listed, name).await?;
        found.table.ok_or_else(|| {
            let what = format!("what Dataverse calls `{name}`");
            self.refusal().not_found(&what, &found.missing)
        })
    }

    /// Where a navigation property leads. One that nobody knows leads nowhere.
    async fn beside(&self, tables: &Listed, step: &str) -> Result<Listed> {
        let mut all = BTreeSet::new();
        for table in tables {
            let targets = known::beside(self.limits, table, step).await?;
            if targets.is_empty() {
                let what = format!("what `{step}` of the table `{table}` leads to");
                return Err(self.refusal().unlisted(&what));
            }
            for target in targets {
                let name = self.by_name(&target).map_err(|_| {
                    let what = format!("the table `{target}`, to which `{step}` leads,");
                    self.refusal().unlisted(&what)
                })?;
                all.insert(name);
            }
        }
        Ok(all)
    }

    /// Whether `name` is a column of the table, and leads nowhere.
    async fn column(&self, table: &TableName, name: &str) -> Result<()> {
        let leads = known::beside(self.limits, table, name).await?;
        if leads.is_empty() && known::has_column(self.limits, table, name).await? {
            return Ok(());
        }
        let what = format!("`{name}`, which is no column of the table `{table}`,");
        Err(self.refusal().unlisted(&what))
    }
}
