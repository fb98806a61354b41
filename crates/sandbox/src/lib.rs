#![doc = include_str!("../README.md")]

mod business_central;
mod clock;
mod control;
mod dataverse;
mod documents;
mod entra;
mod environment;
mod error;
mod graph;
mod http;
mod issued;
mod namespace;
mod notify;
mod outgoing;
mod sandbox;
mod seed;
mod services;
mod shared;
mod state;
mod throttling;

use sandbox_odata as odata;

pub use clock::Clock;
pub use control::{
    AccessRight, Account, AddedTenant, Cast, Certificate, ConditionalAccess, Control, ControlError,
    Expectation, Location, ManagedIdentity, NewAccount, NewApplication, NewFederatedCredential,
    NewTenant, RegisteredApplication, Scenario, SecondFactor, Secret, UserConsentPolicy,
};
pub use environment::{through_namespace, through_proxy};
pub use error::Error;
pub use http::{Action, Fault, LoggedRequest, UnimplementedRequest};
pub use issued::IssuedSecret;
pub use namespace::{Namespace, NamespaceError};
pub use sandbox::{Options, Sandbox, Scale, Seed};
pub use sandbox_business_central::Application as BusinessCentralApplication;
pub use sandbox_dataverse::ApplicationUser;
pub use state::snapshot::Snapshot;
pub use throttling::Throttling;
