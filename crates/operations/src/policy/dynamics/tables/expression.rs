//! Conditions, sort orders and transformations: which related rows they ask about.
//!
//! An expression is taken apart into words; a path of several (`primarycontactid/fullname`) leads along navigation properties, and
//! `any` and `all` name the rows that they look through. A function that is not known is taken to reach anything.
//!
//! Sources: <https://learn.microsoft.com/power-apps/developer/data-platform/webapi/query/filter-rows>,
//! <https://learn.microsoft.com/power-apps/developer/data-platform/webapi/query/aggregate-data>.

mod words;

use serde_json::Value;

use self::words::Word;
use super::NAMESPACE;
use super::reach::{FARTHEST, Place, Reach, UNCLEAR};

/// How deep parentheses may stand in each other.
const DEEPEST: usize = 32;

const UNKNOWN: Reach = Reach::Beyond("calls a function that is not known");

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Condition,
    /// `$apply`: transformations, one behind the other.
    Pipeline,
}

/// Functions and operators before a parenthesis, which stay with the row.
const STAYING: [&str; 38] = [
    "and",
    "or",
    "not",
    "in",
    "eq",
    "ne",
    "gt",
    "ge",
    "lt",
    "le",
    "add",
    "sub",
    "mul",
    "div",
    "mod",
    "contains",
    "startswith",
    "endswith",
    "length",
    "indexof",
    "substring",
    "tolower",
    "toupper",
    "trim",
    "concat",
    "year",
    "month",
    "day",
    "hour",
    "minute",
    "second",
    "date",
    "time",
    "now",
    "round",
    "floor",
    "ceiling",
    "has",
];
/// What query functions compare a column with.
const VALUES: [&str; 4] = [
    "PropertyValue",
    "PropertyValue1",
    "PropertyValue2",
    "PropertyValues",
];
const TRANSFORMATIONS: [&str; 3] = ["filter", "groupby", "aggregate"];

pub(super) fn of(
    text: &str,
    place: &Place,
    kind: Kind,
    options: &[(String, String)],
    all: &mut Vec<Reach>,
) {
    let Some(words) = words::of(text) else {
        all.push(UNCLEAR);
        return;
    };
    let mut scan = Scan {
        words: &words,
        at: 0,
        kind,
        place,
        options,
        scopes: Vec::new(),
        reaches: Vec::new(),
    };
    match scan.run() {
        Some(()) => all.append(&mut scan.reaches),
        None => all.push(UNCLEAR),
    }
}

/// What `@name` stands for: a value, a list of values, or a part of the expression.
pub(super) fn alias(text: &str, place: &Place, options: &[(String, String)], all: &mut Vec<Reach>) {
    let is_plain = |value: &Value| !value.is_object() && !value.is_array();
    match serde_json::from_str::<Value>(text) {
        Ok(Value::Array(items)) if items.iter().all(is_plain) => {}
        Ok(value) if is_plain(&value) => {}
        _ => of(text, place, Kind::Condition, options, all),
    }
}

/// What a parenthesis opened.
struct Scope<'a> {
    /// The variable of `any` or `all`, with the rows that it goes through.
    variable: Option<(&'a str, Place)>,
    /// Within a query function of Dataverse's own.
    is_query_function: bool,
}

struct Scan<'a> {
    words: &'a [Word],
    at: usize,
    kind: Kind,
    place: &'a Place,
    options: &'a [(String, String)],
    scopes: Vec<Scope<'a>>,
    reaches: Vec<Reach>,
}

impl<'a> Scan<'a> {
    /// `None` where it could be read in another way.
    fn run(&mut self) -> Option<()> {
        while let Some(word) = self.words.get(self.at) {
            self.at += 1;
            match word {
                Word::Name(name) => self.path(name)?,
                Word::Mark('(') => self.open(None, false)?,
                Word::Mark(')') => {
                    self.scopes.pop()?;
                    self.behind_a_parenthesis()?;
                }
                // A path is read as one, and goes on behind nothing else.
                Word::Mark('/' | ':') => return None,
                Word::Text(_) | Word::Mark(_) => {}
            }
        }
        self.scopes.is_empty().then_some(())
    }

    fn next_mark(&self) -> Option<char> {
        match self.words.get(self.at) {
            Some(Word::Mark(mark)) => Some(*mark),
            _ => None,
        }
    }

