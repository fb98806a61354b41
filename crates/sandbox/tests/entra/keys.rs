//! Signing keys that roll.

use sandbox::{Clock, Options, Sandbox, Seed};

use crate::cloud::{Cloud, answer, http};

#[tokio::test]
async fn after_a_roll_a_new_key_signs_and_what_the_old_one_signed_stays_good() {
    let cloud = Cloud::start().await;
    cloud.control.grant_admin_consent(&cloud.client_id).unwrap();
    let old = cloud.tokens_for(&cloud.member).await["access_token"].clone();
    cloud.control.roll_signing_key().unwrap();
    let new = cloud.tokens_for(&cloud.member).await["access_token"].clone();
    let keys = answer(cloud.http.get(cloud.tenant_url("/discovery/v2.0/keys")))
        .await
        .body;
    let ids: Vec<_> = keys["keys"]
        .as_array()
        .unwrap()
        .iter()
        .map(|key| &key["kid"])
        .collect();
    assert_eq!(ids.len(), 2);
    for (token, kid) in [(&new, ids[0]), (&old, ids[1])] {
        let header = crate::cloud::header(token);
        assert_eq!(&header["kid"], kid);
        let request = cloud.http.get(cloud.url("/v1.0/me"));
        let request = request.bearer_auth(token.as_str().unwrap());
        assert_eq!(request.send().await.unwrap().status().as_u16(), 200);
    }
}

#[tokio::test]
async fn rolled_keys_outlive_a_restart() {
    let directory = tempfile::tempdir().unwrap();
    let options = || Options {
        data: Some(directory.path().to_owned()),
        clock: Clock::real(),
        seed: Seed::Empty,
        ..Options::default()
    };
    let keys = async |sandbox: &Sandbox| {
        let url = format!("{}/common/discovery/v2.0/keys", sandbox.url());
        let keys = answer(http().get(url)).await.body;
        let keys = keys["keys"].as_array().unwrap().iter();
        keys.map(|key| key["kid"].clone()).collect::<Vec<_>>()
    };
    let sandbox = Sandbox::start(options()).await.unwrap();
    sandbox.control().roll_signing_key().unwrap();
    sandbox.control().roll_signing_key().unwrap();
    let before = keys(&sandbox).await;
    sandbox.stop().await;
    let sandbox = Sandbox::start(options()).await.unwrap();
    assert_eq!(before.len(), 3);
    assert_eq!(keys(&sandbox).await, before);
}
