//! What Graph, Dataverse and Business Central refuse, and what is said of it: group, actor, cause and remedy, row by row.

use std::sync::Arc;

use connections::{Snapshot, diagnose_graph};
use http::{HeaderMap, HeaderValue, StatusCode, header};
use microsoft::GraphFault;
use model::Group::{ConnectionFailed, PermissionDenied, TokenRefreshFailed};
use model::{Act, Diagnosis, Group, Service};
use serde_json::json;

use crate::world::{ANA, World};

/// Status, code and sentence as Microsoft says them; what they lead to; a word of the cause, and one of the remedy with its
/// link or command.
type Case = (
    u16,
    &'static str,
    &'static str,
    Group,
    Act,
    &'static str,
    &'static str,
);

fn fault(status: u16, code: &str, message: &str) -> GraphFault {
    let body = json!({ "error": { "code": code, "message": message } });
    let status = StatusCode::from_u16(status).unwrap();
    GraphFault::parse(status, &HeaderMap::new(), body.to_string().as_bytes())
}

fn remedy(diagnosis: &Diagnosis) -> String {
    let steps = diagnosis.remedy.iter().flat_map(|step| {
        let link = step.link.as_deref().unwrap_or_default();
        let command = step.command.as_deref().unwrap_or_default();
        [step.text.as_str(), link, command]
    });
    steps.collect::<Vec<_>>().join(" ")
}

fn each(snapshot: &Arc<Snapshot>, operation: &str, target: Option<&str>, cases: &[Case]) {
    let operation = catalog::operation(operation);
    assert!(operation.is_some());
    for &(status, code, message, group, act, cause, step) in cases {
        let case = format!("{status} {code} {message}");
        let diagnosis = diagnose_graph(snapshot, operation, target, &fault(status, code, message));
        assert!(diagnosis.known, "{case}: {diagnosis:?}");
        assert_eq!((diagnosis.group, diagnosis.act), (group, act), "{case}");
        assert!(
            diagnosis.cause.contains(cause),
            "{case}: {}",
            diagnosis.cause
        );
        let told = remedy(&diagnosis);
        assert!(told.contains(step), "{case}: {told}");
        assert_eq!(diagnosis.evidence.code, code, "{case}");
        assert_eq!(diagnosis.evidence.message, message, "{case}");
        assert_eq!(diagnosis.evidence.status, Some(status), "{case}");
    }
}

