//! What people read while a task runs. Stdout is the test runner's, and the figures'.

use std::fmt::Display;
use std::io::{self, Write};

/// A line on stderr. Nobody is there to be told when that fails.
pub(crate) fn note(line: impl Display) {
    let _ = writeln!(io::stderr(), "{line}");
}

/// The start of a step.
pub(crate) fn step(name: impl Display) {
    note(format_args!("=== {name}"));
}

/// A line on stdout.
pub(crate) fn line(line: impl Display) -> io::Result<()> {
    writeln!(io::stdout(), "{line}")
}
