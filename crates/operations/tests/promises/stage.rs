//! A world with a runner in it, and short ways to call operations.

use connections::Caller;
use model::{Connection, ConnectionId};
use operations::{Answer, Call, Error, Runner};
use serde_json::{Map, Value};

use crate::world::World;

pub(crate) struct Stage {
    pub(crate) world: World,
    pub(crate) runner: Runner,
}

impl Stage {
    pub(crate) async fn start() -> Self {
        let world = World::start().await;
        let runner = Runner::new(
            world.context.clone(),
            world.live.clone(),
            world.broker.clone(),
        );
        Self { world, runner }
    }

    pub(crate) async fn run(
        &self,
        connection: &Connection,
        operation: &str,
        input: Value,
    ) -> Result<Answer, Error> {
        self.run_as(&self.world.admin, connection, operation, input)
            .await
    }

    pub(crate) async fn run_as(
        &self,
        caller: &Caller,
        connection: &Connection,
        operation: &str,
        input: Value,
    ) -> Result<Answer, Error> {
        self.runner
            .run(call(caller, connection.id, operation, &input))
            .await
    }

    pub(crate) async fn run_keyed(
        &self,
        connection: &Connection,
        operation: &str,
        input: Value,
        key: &str,
    ) -> Result<Answer, Error> {
        let call = call(&self.world.admin, connection.id, operation, &input);
        self.runner
            .run(Call {
                idempotency_key: Some(key),
                ..call
            })
            .await
    }

    pub(crate) async fn json(
        &self,
        connection: &Connection,
        operation: &str,
        input: Value,
    ) -> Value {
        json(&self.run(connection, operation, input).await.unwrap())
    }
}

pub(crate) fn call<'a>(
    caller: &'a Caller,
    connection: ConnectionId,
    operation: &'a str,
    input: &Value,
) -> Call<'a> {
    Call {
        caller,
        connection,
        operation,
        input: fields(input),
        cursor: None,
        idempotency_key: None,
    }
}

pub(crate) fn fields(input: &Value) -> Map<String, Value> {
    input.as_object().unwrap().clone()
}

pub(crate) fn json(answer: &Answer) -> Value {
    serde_json::from_slice(&answer.body).unwrap()
}

pub(crate) fn mail(subject: &str, to: &str) -> Value {
    serde_json::json!({ "message": {
        "subject": subject,
        "body": { "contentType": "text", "content": "As agreed." },
        "toRecipients": [{ "emailAddress": { "address": to } }],
    } })
}
