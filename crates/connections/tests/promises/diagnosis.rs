//! Every number of Entra's that is known: the state, group, actor and remedy that it leads to, no further request while somebody
//! has to act, and recovery by itself where nobody has to.

use connections::jobs;
use jiff::SignedDuration;
use microsoft::entra::Aadsts;
use model::{Act, Connection, ConnectionMethod, ConnectionState, Group};
use sandbox::{Action, Fault};
use serde_json::json;

use crate::world::{ANA, World};

impl World {
    /// Entra refuses every token with this number from now on.
    fn refuse(&self, code: u32) {
        let text = format!(
            "AADSTS{code}: Simulated. Trace ID: trace-{code} Correlation ID: correlation-{code}"
        );
        let body = json!({
            "error": "invalid_request", "error_description": text, "error_codes": [code],
            "trace_id": format!("trace-{code}"), "correlation_id": format!("correlation-{code}"),
            "timestamp": "2026-11-23 12:00:00Z",
        });
        self.control().inject(Fault {
            times: 1_000,
            ..Fault::once(
                "POST",
                "/oauth2/v2.0/token",
                Action::Status {
                    status: 400,
                    retry_after: None,
                    body: Some(body),
                },
            )
        });
    }

    /// What runs without anybody asking.
    async fn jobs(&self) {
        let parts = || (self.context.clone(), self.live.clone(), self.broker.clone());
        let (context, live, broker) = parts();
        jobs::look_after(context, live, broker).await.unwrap();
        let (context, live, broker) = parts();
        jobs::warn(context, live, broker).await.unwrap();
    }

    async fn fresh(&self, connection: &Connection) -> Connection {
        self.snapshot(connection).await.connection.clone()
    }
}

/// Numbers that pass by themselves.
const OF_NOBODY: &[u32] = &[
    40_010, 50_000, 50_013, 50_033, 50_053, 50_087, 50_088, 50_166, 50_196, 70_012, 70_016, 80_012,
    90_006, 90_012, 90_024, 90_033, 90_055, 90_061, 90_090, 90_091, 500_133, 501_661, 700_024,
    7_000_272,
];
/// Those that tell of the request itself, or of the server's configuration.
const OF_OPERATORS: &[u32] = &[
    28_002, 28_003, 50_049, 70_003, 70_005, 70_007, 70_011, 90_009, 90_014, 90_102, 240_002,
    500_112, 700_022, 900_144, 900_561, 901_002, 1_002_012, 1_002_016, 7_000_114, 9_002_313,
];
/// Those of a sign-in that went wrong on its way: started anew by the user, where there is one.
const OF_THE_WAY: &[u32] = &[
    50_147, 50_148, 54_005, 70_018, 70_019, 70_020, 90_119, 90_120, 501_481, 501_491, 700_005,
];
/// Those that the user mends whose account is connected.
const OF_USERS: &[u32] = &[
    16_000, 16_003, 50_020, 50_034, 50_055, 50_056, 50_058, 50_072, 50_074, 50_076, 50_078, 50_079,
    50_085, 50_089, 50_097, 50_126, 50_132, 50_133, 50_136, 50_144, 50_158, 50_173, 51_004, 65_001,
    65_004, 70_000, 70_008, 70_043, 90_072, 500_341, 700_082, 700_084, 9_002_313, 9_002_341,
];

/// Who must act, number by number; of all that is not listed it is an administrator of the tenant.
fn actor(code: u32, method: ConnectionMethod) -> Act {
    let is_user = method == ConnectionMethod::OAuth;
    let is_of = |lists: &[&[u32]]| lists.iter().any(|list| list.contains(&code));
    if is_of(&[OF_NOBODY]) {
        Act::Nobody
    } else if is_user && is_of(&[OF_USERS, OF_THE_WAY]) {
        Act::User
    } else if is_of(&[OF_OPERATORS, OF_THE_WAY]) {
        Act::Operator
    } else {
        Act::Administrator
    }
}

fn state(act: Act, method: ConnectionMethod) -> ConnectionState {
    match (act, method) {
        (Act::Nobody, _) => ConnectionState::Degraded,
        (Act::User, ConnectionMethod::OAuth) => ConnectionState::NeedsReconnect,
        _ => ConnectionState::NeedsAdmin,
    }
}

fn group(entry: &Aadsts) -> Group {
    let told = &entry.groups;
    if told.is_empty() || told.contains(&Group::TokenRefreshFailed) {
        Group::TokenRefreshFailed
    } else {
        told[0]
    }
}

