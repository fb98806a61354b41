//! The application user in an environment of Dataverse.

use super::{Outcome, Result, Work};
use crate::Error;
use crate::bootstrap::at_microsoft::Dataverse;
use crate::bootstrap::refusal::Refusal;
use crate::bootstrap::wanted::environment_url;

impl Work<'_> {
    pub(super) async fn application_user(&mut self) -> Result<Outcome> {
        let environment = environment_url(&self.wanted.place)?;
        let client_id = self.known_application()?.client_id;
        let (Some(environment), Some(role)) = (environment, &self.wanted.dataverse_role) else {
            return Ok(Outcome::by_hand(vec![client_id]));
        };
        let cloud = self.cloud()?;
        let context = &self.life.context;
        let token = self
            .administrator
            .for_dataverse(context, &cloud, &environment)
            .await?;
        let dataverse = Dataverse::new(context, &cloud, token, environment);
        let before = dataverse.user(&client_id).await?;
        let is_new = before.is_none();
        if is_new {
            dataverse.make_user(&client_id).await?;
        }
        let now = match before {
            Some(user) => Some(user),
            None => dataverse.user(&client_id).await?,
        };
        let (user, unit) =
            now.ok_or_else(|| Refusal::NotYet("the application user is not seen yet".to_owned()))?;
        let role_id = dataverse.role(role, &unit).await?;
        let role_id = role_id.ok_or_else(|| Error::Invalid {
            field: "dataverse_role",
            message: format!("the environment has no security role `{role}` in the application user's business unit"),
        })?;
        let has_it = dataverse.has_role(&user, &role_id).await?;
        if !has_it {
            dataverse.give_role(&user, &role_id).await?;
        }
        let told = format!("{user}, {role}");
        Ok(if is_new || !has_it {
            Outcome::made(&told)
        } else {
            Outcome::there(&told)
        })
    }
}
