//! Dataverse among the parts of the sandbox's memory. The environment is made when it is first looked at, so that starting
//! stays quick; it is the one of the moment at which the sandbox began.

use std::error::Error;
use std::sync::OnceLock;

use jiff::Timestamp;
use sandbox_dataverse::{Dataverse as Environment, Organisation, Person};

use crate::sandbox::Seed;
use crate::state::State;
use crate::state::directory::User;
use crate::state::directory::first_party::ENVIRONMENT;
use crate::state::part::Part;

#[derive(Default)]
pub(crate) struct Memory {
    environment: OnceLock<Environment>,
    beginning: Beginning,
    /// How often the environment was another one.
    replaced: u64,
}

/// What a new environment follows from.
struct Beginning {
    organisation: Organisation,
    people: Vec<Person>,
    seed: Seed,
    now: Timestamp,
}

impl Default for Beginning {
    fn default() -> Self {
        Self {
            organisation: organisation(""),
            people: Vec::new(),
            seed: Seed::Empty,
            now: Timestamp::UNIX_EPOCH,
        }
    }
}

impl Beginning {
    fn make(&self) -> Environment {
        let organisation = self.organisation.clone();
        match self.seed {
            Seed::Contoso => Environment::contoso(organisation, &self.people, self.now),
            Seed::Empty => Environment::empty(organisation, &self.people, self.now),
        }
    }
}

impl Memory {
    pub(super) fn environment(&mut self) -> &mut Environment {
        self.environment.get_or_init(|| self.beginning.make());
        self.environment
            .get_mut()
            .expect("it was made the line before")
    }
}

impl Part for Memory {
    fn name(&self) -> &'static str {
        "dataverse"
    }

    fn version(&self) -> u64 {
        let own = self.environment.get().map_or(0, Environment::version);
        own + (self.replaced << 40)
    }

    fn to_json(&self) -> Result<Vec<u8>, Box<dyn Error + Send + Sync>> {
        let environment = self.environment.get_or_init(|| self.beginning.make());
        Ok(environment.save())
    }

    fn restore(&mut self, json: &[u8]) -> Result<(), Box<dyn Error + Send + Sync>> {
        self.environment = OnceLock::from(Environment::load(json)?);
        self.replaced += 1;
        Ok(())
    }

    fn begin(&mut self, state: &State, seed: Seed, now: Timestamp) {
        let tenant = state.directory.tenants.first();
        let tenant = tenant.map(|tenant| tenant.id.as_str()).unwrap_or_default();
        let people = state.directory.users.iter();
        self.beginning = Beginning {
            organisation: organisation(tenant),
            people: people
                .filter(|user| user.tenant_id == tenant && user.guest_of.is_none())
                .filter(|user| !user.disabled && !user.surname.is_empty())
                .map(person)
                .collect(),
            seed,
            now,
        };
        self.environment = OnceLock::new();
        self.replaced += 1;
    }
}

fn organisation(tenant: &str) -> Organisation {
    Organisation {
        url_name: "contoso".to_owned(),
        friendly_name: "Contoso".to_owned(),
        tenant_id: tenant.to_owned(),
        url: ENVIRONMENT[0].to_owned(),
        api_url: ENVIRONMENT[1].to_owned(),
    }
}

fn person(user: &User) -> Person {
    let title = user.job_title.clone().unwrap_or_default();
    let role = match user.department.as_deref() {
        _ if user.is_admin => "System Administrator",
        Some("Sales") if title.contains("Manager") => "Sales Manager",
        Some("Sales") => "Salesperson",
        Some("Customer Service" | "Delivery") => "Field Service - Dispatcher",
        _ => "Basic User",
    };
    Person {
        object_id: user.id.clone(),
        user_principal_name: user.user_principal_name.clone(),
        given_name: user.given_name.clone(),
        surname: user.surname.clone(),
        job_title: title,
        roles: vec![role.to_owned()],
    }
}
