//! How a decision against is told.

use model::SiteUrl;

use super::Limits;
use super::known::Failed;
use crate::Error;

impl Limits<'_> {
    /// Something that is not on the list.
    pub(super) fn unlisted(&self, what: &str) -> Error {
        let name = &self.snapshot.connection.name;
        Error::Denied {
            reason: format!("{what} is not among the allowed sites of `{name}`"),
            instead: format!(
                "use {}, or ask an administrator to add it: `consentry connections policy {name} --site …`",
                self.listed_names()
            ),
        }
    }

    /// Something that is not there, or in a listed site that could not be looked at: then that is what has to be mended.
    pub(super) fn not_found(&self, what: &str, failed: Vec<Failed>) -> Error {
        let mut missing = Vec::new();
        for failure in failed {
            match failure {
                Failed::Refused(diagnosis, body) => {
                    return Error::Microsoft {
                        status: 403,
                        diagnosis,
                        body,
                        retry_after: None,
                    };
                }
                Failed::Missing(url) => missing.push(format!("`{url}`")),
            }
        }
        if missing.is_empty() {
            return self.unlisted(what);
        }
        Error::Denied {
            reason: format!(
                "{what} is not among the allowed sites of `{}`, of which Microsoft knows none at {}",
                self.snapshot.connection.name,
                missing.join(", ")
            ),
            instead:
                "ask an administrator to correct the addresses: a site that was renamed has another"
                    .to_owned(),
        }
    }

    /// Something that lists or leads to more than the sites.
    pub(super) fn beyond(&self, what: &str) -> Error {
        Error::Denied {
            reason: format!(
                "this {what}, and `{}` is limited to some sites",
                self.snapshot.connection.name
            ),
            instead: format!("use {} by its address or id", self.listed_names()),
        }
    }

    /// A name that Microsoft may understand, and that does not tell by itself what it means.
    pub(super) fn unclear(&self, text: &str) -> Error {
        Error::Denied {
            reason: format!(
                "`{text}` does not tell which site it is, and `{}` is limited to some sites",
                self.snapshot.connection.name
            ),
            instead: "name a site by its address, or by its whole id: `{host},{guid},{guid}`"
                .to_owned(),
        }
    }

    fn listed_names(&self) -> String {
        let names: Vec<String> = self.listed.iter().take(3).map(SiteUrl::to_string).collect();
        match (names.as_slice(), self.listed.len()) {
            ([], _) => "another connection".to_owned(),
            (some, n) if n > some.len() => {
                format!("`{}` or another listed site", some.join("`, `"))
            }
            (all, _) => format!("`{}`", all.join("`, `")),
        }
    }
}
