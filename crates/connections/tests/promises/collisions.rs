//! What replicas do at the same moment to the same rows: nobody waits for somebody who waits for them, and no caller meets an error
//! of the database. That no transactions met is counted by PostgreSQL itself, and held against it when the world stops.
//!
//! The order of locks is in `docs/adr/0002-two-databases-one-sql.md`.

use connections::{Apps, BrokerError, Error, NewSecret, Webhooks, jobs};
use futures_util::future::join_all;
use model::{AppRegistrationId, Connection, ConnectionState, EventKind, ProofState, random_token};
use store::journal::Effect;
use store::{Answer, Claim, Page};
use tokio::join;

use crate::replicas::Replica;
use crate::world::{ANA, World, outlook};

const ROUNDS: usize = 12;
/// Writes with a key that are under way at once.
const CLAIMS: usize = 6;

/// Somebody else may have been faster; the database has nothing to say, nor was a transaction given up for another one.
fn fine<T>(outcome: Result<T, Error>) -> Option<T> {
    match outcome {
        Ok(done) => Some(done),
        Err(error) => {
            let is_of_the_database = ["internal", "database_unavailable"].contains(&error.code());
            assert!(!is_of_the_database, "{error:?}");
            None
        }
    }
}

fn fine_token<T>(outcome: Result<T, BrokerError>) -> Option<T> {
    fine(outcome.map_err(Error::from))
}

/// Writes with a key, announced and answered, as the runner of operations has them.
async fn write_with_keys(replica: &Replica, connection: &Connection) {
    let writes = (0..CLAIMS).map(|_| write_with_key(replica, connection));
    join_all(writes).await;
}

async fn write_with_key(replica: &Replica, connection: &Connection) {
    let (context, workspace) = (&replica.context, connection.workspace_id);
    let line = || model::Activity {
        connection_id: Some(connection.id),
        ..context.line(workspace, model::Actor::System, "test.marker")
    };
    let (intent, now) = (line(), context.now());
    let claim = Claim {
        key: random_token(&*context.random),
        request_hash: [1; 32],
        connection_id: connection.id,
        writer: context.journal.writer(),
        intent_id: intent.id,
        created_at: now,
        expires_at: now + jiff::SignedDuration::from_hours(24),
    };
    let key = claim.key.clone();
    let claimed = context
        .journal
        .record_with(intent, Effect::Claim(workspace, claim));
    if fine(claimed.await.map_err(Error::from)).is_none() {
        return;
    }
    let sealed = context.seals.seal_answer(connection, &key, "done").await;
    let Some(sealed) = fine(sealed) else {
        return;
    };
    let answer = Effect::Answer {
        workspace,
        key,
        writer: context.journal.writer(),
        answer: Answer {
            status: 200,
            sealed,
        },
    };
    let answered = context.journal.record_with(line(), answer).await;
    fine(answered.map_err(Error::from));
}

impl World {
    /// Asks Entra anew on that replica, for a token that was refused.
    async fn renew_on(&self, replica: &Replica, connection: &Connection) {
        let snapshot = replica
            .live
            .reread(connection.workspace_id, connection.id)
            .await;
        let Some(snapshot) = fine(snapshot) else {
            return;
        };
        if let Some(token) = fine_token(replica.broker.token_for(&snapshot).await) {
            fine_token(replica.broker.replace(&snapshot, &token).await);
        }
    }

    async fn connect_on(
        &self,
        replica: &Replica,
        app: AppRegistrationId,
        name: &str,
    ) -> Connection {
        let made = replica
            .life
            .connect_application(&self.admin, outlook(name), app);
        made.await.unwrap().connection
    }

