//! The large seed.

use sandbox::Scale;

use crate::cloud::Cloud;

#[tokio::test]
async fn a_large_sandbox_has_a_mailbox_of_ten_thousand_messages() {
    let cloud = Cloud::start_with(Scale::Large).await;
    let reader = cloud.application(&["Mail.Read"]);
    let path = "/users/carlos.mendes@contoso.com/messages";
    let mut page = reader
        .get(&format!("{path}?$top=1000&$select=subject"))
        .await;
    let mut count = page.values().len();
    while let Some(next) = page.body["@odata.nextLink"].as_str().map(str::to_owned) {
        page = reader.get(&next).await;
        count += page.values().len();
    }
    assert!(count > 10_000, "{count}");
}
