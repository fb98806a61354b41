//! Query options: `$select=id,subject&$top=5`, each with or without its `$`, and the nested ones of `$expand`.

use super::error::Error;
use super::filter::ast::Expr;
use super::order::OrderKey;
use super::{MAX_DEPTH, filter, order, text};

/// Everything a request or an expanded property asks for.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Options {
    /// Property names as sent; empty selects everything.
    pub select: Vec<String>,
    /// The condition, parsed but not yet held against a type.
    pub filter: Option<Expr>,
    /// Sort keys, the first one leading.
    pub order_by: Vec<OrderKey>,
    /// Wanted page size.
    pub top: Option<usize>,
    /// Entities to leave out at the start.
    pub skip: Option<usize>,
    /// The search text as sent, quotes included.
    pub search: Option<String>,
    /// Whether the total is wanted.
    pub count: bool,
    /// Related entities to include.
    pub expand: Vec<Expand>,
    /// Where the previous page ended; opaque to clients.
    pub skip_token: Option<String>,
    /// Every pair as sent, for links and for what is not an `OData` option.
    pub pairs: Vec<(String, String)>,
}

/// One navigation property of `$expand` with its own options.
#[derive(Debug, Clone, PartialEq)]
pub struct Expand {
    /// Path as sent, `attachments` or `microsoft.graph.itemAttachment/item`.
    pub path: String,
    /// Options between the parentheses.
    pub options: Options,
}

const NAMES: [&str; 13] = [
    "select",
    "filter",
    "orderby",
    "top",
    "skip",
    "search",
    "count",
    "expand",
    "skiptoken",
    "format",
    "deltatoken",
    "apply",
    "compute",
];

impl Options {
    /// Reads the query of a URL, percent-encoded.
    pub fn parse(query: &str) -> Result<Self, Error> {
        let pairs: Vec<(String, String)> = form_urlencoded::parse(query.as_bytes())
            .into_owned()
            .collect();
        let mut options = Self::default();
        options.read(
            pairs
                .iter()
                .map(|(name, value)| (name.as_str(), value.as_str())),
            0,
        )?;
        options.pairs = pairs;
        Ok(options)
    }

    /// The value of a pair by name, an option that `OData` does not define, such as `includeHiddenFolders`.
    pub fn custom(&self, name: &str) -> Option<&str> {
        self.pairs
            .iter()
            .find(|(key, _)| key.eq_ignore_ascii_case(name))
            .map(|(_, value)| value.as_str())
    }

    fn read<'a>(
        &mut self,
        pairs: impl Iterator<Item = (&'a str, &'a str)>,
        depth: usize,
    ) -> Result<(), Error> {
        let mut seen = Vec::new();
        for (key, value) in pairs {
            let Some(name) = option_name(key)? else {
                continue;
            };
            if seen.contains(&name) {
                return Err(Error::Repeated(format!("${name}")));
            }
            seen.push(name);
            self.set(name, value, depth)?;
        }
        Ok(())
    }

    fn set(&mut self, name: &str, value: &str, depth: usize) -> Result<(), Error> {
        match name {
            "select" => self.select = parse_select(value)?,
            "filter" => self.filter = Some(filter::parse(value)?),
            "orderby" => self.order_by = order::parse(value)?,
            "top" => self.top = Some(number("$top", value)?),
            "skip" => self.skip = Some(number("$skip", value)?),
            "search" => self.search = Some(value.to_owned()),
            "count" => self.count = boolean("$count", value)?,
            "expand" => self.expand = parse_expand(value, depth + 1)?,
            "skiptoken" => self.skip_token = Some(value.to_owned()),
            _ => {}
        }
        Ok(())
    }
}

/// The option that a key means; `None` for a custom one.
fn option_name(key: &str) -> Result<Option<&'static str>, Error> {
    let bare = key.strip_prefix('$').unwrap_or(key);
    match NAMES.iter().find(|name| name.eq_ignore_ascii_case(bare)) {
        Some(name) => Ok(Some(*name)),
        None if key.starts_with('$') => Err(Error::UnknownOption(key.to_owned())),
        None => Ok(None),
    }
}

fn number(option: &'static str, value: &str) -> Result<usize, Error> {
    value
        .trim()
        .parse::<u32>()
        .map(|number| number as usize)
        .map_err(|_| Error::InvalidOption {
            option,
            value: value.to_owned(),
            wanted: "a non-negative integer value",
        })
}

