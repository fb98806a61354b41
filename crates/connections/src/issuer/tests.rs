use jiff::{SignedDuration, Timestamp};
use model::{DataKeyId, IssuerKeyId, ManualClock, Sealed, SeededRandom, WorkspaceId};
use serde_json::Value;

use super::*;

fn key(number: i64, signs_from: Timestamp) -> IssuerKeyRow {
    let clock = ManualClock::fixed(signs_from);
    let random = SeededRandom::new(number.unsigned_abs());
    IssuerKeyRow {
        number,
        id: IssuerKeyId::generate(&clock, &random),
        workspace_id: WorkspaceId::generate(&clock, &random),
        data_key_id: DataKeyId::generate(&clock, &random),
        public: Value::Null,
        sealed: Sealed::from_bytes(Vec::new()),
        created_at: signs_from,
        signs_from,
    }
}

#[test]
fn a_key_is_published_a_day_before_it_signs_and_a_day_after_another_does() {
    let start: Timestamp = "2026-01-01T00:00:00Z".parse().expect("a time");
    let hours = |n| start + SignedDuration::from_hours(n);
    let keys = [key(2, hours(24)), key(1, start)];
    let published = |now| -> Vec<i64> {
        let living = keys.iter().filter(|key| !is_over(&keys, key, now));
        living.map(|key| key.number).collect()
    };
    let signs = |now| signer(&keys, now).map(|key| key.number);
    assert_eq!(
        (published(hours(1)), signs(hours(1))),
        (vec![2, 1], Some(1))
    );
    assert_eq!(
        (published(hours(24)), signs(hours(24))),
        (vec![2, 1], Some(2))
    );
    assert_eq!(
        (published(hours(47)), signs(hours(47))),
        (vec![2, 1], Some(2))
    );
    assert_eq!((published(hours(48)), signs(hours(48))), (vec![2], Some(2)));
}

#[test]
fn only_an_address_that_others_reach_by_https_is_public() {
    let cases = [
        ("https://consentry.contoso.com/", true),
        ("http://consentry.contoso.com/", false),
        ("https://localhost:8365/", false),
        ("https://consentry.localhost/", false),
        ("https://127.0.0.1:8365/", false),
        ("https://[::1]:8365/", false),
    ];
    for (url, expected) in cases {
        assert_eq!(is_public(&url.parse().expect("a URL")), expected, "{url}");
    }
}
