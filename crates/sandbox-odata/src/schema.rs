//! What an entity looks like, as far as queries need to know it.

use super::error::Error;

/// A type of the service's model.
#[derive(Debug)]
pub struct EntityType {
    /// Qualified name, `microsoft.graph.message`.
    pub name: &'static str,
    /// Structural and navigation properties.
    pub properties: &'static [Property],
}

/// A property of an [`EntityType`].
#[derive(Debug)]
pub struct Property {
    /// As Microsoft spells it.
    pub name: &'static str,
    /// What it holds.
    pub kind: Kind,
}

/// What a property holds.
#[derive(Debug, Clone, Copy)]
pub enum Kind {
    /// `Edm.String`, enumerations included.
    Text,
    /// `Edm.Boolean`
    Boolean,
    /// `Edm.Int32`, `Edm.Int64`, `Edm.Double`
    Number,
    /// `Edm.DateTimeOffset`
    Time,
    /// `Edm.Guid`
    Guid,
    /// A nested object.
    Complex(&'static EntityType),
    /// A list of values, open to `any` and `all`.
    Collection(&'static Self),
    /// Related entities: may be expanded, not compared.
    Navigation,
}

/// A property that holds text, or a name out of an enumeration.
pub const fn text(name: &'static str) -> Property {
    Property {
        name,
        kind: Kind::Text,
    }
}

/// A property that is true or false.
pub const fn boolean(name: &'static str) -> Property {
    Property {
        name,
        kind: Kind::Boolean,
    }
}

/// A property that is counted or measured.
pub const fn number(name: &'static str) -> Property {
    Property {
        name,
        kind: Kind::Number,
    }
}

/// A property that is an instant.
pub const fn time(name: &'static str) -> Property {
    Property {
        name,
        kind: Kind::Time,
    }
}

/// A property that is compared as a GUID, without quotes.
pub const fn guid(name: &'static str) -> Property {
    Property {
        name,
        kind: Kind::Guid,
    }
}

/// A nested object.
pub const fn complex(name: &'static str, of: &'static EntityType) -> Property {
    Property {
        name,
        kind: Kind::Complex(of),
    }
}

/// A list of texts.
pub const fn texts(name: &'static str) -> Property {
    collection(name, &Kind::Text)
}

/// A list of anything.
pub const fn collection(name: &'static str, of: &'static Kind) -> Property {
    Property {
        name,
        kind: Kind::Collection(of),
    }
}

/// Related entities.
pub const fn related(name: &'static str) -> Property {
    Property {
        name,
        kind: Kind::Navigation,
    }
}

impl Kind {
    /// The name that Microsoft's messages use.
    pub fn edm_name(self) -> String {
        match self {
            Self::Text => "Edm.String".to_owned(),
            Self::Boolean => "Edm.Boolean".to_owned(),
            Self::Number => "Edm.Int32".to_owned(),
            Self::Time => "Edm.DateTimeOffset".to_owned(),
            Self::Guid => "Edm.Guid".to_owned(),
            Self::Complex(inner) => inner.name.to_owned(),
            Self::Collection(inner) => format!("Collection({})", inner.edm_name()),
            Self::Navigation => "Edm.EntityType".to_owned(),
        }
    }
}

impl EntityType {
    /// The property by that name; case does not matter to Graph.
    pub fn property(&self, name: &str) -> Option<&Property> {
        self.properties
            .iter()
            .find(|property| property.name.eq_ignore_ascii_case(name))
    }

    /// Follows a path, spelling each name as the type does, and answers what it ends in.
    pub fn resolve(&self, path: &mut [String]) -> Result<Kind, Error> {
        let mut at = Kind::Navigation;
        let mut entity_type = Some(self);
        for name in path {
            let (type_name, found) = match entity_type {
                Some(known) => (known.name.to_owned(), known.property(name)),
                None => (at.edm_name(), None),
            };
            let property = found.ok_or_else(|| Error::UnknownProperty {
                name: name.clone(),
                type_name,
            })?;
            property.name.clone_into(name);
            at = property.kind;
            entity_type = match property.kind {
                Kind::Complex(inner) => Some(inner),
                _ => None,
            };
        }
        Ok(at)
    }

    /// Holds the names of `$select` against the type and spells them as it does.
    pub fn resolve_select(&self, select: &mut [String]) -> Result<(), Error> {
        for name in select {
            let mut path: Vec<String> = name.split('/').map(str::to_owned).collect();
            self.resolve(&mut path)?;
            *name = path.join("/");
        }
        Ok(())
    }
}
