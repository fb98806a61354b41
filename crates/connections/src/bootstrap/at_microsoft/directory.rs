//! Registrations, service principals, what is granted to them, and their proofs.

use std::sync::Arc;

use http::{Method, StatusCode};
use jiff::Timestamp;
use microsoft::{AccessToken, Cloud};
use model::Api;
use serde::Deserialize;
use serde_json::{Value, json};

use super::{Answer, Session, text};
use crate::Context;
use crate::bootstrap::refusal::Refusal;

/// A registration as it is there.
#[derive(Debug, Clone)]
pub(in crate::bootstrap) struct Application {
    pub(in crate::bootstrap) object_id: String,
    pub(in crate::bootstrap) client_id: String,
    pub(in crate::bootstrap) required: Value,
    /// Where browsers may come back to on its web platform.
    pub(in crate::bootstrap) redirects: Vec<String>,
}

/// What was consented to for everybody.
pub(in crate::bootstrap) struct Consented {
    pub(in crate::bootstrap) id: String,
    /// Names, with blanks between them.
    pub(in crate::bootstrap) scope: String,
}

/// A client secret that was just made: its text is told this once.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(in crate::bootstrap) struct Made {
    pub(in crate::bootstrap) key_id: String,
    pub(in crate::bootstrap) secret_text: String,
    pub(in crate::bootstrap) end_date_time: Timestamp,
}

pub(in crate::bootstrap) struct Directory<'a>(Session<'a>);

impl<'a> Directory<'a> {
    pub(in crate::bootstrap) fn new(
        context: &'a Context,
        cloud: &'a Arc<Cloud>,
        token: AccessToken,
    ) -> Self {
        Self(Session {
            context,
            cloud,
            token,
            api: Api::Graph,
            environment: None,
        })
    }

    pub(in crate::bootstrap) async fn application(
        &self,
        unique_name: &str,
    ) -> Answer<Option<Application>> {
        let path = format!(
            "/applications(uniqueName='{unique_name}')?$select=id,appId,requiredResourceAccess,web"
        );
        Ok(self.0.find(path).await?.map(|found| Application {
            object_id: text(&found, "id"),
            client_id: text(&found, "appId"),
            required: found["requiredResourceAccess"].clone(),
            redirects: texts(&found["web"]["redirectUris"]),
        }))
    }

    /// Makes it if there is none of this name, else changes it: however often it is sent, there is one.
    pub(in crate::bootstrap) async fn put_application(
        &self,
        unique_name: &str,
        body: Value,
    ) -> Answer<()> {
        let path = format!("/applications(uniqueName='{unique_name}')");
        let prefer = [("prefer", "create-if-missing")];
        self.0
            .send(Method::PATCH, path, body, &prefer)
            .await
            .map(drop)
    }

    /// The object id of an application's service principal.
    pub(in crate::bootstrap) async fn principal(&self, client_id: &str) -> Answer<Option<String>> {
        let path = format!("/servicePrincipals(appId='{client_id}')?$select=id");
        let found = self.0.find(path).await?;
        Ok(found.map(|found| text(&found, "id")))
    }

    pub(in crate::bootstrap) async fn make_principal(&self, client_id: &str) -> Answer<String> {
        let body = json!({ "appId": client_id });
        let made = self.0.post("/servicePrincipals".to_owned(), body).await?;
        Ok(text(&made, "id"))
    }

    /// Object id and application roles of an API: each role's name and id.
    pub(in crate::bootstrap) async fn resource(
        &self,
        app_id: &str,
    ) -> Answer<Option<(String, Vec<(String, String)>)>> {
        let path = format!("/servicePrincipals(appId='{app_id}')?$select=id,appRoles");
        let Some(found) = self.0.find(path).await? else {
            return Ok(None);
        };
        let roles = found["appRoles"].as_array().into_iter().flatten();
        let roles = roles.map(|role| (text(role, "value"), text(role, "id")));
        Ok(Some((text(&found, "id"), roles.collect())))
    }

    /// Roles that a principal holds: the resource's object id, and the role's id.
    pub(in crate::bootstrap) async fn held(
        &self,
        principal: &str,
    ) -> Answer<Vec<(String, String)>> {
        let path = format!("/servicePrincipals/{principal}/appRoleAssignments?$top=999");
        let held = self.0.list(path).await?;
        let pairs = held
            .iter()
            .map(|one| (text(one, "resourceId"), text(one, "appRoleId")));
        Ok(pairs.collect())
    }

    /// That it is held already is as good.
    pub(in crate::bootstrap) async fn grant(
        &self,
        principal: &str,
        resource: &str,
        role: &str,
    ) -> Answer<()> {
        let body = json!({ "principalId": principal, "resourceId": resource, "appRoleId": role });
        let path = format!("/servicePrincipals/{principal}/appRoleAssignments");
        or_there(self.0.post(path, body).await)
    }

    /// The delegated permissions of an API that the application holds of everybody.
    pub(in crate::bootstrap) async fn consented(
        &self,
        principal: &str,
        resource: &str,
    ) -> Answer<Option<Consented>> {
        let path = format!("/servicePrincipals/{principal}/oauth2PermissionGrants");
        let all = self.0.list(path).await?;
        let found = all
            .iter()
            .find(|one| one["consentType"] == "AllPrincipals" && one["resourceId"] == resource);
        Ok(found.map(|one| Consented {
            id: text(one, "id"),
            scope: text(one, "scope"),
        }))
    }

