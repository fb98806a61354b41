//! Which environments there are.
//! <https://learn.microsoft.com/dynamics365/business-central/dev-itpro/administration/administration-center-api_environments>

use http::Method;
use sandbox_odata::service::Request;
use serde_json::{Value, json};

use super::BusinessCentral;
use crate::cloud::Environment;
use crate::engine::Reply;
use crate::fault::Fault;

impl BusinessCentral {
    /// The environments that the caller may enter.
    pub(super) fn list_environments(&self, request: &Request) -> Result<Reply, Fault> {
        must_be_get(request)?;
        let caller = &request.caller;
        let is_ours = caller.tenant_id == self.tenant_id;
        let open = |it: &&Environment| is_ours && it.admit(caller, &self.unlicensed).is_ok();
        let has_role = !caller.roles.is_empty() || !caller.scopes.is_empty();
        if !has_role {
            return Err(Fault::unauthenticated(
                "The server has rejected the client credentials.",
            ));
        }
        let value = self.environments.iter().filter(open);
        let value: Vec<Value> = value.map(|it| self.described(it, request)).collect();
        Ok(Reply::Json(json!({ "value": value })))
    }

    /// The administration center: the list of environments, and nothing else of it.
    pub(super) fn admin(&self, request: &Request, segments: &[&str]) -> Result<Reply, Fault> {
        let is_list = matches!(
            segments,
            ["admin", _, "applications", "environments"]
                | ["admin", _, "applications", _, "environments"]
        );
        if !is_list {
            return Err(Fault::not_implemented(&format!(
                "{} {}",
                request.method,
                request.uri.path()
            )));
        }
        must_be_get(request)?;
        let caller = &request.caller;
        let may = caller
            .roles
            .iter()
            .any(|role| role == "AdminCenter.ReadWrite.All")
            || !caller.is_application && !caller.scopes.is_empty();
        if !may || caller.tenant_id != self.tenant_id {
            return Err(Fault::forbidden(
                "The caller is not authorized to manage environments.",
            ));
        }
        let all = self.environments.iter();
        let value: Vec<Value> = all.map(|it| self.described(it, request)).collect();
        Ok(Reply::Json(json!({ "value": value })))
    }

    fn described(&self, environment: &Environment, request: &Request) -> Value {
        let client = "https://businesscentral.dynamics.com";
        json!({
            "friendlyName": environment.name,
            "type": environment.type_.name(),
            "name": environment.name,
            "countryCode": environment.country,
            "applicationFamily": "BusinessCentral",
            "aadTenantId": self.tenant_id,
            "applicationVersion": "27.0.0.0",
            "status": "Active",
            "ringName": "Production",
            "webServiceUrl": request.origin,
            "webClientLoginUrl": format!("{client}/{}/{}", self.tenant_id, environment.name),
        })
    }
}

fn must_be_get(request: &Request) -> Result<(), Fault> {
    if request.method == Method::GET {
        return Ok(());
    }
    Err(Fault::method(&request.method, "environments"))
}
