//! What the query of a raw request makes it act on besides its path.

use percent_encoding::percent_decode_str;

use super::denied;
use crate::{Error, Result};

/// Options that decide what is reached. One that stands twice could be read in two ways.
const DECIDING: [&str; 17] = [
    "apply",
    "company",
    "count",
    "deltatoken",
    "expand",
    "fetchxml",
    "filter",
    "format",
    "id",
    "orderby",
    "savedquery",
    "search",
    "select",
    "skip",
    "skiptoken",
    "token",
    "userquery",
];
/// Options that carry a credential, another tenant or another file past the connection.
const REFUSED: [&str; 5] = [
    "@microsoft.graph.sourceurl",
    "access_token",
    "aid",
    "tempauth",
    "tenant",
];

/// How far `$expand` may lead. Microsoft's services follow fewer levels.
const DEEPEST: usize = 8;
/// Names in all `$expand` of a request: each is looked up as if it were a request of its own.
const MOST: usize = 100;

/// The options of a query, decoded once.
#[derive(Debug, Default)]
pub(super) struct Query(Vec<(String, String)>);

impl Query {
    /// Refuses what could be read in two ways.
    pub(super) fn parse(text: &str) -> Result<Self> {
        let mut options: Vec<(String, String)> = Vec::new();
        for pair in text.split('&').filter(|pair| !pair.is_empty()) {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            let name = decoded(name)?;
            if name.contains(['%', ';', '\\'])
                || name.contains(|c: char| c.is_control() || c.is_whitespace())
            {
                return Err(unfit(
                    "holds an option whose name is encoded twice or has a blank in it",
                ));
            }
            let name = name.strip_prefix('$').unwrap_or(&name).to_ascii_lowercase();
            if REFUSED.contains(&name.as_str()) {
                return Err(denied(
                    format!("the query option `{name}` is not passed on"),
                    "leave it out; the connection says who asks, and where",
                ));
            }
            if DECIDING.contains(&name.as_str()) && options.iter().any(|(other, _)| *other == name)
            {
                return Err(unfit("holds an option twice"));
            }
            options.push((name, decoded(value)?));
        }
        Ok(Self(options))
    }

    /// By its name in lower case, without `$`.
    pub(super) fn get(&self, name: &str) -> Option<&str> {
        let mut options = self.0.iter();
        options
            .find(|(other, _)| other == name)
            .map(|(_, value)| value.as_str())
    }

    /// Each thing that `$expand` brings along: the names that lead to it.
    pub(super) fn expanded(&self) -> Result<Vec<Vec<String>>> {
        let mut paths = Vec::new();
        if let Some(text) = self.get("expand") {
            expand(text, &[], DEEPEST, &mut paths)?;
        }
        Ok(paths)
    }

    /// Whether a filter or another expression asks of related rows: `primarycontactid/fullname`.
    pub(super) fn crosses(&self) -> Option<&'static str> {
        ["apply", "filter", "orderby", "select"]
            .into_iter()
            .find(|name| {
                self.get(name)
                    .is_some_and(|text| unquoted(text).contains('/'))
            })
    }
}

/// A cursor may bring no option that a raw request may not bring.
pub(crate) fn check_options(text: &str) -> Result<()> {
    Query::parse(text).map(drop)
}

fn decoded(text: &str) -> Result<String> {
    let text = text.replace('+', " ");
    percent_decode_str(&text)
        .decode_utf8()
        .map(std::borrow::Cow::into_owned)
        .map_err(|_| unfit("is not UTF-8"))
}

fn unfit(reason: &str) -> Error {
    Error::Input {
        code: "invalid_input",
        field: Some("query".to_owned()),
        message: format!("the query {reason}"),
    }
}

/// `a($select=x;$expand=b),c/d` brings `a`, `a/b` and `c/d`.
fn expand(
    text: &str,
    before: &[String],
    levels: usize,
    paths: &mut Vec<Vec<String>>,
) -> Result<()> {
    let Some(below) = levels.checked_sub(1) else {
        return Err(unfit(&format!("expands more than {DEEPEST} levels")));
    };
    for item in split(text, ',')? {
        let item = item.trim();
        let (name, options) = match item.split_once('(') {
            None => (item, ""),
            Some((name, rest)) => {
                let inner = rest.strip_suffix(')');
                (
                    name,
                    inner.ok_or_else(|| unfit("has an `$expand` that does not end"))?,
                )
            }
        };
        let mut path = before.to_vec();
        path.extend(name.trim().split('/').map(|part| part.trim().to_owned()));
        if paths.len() == MOST {
            return Err(unfit(&format!("expands more than {MOST} things")));
        }
        paths.push(path.clone());
        for option in split(options, ';')? {
            let (name, value) = option.split_once('=').unwrap_or((option, ""));
            let name = name.trim().trim_start_matches('$');
            if name.eq_ignore_ascii_case("expand") {
                expand(value, &path, below, paths)?;
            }
        }
    }
    Ok(())
}

