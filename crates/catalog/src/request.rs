mod body;
mod targets;

use model::ConnectionMethod;
use serde_json::{Map, Value};

use crate::operation::Piece;
use crate::{Absent, Encoding, Escape, Location, Operation, Parameter, Root, TargetKind, encode};

/// What to send to Microsoft, below the operation's root.
#[derive(Debug, Clone, PartialEq)]
pub struct Request {
    pub method: &'static str,
    pub root: Root,
    /// Percent-encoded, from its first `/`.
    pub path: String,
    /// Not encoded yet.
    pub query: Vec<(String, String)>,
    /// One entry a header; several preferences are joined in one `Prefer`.
    pub headers: Vec<(String, String)>,
    /// Present where the operation has a body, even when nothing was given for it.
    pub body: Option<RequestBody>,
    /// What it acts on: a mailbox, `me` for the user's own; a drive, site, table or company.
    pub target: Option<String>,
    /// All that it acts on, the target first.
    pub targets: Vec<(TargetKind, String)>,
}

#[derive(Debug, Clone, PartialEq)]
pub enum RequestBody {
    Json(Value),
    Content {
        content_type: &'static str,
        bytes: Vec<u8>,
    },
}

/// A field of the input cannot be sent.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{field}` {message}")]
pub struct InputError {
    pub field: String,
    /// Goes on from the field's name: `is empty`.
    pub message: String,
}

impl InputError {
    pub fn code(&self) -> &'static str {
        "input.invalid"
    }

    fn new(field: &str, message: impl Into<String>) -> Self {
        Self {
            field: field.to_owned(),
            message: message.into(),
        }
    }
}

type Input = Map<String, Value>;

impl Operation {
    /// The request for an input that fits [`input_schema`](Self::input_schema). `api_root` is the address of the API that it goes
    /// to: some bodies name Microsoft's objects by URL. [`InputError`] when a value would leave its place
    /// in the path or in a header, or when an application names no mailbox.
    pub fn request(
        &'static self,
        method: ConnectionMethod,
        input: &Input,
        api_root: &str,
    ) -> Result<Request, InputError> {
        self.check_names(method, input)?;
        let mut query = owned(self.query);
        for parameter in self.parameters {
            let Some(value) = parameter.value(input) else {
                continue;
            };
            if let Location::Query {
                name,
                template,
                escape,
            } = parameter.location
            {
                query.push((name.to_owned(), filled(template, escape, &text(&value))));
            }
        }
        let headers = self.headers(input)?;
        let targets = self.targets(input);
        Ok(Request {
            method: self.method,
            root: self.root,
            path: self.render_path(input)?,
            query,
            headers,
            body: self.body(input, api_root)?,
            target: targets::of(&self.target, input).into_iter().next(),
            targets,
        })
    }

    /// The headers that `input` asks for beside those that are always sent: every page of a list has to be asked for with the same.
    pub fn headers(&self, input: &Input) -> Result<Vec<(String, String)>, InputError> {
        let mut headers = owned(self.headers);
        for parameter in self.parameters {
            if let (Location::Header { name, template }, Some(value)) =
                (parameter.location, parameter.value(input))
            {
                let value = header_value(parameter, template, &value)?;
                add_header(&mut headers, name, &value);
            }
        }
        Ok(headers)
    }

    fn check_names(&self, method: ConnectionMethod, input: &Input) -> Result<(), InputError> {
        if let Some(name) = input.keys().find(|name| self.parameter(name).is_none()) {
            return Err(InputError::new(
                name,
                format!("is no field of `{}`", self.id),
            ));
        }
        let missing = |parameter: &&Parameter| {
            let wanted = parameter.is_required(method) || parameter.absent == Absent::Connection;
            wanted && !input.contains_key(parameter.name)
        };
        match self.parameters.iter().find(missing) {
            Some(parameter) if parameter.absent == Absent::Connection => Err(InputError::new(
                parameter.name,
                "is missing, and the connection has no default for it",
            )),
            Some(parameter) => Err(InputError::new(parameter.name, "is missing")),
            None => Ok(()),
        }
    }

    fn render_path(&self, input: &Input) -> Result<String, InputError> {
        let mut path = String::new();
        for segment in self.segments {
            path.push('/');
            let mut is_quoted = false;
            for piece in *segment {
                match piece {
                    Piece::Literal(literal) => {
                        path.push_str(literal);
                        is_quoted = literal.ends_with('\'');
                    }
                    Piece::Parameter(name) => {
                        path.push_str(&self.path_value(name, is_quoted, input)?);
                    }
                    Piece::User => match self.owner().filter(|one| input.contains_key(one.name)) {
                        Some(owner) => {
                            path.push_str("users/");
                            path.push_str(&self.path_value(owner.name, false, input)?);
                        }
                        None => path.push_str("me"),
                    },
                }
            }
        }
        Ok(path)
    }

    fn path_value(&self, name: &str, is_quoted: bool, input: &Input) -> Result<String, InputError> {
        let value = input.get(name).map(text).unwrap_or_default();
        let encoding = self.parameter(name).map(|parameter| parameter.location);
        let encoded = match encoding {
            Some(Location::Path(Encoding::Url)) => {
                Err("is a whole URL, which no plain request goes to")
            }
            Some(Location::Path(Encoding::DrivePath)) => encode::drive_path(&value),
            Some(Location::Path(Encoding::ODataKeys)) => {
                let function = input.get("functionName").and_then(Value::as_str);
                return encode::odata_keys(input.get(name), function)
                    .map_err(|m| InputError::new(name, m));
            }
            Some(Location::Path(Encoding::Share)) => encode::share(&value),
            Some(Location::Path(Encoding::ODataKey)) => encode::odata_key(&value, is_quoted),
            _ => encode::segment(&value),
        };
        encoded.map_err(|message| InputError::new(name, message))
    }
}

impl Parameter {
    /// What the input says, or what is sent otherwise.
    fn value(&self, input: &Input) -> Option<Value> {
        let given = input.get(self.name).cloned();
        given.or_else(|| self.otherwise.map(Value::from))
    }
}

fn owned(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
    pairs
        .iter()
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
        .collect()
}

/// A plain value as it stands in a URL; those of a list between commas.
fn text(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Array(items) => items.iter().map(text).collect::<Vec<_>>().join(","),
        other => other.to_string(),
    }
}

fn filled(template: Option<&str>, escape: Escape, value: &str) -> String {
    let value = encode::escaped(value, escape);
    match template {
        Some(template) => template.replacen("{}", &value, 1),
        None => value,
    }
}

fn header_value(
    parameter: &Parameter,
    template: Option<&str>,
    value: &Value,
) -> Result<String, InputError> {
    let value = text(value);
    let is_quoted = template.is_some();
    let wrong =
        |letter: char| letter.is_control() || !letter.is_ascii() || (is_quoted && letter == '"');
    if value.contains(wrong) {
        let message = "holds a letter that a header cannot carry";
        return Err(InputError::new(parameter.name, message));
    }
    Ok(filled(template, Escape::None, &value))
}

fn add_header(headers: &mut Vec<(String, String)>, name: &str, value: &str) {
    match headers.iter_mut().find(|(other, _)| other == name) {
        Some((_, values)) => {
            values.push_str(", ");
            values.push_str(value);
        }
        None => headers.push((name.to_owned(), value.to_owned())),
    }
}
