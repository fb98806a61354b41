//! What was not delivered when a sandbox with a data directory ended is delivered by the next one.

use std::path::Path;
use std::time::Duration;

use serde_json::{Value, json};

use crate::cloud::{ANA, BEN, Cloud, message};
use crate::listener::{Listener, Mood};
use crate::subscriptions::inbox;

/// Ana's inbox is watched, until the afternoon of the same day where it `ends_soon`.
async fn subscribe(cloud: &Cloud, listener: &Listener, lifecycle: &Listener, ends_soon: bool) {
    let mut new = inbox(&listener.url);
    new["lifecycleNotificationUrl"] = json!(lifecycle.url);
    if ends_soon {
        new["expirationDateTime"] = json!("2026-10-01T12:50:00Z");
    }
    let made = cloud.mail_user(ANA).post("/subscriptions", new).await;
    assert_eq!(made.status, 201, "{}", made.text);
}

async fn mail(cloud: &Cloud, subject: &str) {
    let mail = json!({ "message": message(subject, &[ANA]) });
    let sent = cloud.mail_user(BEN).post("/me/sendMail", mail).await;
    assert_eq!(sent.status, 202, "{}", sent.text);
}

/// The next sandbox, at the time when this one ended.
async fn again(cloud: Cloud, data: &Path) -> Cloud {
    let at = cloud.control.now();
    cloud.sandbox.stop().await;
    let cloud = Cloud::start_in(data).await;
    let behind = at.duration_since(cloud.control.now());
    cloud.control.advance(behind.unsigned_abs());
    cloud
}

async fn later(cloud: &Cloud, by: Duration) {
    cloud.control.advance(by);
    cloud.control.notified().await;
}

fn ids(told: &[Value]) -> Vec<&str> {
    told.iter().map(|it| it["id"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn what_waits_for_its_next_attempt_gets_it_after_a_restart_at_its_time() {
    let (listener, lifecycle) = (Listener::start().await, Listener::start().await);
    let data = tempfile::tempdir().unwrap();
    let cloud = Cloud::start_in(data.path()).await;
    subscribe(&cloud, &listener, &lifecycle, false).await;
    listener.be(Mood::Failing);
    mail(&cloud, "Unheard").await;
    cloud.control.notified().await;
    let first = listener.take();
    assert_eq!(first.len(), 1);
    listener.be(Mood::Willing);
    let cloud = again(cloud, data.path()).await;
    cloud.control.notified().await;
    assert!(listener.take().is_empty(), "not before its time");
    later(&cloud, Duration::from_secs(10)).await;
    assert_eq!(ids(&listener.take()), ids(&first));
    let cloud = again(cloud, data.path()).await;
    later(&cloud, Duration::from_hours(1)).await;
    assert!(listener.take().is_empty(), "once it was heard it is over");
    cloud.sandbox.stop().await;
}

#[tokio::test]
async fn what_happened_last_is_told_by_the_next_sandbox() {
    let (listener, lifecycle) = (Listener::start().await, Listener::start().await);
    let data = tempfile::tempdir().unwrap();
    let mut cloud = Cloud::start_in(data.path()).await;
    subscribe(&cloud, &listener, &lifecycle, false).await;
    let mut heard = Vec::new();
    for number in 0..5 {
        mail(&cloud, &format!("Last words {number}")).await;
        cloud = again(cloud, data.path()).await;
        later(&cloud, Duration::from_secs(10)).await;
        let told = listener.take();
        heard.extend(ids(&told).into_iter().map(str::to_owned));
    }
    // What was being sent when the sandbox ended may come twice.
    heard.sort();
    heard.dedup();
    assert_eq!(heard.len(), 5);
    cloud.sandbox.stop().await;
}

#[tokio::test]
async fn lifecycle_events_outlive_the_sandbox_too() {
    let (listener, lifecycle) = (Listener::start().await, Listener::start().await);
    let data = tempfile::tempdir().unwrap();
    let cloud = Cloud::start_in(data.path()).await;
    subscribe(&cloud, &listener, &lifecycle, true).await;
    lifecycle.be(Mood::Failing);
    later(&cloud, Duration::from_mins(36)).await;
    assert_eq!(lifecycle.take().len(), 1);
    lifecycle.be(Mood::Willing);
    let cloud = again(cloud, data.path()).await;
    later(&cloud, Duration::from_secs(10)).await;
    let told = lifecycle.take();
    assert_eq!(told.len(), 1);
    assert_eq!(told[0]["lifecycleEvent"], "reauthorizationRequired");
    let cloud = again(cloud, data.path()).await;
    later(&cloud, Duration::from_secs(10)).await;
    assert!(lifecycle.take().is_empty(), "told once");
    cloud.sandbox.stop().await;
}

#[tokio::test]
async fn four_hours_count_over_a_restart_until_it_is_missed() {
    let (listener, lifecycle) = (Listener::start().await, Listener::start().await);
    let data = tempfile::tempdir().unwrap();
    let mut cloud = Cloud::start_in(data.path()).await;
    subscribe(&cloud, &listener, &lifecycle, false).await;
    listener.be(Mood::Failing);
    mail(&cloud, "Never heard").await;
    cloud.control.notified().await;
    for _ in 0..6 {
        cloud = again(cloud, data.path()).await;
        later(&cloud, Duration::from_hours(1)).await;
        let told = lifecycle.take();
        if told.is_empty() {
            continue;
        }
        assert_eq!(told[0]["lifecycleEvent"], "missed");
        let attempts = listener.take().len();
        assert!((4..=6).contains(&attempts), "{attempts}");
        return cloud.sandbox.stop().await;
    }
    panic!("nobody was told that it was missed");
}

#[tokio::test]
async fn a_snapshot_brings_back_what_waited_then() {
    let (listener, lifecycle) = (Listener::start().await, Listener::start().await);
    let cloud = Cloud::start().await;
    subscribe(&cloud, &listener, &lifecycle, false).await;
    listener.be(Mood::Failing);
    mail(&cloud, "Twice").await;
    cloud.control.notified().await;
    listener.take();
    listener.be(Mood::Willing);
    cloud.control.take_snapshot("waiting").unwrap();
    for _ in 0..2 {
        later(&cloud, Duration::from_secs(10)).await;
        assert_eq!(listener.take().len(), 1);
        cloud.control.restore_snapshot("waiting").unwrap();
    }
    cloud.control.reset();
    later(&cloud, Duration::from_hours(1)).await;
    assert!(listener.take().is_empty(), "anew, nothing waits");
}
