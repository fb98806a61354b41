//! Several requests in one, in JSON.
//! <https://learn.microsoft.com/dynamics365/business-central/dev-itpro/developer/devenv-connect-apps-tips>

use http::{Method, StatusCode};
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::ask::Ask;
use super::{BusinessCentral, Outcome, written};
use crate::engine::Reply;
use crate::fault::Fault;
use crate::model::Api;

/// Most requests of a batch.
const MOST: usize = 100;

#[derive(Deserialize)]
struct Batch {
    requests: Vec<Part>,
}

#[derive(Deserialize)]
struct Part {
    id: Value,
    method: String,
    url: String,
    #[serde(default)]
    headers: Map<String, Value>,
    #[serde(default)]
    body: Value,
}

impl BusinessCentral {
    /// Runs the parts in order. Without the preference to go on, the first failure is the last answer; with isolation
    /// `snapshot` a failure undoes everything.
    pub(super) fn batch(
        &mut self,
        api: Api,
        at: usize,
        ask: &Ask<'_>,
        base: &str,
    ) -> Result<Reply, Fault> {
        if ask.method != Method::POST {
            return Err(Fault::method(&ask.method, "$batch"));
        }
        let batch: Batch = serde_json::from_slice(&ask.body).map_err(|_| Fault::not_json())?;
        if batch.requests.len() > MOST {
            return Err(Fault::bad_request(format!(
                "The batch has more than {MOST} requests."
            )));
        }
        let is_snapshot = ask.isolation.eq_ignore_ascii_case("snapshot");
        let before = is_snapshot.then(|| self.environments[at].clone());
        let goes_on = ask.preference("odata.continue-on-error").is_some() && !is_snapshot;
        let mut responses = Vec::new();
        for part in batch.requests {
            let response = self.part((api, at), ask, base, &part);
            let status = response["status"].as_u64().unwrap_or_default();
            responses.push(response);
            if status >= 400 && !goes_on {
                if let Some(before) = before {
                    self.environments[at] = before;
                }
                break;
            }
        }
        Ok(Reply::Json(json!({ "responses": responses })))
    }

    fn part(&mut self, at: (Api, usize), ask: &Ask<'_>, base: &str, part: &Part) -> Value {
        let id = part.id.clone();
        let outcome = self.run(at, ask, base, part);
        let response = match outcome {
            Ok(Outcome::Reply(reply)) => written(reply),
            Ok(Outcome::Handshake(_)) => self.refusal(&Fault::not_implemented(
                "POST and PATCH of subscriptions in a $batch",
            )),
            Err(fault) => self.refusal(&fault),
        };
        let headers = response.headers().iter().filter_map(|(name, value)| {
            Some((name.to_string(), Value::from(value.to_str().ok()?)))
        });
        let headers: Map<String, Value> = headers.collect();
        let mut answer = json!({
            "id": id,
            "status": response.status().as_u16(),
            "headers": headers,
        });
        let body = response.body();
        if response.status() != StatusCode::NO_CONTENT && !body.is_empty() {
            let text = || Value::from(String::from_utf8_lossy(body));
            answer["body"] = serde_json::from_slice(body).unwrap_or_else(|_| text());
        }
        answer
    }

    fn run(
        &mut self,
        (api, at): (Api, usize),
        ask: &Ask<'_>,
        base: &str,
        part: &Part,
    ) -> Result<Outcome, Fault> {
        let method = part.method.to_ascii_uppercase();
        let method = Method::from_bytes(method.as_bytes()).map_err(|_| {
            Fault::bad_request(format!("The method '{}' is not valid.", part.method))
        })?;
        // Relative to the version, to the host, or whole.
        let url = part.url.strip_prefix(base).unwrap_or(&part.url);
        let root = base.strip_prefix(ask.origin).unwrap_or(base);
        let url = url.strip_prefix(root).unwrap_or(url);
        let (path, query) = url.split_once('?').unwrap_or((url, ""));
        if path.trim_matches('/').starts_with("$batch") {
            return Err(Fault::bad_request("A batch cannot hold another batch."));
        }
        let header = |name: &str| {
            let found = part
                .headers
                .iter()
                .find(|(known, _)| known.eq_ignore_ascii_case(name));
            found
                .and_then(|(_, value)| value.as_str())
                .map(str::to_owned)
        };
        let inner = Ask {
            method,
            path: format!("{root}/{}", path.trim_start_matches('/')),
            query: query.to_owned(),
            if_match: header("if-match"),
            prefer: header("prefer").unwrap_or_default(),
            content_type: header("content-type"),
            isolation: String::new(),
            body: match &part.body {
                Value::Null => Vec::new(),
                body => body.to_string().into_bytes(),
            },
            origin: ask.origin,
            caller: ask.caller,
            now: ask.now,
        };
        let segments: Vec<&str> = path.split('/').filter(|it| !it.is_empty()).collect();
        self.v2(api, at, &inner, base, &segments)
    }
}
