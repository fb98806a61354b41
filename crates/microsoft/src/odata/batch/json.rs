use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use serde_json::{Map, Value, json};

use super::{Part, Reply, is_json};

/// `{"requests":[…]}`; what is no JSON travels in base64.
pub fn json_body(parts: &[Part]) -> Value {
    let requests: Vec<_> = parts.iter().map(request).collect();
    json!({ "requests": requests })
}

fn request(part: &Part) -> Value {
    let mut request = json!({
        "id": part.id.to_string(),
        "method": part.method.as_str(),
        "url": part.url,
    });
    let headers = part.headers.iter().filter_map(|(name, value)| {
        let value = value.to_str().ok()?;
        Some((name.to_string(), Value::from(value)))
    });
    let headers: Map<_, _> = headers.collect();
    if !headers.is_empty() {
        request["headers"] = headers.into();
    }
    if let Some(body) = &part.body {
        let read = is_json(&part.headers).then(|| serde_json::from_slice(body).ok());
        request["body"] = read
            .flatten()
            .unwrap_or_else(|| STANDARD.encode(body).into());
    }
    if !part.after.is_empty() {
        let ids = part.after.iter().map(usize::to_string);
        request["dependsOn"] = ids.collect();
    }
    request
}

/// The replies of `{"responses":[…]}`, in whatever order they came.
pub fn json_replies(body: &[u8]) -> Option<Vec<Reply>> {
    let document: Value = serde_json::from_slice(body).ok()?;
    let responses = document.get("responses")?.as_array()?;
    responses.iter().map(reply).collect()
}

fn reply(response: &Value) -> Option<Reply> {
    let status = response.get("status")?;
    // Numbers by the standard; texts have been seen.
    let status = match status {
        Value::String(text) => text.parse().ok()?,
        other => u16::try_from(other.as_u64()?).ok()?,
    };
    let headers = response.get("headers").and_then(Value::as_object);
    let headers = headers.map(read_headers).unwrap_or_default();
    let id = match response.get("id") {
        Some(Value::String(text)) => text.parse().ok(),
        Some(other) => other.as_u64().and_then(|id| usize::try_from(id).ok()),
        None => None,
    };
    Some(Reply {
        id,
        status: StatusCode::from_u16(status).ok()?,
        body: bytes(response.get("body"), &headers),
        headers,
    })
}

fn read_headers(headers: &Map<String, Value>) -> HeaderMap {
    let read = headers.iter().filter_map(|(name, value)| {
        let name = HeaderName::try_from(name.as_str()).ok()?;
        let value = match value {
            Value::String(text) => HeaderValue::from_str(text).ok()?,
            Value::Number(number) => HeaderValue::from_str(&number.to_string()).ok()?,
            _ => return None,
        };
        Some((name, value))
    });
    read.collect()
}

fn bytes(body: Option<&Value>, headers: &HeaderMap) -> Bytes {
    match body {
        None | Some(Value::Null) => Bytes::new(),
        Some(Value::String(text)) if !is_json(headers) => {
            let decoded = STANDARD
                .decode(text)
                .or_else(|_| URL_SAFE_NO_PAD.decode(text.trim_end_matches('=')));
            decoded.unwrap_or_else(|_| text.clone().into_bytes()).into()
        }
        Some(body) => body.to_string().into(),
    }
}

#[cfg(test)]
mod tests {
    use http::Method;
    use http::header::CONTENT_TYPE;

    use super::*;

    fn part(id: usize, content_type: &'static str, body: &'static str) -> Part {
        let mut headers = HeaderMap::new();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
        Part {
            id,
            method: Method::POST,
            url: "/me/messages".to_owned(),
            headers,
            body: Some(Bytes::from(body)),
            after: (1..id).collect(),
        }
    }

    #[test]
    fn json_travels_as_it_is_and_everything_else_in_base64() {
        let parts = [
            part(1, "application/json", r#"{"subject":"a"}"#),
            part(2, "image/png", "png"),
        ];
        assert_eq!(
            json_body(&parts),
            json!({ "requests": [
                { "id": "1", "method": "POST", "url": "/me/messages",
                  "headers": { "content-type": "application/json" }, "body": { "subject": "a" } },
                { "id": "2", "method": "POST", "url": "/me/messages",
                  "headers": { "content-type": "image/png" }, "body": "cG5n", "dependsOn": ["1"] },
            ] })
        );
    }

    #[test]
    fn replies_are_read_in_any_order_and_shape() {
        let body = br#"{"responses":[
            {"id":"2","status":200,"headers":{"Content-Type":"image/png"},"body":"cG5n"},
            {"id":1,"status":"429","headers":{"Retry-After":7}},
            {"id":"3","status":404,"headers":{"Content-Type":"application/json"},"body":{"error":{}}}]}"#;
        let replies = json_replies(body).expect("replies");
        let shown: Vec<_> = replies
            .iter()
            .map(|reply| (reply.id, reply.status.as_u16(), reply.body.as_ref()))
            .collect();
        assert_eq!(
            shown,
            [
                (Some(2), 200, &b"png"[..]),
                (Some(1), 429, &b""[..]),
                (Some(3), 404, &br#"{"error":{}}"#[..]),
            ]
        );
        assert_eq!(replies[1].headers["retry-after"], "7");
    }

    #[test]
    fn anything_else_is_no_answer_to_a_batch() {
        for body in [
            "",
            "[]",
            "{}",
            r#"{"responses":{}}"#,
            r#"{"responses":[{}]}"#,
        ] {
            assert!(json_replies(body.as_bytes()).is_none(), "{body}");
        }
    }
}
