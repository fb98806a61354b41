//! How the program ends: exit codes, and failures as people and scripts read them.

use std::fmt;
use std::io;
use std::process::ExitCode;

use serde_json::{Value, json};

use crate::output::{self, Output};

/// The exit codes that `--help` lists.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Exit {
    Success = 0,
    Failure = 1,
    Usage = 2,
    NotFound = 3,
    Refused = 4,
    /// Somebody has to act: there is a diagnosis.
    NeedsSomebody = 5,
    Unreachable = 6,
    Uncertain = 7,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit as u8)
    }
}

/// A failure with an exit code of its own, and what to do about it.
#[derive(Debug)]
pub(crate) struct Failure(Box<Parts>);

#[derive(Debug)]
struct Parts {
    exit: Exit,
    message: String,
    hint: Option<String>,
    /// The server's answer, whole.
    problem: Option<Value>,
    /// Stdout has its document already.
    is_after_output: bool,
}

impl Failure {
    pub(crate) fn new(exit: Exit, message: impl Into<String>) -> Self {
        Self(Box::new(Parts {
            exit,
            message: message.into(),
            hint: None,
            problem: None,
            is_after_output: false,
        }))
    }

    pub(crate) fn usage(message: impl Into<String>) -> Self {
        Self::new(Exit::Usage, message)
    }

    #[must_use]
    pub(crate) fn hint(mut self, hint: impl Into<String>) -> Self {
        self.0.hint = Some(hint.into());
        self
    }

    #[must_use]
    pub(crate) fn problem(mut self, problem: Value) -> Self {
        self.0.problem = Some(problem);
        self
    }

    /// For what goes wrong when stdout has its one document already.
    #[must_use]
    pub(crate) fn after_output(mut self) -> Self {
        self.0.is_after_output = true;
        self
    }

    /// Whether `error` is that a server, or something behind it, does not answer: it may tomorrow.
    pub(crate) fn is_unreachable(error: &anyhow::Error) -> bool {
        error
            .downcast_ref::<Self>()
            .is_some_and(|failure| failure.0.exit == Exit::Unreachable)
    }

    /// The server's own words, where `error` is its answer.
    pub(crate) fn problem_in(error: &anyhow::Error) -> Option<&Value> {
        error.downcast_ref::<Self>()?.0.problem.as_ref()
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.message)
    }
}

impl std::error::Error for Failure {}

/// Says what went wrong, on stderr for people and with `--json` on stdout for programs.
pub(crate) fn report(error: &anyhow::Error, output: Output) -> Exit {
    if is_closed_pipe(error) {
        return Exit::Success;
    }
    let failure = error.downcast_ref::<Failure>().map(|failure| &*failure.0);
    let exit = failure.map_or(Exit::Failure, |failure| failure.exit);
    let hint = failure.and_then(|failure| failure.hint.as_deref());
    let message = sentence(error);
    output::note(format_args!("error: {message}"));
    if let Some(hint) = hint {
        output::note(format_args!("hint: {hint}"));
    }
    let is_said = failure.is_some_and(|failure| failure.is_after_output);
    if output.is_json() && !is_said {
        let problem = failure.and_then(|failure| failure.problem.as_ref());
        let document = json!({
            "error": message,
            "hint": hint,
            "exit_code": exit as u8,
            "problem": problem,
        });
        // Nobody is left to tell when stdout is closed.
        let _ = output.document(&document);
    }
    exit
}

/// Says what is wrong with the command line as clap has it, and for programs on stdout: whether they are reading is told by
/// the bare word only, since nothing was understood. Help and version are no failure.
pub(crate) fn refused(refusal: &clap::Error) -> Exit {
    // Nobody is left to tell when it is closed.
    let _ = refusal.print();
    if !refusal.use_stderr() {
        return Exit::Success;
    }
    if std::env::args_os().any(|word| word == "--json") {
        let said = refusal.to_string();
        let said = said.split("\n\n").next().unwrap_or_default().trim();
        let document = json!({
            "error": said.strip_prefix("error: ").unwrap_or(said),
            "hint": "see what it takes with `--help`",
            "exit_code": Exit::Usage as u8,
            "problem": null,
        });
        let _ = Output::new(true).document(&document);
    }
    Exit::Usage
}

/// A failure in one line, with what to do about it.
pub(crate) fn whole(error: &anyhow::Error) -> String {
    let failure = error.downcast_ref::<Failure>();
    match failure.and_then(|failure| failure.0.hint.as_ref()) {
        Some(hint) => format!("{} (hint: {hint})", sentence(error)),
        None => sentence(error),
    }
}

/// Whoever read our output has had enough of it: `consentry … | head`.
fn is_closed_pipe(error: &anyhow::Error) -> bool {
    error
        .downcast_ref::<io::Error>()
        .is_some_and(|error| error.kind() == io::ErrorKind::BrokenPipe)
}

/// One sentence a level, joined by colons; a level that only repeats the one below is said once.
pub(crate) fn sentence(error: &anyhow::Error) -> String {
    let mut parts: Vec<String> = Vec::new();
    for part in error.chain().map(ToString::to_string) {
        if parts.last().is_none_or(|last| !last.ends_with(&part)) {
            parts.push(part);
        }
    }
    parts.join(": ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use anyhow::Context;

    #[test]
    fn the_levels_of_a_failure_make_one_sentence() {
        let lowest = Err::<(), _>(Failure::usage("`top` is no number"));
        let error = lowest.context("the input does not fit").unwrap_err();
        assert_eq!(
            sentence(&error),
            "the input does not fit: `top` is no number"
        );
    }

    #[test]
    fn a_failure_keeps_its_exit_code_below_other_levels() {
        let lowest = Err::<(), _>(Failure::new(Exit::Uncertain, "it may have happened"));
        let error = lowest.context("sending").unwrap_err();
        assert_eq!(report(&error, Output::new(false)), Exit::Uncertain);
    }
}
