use serde_json::Value;

/// How deep inner errors are followed. Three levels have been seen.
const DEEPEST: usize = 8;

/// The protocol's error body, `{"error":{"code","message","innerError":{…}}}`, in the spellings that the services have.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Envelope {
    pub code: String,
    /// Microsoft's sentence, whole.
    pub message: String,
    /// The codes within, from the outermost inwards: the last one says the most.
    pub inner_codes: Vec<String>,
    pub request_id: Option<String>,
    pub client_request_id: Option<String>,
    /// As Microsoft wrote it: Graph's has no zone and means UTC.
    pub date: Option<String>,
}

impl Envelope {
    /// `None` when `body` is not such a body.
    pub fn parse(body: &[u8]) -> Option<Self> {
        let document: Value = serde_json::from_slice(body).ok()?;
        let error = document.get("error")?.as_object()?;
        let mut envelope = Self {
            code: text(error.get("code")).unwrap_or_default(),
            message: message(error.get("message")),
            ..Self::default()
        };
        let mut level = inner(document.get("error"));
        for _ in 0..DEEPEST {
            let Some(found) = level else { break };
            envelope.read_inner(found);
            level = inner(Some(found));
        }
        Some(envelope)
    }

    fn read_inner(&mut self, level: &Value) {
        self.inner_codes.extend(text(level.get("code")));
        let known = [
            (&mut self.request_id, "request-id"),
            (&mut self.client_request_id, "client-request-id"),
            (&mut self.date, "date"),
        ];
        for (field, name) in known {
            if field.is_none() {
                *field = text(level.get(name));
            }
        }
    }
}

/// Graph writes `innerError`, the drive family `innererror`.
fn inner(error: Option<&Value>) -> Option<&Value> {
    let error = error?;
    error
        .get("innerError")
        .or_else(|| error.get("innererror"))
        .filter(|inner| inner.is_object())
}

fn text(value: Option<&Value>) -> Option<String> {
    value?.as_str().map(str::to_owned)
}

/// A string; an object with `value` in older services.
fn message(value: Option<&Value>) -> String {
    let plain = text(value);
    plain
        .or_else(|| text(value?.get("value")))
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn inner_errors_are_followed_in_both_spellings() {
        let body = br#"{"error":{"code":"accessDenied","message":"Access denied","innererror":
            {"code":"sharing","innerError":{"code":"linkScope","request-id":"r","client-request-id":"c","date":"2025-01-31T09:10:11"}}}}"#;
        let envelope = Envelope::parse(body).expect("an envelope");
        assert_eq!(envelope.inner_codes, ["sharing", "linkScope"]);
        assert_eq!(envelope.request_id.as_deref(), Some("r"));
        assert_eq!(envelope.client_request_id.as_deref(), Some("c"));
        assert_eq!(envelope.date.as_deref(), Some("2025-01-31T09:10:11"));
    }

    #[test]
    fn anything_else_is_no_envelope() {
        for body in ["", "<html>", "[]", r#"{"error":"invalid_grant"}"#, "null"] {
            assert_eq!(Envelope::parse(body.as_bytes()), None, "{body}");
        }
    }
}
