use model::{Api, ConnectionMethod, OperationKind, PermissionSet, Service};
use serde_json::Value;

use crate::compiled::{BY_ID, OPERATIONS};
use crate::permissions;

/// One thing that can be done at Microsoft.
#[derive(Debug)]
pub struct Operation {
    /// `outlook.messages.send`: service, resource path, verb.
    pub id: &'static str,
    pub title: &'static str,
    /// One or two sentences.
    pub summary: &'static str,
    /// By effect, not by HTTP method: some POSTs read.
    pub kind: OperationKind,
    pub api: Api,
    /// The services whose connections it runs on.
    pub services: &'static [Service],
    /// HTTP method, in capitals.
    pub method: &'static str,
    /// Relative to `root`: `{user}/messages/{messageId}`.
    pub path: &'static str,
    pub root: Root,
    /// Those of the path first, in its order. `mailbox` is among them wherever the path begins with `{user}`.
    pub parameters: &'static [Parameter],
    /// Whether the answer comes in pages, as `value` with an `@odata.nextLink`.
    pub paging: bool,
    /// Whether the last page ends with an `@odata.deltaLink`.
    pub delta: bool,
    pub repeat: Repeat,
    pub target: Target,
    /// What else it acts on, such as where a copy goes.
    pub touches: &'static [Target],
    pub result: ResultShape,
    /// Microsoft's page.
    pub docs: &'static str,
    /// The function that carries it out, where it is more than one request.
    pub behavior: Option<&'static str>,
    pub(crate) segments: &'static [&'static [Piece]],
    pub(crate) query: &'static [(&'static str, &'static str)],
    pub(crate) headers: &'static [(&'static str, &'static str)],
    /// What its body always has, JSON as text.
    pub(crate) fixed: Option<&'static str>,
    pub(crate) example: &'static str,
    /// Whether a raw request may be taken for it.
    pub is_raw: bool,
    pub(crate) oauth: Access,
    pub(crate) service_principal: Access,
}

/// What a path is below.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Root {
    /// The version of the API: `https://graph.microsoft.com/v1.0`.
    Version,
    /// The environment of Business Central: `https://api.businesscentral.dynamics.com/v2.0/{tenant}/{environment}`.
    Environment,
    /// The host.
    Host,
}

/// What may be done when it is not known whether a request happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Repeat {
    /// It changes nothing.
    Safe,
    /// Twice is as good as once.
    Idempotent,
    /// Look first, in the way named, whether it happened.
    Look(&'static str),
    /// Nothing tells: a person decides.
    Never,
}

/// What it acts on, which a policy may limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Target {
    pub kind: TargetKind,
    /// The parameter that names the one; `mailbox` and `user` may be absent, which is the user's own.
    pub parameter: Option<&'static str>,
    /// Where in the parameter's value, `*` for any name: `destination/driveId`, `*@odata.bind`.
    pub within: Option<&'static str>,
    /// The one, where it is always the same.
    pub constant: Option<&'static str>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TargetKind {
    Mailbox,
    /// A person's chats, meetings, presence or drives.
    User,
    Drive,
    Site,
    Team,
    Chat,
    Table,
    Company,
    None,
}

/// What comes back when it works.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ResultShape {
    /// Microsoft's name of the resource, or of each item when it comes in pages; absent when the answer has no body.
    pub type_name: Option<&'static str>,
    /// HTTP status.
    pub status: u16,
    /// Whether it is a file's bytes and no JSON.
    pub bytes: bool,
}

#[derive(Debug)]
pub struct Parameter {
    pub name: &'static str,
    pub location: Location,
    /// By either method; see [`is_required`](Self::is_required).
    pub(crate) required: bool,
    /// What stands in for it when it is left out.
    pub absent: Absent,
    /// What is sent of it when the input does not say.
    pub(crate) otherwise: Option<&'static str>,
    pub description: &'static str,
    pub unit: Option<&'static str>,
    /// JSON Schema, as text.
    pub(crate) schema: &'static str,
    /// JSON, as text.
    pub(crate) example: Option<&'static str>,
}

/// What stands in for a parameter that is left out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Absent {
    Nothing,
    /// The signed-in user. An application is nobody, and has to name somebody.
    Me,
    /// The connection's default, such as its company.
    Connection,
}

/// Where a parameter travels.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Location {
    Path(Encoding),
    Query {
        name: &'static str,
        /// What is sent, with the value in place of `{}`.
        template: Option<&'static str>,
        escape: Escape,
    },
    Header {
        name: &'static str,
        template: Option<&'static str>,
    },
    /// A property of the JSON body.
    Body {
        /// The names that lead to it.
        place: &'static [&'static str],
        template: Option<&'static str>,
    },
    /// The JSON body itself.
    WholeBody,
    /// A body that is no JSON: text, or bytes in base64.
    Content {
        content_type: &'static str,
        base64: bool,
    },
}

/// How a value becomes part of a path, and what is refused in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Encoding {
    Segment,
    DrivePath,
    ODataKey,
    /// Names with values, within one pair of parentheses: `accountnumber='A1',index=2`.
    ODataKeys,
    /// A sharing link or the URL of a file, as Microsoft Graph takes it in a path.
    Share,
    /// A whole URL that Microsoft gave. Only a behaviour may ask for it.
    Url,
}

/// How a value is made safe inside the quotes of its template.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Escape {
    None,
    /// `"` and `\` behind a backslash.
    Kql,
    /// `'` doubled.
    Odata,
}

