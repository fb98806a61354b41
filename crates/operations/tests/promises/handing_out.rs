//! Raw tokens: what leaves, who gets it, and what is known of it afterwards.

mod life;
mod refusals;

use connections::Caller;
use model::{Activity, ActivityKind, Connection, ConnectionMethod, Outcome, Phase, Policy};
use operations::{Error, HandedOut, TokenCall};

use crate::stage::Stage;
use crate::world::ANA;

fn open() -> Policy {
    Policy {
        tokens: true,
        ..Policy::default()
    }
}

impl Stage {
    /// Stores a policy as it is, whatever it says together.
    async fn set(&self, connection: &Connection, policy: Policy) {
        let mut stored = self.world.snapshot(connection).await.connection.clone();
        stored.policy = policy;
        let mut tx = self.world.context.store.write().await.unwrap();
        assert!(tx.update_connection(&stored).await.unwrap());
        tx.commit().await.unwrap();
        self.world.snapshot(connection).await;
    }

    async fn take(&self, connection: &Connection) -> Result<HandedOut, Error> {
        self.take_as(&self.world.admin, connection).await
    }

    async fn take_as(&self, caller: &Caller, connection: &Connection) -> Result<HandedOut, Error> {
        self.runner.hand_out(&wanted(caller, connection)).await
    }
}

fn wanted<'a>(caller: &'a Caller, connection: &Connection) -> TokenCall<'a> {
    TokenCall {
        caller,
        connection: connection.id,
        resource: None,
        least: None,
        instead_of: None,
    }
}

fn text(given: &HandedOut) -> String {
    given.token.access.expose().to_owned()
}

#[tokio::test]
async fn a_token_that_left_opens_what_microsoft_granted_to_user_or_application() {
    let stage = Stage::start().await;
    let user = stage.world.connect_user(ANA).await;
    let application = stage.world.connect_application().await;
    for (connection, path) in [
        (&user, "me/messages".to_owned()),
        (&application, format!("users/{ANA}/messages")),
    ] {
        stage.set(connection, open()).await;
        let before = stage.world.token_requests();
        let given = stage.take(connection).await.unwrap();
        assert_eq!(text(&given), text(&stage.take(connection).await.unwrap()));
        assert!(
            stage.world.token_requests() - before <= 1,
            "it is the broker's, and no other"
        );
        let held = match connection.method {
            ConnectionMethod::OAuth => &given.scopes,
            ConnectionMethod::ServicePrincipal => &given.roles,
        };
        assert!(held.iter().any(|name| name == "Mail.Send"), "{given:?}");
        assert!(
            given.scopes.is_empty() != given.roles.is_empty(),
            "{given:?}"
        );
        assert!((300..=5400).contains(&given.expires_in.as_secs()));
        let audience = stage.world.snapshot(connection).await.audience.clone();
        assert_eq!(given.resource, audience);

        let url = format!("{}/v1.0/{path}", stage.world.sandbox.url());
        let http = reqwest::Client::builder().build().unwrap();
        let answer = http
            .get(url)
            .bearer_auth(text(&given))
            .send()
            .await
            .unwrap();
        assert_eq!(answer.status(), 200, "{path}");
    }
    stage.world.stop().await;
}

#[tokio::test]
async fn two_lines_tell_of_a_token_by_its_id_and_neither_holds_it() {
    let stage = Stage::start().await;
    let connection = stage.world.connect_application().await;
    stage.set(&connection, open()).await;
    let given = stage.take(&connection).await.unwrap();
    let lines = stage.world.activities().await;
    let of = |phase| {
        let told = |line: &&Activity| line.action == "token.hand_out" && line.phase == phase;
        let [line] = lines.iter().filter(told).collect::<Vec<_>>()[..] else {
            panic!("{lines:?}")
        };
        line
    };
    let (intent, result) = (of(Phase::Intent), of(Phase::Result));
    assert_eq!(
        (intent.outcome, intent.remote.uti.as_deref()),
        (Outcome::Started, None)
    );
    assert_eq!(
        (result.outcome, result.intent_id),
        (Outcome::Ok, Some(intent.id))
    );
    assert_eq!(result.id, given.activity);
    assert!(result.remote.uti.is_some());
    assert_eq!(result.remote.uti.as_deref(), given.token.access.id());
    for line in [intent, result] {
        assert_eq!(line.kind, ActivityKind::Token);
        assert_eq!(line.connection_id, Some(connection.id));
        assert_eq!(line.actor, stage.world.admin.actor);
        assert_eq!(line.target.as_deref(), Some(&*given.resource));
    }
    let all = format!("{lines:?} {given:?}");
    let secret = text(&given);
    let signature = secret.rsplit('.').next().unwrap();
    assert!(!all.contains(&secret) && !all.contains(signature));
    stage.world.stop().await;
}
