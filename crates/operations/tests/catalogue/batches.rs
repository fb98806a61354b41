//! What a batch of Dynamics 365 promises when a member fails.

use model::{ConnectionMethod, Service};
use operations::{Answer, Call, Error};
use sandbox::{Action, Fault};
use serde_json::{Value, json};

use crate::people::Stage;

async fn run(stage: &Stage, operation: &str, input: Value) -> Result<Answer, Error> {
    let connection = stage.connection(operation, ConnectionMethod::ServicePrincipal);
    let call = Call {
        caller: &stage.world.admin,
        connection: connection.id,
        operation,
        input: input.as_object().cloned().unwrap(),
        cursor: None,
        idempotency_key: None,
    };
    stage.runner.run(call).await
}

fn read(answer: &Answer) -> Value {
    serde_json::from_slice(&answer.body).unwrap()
}

fn outcomes(answer: &Answer) -> Vec<String> {
    let told = read(answer)["responses"].as_array().cloned().unwrap();
    let outcome = |one: &Value| one["outcome"].as_str().unwrap().to_owned();
    told.iter().map(outcome).collect()
}

fn account(id: &str, column: &str, name: &str) -> Value {
    let mut record = json!({});
    record[column] = name.into();
    json!({ "id": id, "operation": "dataverse.records.create", "input": { "entitySet": "accounts", "record": record } })
}

async fn accounts(stage: &Stage, name: &str) -> usize {
    let filter = format!("name eq '{name}'");
    let input = json!({ "entitySet": "accounts", "filter": filter, "select": ["name"] });
    let page = run(stage, "dataverse.records.list", input).await.unwrap();
    read(&page)["value"].as_array().map_or(0, Vec::len)
}

#[tokio::test]
async fn a_batch_of_dataverse_stops_at_a_failure_unless_told_to_go_on() {
    let stage = Stage::start(&[Service::Crm]).await;
    let requests = json!([
        account("first", "name", "Kept"),
        account("wrong", "nme", "Wrong"),
        account("last", "name", "After"),
    ]);
    let input = json!({ "requests": requests });
    let answer = run(&stage, "dataverse.batch", input).await.unwrap();
    assert_eq!(outcomes(&answer), ["ok", "failed", "not_sent"]);
    assert!(read(&answer)["responses"][1]["diagnosis"]["cause"].is_string());
    assert_eq!(
        (
            accounts(&stage, "Kept").await,
            accounts(&stage, "After").await
        ),
        (1, 0)
    );
    let input = json!({ "requests": requests, "continueOnError": true });
    let answer = run(&stage, "dataverse.batch", input).await.unwrap();
    assert_eq!(outcomes(&answer), ["ok", "failed", "ok"]);
    assert_eq!(
        (
            accounts(&stage, "Kept").await,
            accounts(&stage, "After").await
        ),
        (2, 1)
    );
    stage.world.stop().await;
}

#[tokio::test]
async fn a_change_set_that_fails_names_the_member_and_leaves_nothing() {
    let stage = Stage::start(&[Service::Crm]).await;
    let requests = json!([
        account("first", "name", "Undone"),
        account("wrong", "nme", "Wrong")
    ]);
    let input = json!({ "requests": requests });
    let error = run(&stage, "dataverse.changeset", input).await.unwrap_err();
    assert!(
        matches!(error, Error::Microsoft { status: 400, .. }),
        "{error}"
    );
    assert!(error.to_string().contains("request `wrong`"), "{error}");
    assert_eq!(accounts(&stage, "Undone").await, 0);
    let read = json!({ "requests": [{ "id": "who", "operation": "dataverse.whoAmI" }] });
    let error = run(&stage, "dataverse.changeset", read).await.unwrap_err();
    assert_eq!(error.field(), Some("requests.0.operation"));
    stage.world.stop().await;
}

