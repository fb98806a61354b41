//! Failures explained: what happened, on what evidence, who must act, and what to do. The knowledge about codes lies in
//! `microsoft`; here it meets the connection it happened to.

pub(crate) mod entra;
pub(crate) mod remedy;
mod service;
mod site_grant;
mod table;

use jiff::Timestamp;
use microsoft::entra::{Category, Class, Retry};
use microsoft::{EntraError, EntraFault};
use model::{
    Act, ConnectionMethod, ConnectionState, Diagnosis, Evidence, Group, Permission, PermissionSet,
};

pub use service::diagnose_graph;
pub(crate) use service::evidence as service_evidence;
pub use site_grant::diagnose_site_grant;

use crate::proof::SourceFailure;
use crate::{Error, Snapshot};

/// Explains what Entra refused, or why it could not be asked.
pub fn diagnose_entra(snapshot: &Snapshot, error: &EntraError) -> Diagnosis {
    let Some((fault, class)) = error.fault().zip(error.class()) else {
        return unanswered(snapshot, error);
    };
    let meaning = match class.entry {
        Some(entry) => entry.meaning.to_owned(),
        None => format!(
            "Entra answered with a code that is not known here: {}",
            fault.error_description
        ),
    };
    let act = act(&class, snapshot.connection.method);
    Diagnosis {
        group: group(
            snapshot,
            class.entry.map_or(&[], |entry| entry.groups.as_slice()),
        ),
        cause: format!("{meaning} ({})", fault.name()),
        act,
        remedy: entra::steps(snapshot, fault, &class, act, error.hint()),
        evidence: evidence(error),
        known: class.entry.is_some(),
    }
}

/// The state that a failed renewal leaves the connection in. Terminal states cost no further request.
pub fn state_after(method: ConnectionMethod, error: &EntraError) -> ConnectionState {
    let Some(class) = error.class() else {
        return ConnectionState::Degraded;
    };
    if error.is_transient() {
        return ConnectionState::Degraded;
    }
    match (act(&class, method), method) {
        (Act::User, ConnectionMethod::OAuth) => ConnectionState::NeedsReconnect,
        (Act::Nobody, _) => ConnectionState::Degraded,
        _ => ConnectionState::NeedsAdmin,
    }
}

/// Code of a proof whose source gave nothing to show.
pub(crate) const NO_ASSERTION: &str = "proof.no_assertion";

/// Nothing could be asked of Entra, since the proof's source gave nothing.
pub(crate) fn without_assertion(snapshot: &Snapshot, failure: &SourceFailure) -> Diagnosis {
    Diagnosis {
        group: group(snapshot, &[]),
        cause: failure.message.clone(),
        act: Act::Operator,
        remedy: remedy::plain(failure.hint),
        evidence: Evidence {
            code: NO_ASSERTION.to_owned(),
            message: failure.message.clone(),
            ..Evidence::default()
        },
        known: true,
    }
}

/// What was asked of Microsoft Graph and is not granted: nothing refused it yet.
pub(crate) fn not_granted(snapshot: &Snapshot, missing: &PermissionSet) -> Diagnosis {
    let names: Vec<_> = missing.iter().map(Permission::as_str).collect();
    let cause = format!("not granted yet: {}", names.join(", "));
    let (act, remedy) = match snapshot.connection.method {
        ConnectionMethod::ServicePrincipal => {
            (Act::Administrator, remedy::grant_to_application(snapshot))
        }
        ConnectionMethod::OAuth => (Act::User, remedy::grant_as_user(snapshot, &names)),
    };
    Diagnosis {
        group: Group::PermissionDenied,
        evidence: Evidence {
            code: "permission_missing".to_owned(),
            message: cause.clone(),
            ..Evidence::default()
        },
        cause,
        act,
        remedy,
        known: true,
    }
}

/// The application may not change its own registration.
pub(crate) fn may_not_rotate(snapshot: &Snapshot, fault: &microsoft::GraphFault) -> Diagnosis {
    let mut diagnosis = diagnose_graph(snapshot, None, None, fault);
    if fault.status == http::StatusCode::FORBIDDEN {
        "the application may not look after its own client secrets and certificates"
            .clone_into(&mut diagnosis.cause);
        diagnosis.act = Act::Administrator;
        diagnosis.remedy = remedy::plain(
            "grant the application permission Application.ReadWrite.OwnedBy with admin consent, and make the \
             application's service principal an owner of its registration; or rotate by hand",
        );
    } else if fault.code == UNPROVEN {
        "Microsoft did not accept what the certificate in use signed as proof that the application holds it"
            .clone_into(&mut diagnosis.cause);
        diagnosis.act = Act::Operator;
        diagnosis.remedy = remedy::plain(
            "see that the server's clock is right, and rotate again; or upload the certificate that waits among the \
             application's proofs by hand, and try it then",
        );
    }
    diagnosis
}

/// What Microsoft Graph answers to `addKey` and `removeKey` whose proof of possession it does not accept.
///
/// Source: <https://learn.microsoft.com/graph/application-rollkey-prooftoken>
const UNPROVEN: &str = "Authentication_MissingOrMalformed";