#[tokio::test]
async fn each_refusal_of_graph_leads_an_application_where_the_table_says() {
    let world = World::start().await;
    let connection = world.connect_application().await;
    let snapshot = world.snapshot(&connection).await;
    let (admin, user, nobody) = (Act::Administrator, Act::User, Act::Nobody);
    let cases: &[Case] = &[
        (
            401,
            "InvalidAuthenticationToken",
            "Lifetime validation failed, the token is expired.",
            TokenRefreshFailed,
            Act::Operator,
            "expired",
            "consentry doctor",
        ),
        (
            401,
            "InvalidAuthenticationToken",
            "Access token validation failure. Invalid audience.",
            ConnectionFailed,
            Act::Operator,
            "another API or cloud",
            "cloud",
        ),
        (
            401,
            "InvalidAuthenticationToken",
            "CompactToken parsing failed with error code: 80049217",
            TokenRefreshFailed,
            admin,
            "not even a new one",
            "connections test reports",
        ),
        (
            403,
            "Authorization_IdentityNotFound",
            "The identity of the calling application could not be established.",
            PermissionDenied,
            admin,
            "enterprise application",
            "adminconsent",
        ),
        (
            403,
            "ErrorAccessDenied",
            "Access to OData is disabled: [RAOP] : Blocked by tenant configured AppOnly AccessPolicy settings.",
            PermissionDenied,
            admin,
            "application access policy of Exchange keeps this application out in `ben`",
            "application-access-policies",
        ),
        (
            403,
            "ErrorAccessDenied",
            "Access is denied. Check credentials and try again.",
            PermissionDenied,
            admin,
            "Exchange does not let",
            "application-rbac",
        ),
        (
            403,
            "ErrorSendAsDenied",
            "The user account which was used to submit this request does not have the right to send mail.",
            PermissionDenied,
            admin,
            "send as",
            "Send As",
        ),
        (
            404,
            "MailboxNotEnabledForRESTAPI",
            "The mailbox is either inactive, soft-deleted, or is hosted on-premise.",
            PermissionDenied,
            admin,
            "no mailbox of Exchange Online",
            "licence",
        ),
        (
            404,
            "ErrorInvalidUser",
            "The requested user 'x' is invalid.",
            ConnectionFailed,
            user,
            "does not know the user",
            "address",
        ),
        (
            404,
            "ErrorItemNotFound",
            "The specified object was not found in the store.",
            ConnectionFailed,
            user,
            "is not there",
            "immutable",
        ),
        (
            400,
            "ErrorInvalidIdMalformed",
            "Id is malformed.",
            ConnectionFailed,
            user,
            "no id of Outlook's",
            "whole",
        ),
        (
            403,
            "Forbidden",
            "Missing role permissions on the request. API requires one of 'Teamwork.Migrate.All'. Roles on the request ''.",
            PermissionDenied,
            user,
            "no application post in Teams",
            "OAuth",
        ),
        (
            403,
            "Forbidden",
            "Missing role permissions on the request. API requires one of 'Team.ReadBasic.All, Group.Read.All'. Roles on the request ''.",
            PermissionDenied,
            admin,
            "`Team.ReadBasic.All`, `Group.Read.All`",
            "CallAnAPI",
        ),
        (
            403,
            "Forbidden",
            "Invoked API requires Protected API access in application-only context when not using Resource Specific Consent.",
            PermissionDenied,
            admin,
            "protected APIs",
            "teams-protected-apis",
        ),
        (
            403,
            "Forbidden",
            "No application access policy found for this app on the user.",
            PermissionDenied,
            admin,
            "application access policy of Teams",
            "application-access-policy",
        ),
        (
            403,
            "Forbidden",
            "Failed to get license information for the user. Ensure user has a valid Office365 license assigned to them.",
            PermissionDenied,
            admin,
            "licence is missing",
            "assign",
        ),
        (
            402,
            "PaymentRequired",
            "Evaluation mode capacity has been exceeded.",
            PermissionDenied,
            admin,
            "paid for",
            "metered",
        ),
        (
            404,
            "ResourceNotFound",
            "User's mysite not found.",
            PermissionDenied,
            admin,
            "no OneDrive yet",
            "provision",
        ),
        (
            404,
            "itemNotFound",
            "Requested site could not be found",
            ConnectionFailed,
            user,
            "no such site",
            "address",
        ),
        (
            400,
            "invalidRequest",
            "Invalid hostname for this tenancy",
            ConnectionFailed,
            user,
            "not this tenant's",
            "tenant",
        ),
        (
            410,
            "syncStateNotFound",
            "Sync state not found.",
            ConnectionFailed,
            user,
            "no longer knows",
            "full round",
        ),
        (
            400,
            "BadRequest",
            "/me request is only valid with delegated authentication flow.",
            ConnectionFailed,
            user,
            "is nobody",
            "/users/",
        ),
        (
            412,
            "ErrorIrresolvableConflict",
            "The change key does not match.",
            ConnectionFailed,
            user,
            "newer version",
            "read it again",
        ),
        (
            429,
            "ApplicationThrottled",
            "Application is over its MailboxConcurrency limit.",
            ConnectionFailed,
            nobody,
            "limits",
            "Retry-After",
        ),
        (
            503,
            "serviceNotAvailable",
            "The service is not available.",
            ConnectionFailed,
            nobody,
            "trouble of its own",
            "service health",
        ),
        (
            507,
            "quotaLimitReached",
            "Insufficient Space Available",
            ConnectionFailed,
            user,
            "no room",
            "quota",
        ),
    ];
    each(&snapshot, "outlook.messages.list", Some("ben"), cases);
    world.stop().await;
}

