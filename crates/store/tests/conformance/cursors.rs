use model::Connection;
use store::CursorRow;

use crate::databases::on_every_database;
use crate::world::World;

fn row(world: &World, name: &str, round: i64) -> CursorRow {
    CursorRow {
        name: name.to_owned(),
        operation: "outlook.messages.delta".to_owned(),
        round,
        sealed: world.sealed(),
        created_at: world.now(),
        updated_at: world.now(),
    }
}

async fn moved(world: &World, connection: &Connection, row: &CursorRow) -> bool {
    let mut tx = world.write().await;
    let moved = tx
        .move_cursor(connection.workspace_id, connection.id, row)
        .await
        .unwrap();
    tx.commit().await.unwrap();
    moved
}

#[tokio::test]
async fn a_cursor_moves_from_round_to_round_and_never_twice_to_the_same() {
    on_every_database(async |world| {
        let connection = world.tenant("contoso").await.connection;
        let [first, second] = [row(&world, "inbox", 1), row(&world, "inbox", 2)];
        assert!(!moved(&world, &connection, &second).await);
        assert!(moved(&world, &connection, &first).await);
        assert!(!moved(&world, &connection, &row(&world, "inbox", 1)).await);
        assert!(moved(&world, &connection, &second).await);
        assert!(!moved(&world, &connection, &row(&world, "inbox", 2)).await);
        let mut tx = world.read().await;
        let (workspace, id) = (connection.workspace_id, connection.id);
        assert_eq!(
            tx.cursor(workspace, id, "inbox").await.unwrap(),
            Some(second)
        );
        assert_eq!(tx.cursor(workspace, id, "other").await.unwrap(), None);
    })
    .await;
}

#[tokio::test]
async fn cursors_are_listed_by_name_and_go_with_their_connection() {
    on_every_database(async |world| {
        let (here, there) = (
            world.tenant("contoso").await.connection,
            world.tenant("fabrikam").await.connection,
        );
        for name in ["b", "a", "c"] {
            assert!(moved(&world, &here, &row(&world, name, 1)).await);
        }
        assert!(moved(&world, &there, &row(&world, "a", 1)).await);
        let mut tx = world.write().await;
        let workspace = here.workspace_id;
        assert!(tx.delete_cursor(workspace, here.id, "c").await.unwrap());
        assert!(!tx.delete_cursor(workspace, here.id, "c").await.unwrap());
        let listed = tx.cursors(workspace, here.id).await.unwrap();
        let names: Vec<_> = listed.iter().map(|row| row.name.as_str()).collect();
        assert_eq!(names, ["a", "b"]);
        tx.delete_connection(workspace, here.id, world.now())
            .await
            .unwrap();
        assert!(tx.cursors(workspace, here.id).await.unwrap().is_empty());
        let theirs = tx.cursors(there.workspace_id, there.id).await.unwrap();
        assert_eq!(theirs.len(), 1);
        tx.commit().await.unwrap();
    })
    .await;
}
