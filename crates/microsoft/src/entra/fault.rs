use std::fmt;
use std::time::Duration;

use serde::Deserialize;

/// Entra's refusal, whole: an administrator needs all of it to open a support case.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct EntraFault {
    /// `None` when it came with the browser's redirect.
    #[serde(skip)]
    pub status: Option<u16>,
    /// `invalid_client`, `invalid_grant`, …
    pub error: String,
    /// Microsoft's sentence, its text subject to change.
    pub error_description: String,
    /// The numbers of `AADSTS…`, the deciding one first.
    pub error_codes: Vec<u32>,
    pub suberror: Option<String>,
    /// At the authorize endpoint: `cancel` when the person turned back.
    pub error_subcode: Option<String>,
    /// JSON to be sent along with the next sign-in, when a policy asks for more.
    pub claims: Option<String>,
    pub trace_id: Option<String>,
    pub correlation_id: Option<String>,
    pub timestamp: Option<String>,
    pub error_uri: Option<String>,
    #[serde(skip)]
    pub retry_after: Option<Duration>,
    /// `x-ms-request-id`.
    #[serde(skip)]
    pub request_id: Option<String>,
    /// The id that we sent.
    #[serde(skip)]
    pub client_request_id: Option<String>,
}

impl EntraFault {
    /// `None` when `text` is not Entra's error body.
    pub fn parse(status: u16, text: &str) -> Option<Self> {
        let fault: Self = serde_json::from_str(text).ok()?;
        (!fault.error.is_empty()).then(|| Self {
            status: Some(status),
            ..fault.with_what_its_description_says()
        })
    }

    /// The refusal that a browser brought back to the redirect URI: user input, until the state proves the attempt.
    pub fn from_redirect(error: &str, description: &str, subcode: Option<&str>) -> Self {
        let fault = Self {
            error: error.to_owned(),
            error_description: description.to_owned(),
            error_subcode: subcode.map(str::to_owned),
            ..Self::default()
        };
        fault.with_what_its_description_says()
    }

    /// The deciding number.
    pub fn code(&self) -> Option<u32> {
        self.error_codes.first().copied()
    }

    /// `AADSTS7000222`, or the OAuth error where there is no number.
    pub fn name(&self) -> String {
        match self.code() {
            Some(code) => format!("AADSTS{code}"),
            None => self.error.clone(),
        }
    }

    /// A redirect has its number, ids and time in the sentence only.
    fn with_what_its_description_says(mut self) -> Self {
        let text = &self.error_description;
        if self.error_codes.is_empty() {
            self.error_codes.extend(code_in(text));
        }
        let after = |label| labelled(text, label);
        self.trace_id = self.trace_id.or_else(|| after("Trace ID:"));
        self.correlation_id = self.correlation_id.or_else(|| after("Correlation ID:"));
        self.timestamp = self.timestamp.or_else(|| time_in(text));
        self
    }
}

impl fmt::Display for EntraFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}`", self.error)?;
        if let Some(code) = self.code() {
            write!(f, " (AADSTS{code})")?;
        }
        if !self.error_description.is_empty() {
            write!(f, ": {}", self.error_description)?;
        }
        Ok(())
    }
}

impl std::error::Error for EntraFault {}

fn code_in(description: &str) -> Option<u32> {
    let rest = description.split("AADSTS").nth(1)?;
    let digits = rest
        .find(|c: char| !c.is_ascii_digit())
        .map_or(rest, |end| &rest[..end]);
    digits.parse().ok()
}

fn labelled(text: &str, label: &str) -> Option<String> {
    let value = text.split(label).nth(1)?.split_whitespace().next()?;
    Some(value.to_owned())
}

/// `Timestamp: 2025-01-31 09:10:11Z`, day and hour apart.
fn time_in(text: &str) -> Option<String> {
    let mut words = text.split("Timestamp:").nth(1)?.split_whitespace();
    Some(format!("{} {}", words.next()?, words.next()?))
}
