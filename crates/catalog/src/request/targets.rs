//! What an input acts on: the main target, and what its body touches besides.

use serde_json::Value;

use super::{Input, text};
use crate::{Operation, Target, TargetKind};

impl Operation {
    /// All that `input` acts on, the main target first. What a policy limits has to be among what it allows, each of them.
    pub fn targets(&self, input: &Input) -> Vec<(TargetKind, String)> {
        let all = std::iter::once(&self.target).chain(self.touches);
        all.flat_map(|target| {
            let names = of(target, input).into_iter();
            names.map(|name| (target.kind, name))
        })
        .collect()
    }
}

pub(super) fn of(target: &Target, input: &Input) -> Vec<String> {
    if let Some(constant) = target.constant {
        return vec![constant.to_owned()];
    }
    let Some(name) = target.parameter else {
        return Vec::new();
    };
    match (input.get(name), target.within) {
        (Some(value), Some(within)) => {
            let place: Vec<_> = within.split('/').collect();
            let mut found = Vec::new();
            below(value, &place, &mut found);
            found
        }
        (Some(value), None) => vec![text(value)],
        (None, None) if matches!(target.kind, TargetKind::Mailbox | TargetKind::User) => {
            vec!["me".to_owned()]
        }
        (None, _) => Vec::new(),
    }
}

/// The texts at `place`, a name or `*` with an ending; through lists and, for `*`, at any depth.
fn below(value: &Value, place: &[&str], found: &mut Vec<String>) {
    match (value, place.split_first()) {
        (Value::Array(items), _) => items.iter().for_each(|item| below(item, place, found)),
        (Value::Object(fields), Some((first, rest))) => match first.strip_prefix('*') {
            Some(ending) => {
                for (name, value) in fields {
                    if name.ends_with(ending) {
                        below(value, rest, found);
                    } else {
                        below(value, place, found);
                    }
                }
            }
            None => {
                if let Some(value) = fields.get(*first) {
                    below(value, rest, found);
                }
            }
        },
        (Value::String(text), None) => found.push(named(text)),
        _ => {}
    }
}

/// `/accounts(id)`, with or without the address of its API, is the table `accounts`; anything else is itself.
fn named(text: &str) -> String {
    let last = text.rsplit('/').next().unwrap_or(text);
    match last.split_once('(') {
        Some((set, key)) if key.ends_with(')') => set.to_owned(),
        _ => text.to_owned(),
    }
}
