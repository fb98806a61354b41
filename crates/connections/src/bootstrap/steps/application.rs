//! The registration, its principal, and what is granted to it.

use catalog::manifest::resource_app_id;
use model::{Api, Permission};
use serde_json::{Value, json};

use super::{Outcome, Result, Work};
use crate::Error;
use crate::apps::{self, NewApp};
use crate::bootstrap::at_microsoft::Application;
use crate::bootstrap::plan::{of_api, required_access};
use crate::bootstrap::refusal::Refusal;

const NOTES: &str = "Made by Consentry. What it may do is granted under Permissions.";

impl Work<'_> {
    pub(super) async fn application(&mut self) -> Result<Outcome> {
        let cloud = self.cloud()?;
        let directory = self.directory(&cloud);
        let unique_name = &self.found.unique_name;
        let before = directory.application(unique_name).await?;
        self.check_name(before.as_ref().map(|it| it.client_id.as_str()))
            .await?;
        let wanted = required_access(self.wanted);
        let (access, redirects) = match &before {
            Some(known) => (merged(&known.required, &wanted), known.redirects.clone()),
            None => (wanted, Vec::new()),
        };
        let redirects = self.with_ours(redirects);
        let is_as_wanted =
            |known: &Application| known.required == access && known.redirects == redirects;
        if !before.as_ref().is_some_and(is_as_wanted) {
            let mut body = json!({
                "displayName": self.wanted.name.trim(),
                "signInAudience": "AzureADMyOrg",
                "requiredResourceAccess": access,
                "notes": NOTES,
            });
            if self.wanted.is_by_users() {
                body["web"] = json!({ "redirectUris": redirects });
            }
            directory.put_application(unique_name, body).await?;
        }
        let is_new = before.is_none();
        let now = match before {
            Some(known) => known,
            None => directory
                .application(unique_name)
                .await?
                .ok_or_else(|| Refusal::NotYet("the registration is not seen yet".to_owned()))?,
        };
        let client_id = now.client_id.clone();
        self.found.application = Some(now);
        Ok(if is_new {
            Outcome::made(&client_id)
        } else {
            Outcome::there(&client_id)
        })
    }

    /// Where users come back to, added to the addresses that were there.
    fn with_ours(&self, mut redirects: Vec<String>) -> Vec<String> {
        let ours = self.life.context.redirect_uri();
        if self.wanted.is_by_users() && !redirects.contains(&ours) {
            redirects.push(ours);
        }
        redirects
    }

    /// A registration here of that name has to be the same application: nothing is made in vain.
    async fn check_name(&self, client_id: Option<&str>) -> Result<()> {
        let mut tx = self.life.context.store.read().await?;
        let all = tx.app_registrations(self.caller.workspace_id).await?;
        let name = self.wanted.name.trim();
        let taken = all.iter().find(|app| app.name == name);
        match taken {
            Some(app)
                if Some(app.client_id.as_str()) != client_id || app.cloud != self.wanted.cloud =>
            {
                Err(Error::Exists {
                    what: format!("an app registration `{name}` of another application"),
                }
                .into())
            }
            _ => Ok(()),
        }
    }

    pub(super) async fn service_principal(&mut self) -> Result<Outcome> {
        let cloud = self.cloud()?;
        let directory = self.directory(&cloud);
        let client_id = self.known_application()?.client_id;
        if let Some(id) = directory.principal(&client_id).await? {
            self.found.principal = Some(id.clone());
            return Ok(Outcome::there(&id));
        }
        let id = directory.make_principal(&client_id).await?;
        self.found.principal = Some(id.clone());
        Ok(Outcome::made(&id))
    }

    pub(super) async fn consent(&mut self, api: Api) -> Result<Outcome> {
        let cloud = self.cloud()?;
        let directory = self.directory(&cloud);
        let app_id = resource_app_id(api);
        let resource = match directory.resource(app_id).await? {
            // An API that the organisation has never used is not known to its directory yet.
            None => {
                directory.make_principal(app_id).await?;
                directory.resource(app_id).await?
            }
            found => found,
        };
        let (resource, roles) = resource.ok_or_else(|| {
            Refusal::NotYet("the API is not seen in the directory yet".to_owned())
        })?;
        let principal = self.known_principal()?;
        let held = directory.held(&principal).await?;
        let mut granted = Vec::new();
        for name in of_api(self.wanted, api) {
            let role = roles.iter().find(|(value, _)| value == name.as_str());
            let (_, role) = role.ok_or_else(|| Error::Unsupported {
                reason: format!(
                    "Microsoft offers no application permission `{name}` in this cloud"
                ),
                instead: "choose other permissions".to_owned(),
            })?;
            let pair = (resource.clone(), role.clone());
            if !held.contains(&pair) {
                directory.grant(&principal, &resource, role).await?;
                granted.push(name.to_string());
            }
        }
        Ok(if granted.is_empty() {
            Outcome::there("all of them are granted")
        } else {
            Outcome::made(&granted.join(", "))
        })
    }

    /// For everybody, in one grant that is made or widened.
    pub(super) async fn consent_for_users(&mut self) -> Result<Outcome> {
        let cloud = self.cloud()?;
        let directory = self.directory(&cloud);
        let resource = directory.resource(resource_app_id(Api::Graph)).await?;
        let (resource, _) = resource.ok_or_else(|| {
            Refusal::NotYet("the API is not seen in the directory yet".to_owned())
        })?;
        let principal = self.known_principal()?;
        let before = directory.consented(&principal, &resource).await?;
        let held = before.as_ref().map_or("", |grant| grant.scope.as_str());
        let wanted = self.wanted.scopes();
        let (all, added) = widened(held, wanted.iter().map(Permission::as_str));
        match before {
            _ if added.is_empty() => return Ok(Outcome::there("all of them are consented to")),
            Some(grant) => directory.widen(&grant.id, &all).await?,
            None => directory.consent(&principal, &resource, &all).await?,
        }
        Ok(Outcome::made(&added.join(", ")))
    }

    pub(super) async fn owner(&mut self) -> Result<Outcome> {
        let cloud = self.cloud()?;
        let directory = self.directory(&cloud);
        let (application, principal) = (self.known_application()?, self.known_principal()?);
        if directory
            .is_owner(&application.object_id, &principal)
            .await?
        {
            return Ok(Outcome::there("it owns itself"));
        }
        directory
            .add_owner(&application.object_id, &principal)
            .await?;
        Ok(Outcome::made(&principal))
    }

    /// What is kept here of it, without a proof yet.
    pub(super) async fn registration(&mut self) -> Result<Outcome> {
        let context = &self.life.context;
        let client_id = self.known_application()?.client_id;
        let mut tx = context.store.read().await?;
        let all = tx.app_registrations(self.caller.workspace_id).await?;
        drop(tx);
        let same = |app: &&model::AppRegistration| {
            app.name == self.wanted.name.trim() && app.client_id == client_id
        };
        if let Some(known) = all.iter().find(same) {
            self.found.registration = Some(known.clone());
            return Ok(Outcome::there(&known.id.to_string()));
        }
        let new = NewApp {
            name: self.wanted.name.clone(),
            cloud: self.wanted.cloud.clone(),
            tenant_id: self.administrator.tenant_id.clone(),
            client_id,
            proof: None,
        };
        let unsaved = apps::prepare(context, self.caller, new).await?;
        let mut tx = context.store.write().await?;
        let (app, _) = apps::create_in(context, &mut *tx, unsaved).await?;
        tx.commit().await?;
        let id = app.id.to_string();
        self.found.registration = Some(app);
        Ok(Outcome::made(&id))
    }
}

