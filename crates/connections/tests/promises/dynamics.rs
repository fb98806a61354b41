//! Connecting to Dynamics 365 tries the service itself: it alone knows whether it takes the application.

use connections::{BrokerError, Change, Created, NewConnection, TestReport};
use jiff::SignedDuration;
use model::{Act, Connection, ConnectionState, Group, Policy, Service};
use sandbox::BusinessCentralApplication as Application;

use crate::world::{World, outlook};

const SYSTEM_ADMINISTRATOR: &str = "System Administrator";
const EVERYTHING: &str = "D365 BUS FULL ACCESS";

impl World {
    /// As an application to a service of Dynamics 365, with a registration of its own; whatever the service says of it.
    pub(crate) async fn connect_dynamics(&self, service: Service) -> Created {
        let new = NewConnection {
            service,
            place: self.place(service),
            ..outlook(service.id())
        };
        self.life
            .connect_new_application(&self.admin, new, self.new_app(service.id()))
            .await
            .unwrap()
    }

    fn place(&self, service: Service) -> model::Place {
        match service.api() {
            model::Api::Graph => model::Place::default(),
            model::Api::Dataverse => model::Place {
                environment_url: Some(self.sandbox.url().to_owned()),
                ..model::Place::default()
            },
            model::Api::BusinessCentral => model::Place {
                environment: Some("Production".to_owned()),
                ..model::Place::default()
            },
        }
    }

    async fn test(&self, connection: &Connection) -> TestReport {
        self.life.test(&self.admin, connection.id).await.unwrap()
    }

    async fn state(&self, connection: &Connection) -> ConnectionState {
        self.snapshot(connection).await.connection.state
    }

    /// Whether a day of calls asks Microsoft for nothing.
    async fn a_day_costs_nothing(&self, connection: &Connection) {
        let before = self.control().requests().len();
        for _ in 0..24 {
            self.clock.advance(SignedDuration::from_hours(1));
            let snapshot = self.snapshot(connection).await;
            let refused = self.broker.token_for(&snapshot).await.unwrap_err();
            assert!(matches!(refused, BrokerError::Unusable { .. }), "{refused}");
            connections::jobs::look_after(
                self.context.clone(),
                self.live.clone(),
                self.broker.clone(),
            )
            .await
            .unwrap();
        }
        assert_eq!(self.control().requests().len(), before);
    }
}

fn code(report: &TestReport) -> &str {
    report
        .diagnosis
        .as_ref()
        .map_or("", |diagnosis| &diagnosis.evidence.code)
}

#[tokio::test]
async fn an_application_that_dataverse_does_not_know_needs_an_administrator_and_costs_no_more() {
    let world = World::start().await;
    let client_id = world.registered.client_id.clone();
    let created = world.connect_dynamics(Service::Crm).await;
    let connection = created.connection;
    assert!(!created.test.ok);
    assert_eq!(code(&created.test), "0x80072560");
    assert_eq!(connection.state, ConnectionState::NeedsAdmin);
    let diagnosis = connection.diagnosis.clone().unwrap();
    assert_eq!(diagnosis.act, Act::Administrator);
    assert_eq!(diagnosis.group, Group::PermissionDenied);
    assert!(diagnosis.evidence.request_id.is_some(), "{diagnosis:?}");
    let portal = world
        .snapshot(&connection)
        .await
        .cloud
        .power_platform
        .clone();
    assert_eq!(
        diagnosis.remedy[0].link,
        portal.as_ref().map(ToString::to_string)
    );
    world.a_day_costs_nothing(&connection).await;

    let steps: [(&str, &dyn Fn(), &str, ConnectionState); 4] = [
        (
            "no role",
            &|| {
                let control = world.control();
                control.add_application_user(&client_id, &[]).unwrap();
            },
            "0x80042f09",
            ConnectionState::NeedsAdmin,
        ),
        (
            "a role",
            &|| {
                let control = world.control();
                let roles = [SYSTEM_ADMINISTRATOR];
                control.add_application_user(&client_id, &roles).unwrap();
            },
            "",
            ConnectionState::Active,
        ),
        (
            "disabled",
            &|| {
                let control = world.control();
                control.disable_application_user(&client_id, true).unwrap();
            },
            "0x80040225",
            ConnectionState::NeedsAdmin,
        ),
        (
            "enabled",
            &|| {
                let control = world.control();
                control.disable_application_user(&client_id, false).unwrap();
            },
            "",
            ConnectionState::Active,
        ),
    ];
    for (what, change, expected, state) in steps {
        change();
        let report = world.test(&connection).await;
        assert_eq!(code(&report), expected, "{what}: {report:?}");
        assert_eq!(report.ok, expected.is_empty(), "{what}");
        assert_eq!(world.state(&connection).await, state, "{what}");
    }
    world.stop().await;
}

