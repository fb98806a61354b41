//! What changed among the people and groups of a tenant between two looks, for their delta queries.
//!
//! Only a look gives out a token, so that it is enough to hold what is there against what the look before it saw: whoever changes
//! the directory need not say so, and what came and went between two looks was never there.
//! Source: <https://learn.microsoft.com/graph/delta-query-overview>

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// How long a token of directory objects lasts, and therefore what changed is remembered.
pub(crate) const MEMORY: SignedDuration = SignedDuration::from_hours(7 * 24);

/// Related objects by the name of the relation.
type Relations = BTreeMap<String, BTreeSet<String>>;

/// What was seen of each kind in each tenant, by `{tenant}/groups`.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(crate) struct Watched {
    sets: BTreeMap<String, Set>,
}

/// The objects of one kind in one tenant.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(crate) struct Set {
    /// Number of the latest change.
    last: u64,
    /// Changes up to this one cannot be told any more.
    forgotten: u64,
    /// By object id.
    known: BTreeMap<String, Known>,
    /// Oldest first.
    log: VecDeque<Entry>,
}

/// An object as it is now.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Seen {
    pub(crate) id: String,
    /// Whether it is in the recycle bin.
    pub(crate) is_deleted: bool,
    pub(crate) properties: Map<String, Value>,
    pub(crate) relations: Relations,
}

/// An object as it was at the last look.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(crate) struct Known {
    is_deleted: bool,
    pub(crate) properties: Map<String, Value>,
    pub(crate) relations: Relations,
    /// Properties that had a value at some time: only these are told as null.
    pub(crate) ever_set: BTreeSet<String>,
}

/// What happened to one object from one look to the next.
#[derive(Debug, Serialize, Deserialize)]
struct Entry {
    number: u64,
    at: Timestamp,
    id: String,
    /// Whether it was not there before.
    appeared: bool,
    properties: Vec<String>,
    /// Relation, object id, and whether it joined.
    related: Vec<(String, String, bool)>,
}

/// How it stands with an object.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Standing<'a> {
    Live(&'a Known),
    /// It can come back.
    Deleted,
    Gone,
}

/// Everything that happened to one object in a span of changes.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Change {
    pub(crate) appeared: bool,
    pub(crate) properties: BTreeSet<String>,
    /// By relation and object id: whether it joined or left.
    pub(crate) related: BTreeMap<(String, String), bool>,
}

impl Watched {
    pub(crate) fn set(&self, tenant_id: &str, kind: &str) -> Option<&Set> {
        self.sets.get(&format!("{tenant_id}/{kind}"))
    }

    pub(crate) fn set_mut(&mut self, tenant_id: &str, kind: &str) -> &mut Set {
        self.sets.entry(format!("{tenant_id}/{kind}")).or_default()
    }

    /// Makes every token of a tenant too old.
    pub(crate) fn forget(&mut self, tenant_id: &str) {
        let start = format!("{tenant_id}/");
        let sets = self.sets.iter_mut();
        for (_, set) in sets.filter(|(name, _)| name.starts_with(&start)) {
            set.last += 1;
            set.forgotten = set.last;
            set.log.clear();
        }
    }
}

impl Set {
    pub(crate) fn last(&self) -> u64 {
        self.last
    }

    /// Whether everything after this change can still be told.
    pub(crate) fn remembers(&self, after: u64) -> bool {
        (self.forgotten..=self.last).contains(&after)
    }

    /// Objects that are there, in the order of their ids.
    pub(crate) fn live(&self) -> impl Iterator<Item = &str> {
        let live = self.known.iter().filter(|(_, known)| !known.is_deleted);
        live.map(|(id, _)| id.as_str())
    }

