//! Who may do what: applications registered inside of an environment with their permission sets, and people with a licence.
//! <https://learn.microsoft.com/dynamics365/business-central/dev-itpro/administration/automation-apis-using-s2s-authentication>

use http::Method;
use sandbox_odata::service::Caller;
use serde::{Deserialize, Serialize};

use super::Environment;
use crate::fault::Fault;

/// What a token of an application must carry one of.
const ROLES: [&str; 4] = [
    "API.ReadWrite.All",
    "Automation.ReadWrite.All",
    "app_access",
    "AdminCenter.ReadWrite.All",
];
/// What a token of a person must carry one of.
const SCOPES: [&str; 2] = ["Financials.ReadWrite.All", "user_impersonation"];

/// A card of the page Microsoft Entra applications.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Application {
    /// `appid` of its tokens.
    pub client_id: String,
    /// What the card says.
    pub description: String,
    /// State is Enabled.
    pub is_enabled: bool,
    /// `D365 BUS FULL ACCESS`, …
    pub permission_sets: Vec<String>,
}

/// What a request wants to do with a table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Right {
    Read,
    Insert,
    Modify,
    Delete,
    Execute,
}

impl Right {
    pub(crate) fn of(method: &Method, is_action: bool) -> Self {
        match *method {
            _ if is_action => Self::Execute,
            Method::POST => Self::Insert,
            Method::PATCH | Method::PUT => Self::Modify,
            Method::DELETE => Self::Delete,
            _ => Self::Read,
        }
    }

    fn name(self) -> &'static str {
        match self {
            Self::Read => "Read",
            Self::Insert => "Insert",
            Self::Modify => "Modify",
            Self::Delete => "Delete",
            Self::Execute => "Execute",
        }
    }
}

/// What a permission set allows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Reach {
    /// Everything.
    All,
    /// Reading everything.
    Reading,
    /// Companies, subscriptions, and what an environment is set up with; no records.
    Automation,
    /// Users and their permissions.
    Security,
    /// Extensions.
    Extensions,
    /// Nothing that is served here.
    Nothing,
}

fn reach(permission_set: &str) -> Reach {
    let name = permission_set.to_ascii_uppercase();
    match name.as_str() {
        "D365 BUS FULL ACCESS" | "D365 BUS PREMIUM" | "D365 FULL ACCESS" | "D365 PREMIUM" => {
            Reach::All
        }
        "D365 BASIC" | "D365 READ" | "D365 TEAM MEMBER" => Reach::Reading,
        "D365 AUTOMATION" | "D365 BUS AUTOMATION" => Reach::Automation,
        "SECURITY" | "D365 SECURITY" => Reach::Security,
        "EXTEN. MGT. - ADMIN" => Reach::Extensions,
        _ => Reach::Nothing,
    }
}

/// What a table is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Area {
    /// Which companies there are, and who is told of changes.
    Frame,
    /// Companies and jobs of an environment.
    Setup,
    Users,
    Extensions,
    /// What a company records.
    Records,
}

impl Area {
    fn of(table: &str) -> Self {
        match table {
            "companies" | "subscriptions" => Self::Frame,
            "automationCompanies" | "scheduledJobs" => Self::Setup,
            "users"
            | "userPermissions"
            | "permissionSets"
            | "securityGroups"
            | "securityGroupMembers" => Self::Users,
            "extensions" | "extensionDeploymentStatus" => Self::Extensions,
            _ => Self::Records,
        }
    }
}

impl Reach {
    fn allows(self, area: Area, right: Right) -> bool {
        match self {
            Self::All => matches!(area, Area::Frame | Area::Records) || right == Right::Read,
            Self::Reading => right == Right::Read || area == Area::Frame,
            Self::Automation => match area {
                Area::Extensions => right == Right::Read,
                Area::Records => false,
                _ => true,
            },
            Self::Security => matches!(area, Area::Frame | Area::Users),
            Self::Extensions => matches!(area, Area::Frame | Area::Extensions),
            Self::Nothing => false,
        }
    }
}

fn rejected() -> Fault {
    Fault::unauthenticated("The server has rejected the client credentials.")
}

impl Environment {
    /// Lets in whoever has a role or a scope, and a card or a licence.
    pub(crate) fn admit(&self, caller: &Caller, unlicensed: &[String]) -> Result<(), Fault> {
        if !caller.is_application {
            let has_scope = SCOPES
                .iter()
                .any(|scope| caller.scopes.iter().any(|held| held == scope));
            let is_licensed = !unlicensed.contains(&caller.object_id);
            return if has_scope && is_licensed {
                Ok(())
            } else {
                Err(rejected())
            };
        }
        let has_role = ROLES
            .iter()
            .any(|role| caller.roles.iter().any(|held| held == role));
        let card = self.card(&caller.client_id);
        let is_in = has_role && card.is_some_and(|card| card.is_enabled);
        if is_in { Ok(()) } else { Err(rejected()) }
    }

    pub(crate) fn card(&self, client_id: &str) -> Option<&Application> {
        let mut cards = self.applications.iter();
        cards.find(|card| card.client_id.eq_ignore_ascii_case(client_id))
    }

    /// Refuses what none of the caller's permission sets allows. People have all that their licence does.
    pub(crate) fn authorize(
        &self,
        caller: &Caller,
        table: &str,
        right: Right,
    ) -> Result<(), Fault> {
        if !caller.is_application {
            return Ok(());
        }
        let card = self.card(&caller.client_id);
        let sets = card.map(|card| card.permission_sets.as_slice());
        let mut reaches = sets.unwrap_or_default().iter().map(|set| reach(set));
        let area = Area::of(table);
        let allowed = reaches.any(|reach| reach.allows(area, right));
        // A card alone lets its application see which companies there are.
        if allowed || (table == "companies" && right == Right::Read) {
            return Ok(());
        }
        Err(Fault::forbidden(format!(
            "Sorry, the current permissions prevented the action. (TableData {table} {}: Base Application)",
            right.name()
        )))
    }
}