#[tokio::test]
async fn a_test_names_the_privileges_that_the_roles_leave_out_and_what_they_would_open() {
    let world = World::start().await;
    let client_id = world.registered.client_id.clone();
    let control = world.control();
    control
        .add_application_user(&client_id, &["Basic User"])
        .unwrap();
    let created = world.connect_dynamics(Service::FieldService).await;
    assert!(created.test.ok, "{:?}", created.test);
    let locked = &created.test.locked;
    assert!(!locked.is_empty());
    for one in locked {
        assert!(one.permission.starts_with("prv"), "{one:?}");
        assert!(!one.operations.is_empty(), "{one:?}");
    }
    let control = world.control();
    control
        .add_application_user(&client_id, &[SYSTEM_ADMINISTRATOR])
        .unwrap();
    let report = world.test(&created.connection).await;
    assert!(report.ok && report.locked.is_empty(), "{report:?}");
    world.stop().await;
}

#[tokio::test]
async fn an_application_that_business_central_does_not_know_needs_an_administrator() {
    let world = World::start().await;
    let client_id = world.registered.client_id.clone();
    let created = world.connect_dynamics(Service::BusinessCentral).await;
    assert_eq!(code(&created.test), "Authentication_InvalidCredentials");
    let connection = created.connection;
    assert_eq!(connection.state, ConnectionState::NeedsAdmin);
    assert!(
        connection
            .diagnosis
            .clone()
            .unwrap()
            .evidence
            .correlation_id
            .is_some()
    );
    world.a_day_costs_nothing(&connection).await;
    let control = world.control();
    control.enable_business_central(&client_id, &[]).unwrap();
    let report = world.test(&connection).await;
    assert_eq!(code(&report), "Authorization_RequestDenied", "{report:?}");
    let diagnosis = report.diagnosis.unwrap();
    assert_eq!(diagnosis.group, Group::PermissionDenied);
    assert!(diagnosis.cause.contains("TableData"), "{}", diagnosis.cause);
    // It may do other things than read customers: only who is not let in at all is stopped.
    assert_eq!(world.state(&connection).await, ConnectionState::Active);
    let card = |is_enabled| Application {
        client_id: client_id.clone(),
        description: String::new(),
        is_enabled,
        permission_sets: vec![EVERYTHING.to_owned()],
    };
    for (is_enabled, state) in [
        (true, ConnectionState::Active),
        (false, ConnectionState::NeedsAdmin),
        (true, ConnectionState::Active),
    ] {
        let control = world.control();
        control
            .register_in_business_central(None, &card(is_enabled))
            .unwrap();
        let report = world.test(&connection).await;
        assert_eq!(report.ok, is_enabled, "{report:?}");
        assert_eq!(world.state(&connection).await, state);
    }
    world.stop().await;
}

#[tokio::test]
async fn a_chosen_company_that_is_not_there_is_explained_with_those_that_are() {
    let world = World::start().await;
    let client_id = world.registered.client_id.clone();
    let control = world.control();
    control
        .enable_business_central(&client_id, &[EVERYTHING])
        .unwrap();
    let new = NewConnection {
        service: Service::BusinessCentral,
        place: model::Place {
            company_id: Some("11111111-2222-3333-4444-555555555555".to_owned()),
            ..world.place(Service::BusinessCentral)
        },
        ..outlook("lost")
    };
    let created = world
        .life
        .connect_new_application(&world.admin, new, world.new_app("lost"))
        .await
        .unwrap();
    assert_eq!(code(&created.test), "company_missing");
    let diagnosis = created.test.diagnosis.unwrap();
    assert!(diagnosis.cause.contains("there are "), "{diagnosis:?}");
    let command = diagnosis.remedy[1].command.as_deref();
    assert_eq!(command, Some("consentry connections test lost"));
    world.stop().await;
}

/// The daily look notices what nobody tested.
#[tokio::test]
async fn an_application_user_that_was_disabled_is_noticed_within_a_day() {
    let world = World::start().await;
    let client_id = world.registered.client_id.clone();
    let control = world.control();
    control
        .add_application_user(&client_id, &[SYSTEM_ADMINISTRATOR])
        .unwrap();
    let connection = world.connect_dynamics(Service::Crm).await.connection;
    assert_eq!(connection.state, ConnectionState::Active);
    let control = world.control();
    control.disable_application_user(&client_id, true).unwrap();
    world.advance_all(25 * 60 * 60);
    let (context, live, broker) = (
        world.context.clone(),
        world.live.clone(),
        world.broker.clone(),
    );
    connections::jobs::look_after(context, live, broker)
        .await
        .unwrap();
    let snapshot = world.snapshot(&connection).await;
    assert_eq!(snapshot.connection.state, ConnectionState::NeedsAdmin);
    let diagnosis = snapshot.connection.diagnosis.as_ref().unwrap();
    assert_eq!(diagnosis.evidence.code, "0x80040225");
    world.stop().await;
}

fn tables(names: &[&str]) -> Policy {
    Policy {
        tables: Some(names.iter().map(|name| name.parse().unwrap()).collect()),
        ..Policy::default()
    }
}

