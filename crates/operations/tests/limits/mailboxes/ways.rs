//! The ways to a mailbox that is not listed, for any operation that has one as its target.

use catalog::{Operation, TargetKind};
use model::ConnectionMethod;
use serde_json::{Map, Value, json};

use super::stage::{People, Person, Stage};
use crate::tried::{Ask, Tried, Way, in_quotes, run};

/// Whether it belongs here at all.
pub(crate) fn has_a_mailbox(operation: &Operation) -> bool {
    let all = std::iter::once(&operation.target).chain(operation.touches);
    let mut kinds = all.map(|target| target.kind);
    kinds.any(|kind| kind == TargetKind::Mailbox)
}

impl Tried<'_, People> {
    /// The parameter that names the mailbox.
    fn owner(&self) -> &'static str {
        let named = self.operation.target.parameter;
        named
            .or_else(|| self.operation.owner().map(|owner| owner.name))
            .unwrap()
    }

    /// The operation in one mailbox: the catalogue's own example, with all that it names there.
    pub(crate) fn input_at(&self, name: &str) -> Map<String, Value> {
        let example = self.operation.example(self.method);
        let mut input = example.as_object().cloned().unwrap();
        input.insert(self.owner().to_owned(), name.into());
        for (field, value) in [
            ("schedules", json!([name])),
            ("EmailAddresses", json!([name])),
        ] {
            if input.contains_key(field) {
                input.insert(field.to_owned(), value);
            }
        }
        if let Some(message) = input.get_mut("message").and_then(Value::as_object_mut)
            && message.contains_key("from")
        {
            message.insert("from".to_owned(), sender(name));
        }
        input
    }

    fn inside(&self) -> Map<String, Value> {
        self.input_at(self.stage.scene.allowed.address)
    }

    /// Every way there is to `outside`.
    pub(crate) fn ways_to(&self, outside: &Person) -> Vec<Way> {
        let inside = self.inside();
        let mut ways = Vec::new();
        for (how, name) in names_of(outside, self.stage) {
            let mut input = inside.clone();
            input.insert(self.owner().to_owned(), name.into());
            ways.push((format!("{how}, run"), run(input.clone())));
            ways.push((format!("{how}, in a batch"), Ask::Batch(input)));
        }
        for name in [outside.address, &outside.id] {
            let input = self.input_at(name);
            ways.extend(self.raw_ways(&input));
            ways.extend(self.dotted(&inside, &input));
            ways.extend(self.links(&inside, &input, "$deltatoken", "manager"));
        }
        ways.extend(self.body_ways(outside));
        ways.extend(self.expansions(
            &inside,
            &[
                "manager",
                "Manager($select=id)",
                "unknown",
                "attachments,user",
            ],
        ));
        let there = self.input_at(outside.address);
        ways.push(self.redirect(inside, &there));
        ways
    }

    fn raw_ways(&self, input: &Map<String, Value>) -> Vec<Way> {
        let Some(path) = self.path(input) else {
            return Vec::new();
        };
        let body = self.body(input);
        let encoded = |at: &str| path.replace("%40", at).replacen('@', at, 1);
        let forms = [
            ("as it is", path.clone()),
            ("in upper case", path.to_uppercase()),
            ("in beta's words", path.replace("users/", "Users/")),
            ("encoded once", encoded("%40")),
            ("encoded twice", encoded("%2540")),
            ("with the key in quotes", in_quotes(&path)),
            ("with an empty segment", path.replacen('/', "//", 1)),
            ("with a slash at its end", format!("{path}/")),
            ("with a fragment", format!("{path}%23")),
            ("with a blank", path.replacen("users/", "users/%20", 1)),
        ];
        let mut ways: Vec<Way> = forms
            .into_iter()
            .map(|(how, path)| {
                let ask = Ask::Raw {
                    path,
                    body: body.clone(),
                };
                (format!("through the pass-through, {how}"), ask)
            })
            .collect();
        let beside = format!("/users/{}/messages", self.stage.scene.allowed.address);
        ways.push((
            "in Microsoft's batch beside the listed one".to_owned(),
            Ask::Mixed { beside, path, body },
        ));
        ways
    }

    /// Another mailbox in the body of a request to the listed one.
    fn body_ways(&self, outside: &Person) -> Vec<Way> {
        let input = self.inside();
        if matches!(self.operation.method, "GET" | "DELETE") {
            return Vec::new();
        }
        let Some(path) = self.path(&input) else {
            return Vec::new();
        };
        let other = sender(outside.address);
        let fields = [
            ("from", other.clone()),
            ("From", other.clone()),
            ("sender", other.clone()),
            ("organizer", other.clone()),
            ("from", json!({ "emailAddress": { "name": "Ben Okafor" } })),
            ("from", sender(&outside.id)),
            ("message", json!({ "from": other })),
            ("deep", json!([{ "a": { "Sender": other } }])),
            ("schedules", json!([outside.address])),
            ("EmailAddresses", json!([outside.address])),
            ("attendees", json!([other])),
            (
                "locationConstraint",
                json!({ "locations": [{ "locationEmailAddress": outside.address }] }),
            ),
            (
                "singleValueExtendedProperties",
                json!([{ "id": "String 0x0065", "value": outside.address }]),
            ),
        ];
        let about = |name: &str| match name {
            "schedules" => path.to_ascii_lowercase().contains("getschedule"),
            "EmailAddresses" => path.to_ascii_lowercase().contains("getmailtips"),
            "attendees" | "locationConstraint" => path.contains("findMeetingTimes"),
            _ => true,
        };
        let base = self.body(&input).unwrap_or_else(|| json!({}));
        let Some(base) = base.as_object() else {
            return Vec::new();
        };
        let fields = fields.into_iter().filter(|(name, _)| about(name));
        fields
            .map(|(name, value)| {
                let mut body = base.clone();
                body.insert(name.to_owned(), value.clone());
                let ask = Ask::Raw {
                    path: path.clone(),
                    body: Some(body.into()),
                };
                (format!("in the body, `{name}`: {value}"), ask)
            })
            .collect()
    }

    /// Ways to the listed mailbox, which have to get there.
    pub(crate) fn ways_inside(&self) -> Vec<Way> {
        let allowed = &self.stage.scene.allowed;
        let input = self.inside();
        let mut ways = vec![("the listed one, run".to_owned(), run(input.clone()))];
        // What takes more than one request is no part of a batch.
        if self.operation.behavior.is_none() {
            let ask = Ask::Batch(input.clone());
            ways.push(("the listed one, in a batch".to_owned(), ask));
        }
        for (how, name) in [
            ("in upper case", allowed.address.to_uppercase()),
            ("by id", allowed.id.clone()),
            ("by id in upper case", allowed.id.to_uppercase()),
        ] {
            let mut input = input.clone();
            input.insert(self.owner().to_owned(), name.into());
            ways.push((format!("the listed one {how}, run"), run(input)));
        }
        if self.method == ConnectionMethod::OAuth && self.operation.owner().is_some() {
            let mut input = input.clone();
            input.remove(self.owner());
            ways.push(("one's own, run".to_owned(), run(input)));
        }
        ways.extend(self.next_page(&input));
        ways
    }
}

