use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// The logical name of a table of Dataverse: `account`, `msdyn_workorder`. In lower case, as Dataverse has them.
///
/// Source: <https://learn.microsoft.com/power-apps/developer/data-platform/entity-metadata>.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct TableName(String);

#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "a table's logical name is made of letters, digits and `_` and begins with a letter: `account`, `msdyn_workorder`"
)]
pub struct TableNameError;

const LONGEST: usize = 128;

impl TableName {
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for TableName {
    type Err = TableNameError;

    fn from_str(text: &str) -> Result<Self, TableNameError> {
        let name = text.trim().to_ascii_lowercase();
        let is_letter = |b: u8| b.is_ascii_alphanumeric() || b == b'_';
        let is_name = name.len() <= LONGEST
            && name.bytes().next().is_some_and(|b| b.is_ascii_lowercase())
            && name.bytes().all(is_letter);
        is_name.then_some(Self(name)).ok_or(TableNameError)
    }
}

impl fmt::Display for TableName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl TryFrom<String> for TableName {
    type Error = TableNameError;

    fn try_from(text: String) -> Result<Self, TableNameError> {
        text.parse()
    }
}

impl From<TableName> for String {
    fn from(name: TableName) -> Self {
        name.0
    }
}

#[cfg(test)]
mod tests {
    use super::TableName;

    #[test]
    fn a_logical_name_is_kept_in_lower_case_and_anything_else_refused() {
        let normal = |text: &str| text.parse::<TableName>().ok().map(String::from);
        assert_eq!(normal(" Account ").as_deref(), Some("account"));
        assert_eq!(
            normal("msdyn_workorder").as_deref(),
            Some("msdyn_workorder")
        );
        for text in [
            "",
            "_account",
            "1account",
            "accounts(1)",
            "Microsoft.Dynamics.CRM.account",
            "a b",
            "a'b",
            "\u{212a}onto",
            "a/b",
            "a%20b",
            &"a".repeat(129),
        ] {
            assert_eq!(normal(text), None, "{text}");
        }
    }
}