#[tokio::test]
async fn each_refusal_of_graph_leads_a_user_where_the_table_says() {
    let world = World::start().await;
    let connection = world.connect_user(ANA).await;
    let snapshot = world.snapshot(&connection).await;
    let user = Act::User;
    let covered: &[Case] = &[
        (
            401,
            "InvalidAuthenticationToken",
            "CompactToken parsing failed",
            TokenRefreshFailed,
            user,
            "not even a new one",
            "reconnect",
        ),
        (
            403,
            "ErrorAccessDenied",
            "Access is denied. Check credentials and try again.",
            PermissionDenied,
            user,
            "Exchange does not let",
            "owner share it",
        ),
        (
            403,
            "accessDenied",
            "Access denied",
            PermissionDenied,
            user,
            "though its permission was granted",
            "share it with the account",
        ),
        (
            403,
            "Authorization_RequestDenied",
            "Insufficient privileges to complete the operation.",
            PermissionDenied,
            user,
            "has not the role",
            "directory role",
        ),
    ];
    each(&snapshot, "outlook.messages.list", None, covered);
    let lacking: &[Case] = &[
        (
            403,
            "ErrorAccessDenied",
            "Access is denied. Check credentials and try again.",
            PermissionDenied,
            user,
            "needs the delegated permission `Calendars",
            "reconnect",
        ),
        (
            403,
            "Authorization_RequestDenied",
            "Insufficient privileges to complete the operation.",
            PermissionDenied,
            user,
            "needs the delegated permission `Calendars",
            "reconnect",
        ),
    ];
    each(&snapshot, "outlook.events.list", None, lacking);
    world.stop().await;
}

