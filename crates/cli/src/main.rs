#![doc = include_str!("../README.md")]

mod arguments;
mod client;
mod command;
mod demo;
mod environment;
mod exit;
mod explain;
mod interrupt;
mod log;
mod output;
mod paths;
mod secret;

use std::process::ExitCode;

use clap::Parser;

use crate::arguments::Arguments;

fn main() -> ExitCode {
    let arguments = match Arguments::try_parse() {
        Ok(arguments) => arguments,
        Err(refusal) => return exit::refused(&refusal).into(),
    };
    let output = arguments.global.output();
    match command::run(arguments, output) {
        Ok(exit) => exit.into(),
        Err(error) => exit::report(&error, output).into(),
    }
}
