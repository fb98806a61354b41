//! How a decision against is told.

use model::MailAddress;

use super::Limits;
use super::known::Looked;
use crate::Error;

impl Limits<'_> {
    /// Something that is not on the list.
    pub(super) fn unlisted(&self, what: &str) -> Error {
        let name = &self.snapshot.connection.name;
        Error::Denied {
            reason: format!("{what} is not among the allowed mailboxes of `{name}`"),
            instead: format!(
                "use {}, or ask an administrator to add it: `consentry connections policy {name} --mailbox …`",
                self.listed_names()
            ),
        }
    }

    /// Something that is none of those that are known to be listed, if all could be looked at.
    pub(super) fn not_found(&self, what: &str, looked: &Looked) -> Error {
        let name = &self.snapshot.connection.name;
        if looked.is_refused {
            return Error::Denied {
                reason: format!(
                    "{what} is no address on the list of `{name}`, and whether it is another name of one cannot be told, since \
                     Microsoft does not let the connection look people up"
                ),
                instead: format!(
                    "name the mailbox as it is listed: {}; or grant `User.ReadBasic.All`",
                    self.listed_names()
                ),
            };
        }
        if looked.missing.is_empty() {
            return self.unlisted(what);
        }
        let missing: Vec<String> = looked.missing.iter().map(MailAddress::to_string).collect();
        Error::Denied {
            reason: format!(
                "{what} is not among the allowed mailboxes of `{name}`, of which Microsoft knows nobody at `{}`",
                missing.join("`, `")
            ),
            instead:
                "name a mailbox by its listed address, or ask an administrator to correct the list"
                    .to_owned(),
        }
    }

    /// Something that reaches more than the mailboxes.
    pub(super) fn beyond(&self, what: &str) -> Error {
        Error::Denied {
            reason: format!(
                "this {what}, and `{}` is limited to some mailboxes",
                self.snapshot.connection.name
            ),
            instead: format!("use {} by its address", self.listed_names()),
        }
    }

    /// A name that Microsoft may understand, and that does not tell by itself what it means.
    pub(super) fn unclear(&self, text: &str) -> Error {
        Error::Denied {
            reason: format!(
                "`{text}` does not tell whose mailbox it is, and `{}` is limited to some mailboxes",
                self.snapshot.connection.name
            ),
            instead: "name a mailbox by its address or by its user's object id".to_owned(),
        }
    }

    fn listed_names(&self) -> String {
        let names: Vec<String> = self
            .listed
            .iter()
            .take(3)
            .map(MailAddress::to_string)
            .collect();
        match (names.as_slice(), self.listed.len()) {
            ([], _) => "another connection".to_owned(),
            (some, n) if n > some.len() => {
                format!("`{}` or another listed mailbox", some.join("`, `"))
            }
            (all, _) => format!("`{}`", all.join("`, `")),
        }
    }
}
