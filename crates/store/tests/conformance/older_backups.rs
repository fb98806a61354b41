//! Backups that an older version wrote.

use model::{EventKind, sha256};
use serde_json::Value;
use store::Page;
use store::archive::{self, Content, Removed};

use crate::activities::chained;
use crate::archive::backup;
use crate::databases::on_shared_databases;
use crate::events::event;
use crate::registrations::proof;

/// The backup as a version wrote it that knew neither `tables` nor `columns`, nor the migration that brought them.
fn before(migration: i64, tables: &[&str], columns: &[&str], backup: &[u8]) -> Vec<u8> {
    let mut lines: Vec<Value> = String::from_utf8(backup.to_vec())
        .unwrap()
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    let mut end = lines.pop().unwrap();
    let (mut older, mut dropped, mut is_left_out, mut rows) = (Vec::new(), Vec::new(), false, 0);
    for mut line in lines {
        if let Some(schema) = line.get_mut("schema") {
            let schema = schema.as_array_mut().unwrap();
            schema.retain(|version| version.as_i64() < Some(migration));
        } else if let Some(table) = line.get("table").cloned() {
            is_left_out = tables.contains(&table.as_str().unwrap());
            let named = line["columns"].as_array_mut().unwrap();
            dropped = named
                .iter()
                .map(|name| columns.contains(&name.as_str().unwrap()))
                .collect();
            keep(named, &dropped);
        } else {
            keep(line.as_array_mut().unwrap(), &dropped);
            rows += u64::from(!is_left_out);
        }
        if !is_left_out {
            older.extend_from_slice(line.to_string().as_bytes());
            older.push(b'\n');
        }
    }
    end["rows"] = rows.into();
    end["sha256"] = hex::encode(sha256(&older)).into();
    older.extend_from_slice(format!("{end}\n").as_bytes());
    older
}

fn keep(cells: &mut Vec<Value>, dropped: &[bool]) {
    let mut dropped = dropped.iter();
    cells.retain(|_| !dropped.next().unwrap());
}

#[tokio::test]
async fn a_backup_of_an_older_version_comes_back_as_if_that_had_been_brought_up_to_date() {
    on_shared_databases(async |world| {
        let tenant = world.tenant("contoso").await;
        let proof = proof(&world, &tenant);
        let first = event(&world, &tenant, EventKind::Created);
        let lines = (0..3).map(|_| world.line(tenant.workspace, "test"));
        let lines = chained(world.writer(), lines.collect());
        let mut tx = world.write().await;
        tx.add_proof(&proof).await.unwrap();
        tx.add_event(&first).await.unwrap();
        tx.append_activities(&lines).await.unwrap();
        tx.commit().await.unwrap();
        let made = backup(&world.store, Content::Everything).await;
        let older = before(
            15,
            &["event_positions", "chain_heads", "checkpoints", "removals"],
            &["position", "warn_at", "retired_at"],
            &made,
        );
        archive::restore(&world.store, older.as_slice(), Removed::default(), true)
            .await
            .unwrap();
        let mut tx = world.write().await;
        let told = tx.events(tenant.workspace, Page::first(10)).await.unwrap();
        assert_eq!(told.len(), 1);
        let next = event(&world, &tenant, EventKind::Degraded);
        tx.add_event(&next).await.unwrap();
        let page = Page {
            after: Some(first.id),
            limit: 10,
        };
        assert_eq!(tx.events(tenant.workspace, page).await.unwrap(), [next]);
        let due = tx.proofs_to_warn(world.now(), 10).await.unwrap();
        assert_eq!(due.len(), 1, "its end is warned of");
        let heads = tx.moved_heads(tenant.workspace).await.unwrap();
        assert_eq!(heads.len(), 1, "the log's end is vouched for");
    })
    .await;
}
