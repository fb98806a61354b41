//! Whoever may not: each way of being refused is made for real, or by the policy before anything is sent. The error names
//! the operation, the target, what is missing and the way to get it.

use std::time::Duration;

use connections::{Change, NewApp, NewConnection, NewSecret};
use model::{
    Act, Connection, ConnectionMethod, Group, OperationKind, Outcome, Place, Policy, Service,
};
use operations::{Call, Error};
use sandbox::{AccessRight, Control, NewApplication};
use serde_json::{Value, json};

use crate::cases;
use crate::people::Stage;
use crate::walk::{self, shown};
use crate::world::{ANA, BEN};

/// What a refusal must say.
struct Said<'a> {
    code: &'a str,
    /// Parts of the sentence besides the operation.
    cause: &'a [&'a str],
    /// Parts of the way out: text, link or command.
    remedy: &'a [&'a str],
    /// Microsoft's own code, in the activity line too; none where nothing was sent.
    evidence: Option<&'a str>,
    act: Act,
    outcome: Outcome,
}

/// An application of its own that has these permissions and no more.
async fn poor(stage: &Stage, service: Service, application: &[&str]) -> (Connection, String) {
    let control = stage.world.control();
    let new = NewApplication {
        display_name: "Poor".to_owned(),
        application: application.iter().map(|&name| name.to_owned()).collect(),
        ..NewApplication::default()
    };
    let registered = control.register_application(new).unwrap();
    let client_id = registered.client_id;
    control.grant_admin_consent(&client_id).unwrap();
    match service {
        Service::BusinessCentral => control
            .enable_business_central(&client_id, &["D365 BUS FULL ACCESS"])
            .unwrap(),
        Service::Crm | Service::FieldService => {
            control
                .add_application_user(&client_id, &["System Administrator"])
                .unwrap();
        }
        _ => {}
    }
    let year = Duration::from_hours(24 * 365);
    let secret = control
        .add_secret(&client_id, "test", year)
        .unwrap()
        .secret_text;
    let app = NewApp {
        client_id: client_id.clone(),
        proof: Some(
            NewSecret {
                value: secret.into(),
                expires_at: None,
            }
            .into(),
        ),
        ..stage.world.new_app("poor")
    };
    let new = NewConnection {
        name: format!("poor-{service}"),
        service,
        permissions: None,
        policy: Policy::default(),
        shared: false,
        place: Place {
            environment: (service == Service::BusinessCentral).then(|| "Production".to_owned()),
            environment_url: matches!(service, Service::Crm)
                .then(|| stage.world.sandbox.url().to_owned()),
            ..Place::default()
        },
    };
    let life = &stage.world.life;
    let created = life
        .connect_new_application(&stage.world.admin, new, app)
        .await;
    (created.unwrap().connection, client_id)
}

/// The input of the operation's case.
pub(super) async fn input_of(stage: &Stage, operation: &str, method: ConnectionMethod) -> Value {
    let case = cases::all().remove(operation).unwrap();
    let operation = catalog::operation(operation).unwrap();
    let prepared = walk::prepare(stage, operation, method, &case, "Refused").await;
    let mut input = prepared.unwrap_or_else(|error| panic!("{error}")).input;
    if let Some(owner) = operation.owner()
        && method == ConnectionMethod::ServicePrincipal
    {
        input[owner.name] = ANA.into();
    }
    input
}

async fn refused(
    stage: &Stage,
    connection: &Connection,
    operation: &str,
    input: Value,
    said: Said<'_>,
) {
    let control = stage.world.control();
    control.clear_requests();
    let call = Call {
        caller: &stage.world.admin,
        connection: connection.id,
        operation,
        input: input.as_object().cloned().unwrap_or_default(),
        cursor: None,
        idempotency_key: None,
    };
    let error = match stage.runner.run(call).await {
        Ok(answer) => panic!("`{operation}` was not refused: {}", shown(&Ok(answer))),
        Err(error) => error,
    };
    let text = error.to_string();
    assert_eq!(error.code(), said.code, "{text}");
    let api = |path: &str| {
        ["/v1.0/", "/api/data/", "/v2.0/"]
            .iter()
            .any(|start| path.starts_with(start))
    };
    let sent = control.requests();
    let sent = sent.iter().filter(|request| api(&request.path)).count();
    assert_eq!(
        sent > 0,
        said.evidence.is_some(),
        "{sent} requests were sent: {text}"
    );
    for part in [&[operation], said.cause].concat() {
        assert!(text.contains(part), "`{part}` is not in `{text}`");
    }
    let lines = stage.world.activities().await;
    let line = lines.iter().find(|line| line.action == operation);
    let line = line.unwrap_or_else(|| panic!("no activity line of `{operation}`"));
    assert_eq!(line.outcome, said.outcome, "{text}");
    if let Some(target) = &line.target {
        assert!(
            text.contains(target.as_str()),
            "`{target}` is not in `{text}`"
        );
    }
    let mut way = error.next_step().unwrap_or_default();
    if let Some(diagnosis) = error.diagnosis() {
        assert_eq!(
            (diagnosis.act, diagnosis.group),
            (said.act, group(&error)),
            "{text}"
        );
        for step in &diagnosis.remedy {
            let parts = [
                Some(step.text.as_str()),
                step.link.as_deref(),
                step.command.as_deref(),
            ];
            way = format!(
                "{way} {}",
                parts.into_iter().flatten().collect::<Vec<_>>().join(" ")
            );
        }
        if let Some(code) = said.evidence {
            assert_eq!(
                (diagnosis.evidence.code.as_str(), line.code.as_deref()),
                (code, Some(code))
            );
            assert_eq!(line.status, diagnosis.evidence.status);
        }
    }
    for part in said.remedy {
        assert!(
            way.contains(part),
            "`{part}` is not in the way out: `{way}`"
        );
    }
}