/// The application may not take a user's consent back.
pub(crate) fn may_not_revoke(snapshot: &Snapshot, fault: &microsoft::GraphFault) -> Diagnosis {
    let mut diagnosis = diagnose_graph(snapshot, None, None, fault);
    if fault.status == http::StatusCode::FORBIDDEN {
        "the application may not take consent back".clone_into(&mut diagnosis.cause);
        diagnosis.act = Act::Administrator;
        diagnosis.remedy = remedy::plain(
            "let the user take the consent back under My Apps, or an administrator under the enterprise application; or \
             grant the application permissions DelegatedPermissionGrant.ReadWrite.All and Application.Read.All with admin \
             consent",
        );
        diagnosis.remedy[0].link = snapshot.cloud.my_apps.as_ref().map(ToString::to_string);
    }
    diagnosis
}

/// Entra's refusal as an error for whoever connects, tests or rotates.
pub(crate) fn refusal(snapshot: &Snapshot, error: &EntraError) -> Error {
    let diagnosis = Box::new(diagnose_entra(snapshot, error));
    match error {
        EntraError::Transport(_) => Error::Unanswered(diagnosis),
        _ => Error::Refused(diagnosis),
    }
}

/// The authorize page sent the browser back without a code.
pub(crate) fn declined(
    snapshot: &Snapshot,
    error: &str,
    description: &str,
    subcode: Option<&str>,
) -> Error {
    let fault = EntraFault::from_redirect(error, description, subcode);
    let refused = error == "access_denied";
    let diagnosis = diagnose_entra(snapshot, &EntraError::from(fault));
    if refused {
        Error::ConsentRefused(Box::new(diagnosis))
    } else {
        Error::Refused(Box::new(diagnosis))
    }
}

/// Whether Entra said so, and not the service.
pub(crate) fn is_of_entra(diagnosis: &Diagnosis) -> bool {
    let evidence = &diagnosis.evidence;
    evidence.trace_id.is_some() || evidence.code.starts_with("AADSTS")
}

/// What is kept for a support case.
pub(crate) fn evidence(error: &EntraError) -> Evidence {
    match error.fault() {
        Some(fault) => Evidence {
            code: fault.name(),
            message: fault.error_description.clone(),
            status: fault.status,
            trace_id: fault.trace_id.clone(),
            correlation_id: fault.correlation_id.clone(),
            request_id: fault.request_id.clone(),
            client_request_id: fault.client_request_id.clone(),
            uti: None,
            claims: fault.claims.clone(),
            at: fault.timestamp.as_deref().and_then(entra_time),
        },
        None => Evidence {
            code: error.code().to_owned(),
            message: chain(error),
            ..Evidence::default()
        },
    }
}

fn unanswered(snapshot: &Snapshot, error: &EntraError) -> Diagnosis {
    Diagnosis {
        group: group(snapshot, &[]),
        cause: chain(error),
        act: if error.is_transient() {
            Act::Nobody
        } else {
            Act::Operator
        },
        remedy: remedy::plain(error.hint()),
        evidence: evidence(error),
        known: true,
    }
}

/// The same code is a failed connection while connecting, and a failed refresh once it had worked.
fn group(snapshot: &Snapshot, told: &[Group]) -> Group {
    let worked = snapshot.connection.identity.is_some();
    let likely = if worked {
        Group::TokenRefreshFailed
    } else {
        Group::ConnectionFailed
    };
    match told {
        [] => likely,
        several if several.contains(&likely) => likely,
        [first, ..] => *first,
    }
}

/// Consent that the user may give, where the tenant lets them: the page says so if it does not.
const OF_THE_USER: [u32; 2] = [65_001, 65_004];
/// The request is malformed: where a refresh token was in it, that is what was damaged.
const DAMAGED: u32 = 9_002_313;
/// The sign-in host itself is wrong, which stands in the server's configuration.
const UNKNOWN_HOST: u32 = 50_049;

fn act(class: &Class, method: ConnectionMethod) -> Act {
    let Class {
        category, retry, ..
    } = *class;
    let code = class.entry.map(|entry| entry.code);
    let is_user = method == ConnectionMethod::OAuth;
    match category {
        _ if retry == Retry::Backoff => Act::Nobody,
        _ if code == Some(UNKNOWN_HOST) => Act::Operator,
        Category::Request if code == Some(DAMAGED) && is_user => Act::User,
        Category::Request | Category::ConditionalAccess
            if retry == Retry::AfterSignIn && is_user =>
        {
            Act::User
        }
        // What Microsoft's registration or environment lacks, nobody mends here.
        Category::Request if class.entry.is_some_and(|entry| entry.page.is_some()) => {
            Act::Administrator
        }
        Category::Request => Act::Operator,
        _ if !is_user => Act::Administrator,
        Category::RefreshToken => Act::User,
        Category::User if retry != Retry::AfterAdministrator => Act::User,
        Category::Consent if code.is_none_or(|code| OF_THE_USER.contains(&code)) => Act::User,
        _ => Act::Administrator,
    }
}

/// `2025-01-31 09:10:11Z`, as Entra writes it.
fn entra_time(text: &str) -> Option<Timestamp> {
    text.replacen(' ', "T", 1).parse().ok()
}

fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(inner) = source {
        text.push_str(": ");
        text.push_str(&inner.to_string());
        source = inner.source();
    }
    text
}
