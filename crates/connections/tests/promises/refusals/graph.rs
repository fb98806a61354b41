//! Microsoft Graph, to an application and to a user.

use model::Act;
use model::Group::{ConnectionFailed, PermissionDenied, TokenRefreshFailed};

use super::{Case, each};
use crate::world::{ANA, World};

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
