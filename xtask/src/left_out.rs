use anyhow::{Result, bail};

use crate::say;

/// What a run could not do on this machine, and why.
#[derive(Debug, Default)]
pub struct LeftOut(Vec<String>);

impl LeftOut {
    /// `what` says in a sentence what was left out, why, and what would help.
    pub fn add(&mut self, what: impl Into<String>) {
        self.0.push(what.into());
    }

    /// Names everything that was left out, a line each.
    pub fn tell(&self) {
        for what in &self.0 {
            say::note(format_args!("left out: {what}"));
        }
    }

    /// Where nobody reads along, nothing may be left out.
    pub fn refuse_in_ci(&self, is_ci: bool) -> Result<()> {
        if is_ci && !self.0.is_empty() {
            bail!(
                "`CI` is set, so nothing may be left out: {}",
                self.0.join("; ")
            );
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn leaving_something_out_fails_in_ci_only() {
        let mut left_out = LeftOut::default();
        assert!(left_out.refuse_in_ci(true).is_ok());
        left_out.add("PostgreSQL, which is not installed");
        assert!(left_out.refuse_in_ci(false).is_ok());
        assert!(left_out.refuse_in_ci(true).is_err());
    }
}
