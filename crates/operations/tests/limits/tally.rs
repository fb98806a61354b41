//! What was tried, and what went otherwise than promised.

use std::collections::BTreeMap;

use operations::Error;
use sandbox::LoggedRequest;

#[derive(Default)]
pub(crate) struct Tally {
    pub(crate) operations: usize,
    refused: usize,
    allowed: usize,
    /// Refusals by their codes.
    codes: BTreeMap<&'static str, usize>,
    wrong: Vec<String>,
}

impl Tally {
    /// A way outside: refused, with nothing but lookups before.
    pub(crate) fn outside(
        &mut self,
        way: &str,
        outcome: &Result<(), Error>,
        reached: &[LoggedRequest],
    ) {
        self.refuse(outcome);
        if !reached.is_empty() || outcome.is_ok() {
            self.went_out(way, outcome, reached);
        }
    }

    /// A way outside that begins inside: what Microsoft redirects to is not asked for.
    pub(crate) fn redirected(
        &mut self,
        way: &str,
        outcome: &Result<(), Error>,
        reached: &[LoggedRequest],
    ) {
        self.refuse(outcome);
        if reached.len() > 1 {
            self.went_out(way, outcome, reached);
        }
    }

    fn refuse(&mut self, outcome: &Result<(), Error>) {
        self.refused += 1;
        if let Err(error) = outcome {
            *self.codes.entry(error.code()).or_default() += 1;
        }
    }

    fn went_out(&mut self, way: &str, outcome: &Result<(), Error>, reached: &[LoggedRequest]) {
        let seen: Vec<_> = reached
            .iter()
            .map(|request| {
                let query = request.query.as_deref().unwrap_or_default();
                format!("{} {}?{query}", request.method, request.path)
            })
            .collect();
        self.wrong
            .push(format!("{way}: reached {seen:?}, {}", told(outcome)));
    }

    /// A way inside, which has to get there.
    pub(crate) fn inside(
        &mut self,
        way: &str,
        outcome: &Result<(), Error>,
        reached: &[LoggedRequest],
    ) {
        self.allowed += 1;
        if reached.is_empty() {
            self.wrong.push(format!("{way}: {}", told(outcome)));
        }
    }

    /// At least so many operations and ways, all as promised, and most refused for where they lead rather than for how they are
    /// written.
    pub(crate) fn close(self, operations: usize, refused: usize, allowed: usize) {
        let line = format!(
            "{} operations: {} ways outside, refused {:?}; {} ways inside",
            self.operations, self.refused, self.codes, self.allowed
        );
        std::io::Write::write_fmt(&mut std::io::stderr(), format_args!("{line}\n")).unwrap();
        assert!(
            self.wrong.is_empty(),
            "{} went otherwise:\n{}",
            self.wrong.len(),
            self.wrong[..self.wrong.len().min(60)].join("\n")
        );
        assert!(self.codes["policy_denied"] * 2 > self.refused, "{line}");
        let is_enough =
            self.operations >= operations && self.refused >= refused && self.allowed >= allowed;
        assert!(is_enough, "{line}");
    }
}

fn told(outcome: &Result<(), Error>) -> String {
    match outcome {
        Ok(()) => "not refused".to_owned(),
        Err(error) => format!("{}: {error}", error.code()),
    }
}