    pub(crate) fn standing(&self, id: &str) -> Standing<'_> {
        match self.known.get(id) {
            Some(known) if known.is_deleted => Standing::Deleted,
            Some(known) => Standing::Live(known),
            None => Standing::Gone,
        }
    }

    /// Holds what is there against what was, and remembers the difference.
    pub(crate) fn look(&mut self, now: Timestamp, seen: Vec<Seen>) {
        let mut rest: BTreeSet<String> = self.known.keys().cloned().collect();
        for seen in seen {
            rest.remove(&seen.id);
            self.compare(now, seen);
        }
        for id in rest {
            self.known.remove(&id);
            self.note(now, id, false, Vec::new(), Vec::new());
        }
        while let Some(oldest) = self.log.front() {
            if now.duration_since(oldest.at) <= MEMORY {
                break;
            }
            self.forgotten = oldest.number;
            self.log.pop_front();
        }
    }

    /// What happened to each object after one change and up to another.
    pub(crate) fn changes(&self, after: u64, until: u64) -> BTreeMap<String, Change> {
        let mut found: BTreeMap<String, Change> = BTreeMap::new();
        let span = self
            .log
            .iter()
            .filter(|it| it.number > after && it.number <= until);
        for entry in span {
            let change = found.entry(entry.id.clone()).or_default();
            change.appeared |= entry.appeared;
            change.properties.extend(entry.properties.iter().cloned());
            for (relation, id, joined) in &entry.related {
                let key = (relation.clone(), id.clone());
                // Who left and joined again, or the other way round, is where they were.
                if change.related.remove(&key).is_none() {
                    change.related.insert(key, *joined);
                }
            }
        }
        found
    }

    fn compare(&mut self, now: Timestamp, seen: Seen) {
        let Seen {
            id,
            is_deleted,
            properties,
            relations,
        } = seen;
        let before = self.known.remove(&id);
        let was_there = before.as_ref().is_some_and(|it| !it.is_deleted);
        let was_known = before.is_some();
        let before = before.unwrap_or_default();
        let mut changed: Vec<String> = properties
            .iter()
            .filter(|(name, value)| before.properties.get(*name) != Some(*value))
            .map(|(name, _)| name.clone())
            .collect();
        let mut related = difference(&before.relations, &relations);
        let appeared = !is_deleted && !was_there;
        if appeared {
            // All of it is told anyway.
            changed.clear();
            related.clear();
        }
        let is_news = if is_deleted {
            was_there || !was_known
        } else {
            appeared || !changed.is_empty() || !related.is_empty()
        };
        let mut ever_set = before.ever_set;
        let set = properties.iter().filter(|(_, value)| !value.is_null());
        ever_set.extend(set.map(|(name, _)| name.clone()));
        let known = Known {
            is_deleted,
            properties,
            relations,
            ever_set,
        };
        self.known.insert(id.clone(), known);
        if is_news {
            self.note(now, id, appeared, changed, related);
        }
    }

    fn note(
        &mut self,
        at: Timestamp,
        id: String,
        appeared: bool,
        properties: Vec<String>,
        related: Vec<(String, String, bool)>,
    ) {
        self.last += 1;
        self.log.push_back(Entry {
            number: self.last,
            at,
            id,
            appeared,
            properties,
            related,
        });
    }
}

fn difference(before: &Relations, after: &Relations) -> Vec<(String, String, bool)> {
    let none = BTreeSet::new();
    let names: BTreeSet<&String> = before.keys().chain(after.keys()).collect();
    let mut found = Vec::new();
    for name in names {
        let was = before.get(name).unwrap_or(&none);
        let is = after.get(name).unwrap_or(&none);
        let left = was
            .difference(is)
            .map(|id| (name.clone(), id.clone(), false));
        let joined = is
            .difference(was)
            .map(|id| (name.clone(), id.clone(), true));
        found.extend(left.chain(joined));
    }
    found
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn group(id: &str, name: &str, members: &[&str]) -> Seen {
        let members = members.iter().map(|&id| id.to_owned()).collect();
        Seen {
            id: id.to_owned(),
            is_deleted: false,
            properties: Map::from_iter([("displayName".to_owned(), json!(name))]),
            relations: BTreeMap::from([("members".to_owned(), members)]),
        }
    }

    fn noon(day: i64) -> Timestamp {
        Timestamp::from_second(day * 86_400).unwrap_or_default()
    }

    #[test]
    fn a_span_tells_of_each_object_what_is_different_at_its_end() {
        let mut set = Set::default();
        set.look(
            noon(1),
            vec![group("a", "A", &["ana", "ben"]), group("b", "B", &[])],
        );
        let start = set.last();
        set.look(
            noon(2),
            vec![group("a", "A", &["ana"]), group("b", "B", &["eva"])],
        );
        set.look(noon(3), vec![group("a", "A", &["ana", "ben", "tom"])]);
        let changes = set.changes(start, set.last());
        let joined = |id: &str| (("members".to_owned(), id.to_owned()), true);
        assert_eq!(changes["a"].related, BTreeMap::from([joined("tom")]));
        assert!(changes["a"].properties.is_empty() && !changes["a"].appeared);
        assert!(changes.contains_key("b") && matches!(set.standing("b"), Standing::Gone));
        // Nothing happened since.
        let now = set.last();
        set.look(noon(3), vec![group("a", "A", &["ana", "ben", "tom"])]);
        assert_eq!(set.last(), now);
    }

    #[test]
    fn what_is_older_than_a_token_can_be_is_forgotten() {
        let mut set = Set::default();
        set.look(noon(1), vec![group("a", "A", &[])]);
        let start = set.last();
        set.look(noon(2), vec![group("a", "Another", &[])]);
        assert!(set.remembers(start));
        set.look(noon(10), vec![group("a", "Another", &[])]);
        assert!(!set.remembers(start) && set.remembers(set.last()));
        assert!(!set.remembers(set.last() + 1));
    }

    #[test]
    fn what_comes_back_from_the_recycle_bin_appears() {
        let mut set = Set::default();
        let deleted = Seen {
            is_deleted: true,
            ..group("a", "A", &[])
        };
        set.look(noon(1), vec![group("a", "A", &[])]);
        let start = set.last();
        set.look(noon(1), vec![deleted]);
        assert!(matches!(set.standing("a"), Standing::Deleted));
        assert_eq!(set.changes(start, set.last()).len(), 1);
        set.look(noon(1), vec![group("a", "A", &[])]);
        assert!(set.changes(start, set.last())["a"].appeared);
    }
}
