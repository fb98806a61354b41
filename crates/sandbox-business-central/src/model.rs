//! What is served: entity sets with their fields, navigations and actions, read once from `metadata/`.
//!
//! Names and what may be written are those of
//! <https://learn.microsoft.com/dynamics365/business-central/dev-itpro/api-reference/v2.0/>.

mod parse;

use std::sync::LazyLock;

use sandbox_odata::schema::{EntityType, Kind};

static MODEL: LazyLock<Model> = LazyLock::new(parse::model);

/// Everything of `metadata/`.
#[derive(Debug)]
struct Model {
    sets: Vec<EntitySet>,
    links: Vec<Link>,
}

/// Where a set is served.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Api {
    /// `/api/v2.0`: what a company records.
    V2,
    /// `/api/microsoft/automation/v2.0`: what an environment is set up with.
    Automation,
}

/// A collection of one type.
#[derive(Debug)]
pub struct EntitySet {
    /// Where it is served.
    pub api: Api,
    /// `salesInvoices`
    pub name: &'static str,
    /// `salesInvoice`
    pub entity: &'static str,
    /// Whether POST is allowed.
    pub insert: bool,
    /// Whether PATCH is allowed.
    pub modify: bool,
    /// Whether DELETE is allowed.
    pub delete: bool,
    /// In the order of `metadata/`.
    pub fields: Vec<Field>,
    /// Related entities.
    pub navigations: Vec<Navigation>,
    /// `post` of `Microsoft.NAV.post`.
    pub actions: Vec<&'static str>,
    /// As queries see it.
    pub edm: &'static EntityType,
}

/// A property of an entity.
#[derive(Debug)]
pub struct Field {
    /// As Microsoft spells it.
    pub name: &'static str,
    /// What it holds.
    pub kind: FieldKind,
    /// Whether a request that writes it is refused.
    pub is_read_only: bool,
}

/// What a field holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FieldKind {
    /// `Edm.Guid`; nothing is all zeros.
    Guid,
    /// Upper-case text of at most so many characters.
    Code(usize),
    /// Text of at most so many characters.
    Text(usize),
    /// `Edm.Boolean`
    Boolean,
    /// `Edm.Int32`
    Integer,
    /// `Edm.Decimal`
    Decimal,
    /// `Edm.Date`; nothing is `0001-01-01`.
    Date,
    /// `Edm.DateTimeOffset`
    Time,
    /// One of these names, the first being the default.
    Enum(&'static [&'static str]),
    /// Bytes at an address of their own.
    Stream,
}

/// Related entities.
#[derive(Debug)]
pub struct Navigation {
    /// `salesInvoiceLines`
    pub name: &'static str,
    /// Where they live.
    pub set: &'static str,
    /// Whether there may be several.
    pub is_many: bool,
    /// The field that holds the id of the one; none for what hangs below the entity.
    pub through: Option<&'static str>,
}

/// A field that holds another entity's id, and the one that holds its code.
#[derive(Debug)]
pub(crate) struct Link {
    /// `currencyId`
    pub(crate) field: &'static str,
    /// `currencies`
    pub(crate) set: &'static str,
    /// `currency`, or `-` where no navigation has that name.
    pub(crate) navigation: &'static str,
    /// `currencyCode`, and what it holds of the other: `code`.
    pub(crate) code: Option<(&'static str, &'static str)>,
}

/// Every set, in the order of `metadata/`.
pub fn sets() -> &'static [EntitySet] {
    &MODEL.sets
}

/// Those of one API.
pub fn sets_of(api: Api) -> impl Iterator<Item = &'static EntitySet> {
    sets().iter().filter(move |set| set.api == api)
}

/// What Microsoft has there and the sandbox has not.
/// Source: <https://github.com/microsoft/ALAppExtensions>, `Apps/W1/APIV2`
const ABSENT: [(Api, &[&str]); 2] = [
    (
        Api::V2,
        &[
            "applyVendorEntries",
            "approvalEntries",
            "approvalUserSetups",
            "jobQueueEntries",
            "jobQueueLogEntries",
            "postedApprovalEntries",
            "reportLabels",
            "workflowApprovers",
            "workflowResponseOptions",
            "workflowSteps",
            "workflows",
        ],
    ),
    (
        Api::Automation,
        &[
            "accessControls",
            "aggregatePermissionSets",
            "configurationPackages",
            "expandedPermissionSets",
            "extensionUpload",
            "features",
            "profiles",
            "userPermissionSets",
            "usersPermissions",
        ],
    ),
];

/// Whether Microsoft serves a set of this name there, and the sandbox does not.
pub(crate) fn is_absent(api: Api, name: &str) -> bool {
    let mut lists = ABSENT.iter().filter(|(of, _)| *of == api);
    lists.any(|(_, names)| names.contains(&name))
}

/// A set by its name, in its own spelling.
pub fn set(name: &str) -> Option<&'static EntitySet> {
    MODEL.sets.iter().find(|set| set.name == name)
}

pub(crate) fn links() -> &'static [Link] {
    &MODEL.links
}

impl EntitySet {
    /// A field in its own spelling.
    pub fn field(&self, name: &str) -> Option<&Field> {
        self.fields.iter().find(|field| field.name == name)
    }

    /// A navigation in its own spelling.
    pub fn navigation(&self, name: &str) -> Option<&Navigation> {
        self.navigations
            .iter()
            .find(|navigation| navigation.name == name)
    }

    /// `Microsoft.NAV.salesInvoice`
    pub fn type_name(&self) -> String {
        format!("Microsoft.NAV.{}", self.entity)
    }

    /// The property that identifies an entity.
    pub fn key(&self) -> &'static str {
        self.fields
            .iter()
            .find(|field| field.name == "id")
            .or_else(|| self.fields.iter().find(|it| it.kind == FieldKind::Guid))
            .map_or("id", |field| field.name)
    }
}

impl FieldKind {
    /// As queries compare it.
    fn query_kind(&self) -> Kind {
        match self {
            Self::Guid => Kind::Guid,
            Self::Code(_) | Self::Text(_) | Self::Enum(_) | Self::Stream => Kind::Text,
            Self::Boolean => Kind::Boolean,
            Self::Integer | Self::Decimal => Kind::Number,
            Self::Date | Self::Time => Kind::Time,
        }
    }

    /// `Edm.Guid`
    pub fn edm_name(&self) -> &'static str {
        match self {
            Self::Guid => "Edm.Guid",
            Self::Code(_) | Self::Text(_) | Self::Enum(_) => "Edm.String",
            Self::Boolean => "Edm.Boolean",
            Self::Integer => "Edm.Int32",
            Self::Decimal => "Edm.Decimal",
            Self::Date => "Edm.Date",
            Self::Time => "Edm.DateTimeOffset",
            Self::Stream => "Edm.Stream",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_navigation_leads_to_a_set() {
        for set in sets() {
            for navigation in &set.navigations {
                assert!(
                    super::set(navigation.set).is_some(),
                    "{} of {}",
                    navigation.name,
                    set.name
                );
            }
        }
    }

    #[test]
    fn a_link_leads_to_a_set_and_to_a_field_of_it() {
        for link in links() {
            let set = set(link.set);
            assert!(set.is_some(), "{}", link.field);
            let target = link.code.map_or("id", |(_, target)| target);
            assert!(
                set.is_some_and(|set| set.field(target).is_some()),
                "{}",
                link.field
            );
        }
    }
}
