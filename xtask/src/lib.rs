#![doc = include_str!("../README.md")]

pub mod bench;
pub mod check;
pub mod codegen;
pub mod dev;
pub mod postgres;
pub mod test;

mod command;
mod left_out;
mod packages;
mod say;

pub use left_out::LeftOut;
