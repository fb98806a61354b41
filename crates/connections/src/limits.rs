//! What a policy may say together: places that a connection is held to, each kind with what may be listed of it, and tokens,
//! which go with no limit at all.

use microsoft::Cloud;
use model::{Place, Policy, Service};

use crate::{Error, Result, dynamics, mailboxes, sites};

/// Whether `policy` may be that of a connection to `service` in this cloud, which goes to `place`.
pub(crate) fn check(policy: &Policy, service: Service, place: &Place, cloud: &Cloud) -> Result<()> {
    check_tokens(policy)?;
    sites::check(policy, service, cloud)?;
    mailboxes::check(policy, service)?;
    dynamics::check(policy, service, place)
}

/// Nothing here can hold a token that has left to a limit. Neither is switched off for the other's sake: whoever asks for both
/// decides.
fn check_tokens(policy: &Policy) -> Result<()> {
    let limits = policy.limits();
    if !policy.tokens || limits.is_empty() {
        return Ok(());
    }
    Err(Error::Invalid {
        field: "policy.tokens",
        message: format!(
            "a token that has left knows no limits, and this policy has `{}`; turn `tokens` off, or lift them",
            limits.join("`, `")
        ),
    })
}

#[cfg(test)]
mod tests {
    use model::OperationKind;

    use super::*;

    #[test]
    fn tokens_go_with_no_limit() {
        let tokens = Policy {
            tokens: true,
            raw: true,
            ..Policy::default()
        };
        assert!(check_tokens(&tokens).is_ok());
        let limited = Policy {
            kinds: Some([OperationKind::Read].into()),
            mailboxes: Some(["support@contoso.com".parse().unwrap()].into()),
            ..tokens
        };
        let refused = check_tokens(&limited).unwrap_err().to_string();
        assert!(refused.contains("`kinds`, `mailboxes`"), "{refused}");
        let off = Policy {
            tokens: false,
            ..limited
        };
        assert!(check_tokens(&off).is_ok());
    }
}
