//! One operation of Graph, and the ways to ask for it that do not depend on what is limited.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use catalog::{Operation, RequestBody, Root};
use model::{Connection, ConnectionMethod};
use operations::Error;
use sandbox::{Action, Fault, LoggedRequest};
use serde_json::{Map, Value, json};

use crate::stage::{Stage, fields};
use crate::tally::Tally;

/// What is asked for.
#[derive(Debug, Clone)]
pub(crate) enum Ask {
    Run {
        input: Map<String, Value>,
        cursor: Option<String>,
    },
    /// Through the pass-through; below the version, with its query.
    Raw { path: String, body: Option<Value> },
    /// As a part of a batch.
    Batch(Map<String, Value>),
    /// In Microsoft's own batch, beside a request that is allowed.
    Mixed {
        beside: String,
        path: String,
        body: Option<Value>,
    },
    /// Allowed as it is, and answered with a redirect to there.
    Redirected {
        input: Map<String, Value>,
        to: String,
    },
}

/// The name of a way, and what it asks for.
pub(crate) type Way = (String, Ask);

/// What an operation is tried with.
pub(crate) struct Tried<'a, S> {
    pub(crate) stage: &'a Stage<S>,
    pub(crate) connection: &'a Connection,
    pub(crate) operation: &'static Operation,
    pub(crate) method: ConnectionMethod,
}

