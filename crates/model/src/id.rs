//! Ids are UUIDs of version 7, shown with the noun they belong to: `conn_0193…`. They sort by the time they were made.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use uuid::{Builder, Uuid};

use crate::{Clock, Random};

/// The text is no id of the noun that was wanted.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{text}` is not an id like `{prefix}_0193…`")]
pub struct IdError {
    prefix: &'static str,
    text: String,
}

fn generate(clock: &dyn Clock, random: &dyn Random) -> Uuid {
    let mut bytes = [0; 10];
    random.fill(&mut bytes);
    let millis = u64::try_from(clock.now().as_millisecond()).unwrap_or(0);
    Builder::from_unix_timestamp_millis(millis, &bytes).into_uuid()
}

fn parse(prefix: &'static str, text: &str) -> Result<Uuid, IdError> {
    text.strip_prefix(prefix)
        .and_then(|rest| rest.strip_prefix('_'))
        .filter(|rest| rest.len() == 32)
        .and_then(|rest| Uuid::try_parse(rest).ok())
        .ok_or_else(|| IdError {
            prefix,
            text: text.to_owned(),
        })
}

macro_rules! id {
    ($(#[$doc:meta])* $name:ident, $prefix:literal) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $name(Uuid);

        impl $name {
            pub const PREFIX: &'static str = $prefix;

            /// A new id: the clock's millisecond and ten random bytes.
            pub fn generate(clock: &dyn Clock, random: &dyn Random) -> Self {
                Self(generate(clock, random))
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!($prefix, "_{}"), self.0.simple())
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(self, f)
            }
        }

        impl FromStr for $name {
            type Err = IdError;

            fn from_str(text: &str) -> Result<Self, IdError> {
                parse($prefix, text).map(Self)
            }
        }

        impl TryFrom<String> for $name {
            type Error = IdError;

            fn try_from(text: String) -> Result<Self, IdError> {
                text.parse()
            }
        }

        impl From<$name> for String {
            fn from(id: $name) -> Self {
                id.to_string()
            }
        }
    };
}

id!(ActivityId, "act");
id!(ApiKeyId, "key");
id!(AppRegistrationId, "app");
id!(
    /// One try at consent: a `/connect/{attempt}` page.
    AttemptId, "att"
);
id!(ConnectionId, "conn");
id!(
    /// An administrator of Microsoft's tenant was asked to consent.
    ConsentRequestId, "creq"
);
id!(
    /// A data key, sealed by the master key, that seals the credentials of one connection or app registration.
    DataKeyId, "dek"
);
id!(
    /// A key by which Consentry signs as an issuer; the `kid` of its assertions.
    IssuerKeyId, "ikey"
);
id!(EventId, "evt");
id!(MemberId, "mem");
id!(ProofId, "proof");
id!(RunId, "run");
id!(SessionId, "ses");
id!(WebhookId, "hook");
id!(WorkflowId, "wf");
id!(WorkspaceId, "ws");
id!(
    /// One start of one process: it writes its own activity chain and owns leases.
    WriterId, "wr"
);

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{ManualClock, SeededRandom};
    use jiff::SignedDuration;

    #[test]
    fn ids_sort_by_the_time_they_were_made() {
        let clock = ManualClock::fixed(jiff::Timestamp::UNIX_EPOCH);
        let random = SeededRandom::new(7);
        let earlier = ConnectionId::generate(&clock, &random);
        clock.advance(SignedDuration::from_millis(1));
        let later = ConnectionId::generate(&clock, &random);
        assert!(earlier < later && earlier.to_string() < later.to_string());
    }

    #[test]
    fn an_id_of_another_noun_is_refused() {
        let clock = ManualClock::fixed(jiff::Timestamp::UNIX_EPOCH);
        let text = ConnectionId::generate(&clock, &SeededRandom::new(7)).to_string();
        assert!(text.parse::<RunId>().is_err());
        assert_eq!(
            text.parse::<ConnectionId>().map(|id| id.to_string()),
            Ok(text)
        );
    }
}