fn group(error: &Error) -> Group {
    match error {
        // Business Central does not take the token of an application that it does not know.
        Error::Microsoft { status: 401, .. } => Group::ConnectionFailed,
        _ => Group::PermissionDenied,
    }
}

#[tokio::test]
async fn a_permission_that_is_missing_is_named_with_where_it_is_granted() {
    let stage = Stage::in_a_hurry(&[Service::Outlook]).await;
    let (poor, client_id) = poor(&stage, Service::Outlook, &["Mail.Read"]).await;
    let input = json!({ "mailbox": ANA, "subject": "No" });
    let portal = format!("appId/{client_id}");
    let said = Said {
        code: "refused_by_microsoft",
        cause: &["the application permission `Mail.ReadWrite`", ANA],
        remedy: &[
            "add `Mail.ReadWrite` to the registration and grant consent",
            &portal,
        ],
        evidence: Some("ErrorAccessDenied"),
        act: Act::Administrator,
        outcome: Outcome::Failed,
    };
    refused(&stage, &poor, "outlook.drafts.create", input, said).await;
    stage.world.stop().await;
}

/// What was granted is known of a user's connection, so that nothing need be asked.
#[tokio::test]
async fn a_permission_that_a_user_did_not_grant_is_named_before_anything_is_sent() {
    let stage = Stage::in_a_hurry(&[Service::Outlook]).await;
    let narrow = stage.user_with(Service::Outlook, &["Mail.Read"]).await;
    let reconnect = format!("consentry connections reconnect {}", narrow.name);
    let said = Said {
        code: "permission_missing",
        cause: &["the delegated permission `Mail.ReadWrite`"],
        remedy: &["consent again and accept `Mail.ReadWrite`", &reconnect],
        evidence: None,
        act: Act::User,
        outcome: Outcome::Denied,
    };
    refused(
        &stage,
        &narrow,
        "outlook.drafts.create",
        json!({ "subject": "No" }),
        said,
    )
    .await;
    stage.world.stop().await;
}

#[tokio::test]
async fn what_the_policy_denies_is_named_with_who_can_allow_it() {
    let stage = Stage::in_a_hurry(&[Service::Outlook]).await;
    let connection = stage.connection("outlook.drafts.create", ConnectionMethod::ServicePrincipal);
    let kinds = Policy {
        kinds: Some([OperationKind::Read].into()),
        ..Policy::default()
    };
    let permissions = Policy {
        permissions: Some([model::Permission::new("Mail.Read")].into()),
        ..Policy::default()
    };
    let policies = [
        (
            kinds,
            "does not allow the kind `write`",
            "ask an administrator to allow it",
        ),
        (
            permissions,
            "does not list a permission that covers",
            "add `Mail.ReadWrite` to the policy",
        ),
    ];
    for (policy, cause, way) in policies {
        let change = Change {
            policy: Some(policy),
            ..Change::default()
        };
        let life = &stage.world.life;
        life.change(&stage.world.admin, connection.id, change)
            .await
            .unwrap();
        let said = Said {
            code: "policy_denied",
            cause: &[cause, &connection.name],
            remedy: &[way],
            evidence: None,
            act: Act::Administrator,
            outcome: Outcome::Denied,
        };
        let input = json!({ "mailbox": ANA, "subject": "No" });
        refused(&stage, connection, "outlook.drafts.create", input, said).await;
    }
    stage.world.stop().await;
}