impl<S: Sync> Tried<'_, S> {
    /// The request's path below the version, with its query.
    pub(crate) fn path(&self, input: &Map<String, Value>) -> Option<String> {
        let request = self.request(input)?;
        if request.root != Root::Version {
            return None;
        }
        let path = request.path.trim_start_matches('/').to_owned();
        let query: Vec<String> = request
            .query
            .iter()
            .map(|(name, value)| format!("{name}={}", value.replace(' ', "%20")))
            .collect();
        if query.is_empty() {
            Some(path)
        } else {
            Some(format!("{path}?{}", query.join("&")))
        }
    }

    pub(crate) fn body(&self, input: &Map<String, Value>) -> Option<Value> {
        match self.request(input)?.body {
            Some(RequestBody::Json(body)) => Some(body),
            _ => None,
        }
    }

    fn request(&self, input: &Map<String, Value>) -> Option<catalog::Request> {
        self.operation
            .request(self.method, input, &self.root())
            .ok()
    }

    /// The address of Graph, with its version and no slash at its end.
    fn root(&self) -> String {
        format!("{}/v1.0", self.stage.world.sandbox.url())
    }

    /// From one path to another by `..`, in the forms that somebody might resolve.
    pub(crate) fn dotted(
        &self,
        inside: &Map<String, Value>,
        outside: &Map<String, Value>,
    ) -> Vec<Way> {
        let (Some(from), Some(to)) = (self.path(inside), self.path(outside)) else {
            return Vec::new();
        };
        let body = self.body(outside);
        let from: Vec<&str> = from.split('/').take(2).collect();
        let rest = to.split_once('/').map_or("", |(_, rest)| rest);
        [
            "..",
            "%2e%2e",
            "%2E.",
            "%252e%252e",
            "..%2F..",
            "..%5C",
            ".%00.",
        ]
        .into_iter()
        .map(|dots| {
            let path = format!("{}/{dots}/{rest}", from.join("/"));
            let ask = Ask::Raw {
                path,
                body: body.clone(),
            };
            (format!("by `{dots}` in the path"), ask)
        })
        .collect()
    }

    /// Further pages and stored delta links, as whoever brings one back could have written it; `delta` is the parameter of such a
    /// link, `expand` what leads outside.
    pub(crate) fn links(
        &self,
        inside: &Map<String, Value>,
        outside: &Map<String, Value>,
        delta: &str,
        expand: &str,
    ) -> Vec<Way> {
        let Some(path) = self.path(outside) else {
            return Vec::new();
        };
        let base = self.stage.world.sandbox.url();
        let plain = path.split('?').next().unwrap_or_default();
        let quoted = in_quotes(plain);
        let own = self.path(inside).unwrap_or_default();
        let own = own.split('?').next().unwrap_or_default();
        let links = [
            ("nextLink", format!("{base}/v1.0/{plain}?$skiptoken=x")),
            (
                "nextLink with a key in quotes",
                format!("{base}/v1.0/{quoted}?$skiptoken=x"),
            ),
            (
                "nextLink in beta",
                format!("{base}/beta/{plain}?$skiptoken=x"),
            ),
            ("delta link", format!("{base}/v1.0/{plain}?{delta}=x")),
            (
                "nextLink to another host",
                format!("https://graph.microsoft.com/v1.0/{plain}?$skiptoken=x"),
            ),
            (
                "nextLink with `..`",
                format!("{base}/v1.0/{own}/../../../{plain}"),
            ),
            (
                "nextLink with a user",
                format!("{}/v1.0/{plain}", base.replace("://", "://a:b@")),
            ),
            (
                "nextLink that expands",
                format!("{base}/v1.0/{own}?$skiptoken=x&$expand={expand}"),
            ),
        ];
        links
            .into_iter()
            .map(|(how, link)| (format!("through a {how}"), page(inside.clone(), link)))
            .collect()
    }

    /// `$expand` out of what is listed, raw and as a field where there is one.
    pub(crate) fn expansions(&self, inside: &Map<String, Value>, values: &[&str]) -> Vec<Way> {
        let mut ways = Vec::new();
        if self.operation.parameter("expand").is_some() {
            for value in values {
                let mut input = inside.clone();
                input.insert("expand".to_owned(), json!([value]));
                ways.push((format!("`$expand={value}`, run"), run(input)));
            }
        }
        let Some(path) = self.path(inside) else {
            return ways;
        };
        let sign = if path.contains('?') { '&' } else { '?' };
        for value in values {
            for name in ["$expand", "%24expand", "expand", "$Expand", "%2524expand"] {
                let ask = Ask::Raw {
                    path: format!("{path}{sign}{name}={value}"),
                    body: self.body(inside),
                };
                ways.push((format!("`{name}={value}`"), ask));
            }
        }
        ways
    }

    /// The listed one is asked for, and Microsoft's answer leads elsewhere.
    pub(crate) fn redirect(&self, inside: Map<String, Value>, outside: &Map<String, Value>) -> Way {
        let to = format!("{}/{}", self.root(), self.path(outside).unwrap_or_default());
        let ask = Ask::Redirected { input: inside, to };
        ("through a redirect".to_owned(), ask)
    }

    /// The next page of what is listed, where there are pages.
    pub(crate) fn next_page(&self, inside: &Map<String, Value>) -> Option<Way> {
        let path = self.path(inside).filter(|_| self.operation.paging)?;
        let plain = path.split('?').next().unwrap_or_default();
        let link = format!("{}/{plain}?$skiptoken=x", self.root());
        let ask = page(inside.clone(), link);
        Some(("the listed one through a nextLink".to_owned(), ask))
    }

    /// Goes all these ways, and writes down what came of it; `reached` says what got out.
    pub(crate) async fn go(
        &self,
        outside: Vec<Way>,
        inside: Vec<Way>,
        reached: impl Fn() -> Vec<LoggedRequest> + Send,
        tally: &mut Tally,
    ) {
        let label = |way: &str| format!("{} as {}, {way}", self.operation.id, self.method);
        for (way, ask) in outside {
            self.stage.world.control().clear_requests();
            let outcome = self.send(&ask).await;
            match ask {
                Ask::Redirected { .. } => tally.redirected(&label(&way), &outcome, &reached()),
                _ => tally.outside(&label(&way), &outcome, &reached()),
            }
        }
        for (way, ask) in inside {
            self.stage.world.control().clear_requests();
            let outcome = self.send(&ask).await;
            tally.inside(&label(&way), &outcome, &reached());
        }
    }

    async fn send(&self, ask: &Ask) -> Result<(), Error> {
        let (stage, connection, operation) = (self.stage, self.connection, self.operation);
        match ask {
            Ask::Run { input, cursor } => stage
                .run(connection, operation.id, input.clone(), cursor.as_deref())
                .await
                .map(drop),
            Ask::Raw { path, body } => {
                let path = format!("v1.0/{path}");
                stage
                    .raw(connection, operation.method, &path, body.as_ref())
                    .await
                    .map(drop)
            }
            Ask::Batch(input) => self.batch(input).await,
            Ask::Mixed { beside, path, body } => {
                let mut other =
                    json!({ "id": "2", "method": operation.method, "url": format!("/{path}") });
                if let Some(body) = body {
                    other["headers"] = json!({ "Content-Type": "application/json" });
                    other["body"] = body.clone();
                }
                let own = json!({ "id": "1", "method": "GET", "url": beside });
                self.raw_batch(json!([own, other])).await
            }
            Ask::Redirected { input, to } => {
                let control = stage.world.control();
                control.inject(Fault::once(
                    operation.method,
                    "/v1.0/",
                    Action::Redirect(to.clone()),
                ));
                let outcome = stage
                    .run(connection, operation.id, input.clone(), None)
                    .await;
                control.clear_faults();
                outcome.map(drop)
            }
        }
    }

    /// In the catalogue's own batch, where that is offered, and otherwise in Microsoft's through the pass-through.
    async fn batch(&self, input: &Map<String, Value>) -> Result<(), Error> {
        let id = "graph.batch";
        if !catalog::operation(id).is_some_and(|batch| batch.runs_on(self.connection.service)) {
            let path = self.path(input).unwrap_or_default();
            let member =
                json!({ "id": "1", "method": self.operation.method, "url": format!("/{path}") });
            return self.raw_batch(json!([member])).await;
        }
        let member = json!({ "id": "1", "operation": self.operation.id, "input": input });
        let members = fields(&json!({ "requests": [member] }));
        let answer = self.stage.run(self.connection, id, members, None).await?;
        // One that is refused is refused by itself.
        let answer: Value = serde_json::from_slice(&answer.body).unwrap();
        match answer["responses"][0]["status"].as_u64() {
            Some(status) if status < 300 => Ok(()),
            _ => Err(Error::Unexpected("a part was refused".to_owned())),
        }
    }

    async fn raw_batch(&self, requests: Value) -> Result<(), Error> {
        let members = json!({ "requests": requests });
        self.stage
            .raw(self.connection, "POST", "v1.0/$batch", Some(&members))
            .await
            .map(drop)
    }
}

pub(crate) fn run(input: Map<String, Value>) -> Ask {
    Ask::Run {
        input,
        cursor: None,
    }
}

fn page(input: Map<String, Value>, link: String) -> Ask {
    Ask::Run {
        input,
        cursor: Some(URL_SAFE_NO_PAD.encode(link)),
    }
}

/// `sites/x/lists` as `sites('x')/lists`.
pub(crate) fn in_quotes(path: &str) -> String {
    let mut parts = path.splitn(3, '/');
    match (parts.next(), parts.next(), parts.next()) {
        (Some(set), Some(key), Some(rest)) => format!("{set}('{key}')/{rest}"),
        (Some(set), Some(key), None) => format!("{set}('{key}')"),
        _ => path.to_owned(),
    }
}
