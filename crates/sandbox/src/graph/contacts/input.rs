//! Contacts as clients write them.

use serde_json::{Map, Value, json};

use super::schema::{CONTACT, WRITTEN};
use crate::graph::fault::Fault;
use crate::graph::mail::input;
use crate::graph::schema::PHYSICAL_ADDRESS;
use crate::odata::schema::Kind;

/// Writes the named properties into a contact. What only the server sets is passed over.
pub(super) fn apply(
    properties: &mut Map<String, Value>,
    body: &Map<String, Value>,
) -> Result<(), Fault> {
    for (name, value) in body.iter().filter(|(name, _)| !name.contains('@')) {
        let property = CONTACT
            .property(name)
            .ok_or_else(|| Fault::unknown_property(name, CONTACT.name))?;
        let known = property.name;
        if [
            "singleValueExtendedProperties",
            "multiValueExtendedProperties",
            "extensions",
        ]
        .contains(&known)
        {
            return Err(Fault::not_implemented(&format!("{known} of contacts")));
        }
        if known == "categories" || WRITTEN.contains(&known) {
            properties.insert(known.to_owned(), read(known, value, property.kind)?);
        }
    }
    name_it(properties);
    Ok(())
}

fn read(name: &str, value: &Value, kind: Kind) -> Result<Value, Fault> {
    match kind {
        _ if value.is_null() => Ok(Value::Null),
        Kind::Collection(Kind::Text) => Ok(json!(input::texts(name, value)?)),
        Kind::Collection(_) => {
            let all = input::array(name, value)?
                .iter()
                .map(|item| email(name, item));
            Ok(Value::Array(all.collect::<Result<_, _>>()?))
        }
        Kind::Complex(_) => {
            let address = input::object(name, value)?;
            let unknown = address
                .keys()
                .find(|key| !key.contains('@') && PHYSICAL_ADDRESS.property(key).is_none());
            match unknown {
                Some(key) => Err(Fault::unknown_property(key, PHYSICAL_ADDRESS.name)),
                None => Ok(value.clone()),
            }
        }
        Kind::Time => {
            let text = input::text(name, value)?;
            let at: jiff::Timestamp = text
                .parse()
                .map_err(|_| Fault::invalid_value(name, "Edm.DateTimeOffset"))?;
            Ok(crate::graph::mail::render::time(at))
        }
        _ => Ok(json!(input::text(name, value)?)),
    }
}

fn email(name: &str, value: &Value) -> Result<Value, Fault> {
    let wanted = "microsoft.graph.emailAddress";
    let object = input::object(name, value)?;
    let part = |key: &str| {
        let found = object
            .iter()
            .find(|(known, _)| known.eq_ignore_ascii_case(key));
        found.and_then(|(_, value)| value.as_str())
    };
    let address = part("address").ok_or_else(|| Fault::invalid_value(name, wanted))?;
    Ok(json!({"name": part("name").unwrap_or(address), "address": address}))
}

/// Outlook makes up what was left out of the name.
fn name_it(properties: &mut Map<String, Value>) {
    let word = |name: &str| {
        properties
            .get(name)
            .and_then(Value::as_str)
            .unwrap_or_default()
            .to_owned()
    };
    let (given, surname) = (word("givenName"), word("surname"));
    let join = |parts: [&str; 2], between: &str| {
        let parts: Vec<&str> = parts.into_iter().filter(|part| !part.is_empty()).collect();
        parts.join(between)
    };
    let shown = join([&given, &surname], " ");
    let filed = join([&surname, &given], ", ");
    for (name, value) in [("displayName", shown), ("fileAs", filed)] {
        if properties.get(name).is_none_or(Value::is_null) && !value.is_empty() {
            properties.insert(name.to_owned(), json!(value));
        }
    }
}
