//! `$orderby`: sort keys, and the comparison of two entities by them.

use std::cmp::Ordering;

use super::error::Error;
use super::filter::Entity;
use super::filter::datum::Datum;
use super::filter::eval;
use super::schema::EntityType;
use super::text;

/// One sort key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OrderKey {
    /// Property path, `["from", "emailAddress", "name"]`.
    pub path: Vec<String>,
    /// `desc`.
    pub descending: bool,
}

/// Reads `receivedDateTime desc, subject`.
pub fn parse(value: &str) -> Result<Vec<OrderKey>, Error> {
    text::split_outside(value, ',')?
        .into_iter()
        .map(|part| parse_key(value, part))
        .collect()
}

fn parse_key(whole: &str, part: &str) -> Result<OrderKey, Error> {
    let mut words = part.split_whitespace();
    let path = words
        .next()
        .filter(|path| text::is_path(path))
        .ok_or_else(|| Error::syntax(whole, 0))?;
    let descending = match words.next() {
        None => false,
        Some(word) if word.eq_ignore_ascii_case("asc") => false,
        Some(word) if word.eq_ignore_ascii_case("desc") => true,
        Some(_) => return Err(Error::syntax(whole, whole.len())),
    };
    if words.next().is_some() {
        return Err(Error::syntax(whole, whole.len()));
    }
    Ok(OrderKey {
        path: path.split('/').map(str::to_owned).collect(),
        descending,
    })
}

/// Holds every key against the type and spells its names as the type does.
pub fn bind(keys: &mut [OrderKey], entity_type: &EntityType) -> Result<(), Error> {
    for key in keys {
        entity_type.resolve(&mut key.path)?;
    }
    Ok(())
}

/// Which of two entities comes first; absent values lead, as they do at Microsoft.
pub fn compare(keys: &[OrderKey], left: &dyn Entity, right: &dyn Entity) -> Ordering {
    keys.iter()
        .map(|key| {
            let (a, b) = (
                eval::property(left, &key.path),
                eval::property(right, &key.path),
            );
            let ordering = Datum::of(&a).sort_order(&Datum::of(&b));
            if key.descending {
                ordering.reverse()
            } else {
                ordering
            }
        })
        .find(|ordering| *ordering != Ordering::Equal)
        .unwrap_or(Ordering::Equal)
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    #[test]
    fn entities_are_sorted_by_each_key_in_turn() -> Result<(), Error> {
        let keys = parse("size desc,from/name")?;
        let mut rows: Vec<Value> = vec![
            json!({"id": 1, "size": 2, "from": {"name": "b"}}),
            json!({"id": 2, "size": 9, "from": {"name": "z"}}),
            json!({"id": 3, "size": 2, "from": {"name": "A"}}),
            json!({"id": 4, "size": null}),
        ];
        rows.sort_by(|a, b| compare(&keys, a, b));
        let ids: Vec<i64> = rows.iter().filter_map(|row| row["id"].as_i64()).collect();
        assert_eq!(ids, [2, 3, 1, 4]);
        Ok(())
    }

    #[test]
    fn a_direction_that_is_neither_is_refused() {
        assert!(parse("subject sideways").is_err());
        assert!(parse("subject desc desc").is_err());
        assert!(parse("").is_err());
    }
}
