use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::Duration;

use futures_util::future::join_all;
use futures_util::stream;
use reqwest::{Body, Method};
use sandbox::Throttling;
use serde_json::json;
use tokio::sync::Semaphore;

use crate::cloud::{ANA, BEN, Cloud, answer};

/// Limits so small that a test meets them.
async fn throttled(one_in: u32) -> Cloud {
    let cloud = Cloud::start().await;
    let parts = NonZeroU32::new(one_in).unwrap();
    cloud.control.set_throttling(Throttling::OneIn(parts));
    cloud
}

#[tokio::test]
async fn nothing_is_counted_until_it_is_switched_on() {
    let cloud = Cloud::start().await;
    let ana = cloud.user(ANA, &["User.Read.All"]);
    let found = ana.get("/users").await;
    assert_eq!(
        (found.status, found.header("x-ms-resource-unit")),
        (200, "")
    );
    let url = format!("{}/_sandbox/settings", cloud.sandbox.url());
    let switched = answer(
        cloud
            .request(Method::POST, &url)
            .json(&json!({ "throttling": "on" })),
    )
    .await;
    assert_eq!(switched.body["throttling"], "on");
    assert_eq!(ana.get("/users").await.header("x-ms-resource-unit"), "2");
    let switched = answer(
        cloud
            .request(Method::POST, &url)
            .json(&json!({ "throttling": { "one_in": 7 } })),
    )
    .await;
    assert_eq!(switched.body["throttling"]["one_in"], 7);
}

#[tokio::test]
async fn a_mailbox_takes_ten_thousand_requests_in_ten_minutes_of_one_application() {
    let cloud = throttled(1_000).await;
    let roles = ["Mail.Read"];
    let application = cloud.application(&roles);
    let of = |user: &str| format!("/users/{user}/messages?$top=1");
    for _ in 0..10 {
        assert_eq!(application.get(&of(ANA)).await.status, 200);
    }
    cloud.control.advance(Duration::from_mins(4));
    let refused = application.get(&of(ANA)).await;
    refused_for(
        &refused,
        "ApplicationThrottled",
        "Application is over its RequestRate limit.",
    );
    assert_eq!(refused.header("retry-after"), "360");
    assert_eq!(application.get(&of(BEN)).await.status, 200);
    cloud.control.advance(Duration::from_mins(6));
    assert_eq!(application.get(&of(ANA)).await.status, 200);
}

/// Graph's shape, at a time that has moved on.
fn refused_for(answer: &crate::cloud::Answer, code: &str, message: &str) {
    assert_eq!(
        (answer.status, answer.code(), answer.message()),
        (429, code, message),
        "{}",
        answer.text
    );
}

#[tokio::test]
async fn a_mailbox_takes_four_requests_at_once() {
    let cloud = Cloud::start().await;
    cloud.control.set_throttling(Throttling::On);
    let ana = cloud.mail_user(ANA);
    let gate = Arc::new(Semaphore::new(0));
    let slow = |_| {
        let gate = Arc::clone(&gate);
        let body = stream::once(async move {
            let passed = gate.acquire().await;
            passed.map(|_| "{\"subject\": \"Slow\"}")
        });
        let request = cloud
            .request(Method::POST, "/me/messages")
            .bearer_auth(&ana.token);
        answer(request.body(Body::wrap_stream(body)))
    };
    let slow = join_all((0..4).map(slow));
    let probe = async {
        // Their heads arrive before their bodies, whenever that is.
        loop {
            let answer = ana.get("/me/messages?$top=1&$select=id").await;
            if answer.status == 429 {
                gate.add_permits(4);
                return answer;
            }
        }
    };
    let (slow, refused) = tokio::join!(slow, probe);
    refused_for(
        &refused,
        "ApplicationThrottled",
        "Application is over its MailboxConcurrency limit.",
    );
    assert_eq!(refused.header("retry-after"), "1");
    assert!(slow.iter().all(|answer| answer.status == 201));
    assert_eq!(ana.get("/me/messages?$top=1").await.status, 200);
}

#[tokio::test]
async fn files_cost_units_and_the_answer_tells_when_they_run_short() {
    let cloud = throttled(125).await;
    let ana = cloud.files_of_ana();
    for used in 1..=7 {
        assert_eq!(
            ana.get("/me/drive/root").await.header("ratelimit-limit"),
            "",
            "{used}"
        );
    }
    let told = ana.get("/me/drive/root").await;
    let rate = |answer: &crate::cloud::Answer| {
        ["limit", "remaining", "reset"]
            .map(|name| answer.header(&format!("ratelimit-{name}")).to_owned())
    };
    assert_eq!(
        (told.status, rate(&told)),
        (200, ["10", "2", "60"].map(str::to_owned))
    );
    // Permissions cost five.
    let refused = ana.get("/me/drive/root/permissions").await;
    refused_for(
        &refused,
        "activityLimitReached",
        "The request has been throttled.",
    );
    assert_eq!(rate(&refused), ["10", "0", "60"].map(str::to_owned));
    assert_eq!(refused.header("retry-after"), "60");
    assert_eq!(
        refused.body["error"]["innerError"]["code"],
        "throttledRequest"
    );
    cloud.control.advance(Duration::from_mins(1));
    assert_eq!(ana.get("/me/drive/root/permissions").await.status, 200);
}

#[tokio::test]
async fn the_directory_counts_units_by_what_is_asked() {
    let cloud = throttled(500).await;
    let ana = cloud.user(ANA, &["User.Read.All"]);
    let costs = [
        ("/users", "2"),
        ("/users?$select=id", "1"),
        ("/me", "1"),
        ("/me?$expand=manager", "2"),
    ];
    for (path, units) in costs {
        assert_eq!(
            ana.get(path).await.header("x-ms-resource-unit"),
            units,
            "{path}"
        );
    }
    let nearly = ana.get("/me").await;
    assert_eq!(
        (
            nearly.status,
            nearly.header("x-ms-throttle-limit-percentage")
        ),
        (200, "1.00")
    );
    let refused = ana.get("/me").await;
    assert_eq!(
        (refused.status, refused.code()),
        (429, "Request_ThrottledTemporarily")
    );
    assert_eq!(refused.header("retry-after"), "10");
    assert_eq!(
        refused.header("x-ms-throttle-information"),
        "ResourceUnitLimitExceeded"
    );
    assert!(
        refused
            .header("x-ms-throttle-scope")
            .starts_with("Tenant_Application/ReadWrite/")
    );
}

#[tokio::test]
async fn teams_counts_by_the_second_and_parts_of_a_batch_count_each() {
    let cloud = throttled(10).await;
    let ana = cloud.user(ANA, &["User.Read"]);
    for _ in 0..3 {
        assert_ne!(ana.get("/me/joinedTeams").await.status, 429);
    }
    let refused = ana.get("/me/joinedTeams").await;
    assert_eq!(
        (
            refused.status,
            refused.code(),
            refused.header("retry-after")
        ),
        (429, "TooManyRequests", "1")
    );
    cloud.control.advance(Duration::from_secs(1));
    let part = |id| json!({ "id": id, "method": "GET", "url": "/me/joinedTeams" });
    let parts = json!({ "requests": [part("1"), part("2"), part("3"), part("4")] });
    let answer = ana.post("/$batch", parts).await;
    let responses = answer.body["responses"].as_array().unwrap();
    assert_eq!((answer.status, &responses[3]["status"]), (200, &json!(429)));
    assert_eq!(responses[3]["headers"]["Retry-After"], "1");
    assert_ne!(responses[2]["status"], 429);
}
