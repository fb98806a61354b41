//! `$search` in KQL: `"from:ana subject:(budget OR invoice) received>=2026-01-01 -draft"`.
//!
//! Reads the text to a tree; which properties there are and how text matches is the resource's affair.
//! Source: <https://learn.microsoft.com/graph/search-query-parameter>

use super::MAX_DEPTH;
use super::error::Error;

/// A search.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Query {
    /// One restriction.
    Term(Term),
    /// `NOT …`, `-…`
    Not(Box<Self>),
    /// `… AND …`, and words side by side.
    And(Vec<Self>),
    /// `… OR …`
    Or(Vec<Self>),
}

/// One word, phrase or property restriction.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Term {
    /// Lower case; none searches everywhere.
    pub property: Option<String>,
    /// `:` unless the property says otherwise.
    pub relation: Relation,
    /// Without quotes and without the trailing `*`.
    pub value: String,
    /// Whether it was in quotes.
    pub is_phrase: bool,
}

/// Between a property and its value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Relation {
    /// `:`, `=`
    Has,
    /// `<>`
    HasNot,
    /// `>`
    Above,
    /// `>=`
    AtLeast,
    /// `<`
    Below,
    /// `<=`
    AtMost,
}

impl Query {
    /// Whether the search holds, given whether a term does.
    pub fn holds(&self, term_holds: &dyn Fn(&Term) -> bool) -> bool {
        match self {
            Self::Term(term) => term_holds(term),
            Self::Not(inner) => !inner.holds(term_holds),
            Self::And(all) => all.iter().all(|query| query.holds(term_holds)),
            Self::Or(any) => any.iter().any(|query| query.holds(term_holds)),
        }
    }
}

/// Reads the value of `$search`. Without its outer quotes only plain words are understood, as at Microsoft.
pub fn parse(text: &str) -> Result<Query, Error> {
    let trimmed = text.trim();
    let inner = match trimmed.strip_prefix('"') {
        Some(rest) => rest
            .strip_suffix('"')
            .ok_or_else(|| refuse('"', text.chars().count(), text))?
            .replace("\\\"", "\""),
        None => plain(trimmed)?.to_owned(),
    };
    let mut reader = Reader {
        text: &inner,
        at: 0,
        depth: 0,
    };
    let query = reader.or()?;
    match reader.peek() {
        Some(character) => Err(refuse(character, reader.at, &inner)),
        None => Ok(query),
    }
}

fn plain(text: &str) -> Result<&str, Error> {
    let odd = text
        .chars()
        .enumerate()
        .find(|(_, c)| !(c.is_alphanumeric() || matches!(c, ' ' | '*' | '_' | '-' | '\'')));
    match odd {
        Some((position, character)) => Err(refuse(character, position, text)),
        None => Ok(text),
    }
}

fn refuse(character: char, position: usize, text: &str) -> Error {
    Error::Search {
        character,
        position,
        text: text.to_owned(),
    }
}

struct Reader<'a> {
    text: &'a str,
    at: usize,
    depth: usize,
}

impl<'a> Reader<'a> {
    fn rest(&self) -> &'a str {
        &self.text[self.at..]
    }

    fn peek(&mut self) -> Option<char> {
        self.at += self.rest().len() - self.rest().trim_start().len();
        self.rest().chars().next()
    }

    fn eat(&mut self, sign: char) -> bool {
        let found = self.peek() == Some(sign);
        self.at += if found { sign.len_utf8() } else { 0 };
        found
    }

    /// Operators are upper case in KQL; `and` is a word to look for.
    fn eat_operator(&mut self, operator: &str) -> bool {
        self.peek();
        let after = self.rest().strip_prefix(operator);
        let found =
            after.is_some_and(|rest| !rest.starts_with(|c: char| c.is_alphanumeric() || c == ':'));
        self.at += if found { operator.len() } else { 0 };
        found
    }

    fn or(&mut self) -> Result<Query, Error> {
        let mut any = vec![self.and()?];
        while self.eat_operator("OR") {
            any.push(self.and()?);
        }
        Ok(single(any, Query::Or))
    }

    fn and(&mut self) -> Result<Query, Error> {
        let mut all = vec![self.not()?];
        loop {
            let explicit = self.eat_operator("AND");
            let ends = matches!(self.peek(), None | Some(')')) || self.is_at_or();
            if ends && !explicit {
                return Ok(single(all, Query::And));
            }
            all.push(self.not()?);
        }
    }

    fn is_at_or(&mut self) -> bool {
        let at = self.at;
        let found = self.eat_operator("OR");
        self.at = at;
        found
    }

    fn not(&mut self) -> Result<Query, Error> {
        let negated = self.eat_operator("NOT") || self.eat('-');
        if !negated && self.peek() != Some('(') {
            return self.term();
        }
        if self.depth >= MAX_DEPTH {
            return Err(Error::TooDeep);
        }
        self.depth += 1;
        let inner = if negated {
            self.not().map(|inner| Query::Not(Box::new(inner)))
        } else {
            self.parenthesis(None)
        };
        self.depth -= 1;
        inner
    }

    fn parenthesis(&mut self, property: Option<&str>) -> Result<Query, Error> {
        self.eat('(');
        let mut inner = self.or()?;
        if !self.eat(')') {
            return Err(refuse('(', self.at, self.text));
        }
        if let Some(property) = property {
            restrict(&mut inner, property);
        }
        Ok(inner)
    }

    fn term(&mut self) -> Result<Query, Error> {
        let (word, is_phrase) = self.word()?;
        if !is_phrase && ["AND", "OR"].contains(&word.as_str()) {
            return Err(refuse(' ', self.at, self.text));
        }
        let Some(relation) = self.relation().filter(|_| !is_phrase) else {
            return Ok(Query::Term(Term {
                property: None,
                relation: Relation::Has,
                value: bare(&word),
                is_phrase,
            }));
        };
        let property = word.to_ascii_lowercase();
        if self.peek() == Some('(') && self.depth < MAX_DEPTH {
            self.depth += 1;
            let inner = self.parenthesis(Some(&property));
            self.depth -= 1;
            return inner;
        }
        let (value, is_phrase) = self.word()?;
        Ok(Query::Term(Term {
            property: Some(property),
            relation,
            value: bare(&value),
            is_phrase,
        }))
    }

    fn relation(&mut self) -> Option<Relation> {
        let signs = [
            (">=", Relation::AtLeast),
            ("<=", Relation::AtMost),
            ("<>", Relation::HasNot),
            (">", Relation::Above),
            ("<", Relation::Below),
            (":", Relation::Has),
            ("=", Relation::Has),
        ];
        let (sign, relation) = signs
            .into_iter()
            .find(|(sign, _)| self.rest().starts_with(sign))?;
        self.at += sign.len();
        Some(relation)
    }

    fn word(&mut self) -> Result<(String, bool), Error> {
        let Some(first) = self.peek() else {
            return Err(refuse(' ', self.at, self.text));
        };
        if first == '"' {
            let inside = &self.rest()[1..];
            let end = inside
                .find('"')
                .ok_or_else(|| refuse('"', self.at, self.text))?;
            self.at += end + 2;
            return Ok((inside[..end].to_owned(), true));
        }
        // A colon ends a property's name; in a value, as in a time or an address, it stays.
        let is_value = self.text[..self.at].ends_with([':', '=', '<', '>']);
        let ends =
            |c: char| c.is_whitespace() || "()\"".contains(c) || (!is_value && ":=<>".contains(c));
        let length = self.rest().find(ends).unwrap_or(self.rest().len());
        if length == 0 {
            return Err(refuse(first, self.at, self.text));
        }
        let word = self.rest()[..length].to_owned();
        self.at += length;
        Ok((word, false))
    }
}

