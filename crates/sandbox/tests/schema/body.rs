//! Bodies against types: every property known, every value of its type.

use serde_json::{Map, Value};

use super::csdl::{Member, Model, Type, TypeRef};
use super::edm;

/// Annotations of the protocol.
/// Source: <https://docs.oasis-open.org/odata/odata-json-format/v4.01/odata-json-format-v4.01.html#_Toc38457727>
const ODATA: [&str; 16] = [
    "associationLink",
    "bind",
    "context",
    "count",
    "deltaLink",
    "editLink",
    "etag",
    "id",
    "mediaContentType",
    "mediaEditLink",
    "mediaEtag",
    "mediaReadLink",
    "navigationLink",
    "nextLink",
    "readLink",
    "type",
];
/// Open types whose undeclared names follow no rule.
const REALLY_OPEN: [&str; 3] = [
    "microsoft.graph.fieldValueSet",
    "microsoft.graph.openTypeExtension",
    "microsoft.graph.thumbnailSet",
];

/// What was found wrong, each with the place in the body.
#[derive(Debug)]
pub(crate) struct Findings<'a> {
    model: &'a Model,
    pub(crate) wrong: Vec<String>,
}

impl<'a> Findings<'a> {
    pub(crate) fn new(model: &'a Model) -> Self {
        Self {
            model,
            wrong: Vec::new(),
        }
    }

    pub(crate) fn add(&mut self, at: &str, expected: &str, got: &Value) {
        let mut got = got.to_string();
        if got.len() > 200 {
            let cut = (0..=200).rev().find(|at| got.is_char_boundary(*at));
            got.truncate(cut.unwrap_or_default());
            got.push('…');
        }
        self.wrong
            .push(format!("{at}: expected {expected}, got {got}"));
    }

    /// A whole body.
    pub(crate) fn body(&mut self, expected: &TypeRef, body: &Value) {
        let Some(object) = body.as_object() else {
            return self.add("the body", "a JSON object", body);
        };
        let is_structured = self.model.structured(&expected.name).is_some();
        if is_structured && !expected.is_collection {
            return self.object("", &expected.name, object);
        }
        for (name, value) in object {
            if name == "value" {
                self.value("value", expected, true, value);
            } else {
                self.annotation("", name, value, None);
            }
        }
        if !object.contains_key("value") {
            self.add("value", &expected.to_string(), body);
        }
    }

    fn value(&mut self, at: &str, expected: &TypeRef, is_nullable: bool, value: &Value) {
        match value {
            Value::Array(items) if expected.is_collection => {
                for (index, item) in items.iter().enumerate() {
                    self.value(
                        &format!("{at}[{index}]"),
                        &expected.item(),
                        is_nullable,
                        item,
                    );
                }
            }
            _ if expected.is_collection => self.add(at, &expected.to_string(), value),
            Value::Null if is_nullable => {}
            _ => self.one(at, &expected.name, value),
        }
    }

    fn one(&mut self, at: &str, expected: &str, value: &Value) {
        match (self.model.type_of(expected), value) {
            (Some(Type::Structured(_)), Value::Object(object)) => self.object(at, expected, object),
            (Some(Type::Enumeration(members)), Value::String(text)) => {
                let is_member = |word: &str| members.iter().any(|member| member == word);
                if !text.split(',').all(|word| is_member(word.trim())) {
                    self.add(at, &format!("{expected} ({})", members.join(", ")), value);
                }
            }
            (None, _) if edm::fits(expected, value) => {}
            _ => self.add(at, expected, value),
        }
    }

    fn object(&mut self, at: &str, declared: &str, object: &Map<String, Value>) {
        let actual = self.actual_type(at, declared, object);
        for (name, value) in object {
            let place = if at.is_empty() {
                name.clone()
            } else {
                format!("{at}.{name}")
            };
            if name.contains('@') {
                self.annotation(at, name, value, Some(&actual));
            } else if let Some(member) = self.model.member(&actual, name).cloned() {
                self.member(&place, &member, value);
            } else if !self.may_be_there(&actual, name) {
                self.add(&place, &format!("a property of {actual}"), value);
            }
        }
    }

    /// The declared type, or the one derived from it that the object says it is of.
    fn actual_type(&mut self, at: &str, declared: &str, object: &Map<String, Value>) -> String {
        let Some(said) = object.get("@odata.type") else {
            return declared.to_owned();
        };
        let name = said.as_str().map(|text| text.trim_start_matches('#'));
        match name {
            Some(name) if self.model.derives_from(name, declared) => name.to_owned(),
            _ => {
                let at = format!("{at}@odata.type");
                self.add(&at, &format!("a type derived from {declared}"), said);
                declared.to_owned()
            }
        }
    }

    fn member(&mut self, at: &str, member: &Member, value: &Value) {
        // A reference to nothing is null, whatever is declared.
        let is_nullable = member.is_nullable || member.is_navigation;
        self.value(at, &member.type_ref, is_nullable, value);
    }

    /// Directory extensions, schema extensions and the like: they have an underscore, so that nothing is misspelt unseen.
    fn may_be_there(&self, type_name: &str, name: &str) -> bool {
        if !self.model.is_open(type_name) {
            return false;
        }
        let is_entity = self
            .model
            .structured(type_name)
            .is_some_and(|known| known.is_entity);
        let is_really_open = REALLY_OPEN.contains(&type_name);
        !is_entity || is_really_open || name.contains('_')
    }

    /// `@odata.etag`, `attachments@odata.context`, `@microsoft.graph.downloadUrl`, `@removed`, `members@delta`.
    fn annotation(&mut self, at: &str, name: &str, value: &Value, of: Option<&str>) {
        let (target, term) = name.split_once('@').unwrap_or(("", name));
        let is_known = if let Some(word) = term.strip_prefix("odata.") {
            ODATA.contains(&word)
        } else if let Some(word) = term.strip_prefix("microsoft.graph.") {
            self.model.has_term(word) || UNLISTED.contains(&word)
        } else {
            // What changed of a relation, and what is gone, in delta queries.
            ["removed", "delta"].contains(&term)
        };
        if !is_known || !name.contains('@') {
            self.add(&format!("{at}.{name}"), "a known annotation", value);
        } else if let (false, Some(type_name)) = (target.is_empty(), of)
            && self.model.member(type_name, target).is_none()
            && !self.may_be_there(type_name, target)
        {
            self.add(
                &format!("{at}.{name}"),
                &format!("a property of {type_name} before the `@`"),
                value,
            );
        }
    }
}

/// Annotations of Microsoft's pages that its schema does not list.
/// Sources: <https://learn.microsoft.com/graph/api/driveitem-createuploadsession>, <https://learn.microsoft.com/graph/delta-query-overview>
const UNLISTED: [&str; 2] = ["Decorator", "tips"];
