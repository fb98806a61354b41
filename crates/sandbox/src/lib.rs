#![doc = include_str!("../README.md")]

mod clock;
mod control;
mod entra;
mod error;
mod graph;
mod http;
mod issued;
mod odata;
mod sandbox;
mod seed;
mod shared;
mod state;

pub use clock::Clock;
pub use control::{
    Account, Control, ControlError, NewApplication, RegisteredApplication, Secret, UserConsentPolicy,
};
pub use error::Error;
pub use http::{Action, Fault, LoggedRequest, UnimplementedRequest};
pub use issued::IssuedSecret;
pub use sandbox::{Options, Sandbox, Seed};
