//! What every limit is tried on: a world, connections in it, and the ways to ask through them.

use std::collections::BTreeMap;
use std::time::Duration;

use bytes::Bytes;
use futures_util::{StreamExt, stream};
use http::{HeaderMap, Method};
use microsoft::Content;
use model::{Connection, ConnectionMethod, Service};
use operations::{Answer, Call, Error, ProxyAnswer, ProxyCall, RawBody, Runner};
use sandbox::{LoggedRequest, NewApplication};
use serde_json::{Map, Value};

use crate::world::{PUBLIC_URL, World};

/// A world with its connections, and what a kind of limit plays with in it.
pub(crate) struct Stage<S> {
    pub(crate) world: World,
    pub(crate) runner: Runner,
    pub(crate) connections: BTreeMap<(Service, ConnectionMethod), Connection>,
    pub(crate) scene: S,
}

impl<S: Sync> Stage<S> {
    /// Without connections as yet.
    pub(crate) fn new(world: World, scene: S) -> Self {
        let runner = Runner::new(
            world.context.clone(),
            world.live.clone(),
            world.broker.clone(),
        );
        Self {
            world,
            runner,
            connections: BTreeMap::new(),
            scene,
        }
    }

    /// With a small file where the operation takes one.
    pub(crate) async fn run(
        &self,
        connection: &Connection,
        operation: &str,
        input: Map<String, Value>,
        cursor: Option<&str>,
    ) -> Result<Answer, Error> {
        let call = Call {
            caller: &self.world.admin,
            connection: connection.id,
            operation,
            input,
            cursor,
            idempotency_key: None,
        };
        let takes_file = catalog::operation(operation)
            .and_then(|operation| operation.behavior)
            .is_some_and(|behavior| behavior.contains("upload_session"));
        let content = takes_file.then(|| Content {
            length: 5,
            bytes: stream::iter([Ok(Bytes::from_static(b"bytes"))]).boxed(),
        });
        self.runner.run_with(call, content).await
    }

    pub(crate) async fn json(
        &self,
        connection: &Connection,
        operation: &str,
        input: Value,
    ) -> Result<Value, Error> {
        let answer = self
            .run(connection, operation, fields(&input), None)
            .await?;
        Ok(serde_json::from_slice(&answer.body).unwrap_or(Value::Null))
    }

    /// Through the pass-through, from the version on.
    pub(crate) async fn raw(
        &self,
        connection: &Connection,
        method: &str,
        path_and_query: &str,
        body: Option<&Value>,
    ) -> Result<ProxyAnswer, Error> {
        let text = body.map_or_else(Bytes::new, |body| body.to_string().into());
        self.raw_as(connection, method, path_and_query, "application/json", text)
            .await
    }

    pub(crate) async fn raw_as(
        &self,
        connection: &Connection,
        method: &str,
        path_and_query: &str,
        content_type: &str,
        body: Bytes,
    ) -> Result<ProxyAnswer, Error> {
        let mut headers = HeaderMap::new();
        headers.insert("content-type", content_type.parse().unwrap());
        let (path, query) = match path_and_query.split_once('?') {
            Some((path, query)) => (path, Some(query)),
            None => (path_and_query, None),
        };
        self.runner
            .proxy(ProxyCall {
                caller: &self.world.admin,
                connection: connection.id,
                api: connection.service.api(),
                method: Method::from_bytes(method.as_bytes()).unwrap(),
                path,
                query,
                headers: &headers,
                body: RawBody::whole(body),
                body_limit: 1 << 20,
                idempotency_key: None,
            })
            .await
    }

    /// What reached Microsoft besides these lookups, since the log was cleared.
    pub(crate) fn reached_besides(
        &self,
        is_lookup: impl Fn(&LoggedRequest) -> bool,
    ) -> Vec<LoggedRequest> {
        let mut requests = self.world.control().requests();
        requests.retain(|request| !request.path.ends_with("/token") && !is_lookup(request));
        requests
    }
}

/// A world whose application has these permissions, consented to by an administrator.
pub(crate) async fn world_with(
    name: &str,
    delegated: Vec<String>,
    application: Vec<String>,
) -> World {
    let mut world = World::start().await;
    let control = world.control();
    world.registered = control
        .register_application(NewApplication {
            display_name: name.to_owned(),
            redirect_uris: vec![format!("{PUBLIC_URL}oauth/callback")],
            delegated,
            application,
            admin_consent: true,
            ..NewApplication::default()
        })
        .unwrap();
    let year = Duration::from_hours(24 * 365);
    let secret = control.add_secret(&world.registered.client_id, "test", year);
    world.secret = secret.unwrap().secret_text;
    world
}

pub(crate) fn fields(value: &Value) -> Map<String, Value> {
    value.as_object().cloned().unwrap()
}
