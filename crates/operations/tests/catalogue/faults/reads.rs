//! A read that belongs to a write and fails says nothing about the write.

use model::{ConnectionMethod, Service};
use operations::{Answer, Call, Error};
use sandbox::{Action, Fault};
use serde_json::Value;

use super::refusals::input_of;
use crate::people::Stage;

const APPLICATION: ConnectionMethod = ConnectionMethod::ServicePrincipal;

/// As long as nobody clears it.
fn inject(stage: &Stage, method: &str, path: &str, action: Action) {
    stage.world.control().inject(Fault {
        times: 1_000,
        ..Fault::once(method, path, action)
    });
}

fn status(status: u16) -> Action {
    Action::status(status)
}

async fn keyed(stage: &Stage, id: &str, input: &Value) -> Result<Answer, Error> {
    let connection = stage.connection(id, APPLICATION);
    let call = Call {
        caller: &stage.world.admin,
        connection: connection.id,
        operation: id,
        input: input.as_object().cloned().unwrap(),
        cursor: None,
        idempotency_key: Some("key"),
    };
    stage.runner.run(call).await
}

#[tokio::test]
async fn a_post_is_uncertain_where_nobody_could_see_what_the_invoice_was() {
    let stage = Stage::in_a_hurry(&[Service::BusinessCentral]).await;
    let id = "businesscentral.salesInvoices.postAndSend";
    let input = input_of(&stage, id, APPLICATION).await;
    inject(&stage, "GET", "/salesInvoices(", status(503));
    inject(&stage, "POST", "postAndSend", status(504));
    let outcome = keyed(&stage, id, &input).await;
    assert_eq!(outcome.unwrap_err().code(), "uncertain");
    stage.world.stop().await;
}

#[tokio::test]
async fn an_item_whose_list_was_not_heard_is_written_by_the_next_try() {
    let stage = Stage::in_a_hurry(&[Service::SharePoint]).await;
    let control = stage.world.control();
    let id = "sharepoint.items.upsert";
    let input = input_of(&stage, id, APPLICATION).await;
    inject(&stage, "GET", "/items", Action::ResetAfter);
    let error = keyed(&stage, id, &input).await.unwrap_err();
    assert_eq!(error.code(), "unreachable", "{error}");
    control.clear_faults();
    control.clear_requests();
    keyed(&stage, id, &input).await.unwrap();
    let written = control.count("POST", "/items") + control.count("PATCH", "/items");
    assert_eq!(written, 1);
    stage.world.stop().await;
}
