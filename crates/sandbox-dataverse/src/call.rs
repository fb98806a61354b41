//! A request as the resources see it.

use bytes::Bytes;
use http::{HeaderMap, Method};
use jiff::Timestamp;
use percent_encoding::percent_decode_str;
use sandbox_odata::options::Options;
use sandbox_odata::service::Request;
use serde_json::{Map, Value};

use crate::args;
use crate::fault::Fault;
use crate::prefer::Preferences;
use crate::security::Principal;

/// A request with a known user, its path cut and its options read.
#[derive(Debug)]
pub(crate) struct Call {
    pub(crate) method: Method,
    pub(crate) segments: Vec<Segment>,
    pub(crate) options: Options,
    pub(crate) prefer: Preferences,
    pub(crate) who: Principal,
    /// `https://contoso.crm4.dynamics.com/api/data/v9.2`
    pub(crate) root: String,
    /// The address without its query.
    pub(crate) url: String,
    pub(crate) now: Timestamp,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
}

/// A part of the path and what stands in its parentheses.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Segment {
    pub(crate) name: String,
    pub(crate) arguments: Option<String>,
}

/// An address below the root, taken apart.
#[derive(Debug, Default)]
pub(crate) struct Address {
    pub(crate) segments: Vec<Segment>,
    pub(crate) query: String,
}

impl Address {
    /// `accounts(…)/name?$select=…`
    pub(crate) fn parse(path_and_query: &str) -> Result<Self, Fault> {
        let (path, query) = path_and_query
            .split_once('?')
            .unwrap_or((path_and_query, ""));
        let bad = || Fault::bad_query("The request URI is not valid.");
        let mut segments = Vec::new();
        for raw in args::cut(path, '/').ok_or_else(bad)? {
            if raw.is_empty() {
                continue;
            }
            let text = percent_decode_str(raw).decode_utf8().map_err(|_| bad())?;
            segments.push(Segment::parse(&text).ok_or_else(bad)?);
        }
        Ok(Self {
            segments,
            query: query.to_owned(),
        })
    }
}

impl Segment {
    fn parse(text: &str) -> Option<Self> {
        match text.split_once('(') {
            None => Some(Self {
                name: text.to_owned(),
                arguments: None,
            }),
            Some((name, rest)) => Some(Self {
                name: name.to_owned(),
                arguments: Some(rest.strip_suffix(')')?.to_owned()),
            }),
        }
    }
}

impl Call {
    pub(crate) fn read(
        request: &Request,
        root: String,
        address: Address,
        who: Principal,
    ) -> Result<Self, Fault> {
        let options = read_options(&address.query)?;
        let path = request.uri.path();
        Ok(Self {
            method: request.method.clone(),
            segments: address.segments,
            options,
            prefer: Preferences::read(&request.headers),
            who,
            root,
            url: format!("{}{path}", request.origin),
            now: request.now,
            headers: request.headers.clone(),
            body: request.body.clone(),
        })
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    /// The body as a JSON object.
    pub(crate) fn json(&self) -> Result<Map<String, Value>, Fault> {
        match serde_json::from_slice(&self.body) {
            Ok(Value::Object(object)) => Ok(object),
            Ok(_) => Err(Fault::bad_json("an object was expected")),
            Err(error) => Err(Fault::bad_json(&error.to_string())),
        }
    }

    /// Parameters of a function, with the aliases that stand for them: `Target=@t` and `@t=…`.
    pub(crate) fn parameters(&self, segment: &Segment) -> Result<Map<String, Value>, Fault> {
        let text = segment.arguments.as_deref().unwrap_or_default();
        let parts = args::split(text)
            .ok_or_else(|| Fault::bad_query("The parameters of the function do not end."))?;
        let mut parameters = Map::new();
        for (name, value) in parts {
            let value = match value.strip_prefix('@') {
                Some(_) => self.options.custom(&value).unwrap_or("null").to_owned(),
                None => value,
            };
            parameters.insert(name, args::literal(&value));
        }
        Ok(parameters)
    }

    pub(crate) fn context(&self, fragment: &str) -> String {
        format!("{}/$metadata#{fragment}", self.root)
    }

    /// A wrong verb for what the path names.
    pub(crate) fn wrong_verb(&self) -> Fault {
        Fault::wrong_verb(&self.method)
    }
}

/// The options, with aliases put into the filter, and `$id`, which only references have, left for them.
fn read_options(query: &str) -> Result<Options, Fault> {
    let kept: Vec<&str> = query
        .split('&')
        .filter(|pair| !pair.starts_with("$id=") && !pair.starts_with("%24id="))
        .collect();
    let mut options = Options::parse(&kept.join("&"))?;
    if kept.len() != query.split('&').count() {
        options.pairs.extend(
            query
                .split('&')
                .filter_map(|pair| pair.split_once('='))
                .filter(|(name, _)| name.ends_with("id"))
                .map(|(_, value)| {
                    let value = percent_decode_str(value).decode_utf8_lossy();
                    ("$id".to_owned(), value.into_owned())
                }),
        );
    }
    let aliased = options
        .pairs
        .iter()
        .find(|(name, value)| name.trim_start_matches('$') == "filter" && value.contains('@'))
        .map(|(_, value)| value.clone());
    if let Some(mut filter) = aliased {
        for (name, value) in &options.pairs {
            if name.starts_with('@') {
                filter = filter.replace(name.as_str(), value);
            }
        }
        options.filter = Some(sandbox_odata::filter::parse(&filter)?);
    }
    Ok(options)
}
