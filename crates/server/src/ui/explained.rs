//! A diagnosis as a page shows it.

use model::{Act, Diagnosis};

use super::prose::Prose;
use super::words::{self, Fact, Moment};

pub(crate) struct Explained(Diagnosis);

pub(crate) struct Step {
    pub(crate) text: Prose,
    pub(crate) link: Option<String>,
    pub(crate) command: Option<String>,
}

impl From<&Diagnosis> for Explained {
    fn from(diagnosis: &Diagnosis) -> Self {
        Self(diagnosis.clone())
    }
}

impl Explained {
    pub(crate) fn group(&self) -> &'static str {
        self.0.group.title()
    }

    pub(crate) fn cause(&self) -> Prose {
        Prose::sentence(&self.0.cause)
    }

    pub(crate) fn who(&self) -> &'static str {
        words::act(self.0.act)
    }

    pub(crate) fn is_transient(&self) -> bool {
        self.0.act == Act::Nobody
    }

    pub(crate) fn is_known(&self) -> bool {
        self.0.known
    }

    pub(crate) fn code(&self) -> &str {
        &self.0.evidence.code
    }

    pub(crate) fn message(&self) -> &str {
        &self.0.evidence.message
    }

    pub(crate) fn at(&self) -> Option<Moment> {
        self.0.evidence.at.map(Moment::from)
    }

    pub(crate) fn steps(&self) -> Vec<Step> {
        self.0
            .remedy
            .iter()
            .map(|step| Step {
                text: Prose::sentence(&step.text),
                link: step.link.clone(),
                command: step.command.clone(),
            })
            .collect()
    }

    /// The ids that a support case wants.
    pub(crate) fn evidence(&self) -> Vec<Fact> {
        let evidence = &self.0.evidence;
        let status = evidence.status.map(|status| status.to_string());
        let code = Some(evidence.code.clone()).filter(|code| !code.is_empty());
        [
            ("Code", code),
            ("HTTP status", status),
            ("Trace id", evidence.trace_id.clone()),
            ("Correlation id", evidence.correlation_id.clone()),
            ("Request id", evidence.request_id.clone()),
            ("Client request id", evidence.client_request_id.clone()),
            ("Token id", evidence.uti.clone()),
            ("Asked of the next sign-in", evidence.claims.clone()),
        ]
        .into_iter()
        .filter_map(|(name, value)| value.map(|value| Fact { name, value }))
        .collect()
    }
}

impl Step {
    /// A page somewhere else, which opens beside this one.
    pub(crate) fn has_web_link(&self) -> bool {
        self.link
            .as_deref()
            .is_some_and(|link| link.starts_with("http"))
    }
}
