//! What a step failed for, and whether it may be tried again a little later.

use microsoft::entra::Category;
use microsoft::{CallError, Cloud, EntraError, GraphFault};
use model::{Act, Api, Diagnosis, Group, RemedyStep};

use super::plan::Step;
use crate::diagnosis::{entra, service_evidence};
use crate::{Error, diagnosis};

#[derive(Debug)]
pub(super) enum Refusal {
    /// Microsoft's word on a request.
    Fault(Box<GraphFault>),
    /// No answer, or none that could be used.
    Unreachable(String),
    /// Entra gave no token in the administrator's name.
    SignIn(Box<EntraError>),
    /// It is there, and not seen everywhere yet.
    NotYet(String),
    Ours(Error),
}

impl<E: Into<Error>> From<E> for Refusal {
    fn from(error: E) -> Self {
        Self::Ours(error.into())
    }
}

impl From<CallError> for Refusal {
    fn from(error: CallError) -> Self {
        Self::Unreachable(error.to_string())
    }
}

/// Codes by which Entra says that it does not know yet what was just made: a secret, an application, its certificate, its trust.
const NOT_KNOWN_YET: [&str; 7] = [
    "AADSTS70021",
    "AADSTS7000215",
    "AADSTS700016",
    "AADSTS700027",
    "AADSTS700211",
    "AADSTS700213",
    "AADSTS7000229",
];

impl Refusal {
    /// Whether waiting may help: Microsoft's directory has many copies, which learn one after the other of what was made, and
    /// until then answer that it is not there, or that a reference to it is wrong.
    pub(super) fn may_pass(&self, step: &Step) -> bool {
        let is_young = matches!(
            step,
            Step::ServicePrincipal
                | Step::Consent(_)
                | Step::ConsentForUsers
                | Step::Owner
                | Step::ApplicationUser
        );
        match self {
            Self::Fault(fault) => match fault.status.as_u16() {
                404 | 429 | 500..=599 => true,
                400 => is_young,
                _ => false,
            },
            Self::Unreachable(_)
            | Self::NotYet(_)
            | Self::Ours(Error::Unreachable(_) | Error::Conflict) => true,
            Self::SignIn(error) => error.is_transient(),
            Self::Ours(Error::Refused(told)) => {
                told.act == Act::Nobody || NOT_KNOWN_YET.contains(&told.evidence.code.as_str())
            }
            Self::Ours(_) => false,
        }
    }

    /// In one sentence, for whoever waits.
    pub(super) fn reason(&self) -> String {
        match self {
            Self::Fault(fault) => fault.to_string(),
            Self::Unreachable(text) | Self::NotYet(text) => text.clone(),
            Self::SignIn(error) => error.to_string(),
            Self::Ours(error) => error.to_string(),
        }
    }

    /// As it ends the attempt.
    pub(super) fn into_error(self, cloud: &Cloud, step: &Step) -> Error {
        match self {
            Self::Ours(error) => error,
            Self::Unreachable(text) => Error::Unreachable(text),
            Self::NotYet(text) => Error::Unreachable(format!(
                "{text}; run it again in some minutes, it goes on where it stopped"
            )),
            Self::SignIn(error) => of_entra(cloud, &error),
            Self::Fault(fault) => Error::Refused(Box::new(explained(&fault, step))),
        }
    }
}

/// Entra's refusal of the administrator's sign-in.
pub(super) fn of_entra(cloud: &Cloud, error: &EntraError) -> Error {
    let Some((fault, class)) = error.fault().zip(error.class()) else {
        return Error::Unreachable(error.to_string());
    };
    let meaning = class
        .entry
        .map_or(fault.error_description.as_str(), |entry| entry.meaning);
    let mut remedy = step_of(error.hint());
    remedy[0].link = entra::lookup(cloud, fault);
    remedy.extend(in_a_browser(class.category));
    Error::Refused(Box::new(Diagnosis {
        group: Group::ConnectionFailed,
        cause: format!(
            "Entra did not sign the administrator in: {meaning} ({})",
            fault.name()
        ),
        act: Act::Administrator,
        remedy,
        evidence: diagnosis::evidence(error),
        known: class.entry.is_some(),
    }))
}

/// Conditional access often blocks codes, and what asks for a device or a second factor sees neither behind one.
///
/// Source: <https://learn.microsoft.com/entra/identity/conditional-access/concept-authentication-flows>
fn in_a_browser(category: Category) -> Option<RemedyStep> {
    let is_policy = category == Category::ConditionalAccess;
    is_policy.then(|| RemedyStep {
        text: "or, where policies block sign-in by a code, run it again with `--browser` on a machine that the policy allows"
            .to_owned(),
        link: None,
        command: None,
    })
}

/// Who may do what was refused.
///
/// Sources: <https://learn.microsoft.com/entra/identity/role-based-access-control/permissions-reference>,
/// <https://learn.microsoft.com/entra/identity/enterprise-apps/grant-admin-consent>
fn explained(fault: &GraphFault, step: &Step) -> Diagnosis {
    let is_denied = matches!(fault.status.as_u16(), 401 | 403);
    let api = match step {
        Step::ApplicationUser => Api::Dataverse,
        _ => Api::Graph,
    };
    let (what, role) = match step {
        Step::Consent(_) => (
            "grant application permissions",
            "Privileged Role Administrator or Global Administrator; Cloud Application Administrator is enough for everything \
             but permissions of Microsoft Graph",
        ),
        Step::ConsentForUsers => (
            "consent to delegated permissions for everybody",
            "Cloud Application Administrator, Application Administrator or Global Administrator",
        ),
        Step::ApplicationUser => (
            "make application users in the environment",
            "System Administrator in the environment of Dataverse",
        ),
        _ => (
            "register applications",
            "Application Administrator, Cloud Application Administrator or Global Administrator",
        ),
    };
    let (group, cause, remedy) = if is_denied {
        (
            Group::PermissionDenied,
            format!("the account that signed in may not {what}"),
            format!(
                "run it again, and sign in with an account that has the role {role}; it goes on where it stopped"
            ),
        )
    } else {
        (
            Group::ConnectionFailed,
            format!("Microsoft refused to {what}: {}", fault.message),
            "do what Microsoft's message says, and run it again; it goes on where it stopped"
                .to_owned(),
        )
    };
    Diagnosis {
        group,
        cause,
        act: Act::Administrator,
        remedy: step_of(&remedy),
        evidence: service_evidence(api, fault),
        known: is_denied,
    }
}

fn step_of(text: &str) -> Vec<RemedyStep> {
    vec![RemedyStep {
        text: text.to_owned(),
        link: None,
        command: None,
    }]
}
