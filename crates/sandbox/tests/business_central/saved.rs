//! What is written is there after a restart, and in snapshots.

use crate::cloud::{Cloud, FULL};

#[tokio::test]
async fn a_restart_keeps_cards_and_records() {
    let data = tempfile::tempdir().unwrap();
    let cloud = Cloud::start_in(Some(data.path())).await;
    cloud
        .control
        .enable_business_central(&cloud.client_id, &[FULL])
        .unwrap();
    let token = cloud.token().await;
    cloud.add_customer(&token, "Kept").await;
    cloud.sandbox.stop().await;

    let cloud = Cloud::start_in(Some(data.path())).await;
    let token = cloud.token().await;
    assert_eq!(cloud.customers_named(&token, "Kept").await, 1);
    assert_eq!(cloud.customers_named(&token, "Adatum Corporation").await, 1);
}

#[tokio::test]
async fn a_snapshot_brings_records_back() {
    let cloud = Cloud::start().await;
    cloud
        .control
        .enable_business_central(&cloud.client_id, &[FULL])
        .unwrap();
    let token = cloud.token().await;
    cloud.add_customer(&token, "Before").await;
    cloud.control.take_snapshot("here").unwrap();
    cloud.add_customer(&token, "After").await;
    cloud.control.restore_snapshot("here").unwrap();
    assert_eq!(cloud.customers_named(&token, "Before").await, 1);
    assert_eq!(cloud.customers_named(&token, "After").await, 0);
    cloud.control.reset();
    assert!(
        cloud
            .control
            .business_central_applications()
            .iter()
            .all(|(_, all)| all.is_empty())
    );
}
