//! The connections, each tested when it is made.

use model::{Api, Connection, ConnectionState, Policy, Service};

use super::{Outcome, Result, Work};
use crate::bootstrap::attempt::Connected;
use crate::bootstrap::refusal::Refusal;
use crate::bootstrap::wanted::WantedConnection;
use crate::{Created, Error, NewConnection, test};

impl Work<'_> {
    pub(super) async fn connection(&mut self, at: usize) -> Result<Outcome> {
        let wanted = &self.wanted.connections[at];
        if self.wanted.is_by_users() {
            return self.invited(wanted).await;
        }
        let name = wanted.name.trim().to_owned();
        let before = self.existing(&name, wanted.service).await?;
        let is_new = before.is_none();
        let created = if let Some(connection) = before {
            let test = test::run(self.life, self.caller, &connection).await?;
            let connection = self.read(&connection).await?;
            Created { connection, test }
        } else {
            let new = self.new_connection(wanted);
            let app = self.known_registration()?.id;
            self.life.connect_application(self.caller, new, app).await?
        };
        let (id, works) = (created.connection.id.to_string(), created.test.ok);
        let why = created.test.steps.iter().find(|step| !step.ok);
        let why = why.map_or_else(String::new, |step| step.detail.clone());
        let Created { connection, test } = created;
        self.remember(Connected {
            test: Some(test),
            ..Connected::untested(connection)
        });
        // Only a person opens the last two doors.
        let is_by_hand = match wanted.service.api() {
            Api::Graph => false,
            Api::Dataverse => self.wanted.dataverse_role.is_none(),
            Api::BusinessCentral => true,
        };
        if !works && !is_by_hand && !self.is_late {
            return Err(Refusal::NotYet(format!(
                "`{name}` does not work yet: {why}"
            )));
        }
        let mut outcome = if is_new {
            Outcome::made(&id)
        } else {
            Outcome::there(&id)
        };
        if !works {
            outcome.details.push(why);
        }
        Ok(outcome)
    }

    /// A connection that waits for its account, with a link for whoever's it is. One that works is left as it is.
    async fn invited(&mut self, wanted: &WantedConnection) -> Result<Outcome> {
        let before = self.existing(wanted.name.trim(), wanted.service).await?;
        let is_new = before.is_none();
        let (connection, invitation) = match before {
            Some(known) if known.state == ConnectionState::Active => (known, None),
            Some(known) => {
                let link = self.life.reconnect(self.caller, known.id).await?;
                (known, Some(link))
            }
            None => {
                let (new, app) = (self.new_connection(wanted), self.known_registration()?.id);
                let (made, link) = self.life.connect_user(self.caller, new, app).await?;
                (made, Some(link))
            }
        };
        let id = connection.id.to_string();
        self.remember(Connected {
            invitation,
            ..Connected::untested(connection)
        });
        Ok(if is_new {
            Outcome::made(&id)
        } else {
            Outcome::there(&id)
        })
    }

    fn new_connection(&self, wanted: &WantedConnection) -> NewConnection {
        NewConnection {
            name: wanted.name.trim().to_owned(),
            service: wanted.service,
            permissions: wanted.permissions.clone(),
            policy: Policy::default(),
            shared: false,
            place: self.wanted.place_of(wanted.service),
        }
    }

    /// Whether Business Central lets the application in already.
    pub(super) fn business_central(&self) -> Result<Outcome> {
        let mut all = self.found.created.iter();
        let works =
            all.any(|one| one.connection.service.api() == Api::BusinessCentral && one.works());
        if works {
            return Ok(Outcome::there("it is let in"));
        }
        let environment = self.wanted.place.environment.clone().unwrap_or_default();
        let client_id = self.known_application()?.client_id;
        Ok(Outcome::by_hand(vec![
            format!("environment  {environment}"),
            format!("client id    {client_id}"),
            format!("description  {}", self.wanted.name.trim()),
            "state        Enabled".to_owned(),
            "permission sets such as D365 BUS FULL ACCESS, not SUPER".to_owned(),
        ]))
    }

    /// One of this name that is what is wanted; another one is in the way.
    async fn existing(&self, name: &str, service: Service) -> Result<Option<Connection>> {
        let mut tx = self.life.context.store.read().await?;
        let found = tx
            .connection_by_name(self.caller.workspace_id, name)
            .await?;
        drop(tx);
        let app = self.known_registration()?.id;
        match found {
            Some(found)
                if found.app_registration_id == app
                    && found.service == service
                    && found.method == self.wanted.method =>
            {
                Ok(Some(found))
            }
            Some(_) => Err(Error::Exists {
                what: format!("another connection `{name}`"),
            }
            .into()),
            None => Ok(None),
        }
    }

    async fn read(&self, connection: &Connection) -> Result<Connection> {
        let id = connection.id.to_string();
        Ok(self.life.find(self.caller, &id).await?)
    }

    fn remember(&mut self, connected: Connected) {
        let id = connected.connection.id;
        self.found.created.retain(|one| one.connection.id != id);
        self.found.created.push(connected);
    }
}
