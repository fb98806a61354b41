//! The activity log, filtered and turned.

use model::{Activity, ActivityId, ActivityKind, Actor, Outcome, Phase, RemoteIds, Role};

use crate::site::Site;

/// Writes `count` lines of that action.
async fn write(site: &Site, action: &str, count: usize) {
    let context = site.server.context();
    let mut tx = context.store.read().await.unwrap();
    let workspace_id = tx.workspaces().await.unwrap().remove(0).id;
    drop(tx);
    for _ in 0..count {
        let line = Activity {
            id: ActivityId::generate(&*context.clock, &*context.random),
            workspace_id,
            at: context.now(),
            actor: Actor::System,
            kind: ActivityKind::Change,
            action: action.to_owned(),
            connection_id: None,
            target: Some("somebody@contoso.com".to_owned()),
            phase: Phase::Result,
            intent_id: None,
            outcome: Outcome::Ok,
            status: Some(202),
            code: None,
            duration_us: Some(41_000),
            bytes_sent: None,
            bytes_received: None,
            remote: RemoteIds::default(),
        };
        context.journal.record(line).await.unwrap();
    }
}

#[tokio::test]
async fn only_the_lines_asked_for_are_shown() {
    let site = Site::start().await;
    site.service_principal("everyone").await.unwrap();
    write(&site, "test.line", 1).await;
    let mut auditor = site.signed_in(Role::Auditor).await;
    let all = auditor.open("/activity").await;
    assert!(
        all.text("table").contains("session.open_by_link")
            && all.text("table").contains("test.line")
    );

    let page = auditor.open("/activity?action=test.").await;
    assert_eq!(page.texts("tbody code"), ["test.line"], "{}", page.html);
    let line = page.text("tbody tr");
    for part in ["somebody@contoso.com", "Consentry", "OK", "202 · 41 ms"] {
        assert!(line.contains(part), "{part}: {line}");
    }
    let id = page
        .attributes("#connection option", "value")
        .pop()
        .unwrap();
    let page = auditor.open(&format!("/activity?connection={id}")).await;
    assert!(
        page.texts("tbody code")
            .iter()
            .all(|action| action.starts_with("connection.")),
        "{}",
        page.html
    );
    assert_eq!(
        page.attribute("#connection option[selected]", "value"),
        Some(id)
    );
    let page = auditor.open("/activity?since=2999-01-01").await;
    assert_eq!(page.count("tbody tr"), 0);
    assert!(page.text("main").contains("No activity here"));
}

#[tokio::test]
async fn older_lines_are_a_page_further() {
    let site = Site::start().await;
    write(&site, "test.line", 60).await;
    let mut owner = site.signed_in(Role::Owner).await;
    let first = owner.open("/activity?action=test.line").await;
    assert_eq!(first.count("tbody tr"), 50);
    let older = first.attribute("a[rel=next]", "href").unwrap();
    let second = owner.open(&older).await;
    assert_eq!(second.count("tbody tr"), 10, "{}", second.html);
    assert_eq!(second.count("a[rel=next]"), 0);
}

#[tokio::test]
async fn a_filter_that_does_not_read_is_said() {
    let site = Site::start().await;
    let mut owner = site.signed_in(Role::Owner).await;
    let page = owner.open("/activity?since=yesterday").await;
    assert_eq!(page.status, 422);
    assert!(
        page.text("[role=alert]").contains("yesterday"),
        "{}",
        page.html
    );
}
