//! Every number of Entra's that is known: the state, group, actor and remedy that it leads to, no further request while somebody
//! has to act, and recovery by itself where nobody has to.

use connections::jobs;
use jiff::SignedDuration;
use microsoft::entra::{Aadsts, Category, Retry};
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

/// Who must act, as the reference of Entra's codes has it.
fn actor(entry: &Aadsts, method: ConnectionMethod) -> Act {
    let is_user = method == ConnectionMethod::OAuth;
    let of_the_user = match (entry.category, entry.retry) {
        (Category::RefreshToken, _)
        | (Category::Request | Category::ConditionalAccess, Retry::AfterSignIn)
        | (Category::User, Retry::AfterSignIn | Retry::Never) => is_user,
        (Category::Consent, _) => is_user && matches!(entry.code, 65_001 | 65_004),
        _ => false,
    };
    match (entry.category, entry.retry) {
        (_, Retry::Backoff) => Act::Nobody,
        _ if of_the_user => Act::User,
        (Category::Request, _) => Act::Operator,
        _ => Act::Administrator,
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

async fn every_number_of(world: &World, connection: &Connection) {
    let mut entries: Vec<_> = microsoft::entra::all().collect();
    entries.sort_by_key(|entry| entry.code);
    assert!(entries.len() > 150, "{}", entries.len());
    for entry in entries {
        let code = entry.code;
        world.refuse(code);
        world.life.test(&world.admin, connection.id).await.unwrap();
        let refused = world.fresh(connection).await;
        let act = actor(entry, connection.method);
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