    /// A grant that somebody was faster with is widened by the next try.
    pub(in crate::bootstrap) async fn consent(
        &self,
        principal: &str,
        resource: &str,
        scope: &str,
    ) -> Answer<()> {
        let body = json!({
            "clientId": principal, "consentType": "AllPrincipals", "resourceId": resource, "scope": scope,
        });
        match self
            .0
            .post("/oauth2PermissionGrants".to_owned(), body)
            .await
        {
            Err(Refusal::Fault(fault)) if is_there(fault.status, &fault.message) => Err(
                Refusal::NotYet("somebody else consented meanwhile".to_owned()),
            ),
            other => other.map(drop),
        }
    }

    pub(in crate::bootstrap) async fn widen(&self, grant: &str, scope: &str) -> Answer<()> {
        let path = format!("/oauth2PermissionGrants/{grant}");
        let body = json!({ "scope": scope });
        self.0.send(Method::PATCH, path, body, &[]).await.map(drop)
    }

    pub(in crate::bootstrap) async fn is_owner(
        &self,
        application: &str,
        principal: &str,
    ) -> Answer<bool> {
        let path = format!("/applications/{application}/owners?$select=id");
        let owners = self.0.list(path).await?;
        Ok(owners.iter().any(|owner| owner["id"] == principal))
    }

    pub(in crate::bootstrap) async fn add_owner(
        &self,
        application: &str,
        principal: &str,
    ) -> Answer<()> {
        let root = self.0.cloud.graph_url.as_str().trim_end_matches('/');
        let body = json!({ "@odata.id": format!("{root}/v1.0/directoryObjects/{principal}") });
        let path = format!("/applications/{application}/owners/$ref");
        or_there(self.0.post(path, body).await)
    }

    /// Ids and names of the registration's client secrets.
    pub(in crate::bootstrap) async fn secrets(
        &self,
        application: &str,
    ) -> Answer<Vec<(String, String)>> {
        let path = format!("/applications/{application}?$select=passwordCredentials");
        let (_, found) = self.0.send(Method::GET, path, Value::Null, &[]).await?;
        let all = found["passwordCredentials"]
            .as_array()
            .into_iter()
            .flatten();
        Ok(all
            .map(|one| (text(one, "keyId"), text(one, "displayName")))
            .collect())
    }

    pub(in crate::bootstrap) async fn add_secret(
        &self,
        application: &str,
        name: &str,
        ends_at: Timestamp,
    ) -> Answer<Made> {
        let body = json!({ "passwordCredential": {
            "displayName": name, "endDateTime": ends_at.to_string(),
        } });
        let path = format!("/applications/{application}/addPassword");
        let made = self.0.post(path, body).await?;
        serde_json::from_value(made).map_err(|_| {
            Refusal::Unreachable("Microsoft's answer holds no client secret".to_owned())
        })
    }

    pub(in crate::bootstrap) async fn remove_secret(
        &self,
        application: &str,
        key_id: &str,
    ) -> Answer<()> {
        let path = format!("/applications/{application}/removePassword");
        self.0
            .post(path, json!({ "keyId": key_id }))
            .await
            .map(drop)
    }

    /// The registration's certificates as they are there, keys included: the list is only ever changed as a whole.
    pub(in crate::bootstrap) async fn certificates(&self, application: &str) -> Answer<Vec<Value>> {
        let path = format!("/applications/{application}?$select=keyCredentials");
        let (_, mut found) = self.0.send(Method::GET, path, Value::Null, &[]).await?;
        match found["keyCredentials"].take() {
            Value::Array(all) => Ok(all),
            _ => Ok(Vec::new()),
        }
    }

    pub(in crate::bootstrap) async fn put_certificates(
        &self,
        application: &str,
        all: Vec<Value>,
    ) -> Answer<()> {
        let path = format!("/applications/{application}");
        let body = json!({ "keyCredentials": all });
        self.0.send(Method::PATCH, path, body, &[]).await.map(drop)
    }

    /// Issuer and subject of whom the registration trusts.
    pub(in crate::bootstrap) async fn trusted(
        &self,
        application: &str,
    ) -> Answer<Vec<(String, String)>> {
        let path = format!("/applications/{application}/federatedIdentityCredentials");
        let all = self.0.list(path).await?;
        Ok(all
            .iter()
            .map(|one| (text(one, "issuer"), text(one, "subject")))
            .collect())
    }

    pub(in crate::bootstrap) async fn trust(&self, application: &str, body: Value) -> Answer<()> {
        let path = format!("/applications/{application}/federatedIdentityCredentials");
        or_there(self.0.post(path, body).await)
    }
}

fn texts(list: &Value) -> Vec<String> {
    let all = list.as_array().into_iter().flatten();
    all.filter_map(Value::as_str).map(str::to_owned).collect()
}

/// What somebody was faster with, or a lost answer had done already, is there.
fn or_there(answer: Answer<Value>) -> Answer<()> {
    match answer {
        Ok(_) => Ok(()),
        Err(Refusal::Fault(fault)) if is_there(fault.status, &fault.message) => Ok(()),
        Err(other) => Err(other),
    }
}

fn is_there(status: StatusCode, message: &str) -> bool {
    let may_be = status == StatusCode::CONFLICT || status == StatusCode::BAD_REQUEST;
    may_be && (message.contains("already exist") || message.contains("already in use"))
}