/// At a letter outside of quotes and parentheses.
fn split(text: &str, at: char) -> Result<Vec<&str>> {
    let (mut parts, mut begin, mut depth, mut is_quoted) = (Vec::new(), 0, 0_u32, false);
    for (place, letter) in text.char_indices() {
        match letter {
            '\'' => is_quoted = !is_quoted,
            _ if is_quoted => {}
            '(' => depth += 1,
            ')' => {
                depth = depth
                    .checked_sub(1)
                    .ok_or_else(|| unfit("has a `)` too many"))?;
            }
            letter if letter == at && depth == 0 => {
                parts.push(&text[begin..place]);
                begin = place + letter.len_utf8();
            }
            _ => {}
        }
    }
    if depth > 0 || is_quoted {
        return Err(unfit("has a quote or a `(` that does not end"));
    }
    parts.push(&text[begin..]);
    Ok(parts
        .into_iter()
        .filter(|part| !part.trim().is_empty())
        .collect())
}

fn unquoted(text: &str) -> String {
    text.split('\'').step_by(2).collect()
}

#[cfg(test)]
mod tests {
    use super::Query;

    fn expanded(text: &str) -> Option<Vec<String>> {
        let paths = Query::parse(text).ok()?.expanded().ok()?;
        Some(paths.iter().map(|path| path.join("/")).collect())
    }

    /// `a($expand=a($expand=…))`, so many levels of it.
    fn nested(levels: usize) -> String {
        let open = "a($expand=".repeat(levels - 1);
        format!("$expand={open}a{}", ")".repeat(levels - 1))
    }

    #[test]
    fn what_expands_too_deep_is_refused_however_long_it_is() {
        assert_eq!(expanded(&nested(8)).map(|paths| paths.len()), Some(8));
        assert_eq!(expanded(&nested(9)), None);
        assert_eq!(expanded(&nested(100_000)), None);
    }

    #[test]
    fn what_expands_too_much_is_refused() {
        let wide = |names: usize| expanded(&format!("$expand={}", vec!["a"; names].join(",")));
        assert_eq!(wide(100).map(|paths| paths.len()), Some(100));
        assert_eq!(wide(101), None);
        let below = vec!["b"; 50].join(",");
        let within = format!("$expand=a($expand={below}),c($expand={below})");
        assert_eq!(expanded(&within), None);
    }

    #[test]
    fn what_is_brought_along_is_found_however_deep() {
        let table: [(&str, &[&str]); 7] = [
            ("$expand=attachments", &["attachments"]),
            ("$EXPAND=a,b", &["a", "b"]),
            ("%24expand=a", &["a"]),
            (
                "expand=a($select=x;$expand=b($expand=c)),d/e",
                &["a", "a/b", "a/b/c", "d/e"],
            ),
            ("$expand=a($filter=x eq ',b(';$top=1)", &["a"]),
            ("$expand=a(expand=b)", &["a", "a/b"]),
            ("$top=1", &[]),
        ];
        for (query, paths) in table {
            assert_eq!(
                expanded(query).as_deref(),
                Some(&paths.iter().map(|p| (*p).to_owned()).collect::<Vec<_>>()[..]),
                "{query}"
            );
        }
    }

    #[test]
    fn what_could_be_read_in_two_ways_is_refused() {
        for query in [
            "$expand=a&$expand=b",
            "$expand=a&expand=b",
            "$expand=a&%24Expand=b",
            "%2524expand=a",
            "+$expand=a",
            "$expand%20=a",
            "$expand=%ff",
            "$expand=a(b",
            "$expand=a)b",
            "$expand=a($filter='x)",
            "access_token=x",
            "Tenant=x",
        ] {
            assert_eq!(expanded(query), None, "{query}");
        }
    }

    #[test]
    fn an_expression_on_related_rows_is_seen() {
        let crosses = |text: &str| Query::parse(text).unwrap().crosses();
        assert_eq!(
            crosses("$filter=primarycontactid/fullname eq 'x'"),
            Some("filter")
        );
        assert_eq!(crosses("$filter=websiteurl eq 'a/b''c/d'"), None);
    }
}
