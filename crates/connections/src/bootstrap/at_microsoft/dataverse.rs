//! The application user of an environment.

use std::sync::Arc;

use microsoft::{AccessToken, Cloud};
use model::Api;
use serde_json::json;
use url::Url;

use super::{Answer, Session, text};
use crate::{Context, Error};

pub(in crate::bootstrap) struct Dataverse<'a> {
    session: Session<'a>,
    environment: Url,
}

impl<'a> Dataverse<'a> {
    pub(in crate::bootstrap) fn new(
        context: &'a Context,
        cloud: &'a Arc<Cloud>,
        token: AccessToken,
        environment: Url,
    ) -> Self {
        let session = Session {
            context,
            cloud,
            token,
            api: Api::Dataverse,
            environment: Some(environment.clone()),
        };
        Self {
            session,
            environment,
        }
    }

    /// The user that stands for the application, and its business unit.
    pub(in crate::bootstrap) async fn user(
        &self,
        client_id: &str,
    ) -> Answer<Option<(String, String)>> {
        let path = format!(
            "/systemusers?$select=systemuserid,_businessunitid_value&$filter=applicationid%20eq%20{client_id}"
        );
        let users = self.session.list(path).await?;
        Ok(users.first().map(|user| {
            (
                text(user, "systemuserid"),
                text(user, "_businessunitid_value"),
            )
        }))
    }

    /// Makes it in the organisation's own business unit. An application has one user in an environment, whoever asks.
    pub(in crate::bootstrap) async fn make_user(&self, client_id: &str) -> Answer<()> {
        let path =
            "/businessunits?$select=businessunitid&$filter=_parentbusinessunitid_value%20eq%20null";
        let units = self.session.list(path.to_owned()).await?;
        let unit = units.first().map(|unit| text(unit, "businessunitid"));
        let unit = unit.ok_or_else(|| {
            Error::Unexpected("the environment tells of no business unit".to_owned())
        })?;
        let body = json!({
            "applicationid": client_id, "businessunitid@odata.bind": format!("/businessunits({unit})"),
        });
        self.session
            .post("/systemusers".to_owned(), body)
            .await
            .map(drop)
    }

    /// A security role by its name: each business unit has its own of it.
    pub(in crate::bootstrap) async fn role(
        &self,
        name: &str,
        unit: &str,
    ) -> Answer<Option<String>> {
        let name: String = encoded(&name.replace('\'', "''"));
        let path = format!(
            "/roles?$select=roleid&$filter=name%20eq%20'{name}'%20and%20_businessunitid_value%20eq%20{unit}"
        );
        let roles = self.session.list(path).await?;
        Ok(roles.first().map(|role| text(role, "roleid")))
    }

    pub(in crate::bootstrap) async fn has_role(&self, user: &str, role: &str) -> Answer<bool> {
        let path = format!("/systemusers({user})/systemuserroles_association?$select=roleid");
        let roles = self.session.list(path).await?;
        Ok(roles.iter().any(|one| one["roleid"] == role))
    }

    pub(in crate::bootstrap) async fn give_role(&self, user: &str, role: &str) -> Answer<()> {
        let root = self.environment.as_str().trim_end_matches('/');
        let body = json!({ "@odata.id": format!("{root}/api/data/v9.2/roles({role})") });
        let path = format!("/systemusers({user})/systemuserroles_association/$ref");
        self.session.post(path, body).await.map(drop)
    }
}

/// Percent-encoded for a query.
fn encoded(text: &str) -> String {
    url::form_urlencoded::byte_serialize(text.as_bytes())
        .collect::<String>()
        .replace('+', "%20")
}