fn boolean(option: &'static str, value: &str) -> Result<bool, Error> {
    match value.trim().to_ascii_lowercase().as_str() {
        "true" => Ok(true),
        "false" => Ok(false),
        _ => Err(Error::InvalidOption {
            option,
            value: value.to_owned(),
            wanted: "the value 'true' or 'false'",
        }),
    }
}

fn parse_select(value: &str) -> Result<Vec<String>, Error> {
    let mut names = Vec::new();
    for part in text::split_outside(value, ',')? {
        let name = part.trim();
        if name != "*" && !text::is_path(name) {
            return Err(Error::syntax(value, 0));
        }
        names.push(name.to_owned());
    }
    Ok(if names.iter().any(|name| name == "*") {
        Vec::new()
    } else {
        names
    })
}

fn parse_expand(value: &str, depth: usize) -> Result<Vec<Expand>, Error> {
    if depth > MAX_DEPTH {
        return Err(Error::TooDeep);
    }
    text::split_outside(value, ',')?
        .into_iter()
        .map(|item| parse_expand_item(value, item.trim(), depth))
        .collect()
}

fn parse_expand_item(whole: &str, item: &str, depth: usize) -> Result<Expand, Error> {
    let (path, nested) = match item.split_once('(') {
        Some((path, rest)) => {
            let inner = rest
                .strip_suffix(')')
                .ok_or_else(|| Error::syntax(whole, whole.len()))?;
            (path.trim(), Some(inner))
        }
        None => (item, None),
    };
    if path != "*" && !text::is_path(path) {
        return Err(Error::syntax(whole, 0));
    }
    let mut options = Options::default();
    if let Some(inner) = nested.filter(|inner| !inner.trim().is_empty()) {
        let mut pairs = Vec::new();
        for part in text::split_outside(inner, ';')? {
            let pair = part
                .trim()
                .split_once('=')
                .ok_or_else(|| Error::syntax(whole, 0))?;
            pairs.push(pair);
        }
        options.read(pairs.into_iter(), depth)?;
    }
    Ok(Expand {
        path: path.to_owned(),
        options,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn options_are_read_with_and_without_their_dollar() -> Result<(), Error> {
        let with = Options::parse("$select=id,subject&$top=5&$skip=10&$count=true")?;
        let without = Options::parse("Select=id,subject&top=5&skip=10&count=true")?;
        assert_eq!(with.select, ["id", "subject"]);
        assert_eq!((with.top, with.skip, with.count), (Some(5), Some(10), true));
        assert_eq!((with.select, with.top), (without.select, without.top));
        Ok(())
    }

    #[test]
    fn an_expand_carries_its_own_options() -> Result<(), Error> {
        let options = Options::parse(
            "$expand=attachments($select=id,name;$top=2),extensions($filter=id eq 'a;b,c)')",
        )?;
        assert_eq!(options.expand[0].options.select, ["id", "name"]);
        assert_eq!(options.expand[0].options.top, Some(2));
        assert!(options.expand[1].options.filter.is_some());
        Ok(())
    }

    #[test]
    fn what_is_not_an_option_is_kept_as_it_came() -> Result<(), Error> {
        let options = Options::parse("includeHiddenFolders=true&$top=1")?;
        assert_eq!(options.custom("includehiddenfolders"), Some("true"));
        Ok(())
    }

    #[test]
    fn malformed_options_are_named_in_the_refusal() {
        let message = |query| {
            Options::parse(query)
                .err()
                .map(|error| error.to_string())
                .unwrap_or_default()
        };
        assert!(message("$top=many").contains("Invalid value 'many' for $top"));
        assert!(message("$top=-1").contains("non-negative"));
        assert!(message("$count=perhaps").contains("'true' or 'false'"));
        assert!(message("$select=id&select=subject").contains("more than once"));
        assert!(message("$sort=id").contains("'$sort' is not supported"));
        assert!(message("$expand=attachments($top=2").contains("Syntax error"));
    }

    #[test]
    fn nesting_without_end_is_refused() {
        let deep = format!("$expand={}{}", "a($expand=".repeat(500), ")".repeat(500));
        assert!(Options::parse(&deep).is_err());
    }
}
