//! The tables that a FetchXML query reads: its own, and those that it is linked with.
//!
//! Source: <https://learn.microsoft.com/power-apps/developer/data-platform/fetchxml/reference/>.

use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};

use crate::{Error, Result};

/// Logical names, in the query's order. A query that two readers could read differently is refused.
pub(crate) fn tables(query: &str) -> Result<Vec<String>> {
    let mut reader = Reader::from_str(query);
    reader.config_mut().check_end_names = true;
    let (mut tables, mut depth) = (Vec::new(), 0_usize);
    loop {
        match reader.read_event().map_err(|_| unfit("is not XML"))? {
            Event::Start(element) => {
                depth += 1;
                tables.extend(table(&element)?);
            }
            Event::Empty(element) => tables.extend(table(&element)?),
            Event::End(_) => depth = depth.saturating_sub(1),
            Event::DocType(_) | Event::PI(_) => {
                return Err(unfit("has a document type or an instruction"));
            }
            Event::Eof if depth > 0 || tables.is_empty() => return Err(unfit("names no table")),
            Event::Eof => return Ok(tables),
            _ => {}
        }
    }
}

fn table(element: &BytesStart<'_>) -> Result<Option<String>> {
    let name = element.local_name().as_ref().to_ascii_lowercase();
    if name != "entity" && name != "link-entity" {
        return Ok(None);
    }
    let mut found = None;
    // Each is read, so that one that stands twice is seen.
    for attribute in element.attributes() {
        let attribute = attribute.map_err(|_| unfit("has an attribute that does not read"))?;
        let key: &str = attribute.key.as_ref();
        if key.eq_ignore_ascii_case("name") {
            let value = attribute.value.into_owned();
            let is_name = |b: u8| b.is_ascii_alphanumeric() || b == b'_';
            if key != "name" || value.is_empty() || !value.bytes().all(is_name) {
                return Err(unfit("names a table in an odd way"));
            }
            found = Some(value);
        }
    }
    if found.is_some() {
        return Ok(found);
    }
    Err(unfit("has a table without a name"))
}

fn unfit(reason: &str) -> Error {
    Error::Input {
        code: "invalid_input",
        field: Some("fetchXml".to_owned()),
        message: format!("the FetchXML query {reason}"),
    }
}

#[cfg(test)]
mod tests {
    use super::tables;

    #[test]
    fn linked_tables_are_found_wherever_they_stand() {
        let query = r#"<fetch><entity name="account"><link-entity name='contact' from="a" to="b">
            <link-entity name="systemuser" from="a" to="b"/></link-entity>
            <filter><link-entity name="task" link-type="any" from="a" to="b"/></filter></entity></fetch>"#;
        assert_eq!(
            tables(query).unwrap(),
            ["account", "contact", "systemuser", "task"]
        );
    }

    #[test]
    fn what_hides_a_table_is_refused() {
        for query in [
            "",
            "account",
            "<fetch/>",
            "<fetch><entity name='account'>",
            "<fetch><entity/></fetch>",
            "<fetch><entity name='a' name='b'/></fetch>",
            "<fetch><entity name='acc&#111;unt'/></fetch>",
            "<!DOCTYPE f [<!ENTITY t 'contact'>]><fetch><entity name='account'>&t;</entity></fetch>",
            "<fetch><entity name='account'></fetch></entity>",
        ] {
            assert!(tables(query).is_err(), "{query}");
        }
    }
}
