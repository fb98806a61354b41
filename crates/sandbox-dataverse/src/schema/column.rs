//! A column: what it holds, who may write it.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// A column of a table.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a property of metadata of its own"
)]
pub(crate) struct Column {
    /// Logical name, lower case.
    pub(crate) name: String,
    pub(crate) schema_name: String,
    pub(crate) display: String,
    pub(crate) kind: Kind,
    pub(crate) required: Required,
    /// May be given when a row is created.
    pub(crate) for_create: bool,
    /// May be given when a row is changed.
    pub(crate) for_update: bool,
    /// Value of a new row that does not give one: of a choice or of yes/no.
    pub(crate) default: Option<i32>,
    /// The global choices that it draws on.
    pub(crate) global_choice: Option<String>,
    pub(crate) is_custom: bool,
    /// Made by whoever changes metadata, and so may be deleted.
    pub(crate) metadata_id: Uuid,
    /// Deleted: its place stays.
    #[serde(default)]
    pub(crate) is_gone: bool,
}

/// One of the values of a choice.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Choice {
    pub(crate) value: i32,
    pub(crate) label: String,
    /// Of a status reason: the state that it belongs to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) state: Option<i32>,
}

/// How much a value is missed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[expect(clippy::enum_variant_names, reason = "Dataverse's own words")]
pub(crate) enum Required {
    None,
    Recommended,
    /// Forms insist, the API does not.
    ApplicationRequired,
    /// The API insists.
    SystemRequired,
}

impl Required {
    /// As metadata spells it.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::None => "None",
            Self::Recommended => "Recommended",
            Self::ApplicationRequired => "ApplicationRequired",
            Self::SystemRequired => "SystemRequired",
        }
    }

    pub(crate) fn parse(name: &str) -> Option<Self> {
        [
            Self::None,
            Self::Recommended,
            Self::ApplicationRequired,
            Self::SystemRequired,
        ]
        .into_iter()
        .find(|it| it.name() == name)
    }
}

/// What a column holds.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) enum Kind {
    /// The row's id.
    Key,
    Text {
        max: u32,
        format: TextFormat,
    },
    Memo {
        max: u32,
    },
    Whole {
        min: i64,
        max: i64,
    },
    /// 64 bits; the version of a row is one.
    Big,
    Decimal {
        precision: u8,
    },
    Double {
        precision: u8,
    },
    /// An amount in the row's currency.
    Money {
        precision: u8,
    },
    /// The same amount in the organisation's currency.
    MoneyBase,
    Flag {
        labels: [String; 2],
    },
    Choice(Vec<Choice>),
    Choices(Vec<Choice>),
    State(Vec<Choice>),
    Status(Vec<Choice>),
    /// A row of one of these tables; an empty list stands for any table.
    Lookup {
        targets: Vec<String>,
    },
    /// A user or a team.
    Owner,
    Time,
    Date,
    Guid,
    File {
        max_kb: u32,
    },
    Image,
    /// Parties of an activity, which are rows of `activityparty`.
    Party,
}

/// What a text is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum TextFormat {
    Text,
    Email,
    Phone,
    Url,
}

impl Column {
    /// The name of its property: a lookup's is between underscores.
    pub(crate) fn property(&self) -> String {
        if self.is_lookup() {
            format!("_{}_value", self.name)
        } else {
            self.name.clone()
        }
    }

    pub(crate) fn is_lookup(&self) -> bool {
        matches!(self.kind, Kind::Lookup { .. } | Kind::Owner)
    }

    /// Whether rows show it as a property.
    pub(crate) fn is_property(&self) -> bool {
        !self.is_gone && self.kind != Kind::Party
    }

    /// The values to choose from; none for what is no choice.
    pub(crate) fn choices(&self) -> Option<&[Choice]> {
        match &self.kind {
            Kind::Choice(list) | Kind::Choices(list) | Kind::State(list) | Kind::Status(list) => {
                Some(list)
            }
            _ => None,
        }
    }

    pub(crate) fn label(&self, value: i64) -> Option<&str> {
        self.choices()?
            .iter()
            .find(|choice| i64::from(choice.value) == value)
            .map(|choice| choice.label.as_str())
    }

