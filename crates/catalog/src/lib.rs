#![doc = include_str!("../README.md")]

mod behavior;
#[cfg(test)]
#[expect(
    dead_code,
    unused_imports,
    reason = "the build script's module: it uses all of it, a test reads the mistakes only"
)]
#[path = "../build/compile.rs"]
mod compile;
mod compiled;
mod encode;
mod function_types;
mod input_schema;
mod integration;
pub mod manifest;
mod matching;
mod operation;
pub mod permissions;
pub mod reference;
mod request;
mod search;
#[cfg(test)]
mod tests;

pub use behavior::{Behavior, behaviors, waiting};
pub use integration::{Integration, ListedPermission, Offer, integration, integrations};
pub use matching::{Matched, PathError, matching};
pub use operation::{
    Absent, Encoding, Escape, Location, Operation, Parameter, Permissions, Repeat, ResultShape,
    Root, Support, Target, TargetKind, operation, operations,
};
pub use request::{InputError, Request, RequestBody};
pub use search::{nearest, search};
