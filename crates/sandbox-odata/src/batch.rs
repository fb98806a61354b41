//! Several requests in one, as JSON. Parsing is total: whatever came is members or an [`Error`].
//! Source: <https://learn.microsoft.com/graph/json-batching>

use std::collections::HashSet;

use serde_json::{Map, Value};

/// Most requests in a batch.
pub const MOST: usize = 20;

/// One request of a batch.
#[derive(Debug, Clone, PartialEq)]
pub struct Member {
    /// What its answer is told by; no other member has it, whatever the case.
    pub id: String,
    /// In capitals.
    pub method: String,
    /// Below the version, with a slash at its beginning.
    pub url: String,
    /// Own headers, as sent.
    pub headers: Vec<(String, String)>,
    /// Of whatever kind; none when it is absent or null.
    pub body: Option<Value>,
    /// Places of earlier members that must have succeeded.
    pub depends_on: Vec<usize>,
}

/// Why a batch as a whole is refused. `Display` is Microsoft's text.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// No JSON, no list, an empty one, or a member without id, method or address.
    #[error("Invalid batch payload format.")]
    Format,
    /// More than [`MOST`].
    #[error("Number of batch request steps exceeds the maximum value of {MOST}.")]
    TooMany,
    /// An id given twice.
    #[error("Request Id {0} has to be unique in a batch.")]
    Repeated(String),
    /// It depends on itself, on a later one or on nothing that is there.
    #[error("Invalid dependency for request Id: {0}.")]
    Dependency(String),
}

/// Reads the body of a batch.
pub fn parse(body: &[u8]) -> Result<Vec<Member>, Error> {
    let body: Value = serde_json::from_slice(body).map_err(|_| Error::Format)?;
    let listed = body.get("requests").and_then(Value::as_array);
    let listed = listed
        .filter(|listed| !listed.is_empty())
        .ok_or(Error::Format)?;
    if listed.len() > MOST {
        return Err(Error::TooMany);
    }
    let mut known = HashSet::new();
    let mut members: Vec<Member> = Vec::with_capacity(listed.len());
    for request in listed {
        let request = request.as_object().ok_or(Error::Format)?;
        let member = member(request, &members)?;
        if !known.insert(member.id.to_lowercase()) {
            return Err(Error::Repeated(member.id));
        }
        members.push(member);
    }
    Ok(members)
}

fn member(request: &Map<String, Value>, earlier: &[Member]) -> Result<Member, Error> {
    let text = |name| {
        request
            .get(name)
            .and_then(Value::as_str)
            .filter(|text| !text.is_empty())
    };
    let id = text("id").ok_or(Error::Format)?.to_owned();
    let url = text("url").ok_or(Error::Format)?.trim_start_matches('/');
    Ok(Member {
        depends_on: dependencies(request, &id, earlier)?,
        id,
        method: text("method").ok_or(Error::Format)?.to_ascii_uppercase(),
        url: format!("/{url}"),
        headers: headers(request)?,
        body: request.get("body").filter(|body| !body.is_null()).cloned(),
    })
}

fn headers(request: &Map<String, Value>) -> Result<Vec<(String, String)>, Error> {
    let headers = match request.get("headers") {
        None | Some(Value::Null) => return Ok(Vec::new()),
        Some(headers) => headers.as_object().ok_or(Error::Format)?,
    };
    let header =
        |(name, value): (&String, &Value)| Some((name.clone(), value.as_str()?.to_owned()));
    let read: Option<Vec<_>> = headers.iter().map(header).collect();
    read.ok_or(Error::Format)
}

fn dependencies(
    request: &Map<String, Value>,
    id: &str,
    earlier: &[Member],
) -> Result<Vec<usize>, Error> {
    let listed = match request.get("dependsOn") {
        None | Some(Value::Null) => return Ok(Vec::new()),
        Some(listed) => listed.as_array().ok_or(Error::Format)?,
    };
    let place = |wanted: &Value| {
        let wanted = wanted.as_str()?.to_lowercase();
        earlier
            .iter()
            .position(|member| member.id.to_lowercase() == wanted)
    };
    let places: Option<Vec<_>> = listed.iter().map(place).collect();
    places.ok_or_else(|| Error::Dependency(id.to_owned()))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    fn refused(body: &Value) -> Option<Error> {
        parse(body.to_string().as_bytes()).err()
    }

    #[test]
    fn members_come_with_their_dependencies_as_places() {
        let body = json!({ "requests": [
            { "id": "a", "method": "get", "url": "me", "headers": { "Prefer": "x" } },
            { "id": "b", "method": "POST", "url": "/me/messages", "body": {}, "dependsOn": ["A"] },
        ]});
        let members = parse(body.to_string().as_bytes()).unwrap_or_default();
        assert_eq!(members.len(), 2);
        assert_eq!(
            (members[0].method.as_str(), members[0].url.as_str()),
            ("GET", "/me")
        );
        assert_eq!(members[1].depends_on, [0]);
        assert_eq!(members[1].body, Some(json!({})));
    }

    #[test]
    fn a_batch_as_a_whole_is_refused_with_the_reason() {
        let of = |id: &str| json!({ "id": id, "method": "GET", "url": "/me" });
        let many: Vec<_> = (0..21).map(|number| of(&number.to_string())).collect();
        let later = json!({ "id": "1", "method": "GET", "url": "/me", "dependsOn": ["2"] });
        for (body, error) in [
            (json!([]), Error::Format),
            (json!({ "requests": [] }), Error::Format),
            (
                json!({ "requests": [{ "id": "1", "method": "GET" }] }),
                Error::Format,
            ),
            (
                json!({ "requests": [{ "id": 1, "method": "GET", "url": "/me" }] }),
                Error::Format,
            ),
            (json!({ "requests": many }), Error::TooMany),
            (
                json!({ "requests": [of("a"), of("A")] }),
                Error::Repeated("A".to_owned()),
            ),
            (
                json!({ "requests": [later, of("2")] }),
                Error::Dependency("1".to_owned()),
            ),
        ] {
            assert_eq!(refused(&body), Some(error), "{body}");
        }
        assert_eq!(parse(b"{"), Err(Error::Format));
    }

    proptest! {
        #[test]
        fn whatever_comes_is_read_or_refused(bytes in proptest::collection::vec(any::<u8>(), 0..256), text in ".{0,256}") {
            let _ = parse(&bytes);
            let _ = parse(format!("{{\"requests\":[{text}]}}").as_bytes());
        }
    }
}