/// Whoever must act is told where, in this cloud and no other, and what to do here afterwards.
fn leads_somewhere(world: &World, diagnosis: &model::Diagnosis) {
    let code = &diagnosis.evidence.code;
    let links = || {
        diagnosis
            .remedy
            .iter()
            .filter_map(|step| step.link.as_deref())
    };
    let commands = || {
        diagnosis
            .remedy
            .iter()
            .filter_map(|step| step.command.as_deref())
    };
    let home = world.sandbox.url();
    assert!(links().all(|link| link.starts_with(home)), "{code}");
    match diagnosis.act {
        Act::Nobody => assert_eq!(commands().count(), 0, "{code}"),
        Act::User => assert!(
            commands().any(|line| line.contains(" reconnect ")),
            "{code}"
        ),
        Act::Administrator | Act::Operator => {
            assert!(links().count() > 0 && commands().count() > 0, "{code}");
        }
    }
}

async fn every_number_of(world: &World, connection: &Connection) {
    let mut entries: Vec<_> = microsoft::entra::all().collect();
    entries.sort_by_key(|entry| entry.code);
    assert!(entries.len() > 150, "{}", entries.len());
    for entry in entries {
        let code = entry.code;
        world.refuse(code);
        world.life.test(&world.admin, connection.id).await.unwrap();
        let refused = world.fresh(connection).await;
        let act = actor(code, connection.method);
        let diagnosis = refused
            .diagnosis
            .clone()
            .unwrap_or_else(|| panic!("{code}"));
        assert_eq!(diagnosis.act, act, "{code}");
        assert_eq!(refused.state, state(act, connection.method), "{code}");
        assert_eq!(diagnosis.group, group(entry), "{code}");
        assert!(
            diagnosis.known && diagnosis.cause.contains(entry.meaning),
            "{code}"
        );
        assert_eq!(diagnosis.remedy[0].text, entry.remedy, "{code}");
        leads_somewhere(world, &diagnosis);
        assert_eq!(diagnosis.evidence.code, format!("AADSTS{code}"));
        assert_eq!(diagnosis.evidence.trace_id, Some(format!("trace-{code}")));
        assert_eq!(
            diagnosis.evidence.correlation_id,
            Some(format!("correlation-{code}"))
        );
        assert!(diagnosis.evidence.at.is_some(), "{code}");
        let asked = world.token_requests();
        if act == Act::Nobody {
            world.control().clear_faults();
            world.clock.advance(SignedDuration::from_hours(2));
            let snapshot = world.snapshot(connection).await;
            world
                .broker
                .token_for(&snapshot)
                .await
                .unwrap_or_else(|error| panic!("{code}: {error}"));
        } else {
            for _ in 0..24 {
                world.clock.advance(SignedDuration::from_hours(1));
                let snapshot = world.snapshot(connection).await;
                world.broker.token_for(&snapshot).await.unwrap_err();
            }
            world.jobs().await;
            assert_eq!(world.token_requests(), asked, "{code}");
            world.control().clear_faults();
            let report = world.life.test(&world.admin, connection.id).await.unwrap();
            assert!(report.ok, "{code}: {report:?}");
        }
        let healed = world.fresh(connection).await;
        assert_eq!(healed.state, ConnectionState::Active, "{code}");
        assert_eq!(healed.diagnosis, None, "{code}");
    }
}

#[tokio::test]
async fn every_number_leads_an_application_where_the_table_says() {
    let world = World::start().await;
    let connection = world.connect_application().await;
    Box::pin(every_number_of(&world, &connection)).await;
    world.stop().await;
}

#[tokio::test]
async fn every_number_leads_a_user_where_the_table_says() {
    let world = World::start().await;
    let connection = world.connect_user(ANA).await;
    Box::pin(every_number_of(&world, &connection)).await;
    world.stop().await;
}

#[tokio::test]
async fn an_unknown_number_is_shown_whole_and_said_to_be_unknown() {
    let world = World::start().await;
    let connection = world.connect_application().await;
    world.refuse(987_654);
    world.life.test(&world.admin, connection.id).await.unwrap();
    let refused = world.fresh(&connection).await;
    let diagnosis = refused.diagnosis.unwrap();
    assert!(!diagnosis.known);
    assert!(
        diagnosis.cause.contains("AADSTS987654: Simulated."),
        "{}",
        diagnosis.cause
    );
    assert_eq!(diagnosis.evidence.trace_id.as_deref(), Some("trace-987654"));
    world.stop().await;
}
