//! Business Central.

use connections::{Snapshot, diagnose_graph};
use model::Group::{ConnectionFailed, PermissionDenied};
use model::{Act, Connection, Permission, PermissionSet, Service};

use super::{Case, each, fault, remedy};
use crate::world::World;

#[tokio::test]
async fn who_is_not_let_in_is_told_whether_consent_or_the_page_inside_is_missing() {
    let world = World::start().await;
    let connection = world
        .connect_dynamics(Service::BusinessCentral)
        .await
        .connection;
    let known = world.snapshot(&connection).await;
    let with = |granted: Option<PermissionSet>| {
        let snapshot = Snapshot {
            connection: Connection {
                granted,
                ..known.connection.clone()
            },
            app: known.app.clone(),
            cloud: known.cloud.clone(),
            audience: known.audience.clone(),
            environment: known.environment.clone(),
        };
        let refused = fault(401, "Authentication_InvalidCredentials", "Rejected.");
        diagnose_graph(&snapshot, None, None, &refused)
    };
    let held = PermissionSet::from([Permission::new("API.ReadWrite.All")]);
    let inside = with(Some(held));
    assert!(inside.cause.contains("not registered inside"));
    assert!(inside.remedy[0].text.contains(&world.registered.client_id));
    assert!(!remedy(&inside).contains("adminconsent"));
    let bare = with(Some(PermissionSet::new()));
    assert!(bare.cause.contains("carries no permission"));
    assert!(remedy(&bare).contains("adminconsent"));
    let unknown = with(None);
    assert!(unknown.cause.contains("not registered inside"));
    assert!(remedy(&unknown).contains("API.ReadWrite.All"));
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
            "carries no permission",
            "adminconsent",
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