/// Permissions by Microsoft's names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Permissions {
    /// Together enough, and nothing lower is.
    pub least: &'static [&'static str],
    /// Each is accepted by itself, lowest first. Higher ones that include them are accepted too.
    pub any: &'static [&'static str],
    /// What the permission depends on, where it follows from the input.
    pub depends: Option<&'static str>,
    /// Privileges that a security role of Dataverse has to give; `{Table}` stands for the table.
    pub privileges: &'static [&'static str],
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Support {
    Supported,
    Refused {
        reason: &'static str,
        /// What to do instead.
        instead: &'static str,
    },
}

#[derive(Debug)]
pub(crate) struct Access {
    pub(crate) support: Support,
    pub(crate) permissions: Permissions,
}

#[derive(Debug)]
pub(crate) enum Piece {
    Literal(&'static str),
    Parameter(&'static str),
    /// `me`, or `users/{mailbox}`.
    User,
}

/// All operations, by service and resource, each resource in the order of its file.
pub fn operations() -> &'static [Operation] {
    OPERATIONS
}

pub fn operation(id: &str) -> Option<&'static Operation> {
    BY_ID
        .binary_search_by(|(other, _)| (*other).cmp(id))
        .ok()
        .map(|place| &OPERATIONS[BY_ID[place].1])
}

impl Operation {
    pub fn runs_on(&self, service: Service) -> bool {
        self.services.contains(&service)
    }

    /// Whether it works by this method at all, whatever is granted.
    pub fn support(&self, method: ConnectionMethod) -> Support {
        self.access(method).support
    }

    pub fn permissions(&self, method: ConnectionMethod) -> &Permissions {
        &self.access(method).permissions
    }

    /// Whether one of `granted` covers it. True as well where the token's permissions do not decide, as for Dynamics 365; false
    /// where the method is refused.
    ///
    /// Delegated access to somebody else's mailbox goes by the `.Shared` form of a permission, which is not asked for here: who
    /// shares what with whom is for Exchange to know.
    pub fn satisfied_by(&self, method: ConnectionMethod, granted: &PermissionSet) -> bool {
        let Permissions { least, any, .. } = *self.permissions(method);
        let holds = |wanted: &&str| {
            granted
                .iter()
                .any(|held| permissions::includes(held.as_str(), wanted))
        };
        if self.support(method) != Support::Supported {
            return false;
        }
        any.is_empty() || any.iter().any(holds) || (!least.is_empty() && least.iter().all(holds))
    }

    pub fn parameter(&self, name: &str) -> Option<&'static Parameter> {
        self.parameters
            .iter()
            .find(|parameter| parameter.name == name)
    }

    /// An input that fits, for documentation and tests.
    pub fn example(&self, method: ConnectionMethod) -> Value {
        let mut example = json(self.example);
        if let (Some(owner), Some(input)) = (self.owner(), example.as_object_mut())
            && method == ConnectionMethod::ServicePrincipal
        {
            input.insert(owner.name.to_owned(), owner.example().unwrap_or_default());
        }
        example
    }

    /// The field that holds a file's bytes as base64, where one request carries them.
    pub fn content_field(&self) -> Option<&'static str> {
        let is_bytes = |parameter: &&Parameter| {
            matches!(parameter.location, Location::Content { base64: true, .. })
        };
        self.parameters.iter().find(is_bytes).map(|it| it.name)
    }

    /// Whether its body is a file's bytes or a text: nothing in it names anything.
    pub fn body_is_content(&self) -> bool {
        let mut parameters = self.parameters.iter();
        parameters.any(|parameter| matches!(parameter.location, Location::Content { .. }))
    }

    /// Whether its JSON body names something that it acts on.
    pub fn is_told_by_body(&self) -> bool {
        let all = std::iter::once(&self.target).chain(self.touches);
        all.filter_map(|target| self.parameter(target.parameter?))
            .any(|parameter| {
                matches!(
                    parameter.location,
                    Location::Body { .. } | Location::WholeBody
                )
            })
    }

    /// The method to describe it by: a user's, unless only an application can.
    pub fn usual_method(&self) -> ConnectionMethod {
        match self.support(ConnectionMethod::OAuth) {
            Support::Supported => ConnectionMethod::OAuth,
            Support::Refused { .. } => ConnectionMethod::ServicePrincipal,
        }
    }

    /// The parameter that names whose mailbox, drive or chat it is.
    pub fn owner(&self) -> Option<&'static Parameter> {
        let mut parameters = self.parameters.iter();
        parameters.find(|parameter| parameter.absent == Absent::Me)
    }

    fn access(&self, method: ConnectionMethod) -> &Access {
        match method {
            ConnectionMethod::OAuth => &self.oauth,
            ConnectionMethod::ServicePrincipal => &self.service_principal,
        }
    }
}

impl Parameter {
    /// Whether an input has to have it. An application has no mailbox of its own, so it has to name one; what a connection
    /// may have a default for can be left out.
    pub fn is_required(&self, method: ConnectionMethod) -> bool {
        match self.absent {
            Absent::Nothing => self.required,
            Absent::Me => method == ConnectionMethod::ServicePrincipal,
            Absent::Connection => false,
        }
    }

    /// JSON Schema of the value.
    pub fn schema(&self) -> Value {
        json(self.schema)
    }

    pub fn example(&self) -> Option<Value> {
        self.example.map(json)
    }
}

fn json(text: &str) -> Value {
    serde_json::from_str(text).expect("the build script wrote it as JSON")
}
