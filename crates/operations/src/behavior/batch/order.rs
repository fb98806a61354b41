//! Which members have to wait for which.

use std::collections::HashMap;

use serde_json::Value;

use crate::{Error, Result};

/// The members' own names and what each depends on, as places; every place comes after those it depends on in `sequence`.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Order {
    pub(super) ids: Vec<String>,
    pub(super) after: Vec<Vec<usize>>,
    pub(super) sequence: Vec<usize>,
}

/// Reads `id` and `dependsOn`. Names are told apart without regard to case, as Graph does.
pub(super) fn read(requests: &[Value]) -> Result<Order> {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let ids: Vec<String> = requests.iter().map(|one| text(&one["id"])).collect();
    let mut places = HashMap::new();
    for (place, id) in ids.iter().enumerate() {
        if places.insert(id.to_lowercase(), place).is_some() {
            return Err(wrong(place, "id", format!("`{id}` names two requests")));
        }
    }
    let mut after = Vec::with_capacity(requests.len());
    for (place, request) in requests.iter().enumerate() {
        let wanted = request["dependsOn"].as_array().into_iter().flatten();
        let mut found = Vec::new();
        for id in wanted.map(text) {
            let other = places.get(&id.to_lowercase()).copied();
            let other = other.filter(|other| *other != place).ok_or_else(|| {
                wrong(
                    place,
                    "dependsOn",
                    format!("there is no other request `{id}`"),
                )
            })?;
            if !found.contains(&other) {
                found.push(other);
            }
        }
        after.push(found);
    }
    let sequence = sorted(&after).ok_or_else(|| {
        let message = "requests depend on each other in a circle".to_owned();
        wrong(0, "dependsOn", message)
    })?;
    Ok(Order {
        ids,
        after,
        sequence,
    })
}

/// As they came, but each after those it depends on. `None` where that cannot be.
fn sorted(after: &[Vec<usize>]) -> Option<Vec<usize>> {
    let mut order = Vec::with_capacity(after.len());
    let mut is_placed = vec![false; after.len()];
    while order.len() < after.len() {
        let before = order.len();
        for place in 0..after.len() {
            if !is_placed[place] && after[place].iter().all(|other| is_placed[*other]) {
                is_placed[place] = true;
                order.push(place);
            }
        }
        if order.len() == before {
            return None;
        }
    }
    Some(order)
}

/// Whether Graph takes these dependencies in one batch: none, each on the one before it, or all that have one on the same.
/// Source: <https://learn.microsoft.com/graph/json-batching>
pub(super) fn is_supported(within: &[(usize, Vec<usize>)]) -> bool {
    let mut stated = within.iter().filter(|(_, after)| !after.is_empty());
    let is_same = match stated.next() {
        None => true,
        Some((_, first)) => first.len() == 1 && stated.all(|(_, after)| after == first),
    };
    let is_serial = || {
        within
            .windows(2)
            .all(|pair| pair[1].1.as_slice() == [pair[0].0])
    };
    is_same || is_serial()
}

pub(super) fn wrong(place: usize, field: &str, message: String) -> Error {
    Error::Input {
        code: "invalid_input",
        field: Some(format!("requests.{place}.{field}")),
        message,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn requests(of: &[(&str, &[&str])]) -> Vec<Value> {
        of.iter()
            .map(|(id, after)| json!({ "id": id, "dependsOn": after }))
            .collect()
    }

    #[test]
    fn each_comes_after_what_it_depends_on() {
        let order = read(&requests(&[("a", &["C"]), ("b", &[]), ("c", &["b"])])).unwrap();
        assert_eq!(order.after, [vec![2], vec![], vec![1]]);
        assert_eq!(order.sequence, [1, 2, 0]);
    }

    #[test]
    fn names_twice_and_circles_and_unknown_names_are_refused() {
        for (of, field) in [
            (&[("a", &[][..]), ("A", &[])][..], "requests.1.id"),
            (&[("a", &["b"]), ("b", &["a"])], "requests.0.dependsOn"),
            (&[("a", &["a"])], "requests.0.dependsOn"),
            (&[("a", &[]), ("b", &["c"])], "requests.1.dependsOn"),
        ] {
            let error = read(&requests(of)).unwrap_err();
            assert_eq!(error.field(), Some(field));
        }
    }

    #[test]
    fn graph_takes_three_patterns() {
        let cases = [
            (vec![(0, vec![]), (1, vec![])], true),
            (vec![(0, vec![]), (1, vec![0]), (2, vec![1])], true),
            (
                vec![(0, vec![]), (1, vec![0]), (2, vec![0]), (3, vec![])],
                true,
            ),
            (
                vec![(0, vec![]), (1, vec![0]), (2, vec![1]), (3, vec![])],
                false,
            ),
            (vec![(0, vec![]), (1, vec![0]), (2, vec![0, 1])], false),
            (
                vec![(0, vec![]), (1, vec![]), (2, vec![0]), (3, vec![1])],
                false,
            ),
        ];
        for (within, supported) in cases {
            assert_eq!(is_supported(&within), supported, "{within:?}");
        }
    }
}