#[tokio::test]
async fn each_refusal_of_dataverse_leads_where_the_table_says() {
    let world = World::start().await;
    let connection = world.connect_dynamics(Service::Crm).await.connection;
    let snapshot = world.snapshot(&connection).await;
    let (admin, user, nobody) = (Act::Administrator, Act::User, Act::Nobody);
    let cases: &[Case] = &[
        (
            403,
            "0x80072560",
            "The user is not a member of the organization.",
            PermissionDenied,
            admin,
            "no application user",
            "Application users",
        ),
        (
            403,
            "0x80042f09",
            "The user with id 1 has not been assigned any roles.",
            PermissionDenied,
            admin,
            "no security role",
            "security role",
        ),
        (
            403,
            "0x80040225",
            "The specified user(Id = 1) is disabled.",
            PermissionDenied,
            admin,
            "is disabled",
            "enable",
        ),
        (
            403,
            "0x80040220",
            "Principal user (Id=1, type=8, roleCount=1) is missing prvReadAccount privilege (Id=2) on OTC=1 for entity 'account'.",
            PermissionDenied,
            admin,
            "lack the privilege `prvReadAccount`",
            "add `prvReadAccount`",
        ),
        (
            403,
            "0x80040220",
            "Principal user (Id=1, type=8) does not have ReadAccess right(s) for record with id 2 of entity account.",
            PermissionDenied,
            admin,
            "do not reach this row",
            "depth",
        ),
        (
            403,
            "0x80048306",
            "Principal lacks privileges.",
            PermissionDenied,
            admin,
            "lack a privilege",
            "security role",
        ),
        (
            403,
            "0x80040231",
            "Principal (Id=1) is missing prvReadAccount privilege.",
            PermissionDenied,
            admin,
            "of its own",
            "new owner",
        ),
        (
            403,
            "0x80048405",
            "Access is denied.",
            PermissionDenied,
            admin,
            "denies access",
            "security role",
        ),
        (
            401,
            "0x80072559",
            "Error from Microsoft Entra ID",
            ConnectionFailed,
            admin,
            "environment does not take",
            "environment",
        ),
        (
            403,
            "0x80072559",
            "Error from Microsoft Entra ID",
            ConnectionFailed,
            admin,
            "Entra refused",
            "sign-in logs",
        ),
        (
            503,
            "0x8004A113",
            "The organization is in administration mode.",
            ConnectionFailed,
            admin,
            "administration mode",
            "maintenance",
        ),
        (
            403,
            "0x8004A104",
            "The Dynamics 365 organization you are attempting to access is currently disabled.",
            ConnectionFailed,
            admin,
            "is disabled",
            "enable the environment",
        ),
        (
            429,
            "0x80072322",
            "Number of requests exceeded the limit of 6000 over time window of 300 seconds.",
            ConnectionFailed,
            nobody,
            "6,000",
            "Retry-After",
        ),
        (
            429,
            "0x80072321",
            "Combined execution time of incoming requests exceeded limit of 1,200,000 milliseconds.",
            ConnectionFailed,
            nobody,
            "twenty minutes",
            "less at once",
        ),
        (
            429,
            "0x80072326",
            "Number of concurrent requests exceeded the limit of 52.",
            ConnectionFailed,
            nobody,
            "52",
            "fewer",
        ),
        (
            404,
            "0x80040217",
            "account With Id = 1 Does Not Exist",
            ConnectionFailed,
            user,
            "is not there",
            "id",
        ),
        (
            404,
            "0x80060891",
            "A record with the specified key values does not exist in account entity",
            ConnectionFailed,
            user,
            "alternate key",
            "values",
        ),
        (
            404,
            "0x8006088a",
            "Resource not found for the segment 'acounts'.",
            ConnectionFailed,
            user,
            "no table",
            "accounts",
        ),
        (
            400,
            "0x80040265",
            "Credit limit exceeded.",
            ConnectionFailed,
            user,
            "a rule of the environment",
            "rule's message",
        ),
        (
            412,
            "0x80040237",
            "A record with matching key values already exists.",
            ConnectionFailed,
            user,
            "there already",
            "other values",
        ),
        (
            412,
            "0x80060882",
            "The version of the existing record doesn't match.",
            ConnectionFailed,
            user,
            "newer version",
            "read it again",
        ),
        (
            500,
            "0x80044151",
            "Sql error: timeout expired.",
            ConnectionFailed,
            nobody,
            "took too long",
            "moment",
        ),
        (
            500,
            "0x80040216",
            "An unexpected error occurred.",
            ConnectionFailed,
            nobody,
            "did not expect",
            "support case",
        ),
    ];
    each(&snapshot, "crm.accounts.list", Some("account"), cases);
    world.stop().await;
}

