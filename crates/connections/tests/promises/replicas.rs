//! Further processes on the world's database.

use std::sync::Arc;

use connections::{Context, Lifecycle, Live, TokenBroker};
use model::{Connection, ConnectionId, ManualClock, WriterId};
use store::journal::{Journal, JournalTask};
use tokio_util::task::TaskTracker;

use crate::world::World;

/// What a process has of its own: its name as a writer, its memory, and its idea of what time it is.
pub(crate) struct Replica {
    pub(crate) context: Context,
    pub(crate) live: Live,
    pub(crate) broker: TokenBroker,
    pub(crate) life: Lifecycle,
    pub(crate) clock: Arc<ManualClock>,
    journal: JournalTask,
}

impl Replica {
    pub(crate) async fn of(world: &World) -> Self {
        let clock = Arc::new(ManualClock::running());
        let shared = &world.context;
        let writer = WriterId::generate(&*shared.clock, &*shared.random);
        let (journal, task) = Journal::start(shared.store.clone(), writer);
        let mut tx = shared.store.write().await.unwrap();
        tx.register_writer(writer, shared.now()).await.unwrap();
        tx.commit().await.unwrap();
        let context = Context {
            journal,
            clock: clock.clone(),
            tasks: TaskTracker::new(),
            ..shared.clone()
        };
        let live = Live::new(context.clone());
        let broker = TokenBroker::new(context.clone(), live.clone());
        Self {
            life: Lifecycle::new(context.clone(), live.clone(), broker.clone()),
            context,
            live,
            broker,
            clock,
            journal: task,
        }
    }

    pub(crate) async fn stop(self) {
        self.context.tasks.close();
        self.context.tasks.wait().await;
        self.journal.stop().await;
    }
}

impl World {
    pub(crate) async fn replicas(&self, number: usize) -> Vec<Replica> {
        let mut replicas = Vec::new();
        for _ in 0..number {
            replicas.push(Replica::of(self).await);
        }
        replicas
    }

    /// So many connections like this one, of the same application.
    pub(crate) async fn alike(&self, connection: &Connection, number: usize) -> Vec<Connection> {
        let mut made = Vec::new();
        let mut tx = self.context.store.write().await.unwrap();
        for place in 0..number {
            let twin = Connection {
                id: ConnectionId::generate(&*self.context.clock, &*self.context.random),
                name: format!("twin {place}"),
                ..connection.clone()
            };
            tx.create_connection(&twin).await.unwrap();
            made.push(twin);
        }
        tx.commit().await.unwrap();
        made
    }
}
