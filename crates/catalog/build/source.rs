//! The catalogue's files as they are written. A word that is not listed here is a mistake.

use std::collections::BTreeMap;

use serde::Deserialize;

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Operation {
    pub(crate) id: String,
    pub(crate) title: String,
    pub(crate) summary: String,
    pub(crate) kind: String,
    pub(crate) api: String,
    pub(crate) method: String,
    /// Relative to the API's versioned root; `{user}` first stands for `me` or `users/{mailbox}`.
    pub(crate) path: String,
    /// Query options that never vary.
    #[serde(default)]
    pub(crate) query: BTreeMap<String, String>,
    /// Headers that never vary.
    #[serde(default)]
    pub(crate) headers: BTreeMap<String, String>,
    /// Parameters of the service's shared file, by name. They come after the operation's own path parameters.
    #[serde(default)]
    pub(crate) shared: Vec<String>,
    #[serde(default)]
    pub(crate) parameter: Vec<Parameter>,
    /// A shared schema whose properties are the body's own.
    pub(crate) body: Option<String>,
    /// A whole input; made of the required parameters' examples when left out.
    pub(crate) example: Option<toml::Value>,
    pub(crate) delegated: Method,
    pub(crate) application: Method,
    #[serde(default)]
    pub(crate) paging: bool,
    #[serde(default)]
    pub(crate) delta: bool,
    pub(crate) repeat: String,
    /// `mailbox`, `none`, or a kind and the path parameter that names one: `drive:driveId`.
    pub(crate) target: String,
    pub(crate) result: ResultShape,
    pub(crate) docs: String,
    pub(crate) behavior: Option<String>,
}

/// What one of the two methods needs, or why it does not work.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Method {
    /// All of these together are enough, and nothing lower is.
    #[serde(default)]
    pub(crate) least: Vec<String>,
    /// Each of these is accepted, lowest first.
    #[serde(default)]
    pub(crate) any: Vec<String>,
    pub(crate) refused: Option<Refused>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Refused {
    pub(crate) reason: String,
    pub(crate) instead: String,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ResultShape {
    /// Microsoft's name of what comes back, or of each item when paged.
    #[serde(rename = "type")]
    pub(crate) type_name: Option<String>,
    pub(crate) status: u16,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Parameter {
    /// Given by the key in a shared file.
    #[serde(default)]
    pub(crate) name: String,
    #[serde(rename = "in")]
    pub(crate) location: String,
    #[serde(default)]
    pub(crate) required: bool,
    pub(crate) schema: toml::Value,
    pub(crate) description: String,
    pub(crate) example: Option<toml::Value>,
    pub(crate) unit: Option<String>,
    /// Of a path parameter.
    pub(crate) encoding: Option<String>,
    /// The query option or header that carries it.
    pub(crate) wire: Option<String>,
    /// What is sent, with the value in place of `{}`.
    pub(crate) template: Option<String>,
    /// How the value is made safe inside the template.
    pub(crate) escape: Option<String>,
}

/// `shared/<service>.toml`.
#[derive(Debug, Default, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Shared {
    #[serde(default)]
    pub(crate) schema: BTreeMap<String, toml::Value>,
    #[serde(default)]
    pub(crate) parameter: BTreeMap<String, Parameter>,
}

/// One line of `permissions/graph.toml`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Permission {
    pub(crate) delegated: Option<String>,
    pub(crate) application: Option<String>,
    #[serde(default)]
    pub(crate) admin_consent: bool,
    #[serde(default)]
    pub(crate) personal_accounts: bool,
    #[serde(default)]
    pub(crate) resource_specific: bool,
    #[serde(default)]
    pub(crate) satisfied_by: Vec<String>,
}

/// `integrations.toml`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Integrations {
    pub(crate) integration: Vec<Integration>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Integration {
    pub(crate) service: String,
    pub(crate) summary: String,
    pub(crate) oauth: Offer,
    pub(crate) service_principal: Offer,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Offer {
    #[serde(default)]
    pub(crate) why: String,
    #[serde(default)]
    pub(crate) when: Vec<String>,
    pub(crate) refused: Option<Refused>,
    #[serde(default)]
    pub(crate) permission: Vec<Listed>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Listed {
    pub(crate) name: String,
    pub(crate) unlocks: String,
    /// Whether a new connection asks for it unless told otherwise.
    #[serde(default)]
    pub(crate) default: bool,
}
