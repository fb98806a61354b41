use serde_json::{Value, json};

use super::super::reach::Reach;
use super::{of, of_search};

fn reaches(last: &str, is_inside: bool, body: &Value) -> Vec<Reach> {
    let url = format!("https://graph.microsoft.com/v1.0/{last}");
    let names = [last.to_ascii_lowercase()];
    of(&url.parse().unwrap(), &names, is_inside, Some(body))
}

fn named(name: &str) -> Reach {
    Reach::Named(name.to_owned())
}

fn is_closed(found: &[Reach]) -> bool {
    found.iter().any(|reach| matches!(reach, Reach::Beyond(_)))
}

fn by(address: &str) -> Value {
    json!({ "emailAddress": { "address": address } })
}

#[test]
fn in_whose_name_something_is_sent_is_seen_wherever_it_stands() {
    let cases = [
        json!({ "message": { "from": by("b@c.de") } }),
        json!({ "Message": { "Sender": { "EmailAddress": { "Address": "b@c.de" } } } }),
        json!({ "from": by("b@c.de"), "from2": by("x@c.de") }),
        json!({ "organizer": by("b@c.de") }),
    ];
    for body in cases {
        assert_eq!(
            reaches("sendMail", true, &body),
            [named("b@c.de")],
            "{body}"
        );
    }
    let attached = json!({ "message": { "attachments": [{ "item": { "from": by("b@c.de") } }] } });
    assert_eq!(reaches("sendMail", true, &attached), []);
    let to_others = json!({ "message": { "toRecipients": [by("b@c.de")], "from": null } });
    assert_eq!(reaches("sendMail", true, &to_others), []);
    for odd in [
        json!({ "from": "b@c.de" }),
        json!({ "from": { "emailAddress": { "name": "Ben" } } }),
        json!("RnJvbTogYg=="),
        json!({ "singleValueExtendedProperties": [{ "id": "String 0x0065", "value": "b@c.de" }] }),
        json!({ "message": { "SingleValueExtendedProperties": [{ "id": "String 0x0c1f" }] } }),
    ] {
        assert!(is_closed(&reaches("sendMail", true, &odd)), "{odd}");
    }
    for harmless in [
        "SystemTime 0x3FEF",
        "String {0006200a-0000-0000-c000-000000000046} Name x",
    ] {
        let body = json!({ "singleValueExtendedProperties": [{ "id": harmless, "value": "x" }] });
        assert_eq!(reaches("messages", true, &body), [], "{harmless}");
    }
}

#[test]
fn whose_times_and_tips_are_asked_for_is_seen() {
    let body = json!({ "Schedules": ["a@b.de", "c@b.de"] });
    let both = [named("a@b.de"), named("c@b.de")];
    assert_eq!(reaches("getSchedule", true, &body), both);
    let body = json!({ "EmailAddresses": ["a@b.de", "c@b.de"] });
    assert_eq!(reaches("getMailTips", true, &body), both);
    let body = json!({
        "attendees": [by("a@b.de")],
        "locationConstraint": { "locations": [{ "locationEmailAddress": "c@b.de" }] },
    });
    assert_eq!(reaches("findMeetingTimes", true, &body), both);
    assert_eq!(reaches("findMeetingTimes", true, &json!({})), []);
    for odd in [
        json!({ "locationConstraint": { "suggestLocation": true } }),
        json!({ "attendees": { "0": by("a@b.de") } }),
        json!({ "attendees": [{ "emailAddress": { "name": "Ben" } }] }),
    ] {
        assert!(is_closed(&reaches("findMeetingTimes", true, &odd)), "{odd}");
    }
    assert!(is_closed(&reaches("getSchedule", true, &json!({}))));
}

#[test]
fn a_search_looks_for_nothing_in_mailboxes() {
    let search = |kinds: &[&str]| {
        let body =
            json!({ "requests": [{ "entityTypes": kinds, "query": { "queryString": "x" } }] });
        of_search(Some(&body))
    };
    assert_eq!(search(&["driveItem", "site"]), []);
    for kinds in [&["message"][..], &["driveItem", "Event"], &["person"], &[]] {
        assert!(is_closed(&search(kinds)), "{kinds:?}");
    }
    assert!(is_closed(&of_search(Some(&json!({ "requests": [{}] })))));
    assert!(is_closed(&of_search(None)));
}

#[test]
fn what_a_subscription_watches_is_read_as_a_path() {
    let watch = |resource: &str| {
        let body = json!({ "resource": resource });
        reaches("subscriptions", false, &body)
    };
    assert_eq!(watch("me/mailFolders('inbox')/messages"), [Reach::Own]);
    assert_eq!(watch("/users/a@b.de/events"), [named("a@b.de")]);
    let whole = "https://graph.microsoft.com/v1.0/users('a@b.de')/messages";
    assert_eq!(watch(whole), [named("a@b.de")]);
    assert_eq!(watch("chats/getAllMessages"), []);
    assert!(is_closed(&watch("groups/g/conversations")));
    assert!(is_closed(&watch("users/a@b.de/../c@b.de/messages")));
}