pub(crate) fn sender(address: &str) -> Value {
    json!({ "emailAddress": { "address": address } })
}

/// All the names of a mailbox that somebody might try.
fn names_of(outside: &Person, stage: &Stage) -> Vec<(&'static str, String)> {
    let (address, allowed) = (outside.address, &stage.scene.allowed);
    let tenant = &stage.world.registered.tenant_id;
    let (name, domain) = address.split_once('@').unwrap();
    vec![
        ("by address", address.to_owned()),
        ("in upper case", address.to_uppercase()),
        ("by id", outside.id.clone()),
        ("by id in upper case", outside.id.to_uppercase()),
        ("by id in braces", format!("{{{}}}", outside.id)),
        ("by id and tenant", format!("{}@{}", outside.id, tenant)),
        ("by id and domain", format!("{}@{domain}", outside.id)),
        ("by its name", name.to_owned()),
        ("by a plus address", format!("{name}+x@{domain}")),
        ("as SMTP", format!("SMTP:{address}")),
        ("encoded", address.replace('@', "%40")),
        ("encoded twice", address.replace('@', "%2540")),
        ("with a blank", format!(" {address}")),
        (
            "with a blank before the listed one",
            format!(" {}", allowed.address),
        ),
        (
            "behind the listed one",
            format!("{},{address}", allowed.address),
        ),
        ("by `..`", format!("{}/../{address}", allowed.address)),
        ("as `..`", "..".to_owned()),
        ("with more behind it", format!("{address}/messages")),
        ("in quotes", format!("'{address}'")),
        (
            "as a letter that looks alike",
            allowed.address.replace('a', "\u{430}"),
        ),
        ("as nobody", "nobody@contoso.com".to_owned()),
        ("as a function", "delta".to_owned()),
    ]
}
