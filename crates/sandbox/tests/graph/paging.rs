use std::collections::BTreeSet;

use serde_json::json;

use crate::cloud::{ANA, Cloud, id, message};

#[tokio::test]
async fn a_thousand_messages_come_page_by_page_without_loss_or_doubles() {
    let cloud = Cloud::start().await;
    let ana = cloud.mail_user(ANA);
    let folder = ana
        .post("/me/mailFolders", json!({"displayName": "Many"}))
        .await
        .id();
    for number in 0..1_000 {
        let created = ana
            .post(
                &format!("/me/mailFolders/{folder}/messages"),
                message(&format!("Number {number}"), &[]),
            )
            .await;
        assert_eq!(created.status, 201);
    }
    for size in [1_000, 300, 64] {
        let mut page = ana
            .get(&format!(
                "/me/mailFolders/{folder}/messages?$top={size}&$select=id&$count=true"
            ))
            .await;
        let (mut ids, mut pages) = (BTreeSet::new(), 0);
        loop {
            pages += 1;
            assert_eq!(page.body["@odata.count"], 1_000);
            for message in page.values() {
                assert!(ids.insert(id(&message)));
            }
            let Some(next) = page.body["@odata.nextLink"].as_str().map(str::to_owned) else {
                break;
            };
            assert!(
                next.starts_with(cloud.sandbox.url())
                    && next.contains(&format!("$top={size}"))
                    && next.contains("$select=id")
            );
            page = ana.get(&next).await;
        }
        assert_eq!((ids.len(), pages), (1_000, 1_000_usize.div_ceil(size)));
    }
}
