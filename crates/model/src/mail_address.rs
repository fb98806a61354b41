use std::fmt::{self, Write};
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// The address of a mailbox, `support@contoso.com`: a user principal name or a mail address. In lower case, since Exchange and
/// Entra know no case in either.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct MailAddress(String);

#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a mailbox's address {0}: `support@contoso.com`")]
pub struct MailAddressError(&'static str);

/// Source: <https://learn.microsoft.com/entra/identity/hybrid/connect/plan-connect-userprincipalname>, which allows less than
/// RFC 5321 does.
const LONGEST_NAME: usize = 64;
const LONGEST_DOMAIN: usize = 253;
/// What may stand before the `@` beside letters and digits. `%`, `/`, `?` and quotes are left out, as nobody should have to ask
/// who would read them as more.
const MARKS: &[u8] = b".-_+'!#$&=^`{|}~";

impl MailAddress {
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// How Microsoft Graph takes it behind `/users/`: `support@contoso.com`, with what a path has no place for encoded.
    pub fn graph_key(&self) -> String {
        let mut encoded = String::with_capacity(self.0.len());
        for byte in self.0.bytes() {
            if byte.is_ascii_alphanumeric() || b"-._~@".contains(&byte) {
                encoded.push(char::from(byte));
            } else {
                let _ = write!(encoded, "%{byte:02X}");
            }
        }
        encoded
    }

    /// Whether `text` is this address, however it is written.
    pub fn is(&self, text: &str) -> bool {
        self.0.eq_ignore_ascii_case(text)
    }
}

fn is_name(name: &str) -> bool {
    let is_letter = |b: u8| b.is_ascii_alphanumeric() || MARKS.contains(&b);
    !name.is_empty()
        && name.len() <= LONGEST_NAME
        && name.bytes().all(is_letter)
        && !name.starts_with('.')
        && !name.ends_with('.')
        && !name.contains("..")
}

/// Labels of letters, digits and hyphens, two at least. A GUID is none: `{id}@{tenant}` is Exchange's other name of a mailbox.
fn is_domain(domain: &str) -> bool {
    let is_label = |label: &str| {
        !label.is_empty()
            && !label.starts_with('-')
            && !label.ends_with('-')
            && label
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || b == b'-')
    };
    domain.contains('.') && domain.len() <= LONGEST_DOMAIN && domain.split('.').all(is_label)
}

impl FromStr for MailAddress {
    type Err = MailAddressError;

    fn from_str(text: &str) -> Result<Self, MailAddressError> {
        let text = text.trim();
        let (name, domain) = text
            .rsplit_once('@')
            .ok_or(MailAddressError("has an `@`"))?;
        if !is_name(name) {
            return Err(MailAddressError(
                "has a plain name before its `@`, without blanks, quotes or what is encoded",
            ));
        }
        if !is_domain(domain) {
            return Err(MailAddressError(
                "has a whole domain behind its `@`, in ASCII",
            ));
        }
        Ok(Self(text.to_ascii_lowercase()))
    }
}

impl fmt::Display for MailAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl TryFrom<String> for MailAddress {
    type Error = MailAddressError;

    fn try_from(text: String) -> Result<Self, MailAddressError> {
        text.parse()
    }
}

impl From<MailAddress> for String {
    fn from(address: MailAddress) -> Self {
        address.0
    }
}

#[cfg(test)]
mod tests {
    use super::MailAddress;

    fn normal(text: &str) -> Option<String> {
        text.parse::<MailAddress>().ok().map(String::from)
    }

    #[test]
    fn an_address_is_known_however_it_is_written() {
        for text in ["support@contoso.com", " Support@CONTOSO.com "] {
            assert_eq!(normal(text).as_deref(), Some("support@contoso.com"));
        }
        for text in [
            "o'neill+sales@mail.contoso.com",
            "a_b.com#ext#@contoso.onmicrosoft.com",
        ] {
            assert_eq!(normal(text).as_deref(), Some(text));
        }
        let address: MailAddress = "support@contoso.com".parse().unwrap();
        assert_eq!(address.graph_key(), "support@contoso.com");
        let guest: MailAddress = "a_b.com#EXT#@c.onmicrosoft.com".parse().unwrap();
        assert_eq!(guest.graph_key(), "a_b.com%23ext%23@c.onmicrosoft.com");
        assert!(address.is("SUPPORT@contoso.com") && !address.is("support@contoso.co"));
    }

    #[test]
    fn what_is_no_address_is_refused() {
        for text in [
            "",
            "support",
            "@contoso.com",
            "support@",
            "support@contoso",
            "support@contoso..com",
            "support@-contoso.com",
            ".support@contoso.com",
            "sup..port@contoso.com",
            "support team@contoso.com",
            "support%40contoso.com",
            "\"support\"@contoso.com",
            "SMTP:support@contoso.com",
            "Support <support@contoso.com>",
            "users/support@contoso.com",
            "a@b@contoso.com",
            "*@contoso.com",
            "söpport@contoso.com",
            "support@contoso.com/messages",
            "00000000-0000-0000-0000-000000000001@00000000-0000-0000-0000-000000000002",
        ] {
            assert_eq!(normal(text), None, "{text}");
        }
    }
}
