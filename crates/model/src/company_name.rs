use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// A company of Business Central, by its id (a GUID, in lower case) or by its name, `CRONUS International Ltd.`, which is
/// compared letter by letter. What is shown as a company's name in Business Central may be another text, its display name,
/// which several companies may share.
///
/// Source: <https://learn.microsoft.com/dynamics365/business-central/dev-itpro/api-reference/v2.0/resources/dynamics_company>.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum CompanyName {
    Id(String),
    Named(String),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "a company is its id (a GUID) or its name, of 30 letters at most and without control characters"
)]
pub struct CompanyNameError;

/// Letters of a company's name.
const LONGEST: usize = 30;

impl FromStr for CompanyName {
    type Err = CompanyNameError;

    fn from_str(text: &str) -> Result<Self, CompanyNameError> {
        let text = text.trim();
        if is_guid(text) {
            return Ok(Self::Id(text.to_ascii_lowercase()));
        }
        let is_name =
            !text.is_empty() && text.chars().count() <= LONGEST && !text.contains(char::is_control);
        is_name
            .then(|| Self::Named(text.to_owned()))
            .ok_or(CompanyNameError)
    }
}

fn is_guid(text: &str) -> bool {
    let is_place = |(at, byte): (usize, u8)| match at {
        8 | 13 | 18 | 23 => byte == b'-',
        _ => byte.is_ascii_hexdigit(),
    };
    text.len() == 36 && text.bytes().enumerate().all(is_place)
}

impl fmt::Display for CompanyName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (Self::Id(text) | Self::Named(text)) = self;
        f.write_str(text)
    }
}

impl TryFrom<String> for CompanyName {
    type Error = CompanyNameError;

    fn try_from(text: String) -> Result<Self, CompanyNameError> {
        text.parse()
    }
}

impl From<CompanyName> for String {
    fn from(name: CompanyName) -> Self {
        name.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::CompanyName;

    #[test]
    fn a_company_is_an_id_or_a_name_and_nothing_else() {
        let id = "6C8BB1B4-2fd4-4b8e-9a56-3c1f1d2a7b10";
        assert_eq!(
            format!(" {id}").parse(),
            Ok(CompanyName::Id(id.to_lowercase()))
        );
        let name = "CRONUS O'Neil & Söhne";
        assert_eq!(name.parse(), Ok(CompanyName::Named(name.to_owned())));
        for text in ["", "  ", "a\nb", &"a".repeat(31)] {
            assert!(text.parse::<CompanyName>().is_err(), "{text}");
        }
    }
}
