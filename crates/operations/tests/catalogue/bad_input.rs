//! Input that is wrong, as people get it wrong: a clear code, the field, what is wrong with it and what to do next. What we
//! can know is refused before anything is sent; the rest is Microsoft's to refuse, and its sentence is handed on.

use model::{ConnectionMethod, Outcome, Service};
use operations::{Call, Error};
use serde_json::{Map, Value, json};

use crate::fill::fill;
use crate::people::Stage;
use crate::walk::{self, shown};
use crate::world::ANA;

struct Wrong {
    what: &'static str,
    operation: &'static str,
    input: Value,
    code: &'static str,
    field: Option<&'static str>,
    /// Parts of the sentence, or of the step after it.
    says: &'static [&'static str],
}

/// Microsoft is not asked.
fn ours(
    what: &'static str,
    operation: &'static str,
    input: Value,
    code: &'static str,
    field: &'static str,
    says: &'static [&'static str],
) -> Wrong {
    let field = (!field.is_empty()).then_some(field);
    Wrong {
        what,
        operation,
        input,
        code,
        field,
        says,
    }
}

/// Microsoft refuses it.
fn theirs(
    what: &'static str,
    operation: &'static str,
    input: Value,
    says: &'static [&'static str],
) -> Wrong {
    Wrong {
        what,
        operation,
        input,
        code: "refused_by_microsoft",
        field: None,
        says,
    }
}

async fn all(services: &[Service], wrong: Vec<Wrong>) {
    let stage = Stage::in_a_hurry(services).await;
    let mut told = Vec::new();
    for case in wrong {
        let outcome = one(&stage, &case).await;
        told.extend(
            outcome
                .err()
                .map(|why| format!("{} ({}): {why}", case.what, case.operation)),
        );
    }
    stage.world.stop().await;
    assert!(told.is_empty(), "{}", told.join("\n"));
}

async fn one(stage: &Stage, case: &Wrong) -> Result<(), String> {
    let method = ConnectionMethod::ServicePrincipal;
    let mut input: Map<String, Value> = fill(&case.input, &stage.ids())?
        .as_object()
        .cloned()
        .unwrap_or_default();
    let owner = catalog::operation(case.operation).and_then(catalog::Operation::owner);
    if let Some(owner) = owner {
        input.entry(owner.name).or_insert_with(|| ANA.into());
    }
    let control = stage.world.control();
    // Its token is there already.
    control.clear_requests();
    let call = Call {
        caller: &stage.world.admin,
        connection: stage.connection(case.operation, method).id,
        operation: case.operation,
        input,
        cursor: None,
        idempotency_key: None,
    };
    let error = match stage.runner.run(call).await {
        Ok(answer) => return Err(format!("not refused: {}", shown(&Ok(answer)))),
        Err(error) => error,
    };
    let api = |path: &str| !path.contains("/oauth2/");
    let sent = control
        .requests()
        .iter()
        .filter(|request| api(&request.path))
        .count();
    let text = format!("{error}; {}", error.next_step().unwrap_or_default());
    if (error.code(), error.field()) != (case.code, case.field) {
        return Err(format!("`{}`, {:?}: {text}", error.code(), error.field()));
    }
    if (sent > 0) != (case.code == "refused_by_microsoft") {
        return Err(format!("{sent} requests were sent: {text}"));
    }
    if error.next_step().is_none_or(|step| step.is_empty()) {
        return Err(format!("no next step: {text}"));
    }
    if let Some(part) = case.says.iter().find(|part| !text.contains(**part)) {
        return Err(format!("`{part}` is not in `{text}`"));
    }
    if matches!(error, Error::OperationNotFound { .. }) {
        return Ok(());
    }
    let lines = stage.world.activities().await;
    let line = lines.iter().find(|line| line.action == case.operation);
    match line {
        Some(line) if line.outcome == Outcome::Failed && line.code.is_some() => Ok(()),
        other => Err(format!("its activity line: {other:?}")),
    }
}

fn event(start: &str, zone: &str) -> Value {
    json!({
        "subject": "Review",
        "start": { "dateTime": start, "timeZone": zone },
        "end": { "dateTime": "2026-12-02T11:00:00", "timeZone": "UTC" },
    })
}

