//! From the text of a schema to its model.

use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};

use super::{Member, Model, Operation, Structured, Type, TypeRef};

/// Reads a document from its beginning to its end.
pub(super) fn model(text: &str) -> Result<Model, String> {
    let mut reading = Reading {
        model: Model::default(),
        namespace: String::new(),
        open: Open::Nothing,
    };
    let mut reader = Reader::from_str(text);
    loop {
        match reader.read_event().map_err(|error| error.to_string())? {
            Event::Start(element) => reading.begin(&element),
            Event::Empty(element) => {
                reading.begin(&element);
                reading.end(element.local_name().as_ref());
            }
            Event::End(element) => reading.end(element.local_name().as_ref()),
            Event::Eof => return Ok(reading.model),
            _ => {}
        }
    }
}

struct Reading {
    model: Model,
    namespace: String,
    open: Open,
}

/// The element whose children are read.
enum Open {
    Nothing,
    Structured(Structured),
    Enumeration(String, Vec<String>),
    Operation(String, Operation),
}

impl Reading {
    fn begin(&mut self, element: &BytesStart<'_>) {
        let name = attribute(element, "Name");
        match element.local_name().as_ref() {
            "Schema" => self.schema(element),
            "EntityType" | "ComplexType" => self.structured(element, &name),
            "EnumType" => self.open = Open::Enumeration(self.qualified(&name), Vec::new()),
            "Member" => {
                if let Open::Enumeration(_, members) = &mut self.open {
                    members.push(name);
                }
            }
            "Property" | "NavigationProperty" => self.member(element, name),
            "Action" | "Function" => self.operation(element, name),
            "Parameter" => {
                let parameter = self.typed(element, "Type");
                if let Open::Operation(_, operation) = &mut self.open {
                    operation.parameters.push(parameter);
                }
            }
            "ReturnType" => {
                let returned = self.typed(element, "Type");
                if let Open::Operation(_, operation) = &mut self.open {
                    operation.returns = Some(returned);
                }
            }
            "Singleton" => {
                let held = self.typed(element, "Type");
                self.model.roots.insert(name.to_ascii_lowercase(), held);
            }
            "EntitySet" => {
                let mut held = self.typed(element, "EntityType");
                held.is_collection = true;
                self.model.roots.insert(name.to_ascii_lowercase(), held);
            }
            "Term" => self.model.terms.push(name),
            _ => {}
        }
    }

    fn end(&mut self, element: &str) {
        if !matches!(
            element,
            "EntityType" | "ComplexType" | "EnumType" | "Action" | "Function"
        ) {
            return;
        }
        match std::mem::replace(&mut self.open, Open::Nothing) {
            Open::Nothing => {}
            Open::Structured(read) => {
                let name = read.name.clone();
                self.model.types.insert(name, Type::Structured(read));
            }
            Open::Enumeration(name, members) => {
                self.model.types.insert(name, Type::Enumeration(members));
            }
            Open::Operation(name, operation) => {
                let known = self.model.operations.entry(name.to_ascii_lowercase());
                known.or_default().push(operation);
            }
        }
    }

    fn schema(&mut self, element: &BytesStart<'_>) {
        self.namespace = attribute(element, "Namespace");
        let alias = attribute(element, "Alias");
        // `self` means another schema in each of them.
        if !alias.is_empty() && alias != "self" {
            self.model.aliases.insert(alias, self.namespace.clone());
        }
    }

    fn structured(&mut self, element: &BytesStart<'_>, name: &str) {
        let base = attribute(element, "BaseType");
        self.open = Open::Structured(Structured {
            name: self.qualified(name),
            base: (!base.is_empty()).then(|| self.model.type_ref(&base, &self.namespace).name),
            is_open: attribute(element, "OpenType") == "true",
            is_entity: element.local_name().as_ref() == "EntityType",
            members: Vec::new(),
        });
    }

    fn member(&mut self, element: &BytesStart<'_>, name: String) {
        let member = Member {
            name,
            type_ref: self.typed(element, "Type"),
            is_nullable: attribute(element, "Nullable") != "false",
            is_navigation: element.local_name().as_ref() == "NavigationProperty",
        };
        if let Open::Structured(read) = &mut self.open {
            read.members.push(member);
        }
    }

    fn operation(&mut self, element: &BytesStart<'_>, name: String) {
        let operation = Operation {
            is_function: element.local_name().as_ref() == "Function",
            is_bound: attribute(element, "IsBound") == "true",
            ..Operation::default()
        };
        self.open = Open::Operation(name, operation);
    }

    fn qualified(&self, name: &str) -> String {
        format!("{}.{name}", self.namespace)
    }

    fn typed(&self, element: &BytesStart<'_>, name: &str) -> TypeRef {
        let written = attribute(element, name);
        self.model.type_ref(&written, &self.namespace)
    }
}

/// An attribute's text, empty where it is not there. Names and types need no unescaping.
fn attribute(element: &BytesStart<'_>, name: &str) -> String {
    let found = element.try_get_attribute(name).ok().flatten();
    found.map_or_else(String::new, |attribute| attribute.value.into_owned())
}