fn companies(names: &[&str]) -> Policy {
    Policy {
        companies: Some(names.iter().map(|name| name.parse().unwrap()).collect()),
        ..Policy::default()
    }
}

#[tokio::test]
async fn a_test_looks_at_each_listed_table_and_at_no_other() {
    let world = World::start().await;
    let client_id = world.registered.client_id.clone();
    let control = world.control();
    control
        .add_application_user(&client_id, &[SYSTEM_ADMINISTRATOR])
        .unwrap();
    let connection = world
        .connect_dynamics(Service::FieldService)
        .await
        .connection;
    let policy = tables(&["account", "msdyn_customerasset"]);
    world.limit(&connection, policy).await;
    world.control().clear_requests();
    let report = world.test(&connection).await;
    assert!(report.ok && report.locked.is_empty(), "{report:?}");
    let asked: Vec<String> = world
        .control()
        .requests()
        .into_iter()
        .filter(|request| request.path.contains("EntityDefinitions"))
        .map(|request| request.path)
        .collect();
    assert_eq!(asked.len(), 2, "{asked:?}");
    assert!(asked[0].contains("account") && asked[1].contains("msdyn_customerasset"));

    let policy = tables(&["account", "nowhere"]);
    world.limit(&connection, policy).await;
    let report = world.test(&connection).await;
    let diagnosis = report.diagnosis.clone().unwrap();
    assert!(!report.ok);
    assert_eq!(diagnosis.group, Group::ConnectionFailed, "{report:?}");
    let steps: Vec<bool> = report.steps.iter().map(|step| step.ok).collect();
    assert_eq!(steps.iter().filter(|ok| !**ok).count(), 1, "{report:?}");
    world.stop().await;
}

#[tokio::test]
async fn a_listed_table_in_which_the_roles_give_nothing_is_a_fault() {
    let world = World::start().await;
    let client_id = world.registered.client_id.clone();
    let control = world.control();
    control
        .add_application_user(&client_id, &["Basic User"])
        .unwrap();
    let connection = world.connect_dynamics(Service::Crm).await.connection;
    let policy = Policy {
        kinds: Some([model::OperationKind::Delete].into()),
        ..tables(&["systemuser"])
    };
    world.limit(&connection, policy).await;
    let report = world.test(&connection).await;
    assert!(!report.ok, "{report:?}");
    let diagnosis = report.diagnosis.unwrap();
    assert_eq!(diagnosis.group, Group::PermissionDenied);
    assert_eq!(diagnosis.evidence.code, "privilege_missing");
    assert!(
        diagnosis.cause.contains("`systemuser`"),
        "{}",
        diagnosis.cause
    );
    assert_eq!(report.locked[0].permission, "prvDeleteUser");
    world.stop().await;
}

#[tokio::test]
async fn a_test_looks_at_each_listed_company_and_at_no_other() {
    let world = World::start().await;
    let client_id = world.registered.client_id.clone();
    let control = world.control();
    control
        .enable_business_central(&client_id, &[EVERYTHING])
        .unwrap();
    let created = world.connect_dynamics(Service::BusinessCentral).await;
    let connection = created.connection;
    let name = "CRONUS USA, Inc.";
    world.limit(&connection, companies(&[name])).await;
    world.control().clear_requests();
    let report = world.test(&connection).await;
    assert!(report.ok, "{report:?}");
    let requests = world.control().requests();
    let queries: Vec<_> = requests
        .iter()
        .filter(|request| request.path.ends_with("/companies"))
        .filter_map(|request| request.query.clone())
        .collect();
    assert!(
        queries.len() == 1 && queries[0].contains("filter=name"),
        "{queries:?}"
    );

    let missing = "00000000-0000-4000-8000-000000000001";
    for listed in ["Nobody Ltd.", missing] {
        world.limit(&connection, companies(&[listed, name])).await;
        let report = world.test(&connection).await;
        assert!(!report.ok, "{listed}");
        let diagnosis = report.diagnosis.unwrap();
        assert_eq!(diagnosis.group, Group::ConnectionFailed, "{diagnosis:?}");
        assert_eq!(world.state(&connection).await, ConnectionState::Active);
    }
    world.stop().await;
}

#[tokio::test]
async fn a_list_that_does_not_fit_the_service_is_refused_with_the_reason() {
    let world = World::start().await;
    let books = world.connect_dynamics(Service::BusinessCentral).await;
    let crm = world.connect_dynamics(Service::Crm).await;
    for (connection, policy, reason) in [
        (&books.connection, tables(&["account"]), "has no tables"),
        (&crm.connection, companies(&["CRONUS"]), "has no companies"),
    ] {
        let change = Change {
            policy: Some(policy),
            ..Change::default()
        };
        let changed = world.life.change(&world.admin, connection.id, change).await;
        let error = changed.unwrap_err();
        assert!(error.to_string().contains(reason), "{error}");
    }
    world.stop().await;
}