#[tokio::test]
async fn each_refusal_of_business_central_leads_where_the_table_says() {
    let world = World::start().await;
    let connection = world
        .connect_dynamics(Service::BusinessCentral)
        .await
        .connection;
    let snapshot = world.snapshot(&connection).await;
    let (admin, user, nobody) = (Act::Administrator, Act::User, Act::Nobody);
    let cases: &[Case] = &[
        (
            401,
            "Authentication_InvalidCredentials",
            "The server has rejected the client credentials.",
            ConnectionFailed,
            admin,
            "not registered inside",
            "Microsoft Entra Applications",
        ),
        (
            403,
            "Authorization_RequestDenied",
            "Sorry, the current permissions prevented the action. (TableData 18 Customer Read: Base Application)",
            PermissionDenied,
            admin,
            "`TableData 18 Customer Read: Base Application`",
            "permission set that covers `TableData 18",
        ),
        (
            400,
            "Application_DialogException",
            "Sorry, the current permissions prevented the action. (TableData 36 Sales Header Insert: Base Application)",
            PermissionDenied,
            admin,
            "permission sets do not allow",
            "permission set",
        ),
        (
            404,
            "NoEnvironment",
            "Environment 'Prodution' does not exist.",
            ConnectionFailed,
            admin,
            "no environment of that name",
            "name",
        ),
        (
            404,
            "Internal_CompanyNotFound",
            "Cannot process the request because the default company cannot be found.",
            ConnectionFailed,
            user,
            "no such company",
            "businesscentral.companies.list",
        ),
        (
            503,
            "Internal_TenantUnavailable",
            "The tenant is not available.",
            ConnectionFailed,
            nobody,
            "stopped, or is being updated",
            "wait",
        ),
        (
            404,
            "Internal_RecordNotFound",
            "The Customer does not exist.",
            ConnectionFailed,
            user,
            "is not there",
            "id",
        ),
        (
            409,
            "Request_EntityChanged",
            "Another user has already changed the record.",
            ConnectionFailed,
            user,
            "newer version",
            "read it again",
        ),
        (
            400,
            "Internal_EntityWithSameKeyExists",
            "The Customer already exists.",
            ConnectionFailed,
            user,
            "there already",
            "another number",
        ),
        (
            400,
            "Application_DialogException",
            "The action can be applied to a draft invoice only.",
            ConnectionFailed,
            user,
            "draft invoice only",
            "do as",
        ),
        (
            400,
            "Application_FieldValidationException",
            "The field Blocked must be empty.",
            ConnectionFailed,
            user,
            "must be empty",
            "correct the field",
        ),
        (
            500,
            "Internal_ServerError",
            "An error occurred.",
            ConnectionFailed,
            nobody,
            "error of its own",
            "support case",
        ),
        (
            500,
            "Unknown",
            "Unknown error.",
            ConnectionFailed,
            nobody,
            "does not name",
            "support case",
        ),
    ];
    each(&snapshot, "businesscentral.customers.list", None, cases);
    world.stop().await;
}

#[tokio::test]
async fn a_claims_challenge_asks_the_user_to_sign_in_and_an_administrator_to_look() {
    let world = World::start().await;
    let challenge =
        r#"Bearer realm="", error="insufficient_claims", claims="eyJhY2Nlc3NfdG9rZW4iOnt9fQ==""#;
    let mut headers = HeaderMap::new();
    headers.insert(
        header::WWW_AUTHENTICATE,
        HeaderValue::from_static(challenge),
    );
    let body = br#"{"error":{"code":"InvalidAuthenticationToken","message":"Continuous access evaluation resulted in challenge"}}"#;
    let fault = GraphFault::parse(StatusCode::UNAUTHORIZED, &headers, body);
    let user = world.connect_user(ANA).await;
    let diagnosis = diagnose_graph(&*world.snapshot(&user).await, None, None, &fault);
    assert_eq!(
        (diagnosis.group, diagnosis.act),
        (TokenRefreshFailed, Act::User)
    );
    assert!(remedy(&diagnosis).contains("reconnect"));
    let application = world.connect_application().await;
    let diagnosis = diagnose_graph(&*world.snapshot(&application).await, None, None, &fault);
    assert_eq!(diagnosis.act, Act::Administrator);
    assert!(remedy(&diagnosis).contains("workload-identity"));
    world.stop().await;
}

#[tokio::test]
async fn an_unknown_code_of_a_service_is_shown_whole_and_said_to_be_unknown() {
    let world = World::start().await;
    let crm = world.connect_dynamics(Service::Crm).await.connection;
    let graph = world.connect_application().await;
    for connection in [crm, graph] {
        let snapshot = world.snapshot(&connection).await;
        let told = fault(403, "0x8badf00d", "Something new happened.");
        let diagnosis = diagnose_graph(&snapshot, None, None, &told);
        assert!(!diagnosis.known);
        assert!(diagnosis.cause.contains("0x8badf00d"));
        assert!(diagnosis.cause.contains("Something new happened."));
        assert_eq!(diagnosis.group, PermissionDenied);
    }
    world.stop().await;
}