    async fn times_told(&self, kind: EventKind) -> usize {
        let mut tx = self.context.store.read().await.unwrap();
        let page = Page::first(1000);
        let events = tx.events(self.admin.workspace_id, page).await.unwrap();
        events.iter().filter(|event| event.kind == kind).count()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn consent_renewals_a_new_data_key_and_writes_at_once_all_come_through() {
    let world = World::start().await;
    let replicas = world.replicas(2).await;
    let [one, other] = &replicas[..] else {
        panic!("two were asked for");
    };
    let connection = world.connect_user(ANA).await;
    let id = connection.id;
    for _ in 0..ROUNDS {
        let invitation = one.life.reconnect(&world.admin, id).await.unwrap();
        let (callback, cookie) = world.consent(&invitation.connect_url, ANA).await;
        let oauth = &other.life.oauth;
        oauth.arrive(callback, Some(&cookie)).await.unwrap();
        let (confirmed, replaced, (), (), (), ()) = join!(
            oauth.confirm(Some(&cookie)),
            one.life.rotate_data_key(&world.admin, id),
            world.renew_on(one, &connection),
            world.renew_on(other, &connection),
            write_with_keys(one, &connection),
            write_with_keys(other, &connection),
        );
        fine(confirmed);
        fine(replaced);
        let snapshot = world.snapshot(&connection).await;
        one.broker.token_for(&snapshot).await.unwrap();
    }
    Box::pin(stop(world, replicas)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_connection_that_is_removed_while_others_use_it_is_removed_once() {
    let world = World::start().await;
    let replicas = world.replicas(2).await;
    let [one, other] = &replicas[..] else {
        panic!("two were asked for");
    };
    let app = world.register().await;
    for round in 0..ROUNDS {
        let connection = world.connect_on(one, app, &format!("mail {round}")).await;
        let id = connection.id;
        write_with_keys(other, &connection).await;
        let (first, second, replaced, asked, (), (), ()) = join!(
            one.life.delete(&world.admin, id),
            other.life.delete(&world.admin, id),
            other.life.rotate_data_key(&world.admin, id),
            one.life.oauth.ask_administrator(&world.admin, &connection),
            world.renew_on(one, &connection),
            write_with_keys(one, &connection),
            write_with_keys(other, &connection),
        );
        let removed = [first, second].map(|removed| fine(removed).is_some());
        assert_eq!(removed.iter().filter(|removed| **removed).count(), 1);
        fine(replaced);
        fine(asked);
        let gone = world.life.find(&world.admin, &id.to_string()).await;
        assert_eq!(gone.unwrap_err().code(), "connection_not_found");
    }
    assert_eq!(world.times_told(EventKind::Removed).await, ROUNDS);
    Box::pin(stop(world, replicas)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn of_proofs_that_are_added_at_once_one_is_in_use() {
    let world = World::start().await;
    let replicas = world.replicas(2).await;
    let apps: Vec<_> = replicas
        .iter()
        .map(|replica| Apps::new(replica.context.clone()))
        .collect();
    let secret = || {
        let value = random_token(&*world.context.random).into();
        connections::NewProof::Secret(NewSecret {
            value,
            expires_at: None,
        })
    };
    for round in 0..ROUNDS {
        let new = world.new_app(&format!("application {round}"));
        let app = apps[0].create(&world.admin, new).await.unwrap();
        let (id, first) = (app.app.id, app.proofs[0].id);
        let (added, at_once, replaced, verified) = join!(
            apps[0].add_proof(&world.admin, id, secret()),
            apps[1].add_proof(&world.admin, id, secret()),
            replicas[0].life.rotate_app_data_key(&world.admin, id),
            replicas[1].life.verify_proof(&world.admin, id, first),
        );
        added.unwrap();
        at_once.unwrap();
        replaced.unwrap();
        verified.unwrap();
        let proofs = apps[0].get(&world.admin, id).await.unwrap().proofs;
        let generations: std::collections::BTreeSet<_> =
            proofs.iter().map(|proof| proof.generation).collect();
        assert_eq!(generations.len(), 3, "{proofs:?}");
        let in_use = proofs
            .iter()
            .filter(|known| known.state == ProofState::Active);
        assert_eq!(in_use.count(), 1, "{proofs:?}");
        let (added, removed) = join!(
            apps[0].add_proof(&world.admin, id, secret()),
            apps[1].delete(&world.admin, id),
        );
        fine(added);
        removed.unwrap();
    }
    Box::pin(stop(world, replicas)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_event_is_told_whichever_webhooks_go_at_the_same_time() {
    let world = World::start().await;
    let replicas = world.replicas(2).await;
    let [one, other] = &replicas[..] else {
        panic!("two were asked for");
    };
    let webhooks = [one, other].map(|replica| Webhooks::new(replica.context.clone()));
    let app = world.register().await;
    for round in 0..ROUNDS {
        let mut ids = Vec::new();
        for _ in 0..3 {
            // Nobody listens there.
            let made = webhooks[0].create(&world.admin, "http://127.0.0.1:1/", None);
            ids.push(made.await.unwrap().webhook.id);
        }
        let names = [format!("first {round}"), format!("second {round}")];
        let (_, _, sent, also_sent, gone, also_gone, third) = join!(
            world.connect_on(one, app, &names[0]),
            world.connect_on(other, app, &names[1]),
            jobs::deliver(one.context.clone()),
            jobs::deliver(other.context.clone()),
            webhooks[0].delete(&world.admin, ids[0]),
            webhooks[1].delete(&world.admin, ids[0]),
            webhooks[1].delete(&world.admin, ids[1]),
        );
        fine(sent);
        fine(also_sent);
        assert!(fine(gone).is_some() != fine(also_gone).is_some());
        third.unwrap();
        webhooks[0].delete(&world.admin, ids[2]).await.unwrap();
    }
    assert_eq!(world.times_told(EventKind::Created).await, 2 * ROUNDS);
    Box::pin(stop(world, replicas)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_connection_that_is_changed_while_its_secret_is_warned_of_is_told_of_all_the_same() {
    let world = World::start().await;
    let Some(database) = &world.database else {
        return world.stop().await;
    };
    let connection = world.connect_application().await;
    let app = connection.app_registration_id;
    let apps = Apps::new(world.context.clone());
    let view = apps.get(&world.admin, app).await.unwrap();
    let proof = view.proofs[0].id;
    let (workspace, now) = (world.admin.workspace_id, world.context.now());
    let mut tx = world.context.store.write().await.unwrap();
    let end = now + jiff::SignedDuration::from_hours(20 * 24);
    tx.set_proof_end(workspace, proof, end, now).await.unwrap();
    tx.commit().await.unwrap();
    // Somebody else has the connection, and changes it once the sweep waits for that.
    let mut tx = world.context.store.write().await.unwrap();
    let held = tx.hold_connection(workspace, connection.id).await;
    let mut held = held.unwrap().unwrap();
    held.shared = !held.shared;
    assert!(tx.update_connection(&held).await.unwrap());
    let sweep = jobs::warn(
        world.context.clone(),
        world.live.clone(),
        world.broker.clone(),
    );
    let change = async {
        while !database.has_waiter().await {}
        tx.commit().await.unwrap();
    };
    let (swept, ()) = join!(sweep, change);
    swept.unwrap();
    let after = world.stored(&connection).await;
    assert_eq!(after.state, ConnectionState::Expiring);
    assert_eq!(after.shared, held.shared);
    assert_eq!(world.times_told(EventKind::Expiring).await, 1);
    world.stop().await;
}

async fn stop(world: World, replicas: Vec<Replica>) {
    for replica in replicas {
        replica.stop().await;
    }
    world.stop().await;
}
