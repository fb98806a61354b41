//! The Common Schema Definition Language, as far as answers are judged by it.
//! Source: <https://docs.oasis-open.org/odata/odata-csdl-xml/v4.01/odata-csdl-xml-v4.01.html>

mod read;

use std::collections::{BTreeMap, HashMap};

/// Types, roots and operations of a service.
#[derive(Debug, Default)]
pub(crate) struct Model {
    /// By qualified name.
    types: HashMap<String, Type>,
    /// Singletons and entity sets, by name in small letters.
    roots: HashMap<String, TypeRef>,
    /// Actions and functions, by name in small letters.
    operations: HashMap<String, Vec<Operation>>,
    /// Namespace of each alias that is the same everywhere.
    aliases: HashMap<String, String>,
    /// Annotations that the service defines.
    terms: Vec<String>,
}

/// A named type.
#[derive(Debug)]
pub(crate) enum Type {
    Structured(Structured),
    Enumeration(Vec<String>),
}

/// An entity type or a complex type.
#[derive(Debug)]
pub(crate) struct Structured {
    pub(crate) name: String,
    pub(crate) base: Option<String>,
    pub(crate) is_open: bool,
    pub(crate) is_entity: bool,
    members: Vec<Member>,
}

/// A property, structural or of navigation.
#[derive(Debug, Clone)]
pub(crate) struct Member {
    pub(crate) name: String,
    pub(crate) type_ref: TypeRef,
    pub(crate) is_nullable: bool,
    pub(crate) is_navigation: bool,
}

/// What something is of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct TypeRef {
    /// Qualified: `Edm.String`, `microsoft.graph.message`.
    pub(crate) name: String,
    pub(crate) is_collection: bool,
}

/// An action or a function.
#[derive(Debug, Default)]
pub(crate) struct Operation {
    pub(crate) is_function: bool,
    pub(crate) is_bound: bool,
    /// The binding one first.
    parameters: Vec<TypeRef>,
    pub(crate) returns: Option<TypeRef>,
}

impl TypeRef {
    pub(crate) fn one(name: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            is_collection: false,
        }
    }

    pub(crate) fn item(&self) -> Self {
        Self::one(self.name.clone())
    }
}

impl std::fmt::Display for TypeRef {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if self.is_collection {
            write!(f, "Collection({})", self.name)
        } else {
            f.write_str(&self.name)
        }
    }
}

impl Model {
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        read::model(text)
    }

    pub(crate) fn type_of(&self, name: &str) -> Option<&Type> {
        self.types.get(name)
    }

    pub(crate) fn structured(&self, name: &str) -> Option<&Structured> {
        match self.types.get(name)? {
            Type::Structured(found) => Some(found),
            Type::Enumeration(_) => None,
        }
    }

    /// What a singleton or an entity set holds.
    pub(crate) fn root(&self, name: &str) -> Option<&TypeRef> {
        self.roots.get(&name.to_ascii_lowercase())
    }

    pub(crate) fn has_term(&self, name: &str) -> bool {
        self.terms.iter().any(|term| term == name)
    }

    /// The type and what it is derived from, itself first.
    pub(crate) fn lineage<'a>(&'a self, name: &str) -> impl Iterator<Item = &'a Structured> {
        std::iter::successors(self.structured(name), |at| {
            self.structured(at.base.as_deref()?)
        })
    }

    pub(crate) fn derives_from(&self, name: &str, base: &str) -> bool {
        name == base || self.lineage(name).any(|at| at.name == base)
    }

    /// A property by its exact name.
    pub(crate) fn member(&self, type_name: &str, name: &str) -> Option<&Member> {
        self.members(type_name).find(|member| member.name == name)
    }

    /// Own and inherited ones.
    pub(crate) fn members<'a>(&'a self, type_name: &str) -> impl Iterator<Item = &'a Member> {
        self.lineage(type_name).flat_map(|at| &at.members)
    }

    /// Whether values may hold what is not declared.
    pub(crate) fn is_open(&self, type_name: &str) -> bool {
        self.lineage(type_name).any(|at| at.is_open)
    }

    /// The operation of that name that is bound to such a thing, the more exactly bound one first.
    pub(crate) fn bound(&self, name: &str, to: &TypeRef) -> Option<&Operation> {
        let named = self.operations.get(&name.to_ascii_lowercase())?;
        let binds = |operation: &&Operation, base: &str| {
            operation.is_bound
                && operation.parameters.first().is_some_and(|first| {
                    first.is_collection == to.is_collection && first.name == base
                })
        };
        let mut lineage = self.lineage(&to.name);
        lineage.find_map(|at| named.iter().find(|operation| binds(operation, &at.name)))
    }

    /// Names of the operations bound to such a thing, and whether each is a function.
    pub(crate) fn bound_to(&self, to: &TypeRef) -> BTreeMap<&str, bool> {
        let names = self.operations.keys();
        let bound =
            names.filter_map(|name| Some((name.as_str(), self.bound(name, to)?.is_function)));
        bound.collect()
    }

    /// A type as it is written in a schema: `Collection(graph.message)`.
    pub(crate) fn type_ref(&self, written: &str, namespace: &str) -> TypeRef {
        let inner = written
            .strip_prefix("Collection(")
            .and_then(|rest| rest.strip_suffix(')'));
        let name = inner.unwrap_or(written);
        let name = match name.rsplit_once('.') {
            Some(("self", local)) => format!("{namespace}.{local}"),
            Some((prefix, local)) => {
                let full = self.aliases.get(prefix).map_or(prefix, String::as_str);
                format!("{full}.{local}")
            }
            None => format!("{namespace}.{name}"),
        };
        TypeRef {
            name,
            is_collection: inner.is_some(),
        }
    }
}
