#![doc = include_str!("../README.md")]

pub mod model;

mod books;
mod cloud;
mod engine;
mod fault;
mod money;
mod pdf;
mod posting;
mod reports;
mod rules;
mod seed;
mod service;

pub use cloud::access::Application;
pub use cloud::changes::Notification;
pub use cloud::platform::{Directory, Group, Person};
pub use service::{Answer, BusinessCentral, Handshake};
