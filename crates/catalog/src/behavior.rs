use crate::compiled::{BEHAVIORS, WAITING};

/// Something that takes more than one request, and so a function in the crate `operations`.
#[derive(Debug)]
pub struct Behavior {
    pub name: &'static str,
    /// What it takes, does and answers.
    pub contract: &'static str,
    /// Whether `operations` has it. An operation whose behaviour it has not is not in the catalogue.
    pub implemented: bool,
}

/// All behaviours that operations name, by name.
pub fn behaviors() -> &'static [Behavior] {
    BEHAVIORS
}

/// The operations that are described and left out until their behaviour is there, each with its name.
pub fn waiting() -> &'static [(&'static str, &'static str)] {
    WAITING
}