#[tokio::test]
async fn a_throttled_envelope_is_sent_again_and_its_rows_are_made_once() {
    let stage = Stage::start(&[Service::Crm]).await;
    for operation in ["dataverse.batch", "dataverse.changeset"] {
        stage.world.control().inject(Fault::once(
            "POST",
            "$batch",
            Action::Status {
                status: 429,
                retry_after: Some(0),
                body: None,
            },
        ));
        let input = json!({ "requests": [account("one", "name", operation)] });
        let answer = run(&stage, operation, input).await.unwrap();
        assert_eq!(outcomes(&answer), ["ok"]);
        assert_eq!(accounts(&stage, operation).await, 1);
    }
    stage.world.stop().await;
}

/// What Dataverse answers when the first request was done and the second came too much; the batch has the second's status.
const HALF_THROTTLED: &str = "--batchresponse_a\r\nContent-Type: application/http\r\nContent-Transfer-Encoding: binary\r\n\r\n\
    HTTP/1.1 204 No Content\r\nOData-EntityId: https://contoso.crm.dynamics.com/api/data/v9.2/accounts(00000000-0000-4000-8000-000000000001)\r\n\r\n\r\n\
    --batchresponse_a\r\nContent-Type: application/http\r\nContent-Transfer-Encoding: binary\r\n\r\n\
    HTTP/1.1 429 Too Many Requests\r\nContent-Type: application/json; odata.metadata=minimal\r\nRetry-After: 0\r\n\r\n\
    {\"error\":{\"code\":\"0x80072321\",\"message\":\"Combined execution time of incoming requests exceeded limit of 1,200,000 milliseconds over time window of 300 seconds.\"}}\r\n\
    --batchresponse_a--\r\n";

#[tokio::test]
async fn a_throttled_request_within_a_batch_goes_again_with_those_after_it_and_none_before_it() {
    let stage = Stage::start(&[Service::Crm]).await;
    let control = stage.world.control();
    control.inject(Fault {
        method: Some("POST".to_owned()),
        path_contains: "$batch".to_owned(),
        times: 1,
        action: Action::Text {
            status: 429,
            content_type: "multipart/mixed; boundary=batchresponse_a".to_owned(),
            text: HALF_THROTTLED.to_owned(),
        },
    });
    let names = ["Said to be done", "Throttled", "Behind it"];
    let requests: Vec<_> = names.map(|name| account(name, "name", name)).into();
    let before = control.count("POST", "$batch");
    let input = json!({ "requests": requests });
    let answer = run(&stage, "dataverse.batch", input).await.unwrap();
    assert_eq!(outcomes(&answer), ["ok", "ok", "ok"]);
    assert_eq!(control.count("POST", "$batch") - before, 2);
    for (name, made) in names.into_iter().zip([0, 1, 1]) {
        assert_eq!(accounts(&stage, name).await, made, "{name}");
    }
    stage.world.stop().await;
}

#[tokio::test]
async fn a_batch_of_business_central_is_kept_up_to_its_failure_or_not_at_all() {
    let stage = Stage::start(&[Service::BusinessCentral]).await;
    let companies = run(&stage, "businesscentral.companies.list", json!({}))
        .await
        .unwrap();
    let company = read(&companies)["value"][0]["id"].clone();
    let customer = |id: &str, name: &str| json!({ "id": id, "operation": "businesscentral.customers.create", "input": { "companyId": company, "displayName": name } });
    let gone = json!({ "id": "gone", "operation": "businesscentral.customers.get",
        "input": { "companyId": company, "id": "00000000-0000-4000-8000-000000000001" } });
    let requests = json!([
        customer("first", "Batch one"),
        gone,
        customer("last", "Batch two")
    ]);
    let input = json!({ "requests": requests });
    let answer = run(&stage, "businesscentral.batch", input).await.unwrap();
    assert_eq!(outcomes(&answer), ["ok", "failed", "not_sent"]);
    let input = json!({ "requests": requests, "isolation": "snapshot" });
    let error = run(&stage, "businesscentral.batch", input)
        .await
        .unwrap_err();
    assert!(error.to_string().contains("request `gone`"), "{error}");
    let filter = json!({ "companyId": company, "filter": "displayName eq 'Batch one'" });
    let found = run(&stage, "businesscentral.customers.list", filter)
        .await
        .unwrap();
    assert_eq!(read(&found)["value"].as_array().map(Vec::len), Some(1));
    stage.world.stop().await;
}
