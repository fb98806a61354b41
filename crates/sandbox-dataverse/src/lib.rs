#![doc = include_str!("../README.md")]

mod actions;
mod args;
mod batch;
mod call;
mod cell;
mod fault;
mod fetch;
mod ids;
mod metadata;
mod organisation;
mod prefer;
mod protection;
mod query;
mod reply;
mod route;
mod rules;
mod saved;
mod schema;
mod security;
mod seed;
mod store;
mod write;

use std::sync::Arc;

use jiff::Timestamp;
use sandbox_odata::service::{Request, Response};

use ids::Ids;
use protection::Protection;
use schema::{Schema, TableId};
use security::Security;
use store::Store;

pub use batch::parse as parse_batch;
pub use fetch::check as check_fetch_xml;
pub use organisation::{ApplicationUser, Organisation, Person, UserError};
pub use protection::Limits;
pub use saved::Damaged;

/// One environment of Dataverse: tables, rows, users, roles.
#[derive(Debug)]
pub struct Dataverse {
    organisation: Organisation,
    schema: Arc<Schema>,
    tables: Tables,
    store: Store,
    security: Security,
    ids: Ids,
    protection: Protection,
    /// Counts what metadata requests change.
    metadata_version: u64,
    numbers: rules::Numbers,
}

/// Tables that the platform itself needs, found once.
#[derive(Debug, Clone, Copy)]
struct Tables {
    user: TableId,
    team: TableId,
    business_unit: TableId,
    role: TableId,
    currency: TableId,
    activity: TableId,
}

impl Tables {
    fn find(schema: &Schema) -> Self {
        let find = |name| schema.find(name).unwrap_or_default();
        Self {
            user: find("systemuser"),
            team: find("team"),
            business_unit: find("businessunit"),
            role: find("role"),
            currency: find("transactioncurrency"),
            activity: find("activitypointer"),
        }
    }
}

impl Dataverse {
    /// An environment with its administrator, roles and currencies, and nothing else.
    pub fn empty(organisation: Organisation, people: &[Person], now: Timestamp) -> Self {
        let mut dataverse = Self::bare(organisation);
        seed::platform(&mut dataverse, people, now);
        dataverse
    }

    /// The environment of Contoso: a pipeline of sales, and field service in two cities. The same for the same instant.
    pub fn contoso(organisation: Organisation, people: &[Person], now: Timestamp) -> Self {
        let mut dataverse = Self::bare(organisation);
        seed::platform(&mut dataverse, people, now);
        seed::contoso(&mut dataverse, now);
        dataverse
    }

    fn bare(organisation: Organisation) -> Self {
        let schema = Schema::built_in();
        Self {
            tables: Tables::find(&schema),
            schema: Arc::new(schema),
            organisation,
            store: Store::default(),
            security: Security::default(),
            ids: Ids::default(),
            protection: Protection::default(),
            metadata_version: 1,
            numbers: rules::Numbers::default(),
        }
    }

    /// Answers a request below `/api/data/v9.2/`, or of the discovery service of the environment's region.
    pub fn answer(&mut self, request: &Request) -> Response {
        route::answer(self, request).into_response()
    }

    /// Service protection limits; none switches them off, as they are at first.
    pub fn set_limits(&mut self, limits: Option<Limits>) {
        self.protection.set_limits(limits);
    }

    /// Whether anything was written since this number was answered last.
    pub fn version(&self) -> u64 {
        self.store.version() + self.metadata_version
    }
}
