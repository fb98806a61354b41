#![doc = include_str!("../README.md")]

mod apps;
mod caller;
pub mod checkpoints;
mod context;
mod data_keys;
mod dependents;
mod diagnosis;
mod dynamics;
mod error;
mod events;
mod exchange;
mod grant;
pub mod issuer;
mod life;
mod limits;
mod live;
mod mailboxes;
mod monitoring;
mod place;
mod probe;
pub mod program;
mod proof;
mod revoke;
mod rotate;
mod seal;
mod service_principal;
mod sites;
mod test;
mod webhooks;

pub mod bootstrap;
pub mod broker;
pub mod jobs;
pub mod oauth;

pub use apps::{AppView, Apps, NewApp, NewSecret};
pub use broker::{BrokerError, READ_ENDS_US, Reads, Tally, Token, TokenBroker};
pub use caller::Caller;
pub use context::{Context, Entras};
pub use data_keys::Resealed;
pub use dependents::{
    DependentCursor, DependentKey, DependentWebhook, Dependents, OtherConnection, Remainder,
    RevocableConsent, SharedApp,
};
pub use diagnosis::{diagnose_entra, diagnose_graph, diagnose_site_grant, state_after};
pub use error::{AttemptError, Error, SetUpError};
pub use exchange::left_to_exchange;
pub use life::{Change, Lifecycle, NewConnection};
pub use live::{Live, Snapshot};
pub use monitoring::{Monitoring, Query};
pub use proof::{
    CONSENTRY, Federation, MANAGED_IDENTITY, NewCertificate, NewFederated, NewProof, RequestToken,
    Source,
};
pub use seal::Seals;
pub use service_principal::Created;
pub use test::{Locked, TestReport, TestStep, missing};
pub use webhooks::{NewWebhook, Webhooks};

pub type Result<T> = std::result::Result<T, Error>;
