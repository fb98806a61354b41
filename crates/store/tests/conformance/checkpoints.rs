use store::{ChainHead, Checkpoint, Error};

use crate::activities::chained;
use crate::databases::on_every_database;

#[tokio::test]
async fn a_checkpoint_vouches_for_chains_as_far_as_they_have_come() {
    on_every_database(async |world| {
        let tenant = world.tenant("contoso").await;
        let writer = world.writer();
        let lines = (0..3).map(|_| world.line(tenant.workspace, "test"));
        let lines = chained(writer, lines.collect());
        let mut tx = world.write().await;
        tx.append_activities(&lines[..2]).await.unwrap();
        let heads = tx.moved_heads(tenant.workspace).await.unwrap();
        let head = |number: usize| ChainHead {
            writer,
            seq: lines[number].link.seq,
            hash: hex::encode(lines[number].link.hash),
        };
        assert_eq!(heads, [head(1)]);
        let first = Checkpoint {
            workspace_id: tenant.workspace,
            number: 1,
            at: world.now(),
            heads,
            prev_hash: [0; 32],
            hash: world.hash(),
            key_id: "key".to_owned(),
            signature: b"signed".to_vec(),
        };
        tx.add_checkpoint(&first).await.unwrap();
        assert!(tx.moved_heads(tenant.workspace).await.unwrap().is_empty());
        tx.append_activities(&lines[2..]).await.unwrap();
        assert_eq!(tx.moved_heads(tenant.workspace).await.unwrap(), [head(2)]);
        let last = tx.last_checkpoint(tenant.workspace).await.unwrap();
        assert_eq!(last.as_ref(), Some(&first));
        let all = tx.checkpoints(tenant.workspace, 0, 10).await.unwrap();
        assert_eq!(all, std::slice::from_ref(&first));
        assert!(
            tx.checkpoints(tenant.workspace, 1, 10)
                .await
                .unwrap()
                .is_empty()
        );
        let taken = tx.add_checkpoint(&first).await.unwrap_err();
        assert!(matches!(taken, Error::Exists { .. }), "{taken:?}");
    })
    .await;
}
