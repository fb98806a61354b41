//! Connections by the thousand: the first is made as anybody makes one, the others are rows like its own, each with a data key and
//! a tenant.

use std::fs;
use std::sync::Arc;

use anyhow::{Context, Result};
use model::{Clock, Connection, ConnectionId, DataKeyId, Identity, SystemClock, SystemRandom};
use serde_json::json;
use store::{DataKeyRow, Page, Store};
use vault::{MasterKeys, Vault};

use crate::bench::ask;
use crate::bench::fleet::Fleet;
use crate::bench::installation::CLOUD;

/// A connection, and the tenant whose tokens it uses.
#[derive(Clone)]
pub(super) struct Twin {
    pub(super) id: String,
    pub(super) tenant: String,
}

pub(super) async fn make(fleet: &Fleet, database_url: &str, number: usize) -> Result<Vec<Twin>> {
    let server = &fleet.members[0];
    let first = json!({
        "service": "outlook", "method": "service_principal", "name": "first", "cloud": CLOUD,
        "tenant_id": "f0e1d2c3-0000-4000-8000-000000000000",
        "client_id": "a1b2c3d4-0000-4000-8000-000000000000",
        "client_secret": "not-checked-by-anybody-here",
    });
    server.create("connections", &first).await?;
    let me = server.get("/api/v1/me").await?;
    let workspace = ask::text(&me["workspace"], "id")?.parse().ok();
    let workspace = workspace.context("the workspace's id is none")?;
    let store = Store::connect(database_url).await?;
    let mut tx = store.read().await?;
    let mut page = tx.connections(workspace, Page::first(1)).await?;
    drop(tx);
    let first = page.pop().context("the first connection is gone")?;
    let keyring = fs::read_to_string(&fleet.keyring)?;
    let vault = Vault::new(MasterKeys::parse(&keyring)?, Arc::new(SystemRandom));
    let mut twins = Vec::with_capacity(number);
    let mut tx = store.write().await?;
    // The daily look signs in anew, and is no renewal.
    tx.mark_checked(workspace, first.id, SystemClock.now())
        .await?;
    for place in 0..number {
        let twin = twin(&first, place);
        let (data_key_id, owner) = (twin.data_key_id, twin.id.to_string());
        let id = data_key_id.context("it was given one")?;
        let (_, wrapped) = vault.new_data_key(id, &owner);
        tx.create_data_key(&DataKeyRow {
            id,
            workspace_id: workspace,
            owner,
            master_key_id: wrapped.master_key_id,
            wrapped: wrapped.bytes,
        })
        .await?;
        tx.create_connection(&twin).await?;
        tx.mark_checked(workspace, twin.id, SystemClock.now())
            .await?;
        twins.push(Twin {
            id: twin.id.to_string(),
            tenant: tenant(place),
        });
    }
    tx.commit().await?;
    store.close().await;
    Ok(twins)
}

fn twin(first: &Connection, place: usize) -> Connection {
    let (clock, random) = (SystemClock, SystemRandom);
    Connection {
        id: ConnectionId::generate(&clock, &random),
        name: format!("twin {place}"),
        data_key_id: Some(DataKeyId::generate(&clock, &random)),
        identity: Some(Identity {
            tenant_id: tenant(place),
            ..first.identity.clone().unwrap_or_default()
        }),
        ..first.clone()
    }
}

fn tenant(place: usize) -> String {
    format!("00000000-0000-4000-8000-{place:012}")
}
