//! One object of a round as it is told.

use serde_json::{Map, Value, json};

use super::objects;
use super::query::Query;
use crate::state::State;
use crate::state::directory::watched::{Change, Known, Set, Standing};

/// Related objects in one part of an object.
const MOST_RELATED: usize = 100;

/// How a request wants objects.
pub(super) struct View<'a> {
    pub(super) state: &'a State,
    pub(super) tenant: &'a str,
    pub(super) query: &'a Query,
    /// Whether only changed properties are wanted.
    pub(super) is_minimal: bool,
}

impl View<'_> {
    /// The object in as many parts as its relations take; none when nothing of it is of interest. Without a change it is told
    /// whole.
    pub(super) fn parts(&self, set: &Set, id: &str, change: Option<&Change>) -> Vec<Value> {
        let known = match set.standing(id) {
            Standing::Live(known) => known,
            Standing::Deleted => return vec![removed(id, "changed")],
            Standing::Gone => return vec![removed(id, "deleted")],
        };
        let change = change.filter(|change| !change.appeared);
        if change.is_some_and(|change| !self.is_of_interest(change)) {
            return Vec::new();
        }
        let head = self.head(id, known, change);
        let related = self.related(known, change);
        if related.is_empty() {
            return vec![Value::Object(head)];
        }
        let parts = related.chunks(MOST_RELATED).map(|part| {
            let mut shown = head.clone();
            for (relation, object) in part {
                let list = shown
                    .entry(format!("{relation}@delta"))
                    .or_insert_with(|| json!([]));
                if let Value::Array(list) = list {
                    list.push(object.clone());
                }
            }
            Value::Object(shown)
        });
        parts.collect()
    }

    fn is_of_interest(&self, change: &Change) -> bool {
        let mut properties = change.properties.iter();
        let mut related = change.related.keys();
        properties.any(|name| self.query.tracks(name))
            || related.any(|(relation, _)| self.query.has_relation(relation))
    }

    /// What never had a value is left out, and what has none any more is null.
    fn head(&self, id: &str, known: &Known, change: Option<&Change>) -> Map<String, Value> {
        let mut head = Map::from_iter([("id".to_owned(), json!(id))]);
        let is_wanted = |name: &str| {
            let is_changed = change.is_none_or(|change| change.properties.contains(name));
            self.query.shows(name) && (is_changed || !self.is_minimal)
        };
        for (name, value) in &known.properties {
            if is_wanted(name) && known.ever_set.contains(name) {
                head.insert(name.clone(), value.clone());
            }
        }
        head
    }

    fn related(&self, known: &Known, change: Option<&Change>) -> Vec<(String, Value)> {
        let mut related = Vec::new();
        for relation in &self.query.relations {
            let Some(change) = change else {
                let members = known.relations.get(relation).into_iter().flatten();
                related.extend(members.map(|id| (relation.clone(), self.one(id, true))));
                continue;
            };
            let of_relation = change
                .related
                .iter()
                .filter(|((name, _), _)| name == relation);
            let told =
                of_relation.map(|((_, id), joined)| (relation.clone(), self.one(id, *joined)));
            related.extend(told);
        }
        related
    }

    fn one(&self, id: &str, joined: bool) -> Value {
        let kind = objects::resolve(self.state, self.tenant, id);
        let name = kind.map_or("user", |(kind, _)| kind.name());
        let mut object = json!({"@odata.type": format!("#microsoft.graph.{name}"), "id": id});
        if !joined {
            object["@removed"] = json!({"reason": "deleted"});
        }
        object
    }
}

fn removed(id: &str, reason: &str) -> Value {
    json!({"id": id, "@removed": {"reason": reason}})
}