/// What Exchange answers where an application access policy keeps an application out, and where nobody shared a mailbox.
/// Source: <https://learn.microsoft.com/graph/auth-limit-mailbox-access>
#[tokio::test]
async fn a_mailbox_out_of_scope_is_named_with_where_exchange_keeps_the_scope() {
    let stage = Stage::in_a_hurry(&[Service::Outlook]).await;
    let client_id = stage.world.registered.client_id.clone();
    let control = stage.world.control();
    let restricted =
        control.add_application_access_policy(&client_id, AccessRight::RestrictAccess, &[ANA]);
    restricted.unwrap();
    let by_policy = format!("Test-ApplicationAccessPolicy -AppId {client_id} -Identity {BEN}");
    let by_role = format!("New-ManagementRoleAssignment -App {client_id}");
    for (method, cause, way) in [
        (
            ConnectionMethod::ServicePrincipal,
            "application access policy of Exchange",
            [by_policy.as_str(), by_role.as_str()],
        ),
        (
            ConnectionMethod::OAuth,
            "Exchange does not let this connection",
            ["owner share it", ""],
        ),
    ] {
        let connection = stage.connection("outlook.messages.list", method);
        let said = Said {
            code: "refused_by_microsoft",
            cause: &[cause, BEN],
            remedy: &way,
            evidence: Some("ErrorAccessDenied"),
            act: if method == ConnectionMethod::OAuth {
                Act::User
            } else {
                Act::Administrator
            },
            outcome: Outcome::Failed,
        };
        refused(
            &stage,
            connection,
            "outlook.messages.list",
            json!({ "mailbox": BEN }),
            said,
        )
        .await;
    }
    stage.world.stop().await;
}

#[tokio::test]
async fn a_site_without_a_grant_is_named() {
    let stage = Stage::in_a_hurry(&[Service::SharePoint, Service::OneDrive]).await;
    let input = input_of(
        &stage,
        "sharepoint.lists.list",
        ConnectionMethod::ServicePrincipal,
    )
    .await;
    let (poor, _) = poor(&stage, Service::SharePoint, &["Sites.Selected"]).await;
    let site = input["siteId"].as_str().unwrap().to_owned();
    let said = Said {
        code: "refused_by_microsoft",
        cause: &[&site],
        remedy: &[],
        evidence: Some("accessDenied"),
        act: Act::Administrator,
        outcome: Outcome::Failed,
    };
    refused(&stage, &poor, "sharepoint.lists.list", input, said).await;
    stage.world.stop().await;
}

type Arrange<'a> = &'a dyn Fn(&Control, &str);

#[tokio::test]
async fn what_dataverse_wants_of_an_application_user_is_named() {
    let stage = Stage::in_a_hurry(&[Service::Crm]).await;
    let create = input_of(
        &stage,
        "dataverse.records.create",
        ConnectionMethod::ServicePrincipal,
    )
    .await;
    let (connection, client_id) = poor(&stage, Service::Crm, &[]).await;
    let cases: [(Arrange<'_>, &str, &[&str], &str); 3] = [
        (
            &|control, app| {
                drop(
                    control
                        .add_application_user(app, &["Sales Reader"])
                        .unwrap(),
                );
            },
            "0x80040220",
            &["prvCreateAccount"],
            "add `prvCreateAccount` to a security role",
        ),
        (
            &|control, app| control.disable_application_user(app, true).unwrap(),
            "0x80040225",
            &["is disabled"],
            "enable the application user",
        ),
        (
            &|control, app| control.remove_application_user(app).unwrap(),
            "0x80072560",
            &["has no application user"],
            "make an application user",
        ),
    ];
    for (arrange, code, cause, way) in cases {
        arrange(&stage.world.control(), &client_id);
        let said = Said {
            code: "refused_by_microsoft",
            cause,
            remedy: &[way],
            evidence: Some(code),
            act: Act::Administrator,
            outcome: Outcome::Failed,
        };
        refused(
            &stage,
            &connection,
            "dataverse.records.create",
            create.clone(),
            said,
        )
        .await;
    }
    stage.world.stop().await;
}

#[tokio::test]
async fn what_business_central_wants_of_an_application_is_named() {
    let stage = Stage::in_a_hurry(&[Service::BusinessCentral]).await;
    let create = input_of(
        &stage,
        "businesscentral.customers.create",
        ConnectionMethod::ServicePrincipal,
    )
    .await;
    let (connection, client_id) = poor(&stage, Service::BusinessCentral, &[]).await;
    let cases: [(Arrange<'_>, &str, &str); 2] = [
        (
            &|control, app| {
                control
                    .enable_business_central(app, &["D365 READ"])
                    .unwrap();
            },
            "Authorization_RequestDenied",
            "the application's permission sets do not allow this",
        ),
        (
            &|control, app| assert!(control.unregister_from_business_central(app)),
            "Authentication_InvalidCredentials",
            "does not know the application",
        ),
    ];
    for (arrange, code, cause) in cases {
        arrange(&stage.world.control(), &client_id);
        let said = Said {
            code: "refused_by_microsoft",
            cause: &[cause],
            remedy: &[
                "Microsoft Entra Applications",
                "https://learn.microsoft.com/dynamics365/business-central/",
            ],
            evidence: Some(code),
            act: Act::Administrator,
            outcome: Outcome::Failed,
        };
        refused(
            &stage,
            &connection,
            "businesscentral.customers.create",
            create.clone(),
            said,
        )
        .await;
    }
    stage.world.stop().await;
}