fn bare(word: &str) -> String {
    word.trim_end_matches('*').to_owned()
}

fn single(mut queries: Vec<Query>, join: fn(Vec<Query>) -> Query) -> Query {
    match queries.pop() {
        Some(only) if queries.is_empty() => only,
        Some(last) => {
            queries.push(last);
            join(queries)
        }
        None => join(queries),
    }
}

/// Gives a property to the terms of `subject:(a OR b)`.
fn restrict(query: &mut Query, property: &str) {
    match query {
        Query::Term(term) => {
            term.property.get_or_insert_with(|| property.to_owned());
        }
        Query::Not(inner) => restrict(inner, property),
        Query::And(inner) | Query::Or(inner) => {
            for query in inner {
                restrict(query, property);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A document with a sender and a subject, matched by containment.
    fn finds(search: &str) -> Result<bool, Error> {
        let query = parse(search)?;
        Ok(query.holds(&|term| {
            let text = match term.property.as_deref() {
                Some("from") => "ana reis",
                Some("subject") => "q4 budget",
                Some(_) => "",
                None => "ana reis q4 budget attached",
            };
            text.contains(&term.value.to_lowercase())
        }))
    }

    #[test]
    fn restrictions_words_and_operators_combine() {
        for search in [
            "budget",
            "\"budget\"",
            "\"from:ana\"",
            "\"from:ana subject:budget\"",
            "\"from:ben OR subject:budget\"",
            "\"from:ana AND NOT subject:invoice\"",
            "\"from:ana -subject:invoice\"",
            "\"subject:(invoice OR budget)\"",
            "\"(from:ben OR from:ana) budg*\"",
            "\"subject:\\\"q4 budget\\\"\"",
        ] {
            assert_eq!(finds(search), Ok(true), "{search}");
        }
        for search in [
            "invoice",
            "\"from:ben\"",
            "\"from:ana subject:invoice\"",
            "\"NOT budget\"",
        ] {
            assert_eq!(finds(search), Ok(false), "{search}");
        }
    }

    #[test]
    fn comparisons_keep_their_sign_and_value() {
        let term = |property: &str, relation, value: &str| {
            Query::Term(Term {
                property: Some(property.to_owned()),
                relation,
                value: value.to_owned(),
                is_phrase: false,
            })
        };
        assert_eq!(
            parse("\"received>=2026-01-01\""),
            Ok(term("received", Relation::AtLeast, "2026-01-01"))
        );
        assert_eq!(
            parse("\"size<100\""),
            Ok(term("size", Relation::Below, "100"))
        );
        assert_eq!(
            parse("\"Sent:2026-01-01T10:00:00Z\""),
            Ok(term("sent", Relation::Has, "2026-01-01T10:00:00Z"))
        );
    }

    #[test]
    fn what_is_not_kql_is_refused_with_the_place() {
        assert_eq!(
            parse("from:ana").err().map(|error| error.to_string()),
            Some(
                "Syntax error: character ':' is not valid at position 4 in 'from:ana'.".to_owned()
            )
        );
        for search in [
            "",
            "\"",
            "\"\"",
            "\"(a\"",
            "\"a)\"",
            "\"from:\"",
            "\"a AND\"",
            "\"OR\"",
            &format!("\"{}\"", "(".repeat(9_000)),
        ] {
            assert!(parse(search).is_err(), "{search}");
        }
    }
}