/// What is consented to with what is added, and what that is.
fn widened<'a>(held: &str, wanted: impl Iterator<Item = &'a str>) -> (String, Vec<&'a str>) {
    let mut all: Vec<&str> = held
        .split_whitespace()
        .chain(["openid", "profile", "offline_access"])
        .collect();
    let added: Vec<_> = wanted.filter(|name| !all.contains(name)).collect();
    all.extend(&added);
    let mut seen = std::collections::BTreeSet::new();
    all.retain(|name| seen.insert(*name));
    (all.join(" "), added)
}

/// Both lists of `requiredResourceAccess` in one: what was configured before stays.
fn merged(before: &Value, wanted: &Value) -> Value {
    let mut all: Vec<Value> = before.as_array().cloned().unwrap_or_default();
    for resource in wanted.as_array().into_iter().flatten() {
        let id = &resource["resourceAppId"];
        let known = all.iter_mut().find(|one| one["resourceAppId"] == *id);
        let Some(list) = known.and_then(|one| one["resourceAccess"].as_array_mut()) else {
            all.push(resource.clone());
            continue;
        };
        for access in resource["resourceAccess"].as_array().into_iter().flatten() {
            if !list.iter().any(|one| one["id"] == access["id"]) {
                list.push(access.clone());
            }
        }
    }
    Value::Array(all)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_configured_before_stays_and_nothing_is_listed_twice() {
        let one = |api: &str, ids: &[&str]| {
            let access: Vec<_> = ids
                .iter()
                .map(|id| json!({ "id": id, "type": "Role" }))
                .collect();
            json!({ "resourceAppId": api, "resourceAccess": access })
        };
        let before = json!([one("graph", &["a", "b"])]);
        let wanted = json!([one("graph", &["b", "c"]), one("central", &["d"])]);
        let both = json!([one("graph", &["a", "b", "c"]), one("central", &["d"])]);
        assert_eq!(merged(&before, &wanted), both);
        assert_eq!(merged(&both, &wanted), both);
        assert_eq!(merged(&Value::Null, &wanted), wanted);
    }

    #[test]
    fn a_consent_keeps_what_it_had_and_says_what_is_new() {
        let (all, added) = widened("Mail.Read openid", ["Mail.Read", "Mail.Send"].into_iter());
        assert_eq!(all, "Mail.Read openid profile offline_access Mail.Send");
        assert_eq!(added, ["Mail.Send"]);
        assert!(widened(&all, ["Mail.Send"].into_iter()).1.is_empty());
    }
}
