use crate::databases::on_every_database;

#[tokio::test]
async fn a_writer_is_alive_while_its_last_beat_is_recent() {
    on_every_database(async |world| {
        let writer = world.writer();
        let mut tx = world.write().await;
        tx.register_writer(writer, world.now()).await.unwrap();
        assert_eq!(tx.writers_alive(30).await.unwrap(), [writer]);
        // A beat in the future would be needed to be alive here.
        assert!(tx.writers_alive(-30).await.unwrap().is_empty());
        tx.beat(writer, "first").await.unwrap();
        assert_eq!(tx.writers_alive(30).await.unwrap(), [writer]);
    })
    .await;
}

#[tokio::test]
async fn a_retired_writer_stays_dead_whatever_beats() {
    on_every_database(async |world| {
        let (writer, other) = (world.writer(), world.writer());
        let mut tx = world.write().await;
        tx.register_writer(writer, world.now()).await.unwrap();
        tx.register_writer(other, world.now()).await.unwrap();
        tx.retire_writer(writer).await.unwrap();
        tx.beat(writer, "first").await.unwrap();
        assert_eq!(tx.writers_alive(30).await.unwrap(), [other]);
    })
    .await;
}

#[tokio::test]
async fn a_writer_says_by_which_master_key_it_wraps() {
    on_every_database(async |world| {
        let (writer, silent) = (world.writer(), world.writer());
        let mut tx = world.write().await;
        tx.register_writer(writer, world.now()).await.unwrap();
        tx.beat(writer, "first").await.unwrap();
        let first = Some("first".to_owned());
        assert_eq!(
            tx.master_keys_of(30).await.unwrap(),
            std::slice::from_ref(&first)
        );
        tx.register_writer(silent, world.now()).await.unwrap();
        let mut both = tx.master_keys_of(30).await.unwrap();
        both.sort();
        assert_eq!(both, [None, first]);
    })
    .await;
}
