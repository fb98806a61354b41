//! `$search` on people: `"displayName:ana"`, clauses joined by `AND` and `OR`.
//! Source: <https://learn.microsoft.com/graph/search-query-parameter#using-search-on-directory-object-collections>

use serde_json::Value;

use crate::graph::fault::Fault;

/// What may be searched; the name by its words, the rest from their beginning.
const PROPERTIES: [&str; 6] = [
    "displayName",
    "givenName",
    "mail",
    "mailNickname",
    "surname",
    "userPrincipalName",
];

/// Alternatives, each of clauses that all hold.
pub(super) struct Search(Vec<Vec<Clause>>);

struct Clause {
    property: &'static str,
    words: String,
}

impl Search {
    pub(super) fn parse(text: &str) -> Result<Self, Fault> {
        let mut alternatives = vec![Vec::new()];
        let mut rest = text.trim();
        loop {
            let quoted = rest.strip_prefix('"').and_then(|rest| rest.split_once('"'));
            let (clause, after) = quoted.ok_or_else(|| malformed(text))?;
            if let Some(clauses) = alternatives.last_mut() {
                clauses.push(Clause::parse(clause)?);
            }
            let after = after.trim_start();
            if after.is_empty() {
                return Ok(Self(alternatives));
            }
            if let Some(next) = after.strip_prefix("OR ") {
                alternatives.push(Vec::new());
                rest = next.trim_start();
            } else {
                let next = after.strip_prefix("AND ").unwrap_or(after);
                rest = next.trim_start();
            }
        }
    }

    pub(super) fn finds(&self, user: &Value) -> bool {
        let mut alternatives = self.0.iter();
        alternatives.any(|clauses| clauses.iter().all(|clause| clause.holds(user)))
    }
}

impl Clause {
    fn parse(text: &str) -> Result<Self, Fault> {
        let (name, words) = text.split_once(':').ok_or_else(|| malformed(text))?;
        let property = PROPERTIES
            .into_iter()
            .find(|known| known.eq_ignore_ascii_case(name.trim()));
        Ok(Self {
            property: property.ok_or_else(|| malformed(text))?,
            words: words.trim().to_lowercase(),
        })
    }

    fn holds(&self, user: &Value) -> bool {
        let value = user[self.property].as_str().unwrap_or_default();
        let value = value.to_lowercase();
        if self.property != "displayName" {
            return value.starts_with(&self.words);
        }
        let mut words = self.words.split_whitespace();
        words.all(|word| {
            let mut parts = value.split(|c: char| !c.is_alphanumeric());
            parts.any(|part| part.starts_with(word))
        })
    }
}

fn malformed(text: &str) -> Fault {
    Fault::directory_search(text)
}
