use std::fmt;

/// Tests that passed and failed, by the closing lines of the runs.
#[derive(Debug, Default)]
pub(super) struct Totals {
    passed: u64,
    failed: u64,
    runs: u64,
    has_failed_run: bool,
}

impl Totals {
    /// Counts the line if it closes a run.
    pub(super) fn read(&mut self, line: &str) {
        let line = line.trim();
        let counts = if let Some(counts) = line.strip_prefix("test result: ") {
            counts
        } else if line.starts_with("Summary [") {
            line
        } else {
            return;
        };
        self.runs += 1;
        self.passed += before(counts, "passed");
        self.failed += before(counts, "failed") + before(counts, "timed out");
    }

    pub(super) fn add(&mut self, other: &Self) {
        self.passed += other.passed;
        self.failed += other.failed;
        self.runs += other.runs;
        self.has_failed_run |= other.has_failed_run;
    }

    pub(super) fn a_run_failed(&mut self) {
        self.has_failed_run = true;
    }

    /// Closing lines seen.
    pub(super) fn runs(&self) -> u64 {
        self.runs
    }

    pub(super) fn are_good(&self) -> bool {
        self.failed == 0 && !self.has_failed_run && self.passed > 0
    }
}

impl fmt::Display for Totals {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{} passed, {} failed", self.passed, self.failed)
    }
}

/// The number before a word: 12 in `12 passed (1 slow), 0 failed`.
fn before(line: &str, word: &str) -> u64 {
    let number = line.find(word).map(|place| &line[..place]);
    number
        .and_then(|text| text.trim_end().rsplit([' ', ',', ':']).next())
        .and_then(|digits| digits.parse().ok())
        .unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(lines: &[&str]) -> String {
        let mut totals = Totals::default();
        for line in lines {
            totals.read(line);
        }
        totals.to_string()
    }

    #[test]
    fn runs_of_cargo_test_are_summed() {
        let lines = [
            "test result: ok. 12 passed; 0 failed; 1 ignored; 0 measured; 0 filtered out; finished in 0.01s",
            "test result: FAILED. 3 passed; 2 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.01s",
            "test passed_over ... ok",
        ];
        assert_eq!(told(&lines), "15 passed, 2 failed");
    }

    #[test]
    fn a_summary_of_nextest_is_read() {
        let lines = [
            "     Summary [   0.052s] 9 tests run: 7 passed (1 slow), 1 failed, 1 timed out, 0 skipped",
        ];
        assert_eq!(told(&lines), "7 passed, 2 failed");
    }

    #[test]
    fn a_run_that_failed_without_a_failed_test_is_not_good() {
        let mut totals = Totals::default();
        totals.read("test result: ok. 1 passed; 0 failed; 0 ignored");
        assert!(totals.are_good());
        totals.a_run_failed();
        assert!(!totals.are_good());
    }
}