    fn open(&mut self, variable: Option<(&'a str, Place)>, is_query_function: bool) -> Option<()> {
        self.scopes.push(Scope {
            variable,
            is_query_function,
        });
        (self.scopes.len() <= DEEPEST).then_some(())
    }

    /// Only the next transformation follows a `)/`.
    fn behind_a_parenthesis(&mut self) -> Option<()> {
        if self.next_mark() != Some('/') {
            return Some(());
        }
        self.at += 1;
        let next = self.words.get(self.at);
        let is_next =
            matches!(next, Some(Word::Name(name)) if TRANSFORMATIONS.contains(&name.as_str()));
        (self.kind == Kind::Pipeline && self.scopes.is_empty() && is_next).then_some(())
    }

    /// Names with slashes between, the first of which was read.
    fn path(&mut self, first: &'a str) -> Option<()> {
        let mut names = vec![first];
        while self.next_mark() == Some('/') {
            let Some(Word::Name(name)) = self.words.get(self.at + 1) else {
                return None;
            };
            names.push(name);
            self.at += 2;
        }
        if names
            .iter()
            .any(|name| name.starts_with('$') && *name != "$count")
        {
            return None;
        }
        if self.next_mark() == Some('(') {
            self.at += 1;
            return self.call(&names);
        }
        if let [name] = names.as_slice() {
            return self.word(name);
        }
        // The last is a column, or counts what is before it.
        let (_, before) = names.split_last()?;
        let place = self.walk(before)?;
        self.reaches.push(Reach::Rows(place));
        Some(())
    }

    /// Where names lead: from the variable that the first may be, or from the rows that are asked for.
    fn walk(&self, names: &[&str]) -> Option<Place> {
        let (first, rest) = names.split_first()?;
        if names.len() > FARTHEST {
            return None;
        }
        let mut scopes = self.scopes.iter().rev();
        let variable = scopes.find_map(|scope| {
            let (name, place) = scope.variable.as_ref()?;
            (name == first).then_some(place)
        });
        let (place, steps) = match variable {
            Some(place) => (place.clone(), rest),
            None => (self.place.clone(), names),
        };
        Some(steps.iter().fold(place, |place, step| place.then(step)))
    }

    fn call(&mut self, names: &[&'a str]) -> Option<()> {
        match names {
            [before @ .., "any" | "all"] if !before.is_empty() => {
                let place = self.walk(before)?;
                self.reaches.push(Reach::Rows(place.clone()));
                let words = &self.words[self.at..];
                let variable = match words {
                    [Word::Name(variable), Word::Mark(':'), ..] => {
                        self.at += 2;
                        Some((variable.as_str(), place))
                    }
                    [Word::Mark(')'), ..] => None,
                    _ => return None,
                };
                self.open(variable, false)
            }
            [name] if STAYING.contains(name) => self.open(None, false),
            [name] if self.kind == Kind::Pipeline && TRANSFORMATIONS.contains(name) => {
                self.open(None, false)
            }
            [name] if name.starts_with(NAMESPACE) => self.open(None, true),
            _ => {
                self.reaches.push(UNKNOWN);
                self.open(None, false)
            }
        }
    }

    /// One name by itself. `PropertyName='…'` of a query function names a column of the row.
    fn word(&mut self, name: &str) -> Option<()> {
        let is_within = self
            .scopes
            .last()
            .is_some_and(|scope| scope.is_query_function);
        if !is_within || self.next_mark() != Some('=') {
            return Some(());
        }
        if VALUES.contains(&name) {
            return Some(());
        }
        if name != "PropertyName" {
            self.reaches.push(UNKNOWN);
            return Some(());
        }
        let value = match self.words.get(self.at + 1)? {
            Word::Text(text) => text.clone(),
            Word::Name(alias) => {
                let mut options = self.options.iter();
                let alias = alias.to_ascii_lowercase();
                let (_, value) = options.find(|(name, _)| *name == alias)?;
                value.trim_matches('\'').to_owned()
            }
            Word::Mark(_) => return None,
        };
        let is_letter = |b: u8| b.is_ascii_alphanumeric() || b == b'_';
        if !value.bytes().all(is_letter) {
            self.reaches.push(UNKNOWN);
        }
        Some(())
    }
}
