//! What can be said about the code without running it.

use anyhow::Result;

use crate::command::{self, cargo, has_cargo};
use crate::{LeftOut, say};

/// Format, lints and documentation. The rules are tests: see [`rules`].
pub fn run(left_out: &mut LeftOut) -> Result<()> {
    if has_cargo("fmt") {
        say::step("format");
        command::run(&mut cargo(&["fmt", "--all", "--check"]))?;
    } else {
        left_out.add(
            "the check of the format, since `cargo fmt` is missing; `rustup component add rustfmt`",
        );
    }
    if has_cargo("clippy") {
        say::step("clippy");
        command::run(&mut cargo(&[
            "clippy",
            "--workspace",
            "--all-targets",
            "--all-features",
            "--locked",
            "--",
            "-D",
            "warnings",
        ]))?;
    } else {
        left_out.add("lints, since `cargo clippy` is missing; `rustup component add clippy`");
    }
    say::step("documentation");
    command::run(
        cargo(&["doc", "--workspace", "--no-deps", "--locked"]).env("RUSTDOCFLAGS", "-D warnings"),
    )?;
    if has_cargo("deny") {
        say::step("cargo deny");
        command::run(&mut cargo(&[
            "deny",
            "--all-features",
            "check",
            "bans",
            "licenses",
            "sources",
        ]))?;
    }
    Ok(())
}

/// The rules on crates and dependencies, which every run of all tests includes.
pub fn rules() -> Result<()> {
    say::step("rules on crates and dependencies");
    command::run(&mut cargo(&[
        "test",
        "--quiet",
        "--locked",
        "--package",
        "xtask",
        "--test",
        "architecture",
        "--test",
        "dependencies",
    ]))
}
