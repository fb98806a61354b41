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
    /// Relative to `root`; `{user}` first stands for `me` or `users/{mailbox}`.
    pub(crate) path: String,
    /// What `path` is below: the API's versioned root, unless it says `environment` or `host`.
    #[serde(default = "version_root")]
    pub(crate) root: String,
    /// Whether a raw request may be taken for this operation; no where another one has the same path and a graver effect.
    #[serde(default = "yes")]
    pub(crate) raw: bool,
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
    /// What the body always has.
    #[serde(default)]
    pub(crate) fixed: toml::Table,
    /// A whole input; made of the required parameters' examples when left out.
    pub(crate) example: Option<toml::Value>,
    pub(crate) delegated: Method,
    pub(crate) application: Method,
    #[serde(default)]
    pub(crate) paging: bool,
    #[serde(default)]
    pub(crate) delta: bool,
    pub(crate) repeat: String,
    /// `mailbox`, `none`, a kind and the parameter that names one: `drive:driveId`, or a kind and the one: `table=accounts`.
    pub(crate) target: String,
    /// What else it touches, such as where a copy goes: `drive:destinationDriveId`, `table:record/*@odata.bind`.
    #[serde(default)]
    pub(crate) touches: Vec<String>,
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
    /// What the permission depends on, where it follows from the input: a subscription needs that of reading its resource.
    pub(crate) depends: Option<String>,
    /// Privileges that a security role of Dataverse has to give; `{Table}` stands for the table's schema name.
    #[serde(default)]
    pub(crate) privileges: Vec<String>,
    pub(crate) refused: Option<Refused>,
}

fn version_root() -> String {
    "version".to_owned()
}

fn yes() -> bool {
    true
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
    /// Whether what comes back is a file's bytes and no JSON.
    #[serde(default)]
    pub(crate) bytes: bool,
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
    /// The query option or header that carries it, or its place in the body: `parentReference/id`.
    pub(crate) wire: Option<String>,
    /// Of a body parameter: its value is the whole body.
    #[serde(default)]
    pub(crate) whole: bool,
    /// Of a `content` parameter: what the body is said to be.
    pub(crate) content_type: Option<String>,
    /// Of a query or header parameter: what is sent when the input does not say.
    pub(crate) otherwise: Option<String>,
    /// What stands in when a required one is left out: `connection`, whose default it then is.
    pub(crate) absent: Option<String>,
    /// What is sent, with the value in place of `{}`.
    pub(crate) template: Option<String>,
    /// How the value is made safe inside the template.
    pub(crate) escape: Option<String>,
}

impl Parameter {
    /// One that needs nothing said but its schema.
    pub(crate) fn plain(name: &str, location: &str, schema: toml::Value) -> Self {
        Self {
            name: name.to_owned(),
            location: location.to_owned(),
            required: false,
            schema,
            description: String::new(),
            example: None,
            unit: None,
            encoding: None,
            wire: None,
            whole: false,
            content_type: None,
            otherwise: None,
            absent: None,
            template: None,
            escape: None,
        }
    }
}

/// `behaviors.toml`: what is more than one request, and so is carried out by a function of the crate `operations`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Behavior {
    /// What it takes, does and answers.
    pub(crate) contract: String,
    /// Whether `operations` has it. What has not is left out of the catalogue.
    #[serde(default)]
    pub(crate) implemented: bool,
}

/// `shared/<service>.toml`.
#[derive(Debug, Default, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Shared {
    /// Another of these files, whose schemas and parameters are here as well.
    pub(crate) extends: Option<String>,
    #[serde(default)]
    pub(crate) schema: BTreeMap<String, toml::Value>,
    #[serde(default)]
    pub(crate) parameter: BTreeMap<String, Parameter>,
}

/// One line of `permissions/<api>.toml`.
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
    /// The API that issues it, by its file.
    #[serde(default)]
    pub(crate) api: String,
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