    /// `AttributeType` and `AttributeTypeName` of metadata.
    /// Source: <https://learn.microsoft.com/power-apps/developer/data-platform/entity-attribute-metadata>
    pub(crate) fn type_names(&self) -> (&'static str, &'static str) {
        match &self.kind {
            Kind::Key | Kind::Guid => ("Uniqueidentifier", "UniqueidentifierType"),
            Kind::Text { .. } => ("String", "StringType"),
            Kind::Memo { .. } => ("Memo", "MemoType"),
            Kind::Whole { .. } => ("Integer", "IntegerType"),
            Kind::Big => ("BigInt", "BigIntType"),
            Kind::Decimal { .. } => ("Decimal", "DecimalType"),
            Kind::Double { .. } => ("Double", "DoubleType"),
            Kind::Money { .. } | Kind::MoneyBase => ("Money", "MoneyType"),
            Kind::Flag { .. } => ("Boolean", "BooleanType"),
            Kind::Choice(_) => ("Picklist", "PicklistType"),
            Kind::Choices(_) => ("Virtual", "MultiSelectPicklistType"),
            Kind::State(_) => ("State", "StateType"),
            Kind::Status(_) => ("Status", "StatusType"),
            Kind::Lookup { targets } if is_customer(targets) => ("Customer", "CustomerType"),
            Kind::Lookup { .. } => ("Lookup", "LookupType"),
            Kind::Owner => ("Owner", "OwnerType"),
            Kind::Time | Kind::Date => ("DateTime", "DateTimeType"),
            Kind::File { .. } => ("Virtual", "FileType"),
            Kind::Image => ("Virtual", "ImageType"),
            Kind::Party => ("PartyList", "PartyListType"),
        }
    }

    /// The type that metadata casts to: `StringAttributeMetadata`.
    pub(crate) fn metadata_type(&self) -> &'static str {
        match &self.kind {
            Kind::Key | Kind::Guid => "UniqueIdentifierAttributeMetadata",
            Kind::Text { .. } => "StringAttributeMetadata",
            Kind::Memo { .. } => "MemoAttributeMetadata",
            Kind::Whole { .. } => "IntegerAttributeMetadata",
            Kind::Big => "BigIntAttributeMetadata",
            Kind::Decimal { .. } => "DecimalAttributeMetadata",
            Kind::Double { .. } => "DoubleAttributeMetadata",
            Kind::Money { .. } | Kind::MoneyBase => "MoneyAttributeMetadata",
            Kind::Flag { .. } => "BooleanAttributeMetadata",
            Kind::Choice(_) => "PicklistAttributeMetadata",
            Kind::Choices(_) => "MultiSelectPicklistAttributeMetadata",
            Kind::State(_) => "StateAttributeMetadata",
            Kind::Status(_) => "StatusAttributeMetadata",
            Kind::Lookup { .. } | Kind::Owner | Kind::Party => "LookupAttributeMetadata",
            Kind::Time | Kind::Date => "DateTimeAttributeMetadata",
            Kind::File { .. } => "FileAttributeMetadata",
            Kind::Image => "ImageAttributeMetadata",
        }
    }

    /// The type of its property.
    pub(crate) fn edm(&self) -> &'static str {
        match &self.kind {
            Kind::Key | Kind::Guid | Kind::Lookup { .. } | Kind::Owner | Kind::File { .. } => {
                "Edm.Guid"
            }
            Kind::Text { .. } | Kind::Memo { .. } | Kind::Choices(_) => "Edm.String",
            Kind::Whole { .. } | Kind::Choice(_) | Kind::State(_) | Kind::Status(_) => "Edm.Int32",
            Kind::Big => "Edm.Int64",
            Kind::Decimal { .. } | Kind::Money { .. } | Kind::MoneyBase => "Edm.Decimal",
            Kind::Double { .. } => "Edm.Double",
            Kind::Flag { .. } => "Edm.Boolean",
            Kind::Time => "Edm.DateTimeOffset",
            Kind::Date => "Edm.Date",
            Kind::Image => "Edm.Binary",
            Kind::Party => "Collection(mscrm.activityparty)",
        }
    }
}

fn is_customer(targets: &[String]) -> bool {
    targets == ["account", "contact"]
}
