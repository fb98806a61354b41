//! How a decision against is told.

use super::Limits;
use super::known::Looked;
use crate::Error;
use crate::policy::refusal::{Listing, Refusal};

static MAILBOXES: Listing = Listing {
    all: "mailboxes",
    one: "mailbox",
    option: "--mailbox",
    by: " by its address",
    unknown: "nobody at",
    mend: "name a mailbox by its listed address, or ask an administrator to correct the list",
};

impl Limits<'_> {
    pub(super) fn refusal(&self) -> Refusal<'_> {
        Refusal::new(self.snapshot, &MAILBOXES, self.listed)
    }

    /// Something that is none of those that are known to be listed, if all could be looked at.
    pub(super) fn not_found(&self, what: &str, looked: &Looked) -> Error {
        if !looked.is_refused {
            return self.refusal().not_found(what, &looked.missing);
        }
        Error::Denied {
            reason: format!(
                "{what} is no address on the list of `{}`, and whether it is another name of one cannot be told, since \
                 Microsoft does not let the connection look people up",
                self.snapshot.connection.name
            ),
            instead: format!(
                "name the mailbox as it is listed: {}; or grant `User.ReadBasic.All`",
                self.refusal().names()
            ),
        }
    }

    pub(super) fn unclear(&self, text: &str) -> Error {
        let instead = "name a mailbox by its address or by its user's object id";
        self.refusal().unclear(text, "whose mailbox it is", instead)
    }
}