#[tokio::test]
async fn in_mail_and_calendars() {
    let large = "A".repeat(5 * 1024 * 1024);
    let attachment = json!({ "draftId": "none", "@odata.type": "#microsoft.graph.fileAttachment", "name": "a", "contentBytes": large });
    let session = json!({ "draftId": "none", "AttachmentItem": { "attachmentType": "file", "name": "a", "size": 200_000_000 } });
    let view =
        |start: &str| json!({ "startDateTime": start, "endDateTime": "2026-12-03T00:00:00Z" });
    Box::pin(all(
        &[Service::Outlook],
        vec![
            ours(
                "unknown operation",
                "outlook.mesages.send",
                json!({}),
                "operation_not_found",
                "",
                &["outlook.messages.send"],
            ),
            ours(
                "unknown operation of no likeness",
                "xyz",
                json!({}),
                "operation_not_found",
                "",
                &[],
            ),
            ours(
                "unknown field",
                "outlook.messages.list",
                json!({ "tpo": 2 }),
                "unknown_field",
                "tpo",
                &["no field `tpo`", "`top`"],
            ),
            ours(
                "missing field",
                "outlook.messages.get",
                json!({}),
                "missing_field",
                "messageId",
                &["needs the field `messageId`"],
            ),
            ours(
                "wrong type",
                "outlook.messages.list",
                json!({ "top": "many" }),
                "invalid_input",
                "top",
                &["many"],
            ),
            ours(
                "out of range",
                "outlook.messages.list",
                json!({ "top": 100_000 }),
                "invalid_input",
                "top",
                &["100000"],
            ),
            ours(
                "bad date",
                "outlook.calendarView.list",
                view("yesterday"),
                "invalid_input",
                "startDateTime",
                &["yesterday"],
            ),
            ours(
                "a day that is none",
                "outlook.calendarView.list",
                view("2026-02-30T00:00:00Z"),
                "invalid_input",
                "startDateTime",
                &["2026-02-30"],
            ),
            theirs(
                "bad date in an event",
                "outlook.events.create",
                event("tomorrow", "UTC"),
                &["outlook.events.create", "correct the input"],
            ),
            theirs(
                "bad time zone",
                "outlook.events.create",
                event("2026-12-02T10:00:00", "Mars/Olympus"),
                &["outlook.events.create", "correct the input"],
            ),
            theirs(
                "invalid $filter",
                "outlook.messages.list",
                json!({ "filter": "subject eq" }),
                &["outlook.messages.list", ANA, "correct the input"],
            ),
            theirs(
                "unknown property in $filter",
                "outlook.messages.list",
                json!({ "filter": "colour eq 'red'" }),
                &["colour"],
            ),
            theirs(
                "attachment over the limit of a request",
                "outlook.attachments.add",
                attachment,
                &["outlook.attachments.add"],
            ),
            ours(
                "attachment without its bytes",
                "outlook.attachments.createUploadSession",
                session,
                "content_missing",
                "content",
                &["`application/octet-stream`"],
            ),
        ],
    ))
    .await;
}

#[tokio::test]
async fn in_drives() {
    let stage = Stage::in_a_hurry(&[Service::OneDrive]).await;
    let drive = walk::run(
        &stage,
        "onedrive.drives.getDefault",
        ConnectionMethod::ServicePrincipal,
        &json!({}),
        None,
    )
    .await;
    let drive: Value = serde_json::from_slice(&drive.unwrap().body).unwrap();
    let id = drive["id"].clone();
    stage.world.stop().await;
    let file =
        |name: &str| json!({ "driveId": id, "parentId": "root", "fileName": name, "text": "x" });
    let path = |path: &str| json!({ "driveId": id, "path": path });
    Box::pin(all(
        &[Service::OneDrive],
        vec![
            ours(
                "a name with a slash",
                "onedrive.files.createText",
                file("a/b.txt"),
                "invalid_input",
                "fileName",
                &["`fileName` holds a slash"],
            ),
            ours(
                "a name of dots",
                "onedrive.files.createText",
                file(".."),
                "invalid_input",
                "fileName",
                &["`fileName` is a dot segment"],
            ),
            ours(
                "a name with a control character",
                "onedrive.files.createText",
                file("a\u{1}b.txt"),
                "invalid_input",
                "fileName",
                &[],
            ),
            theirs(
                "a name with a character that Microsoft forbids",
                "onedrive.files.createText",
                file("a:b.txt"),
                &["onedrive.files.createText", "correct the input"],
            ),
            theirs(
                "a name with another",
                "onedrive.files.createText",
                file("what?.txt"),
                &["onedrive.files.createText", "correct the input"],
            ),
            ours(
                "a path that climbs",
                "onedrive.items.getByPath",
                path("a/../b"),
                "invalid_input",
                "path",
                &["`path` is a dot segment"],
            ),
            theirs(
                "a path with a character that Microsoft forbids",
                "onedrive.items.getByPath",
                path("a/b|c"),
                &["onedrive.items.getByPath"],
            ),
        ],
    ))
    .await;
}

#[tokio::test]
async fn in_dataverse() {
    let query = |xml: &str| json!({ "entitySet": "accounts", "fetchXml": xml });
    Box::pin(all(
        &[Service::Crm],
        vec![
            theirs(
                "FetchXML that is no XML",
                "dataverse.fetchXml",
                query("<fetch><entity"),
                &["dataverse.fetchXml", "correct the input"],
            ),
            theirs(
                "FetchXML with an unknown column",
                "dataverse.fetchXml",
                query("<fetch><entity name='account'><attribute name='colour'/></entity></fetch>"),
                &["colour"],
            ),
            theirs(
                "invalid $filter",
                "dataverse.records.list",
                json!({ "entitySet": "accounts", "filter": "name eq" }),
                &["dataverse.records.list", "`accounts`", "correct the input"],
            ),
            theirs(
                "unknown column in $filter",
                "dataverse.records.list",
                json!({ "entitySet": "accounts", "filter": "colour eq 1" }),
                &["colour"],
            ),
            ours(
                "an id that is none",
                "dataverse.records.get",
                json!({ "entitySet": "accounts", "id": "x' or 1" }),
                "invalid_input",
                "id",
                &[],
            ),
        ],
    ))
    .await;
}
