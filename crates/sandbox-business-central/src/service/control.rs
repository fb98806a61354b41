//! What is done to Business Central by its administrator, inside of it, and not by its API.

use jiff::Timestamp;

use super::BusinessCentral;
use crate::books::guid;
use crate::cloud::access::Application;
use crate::cloud::company::Company;
use crate::cloud::platform::{Directory, SecurityGroup};
use crate::cloud::{Environment, Type};
use crate::seed::NAMES;

impl BusinessCentral {
    /// Two environments, each with the same three companies, and nobody registered. Books are made when they are first
    /// looked at, as of `now`; the same `seed` and `now` make the same books.
    pub fn contoso(tenant_id: &str, now: Timestamp, seed: u64) -> Self {
        let environments = [("Production", Type::Production), ("Sandbox", Type::Sandbox)];
        let environments = environments.into_iter().zip(1_u64..);
        Self {
            tenant_id: tenant_id.to_owned(),
            environments: environments
                .map(|((name, type_), number)| Environment {
                    name: name.to_owned(),
                    type_,
                    country: "US".to_owned(),
                    companies: (0..NAMES.len())
                        .map(|profile| {
                            let seed = seed.wrapping_mul(64) + number * 8 + profile as u64;
                            Company::new(guid(seed, 0), profile, seed, now)
                        })
                        .collect(),
                    applications: Vec::new(),
                    subscriptions: Vec::new(),
                    pending: Vec::new(),
                    security_groups: Vec::new(),
                    platform: None,
                    meter: crate::cloud::limits::Meter::default(),
                })
                .collect(),
            ..Self::default()
        }
    }

    /// Puts an application on the card of Microsoft Entra applications, in every environment or in one; what was there
    /// under its client id is replaced. Whether there is such an environment is answered.
    pub fn register_application(
        &mut self,
        environment: Option<&str>,
        application: &Application,
    ) -> bool {
        let mut is_known = false;
        for it in self.chosen(environment) {
            is_known = true;
            it.applications
                .retain(|card| !card.client_id.eq_ignore_ascii_case(&application.client_id));
            it.applications.push(application.clone());
        }
        is_known
    }

    /// Takes an application off the card; whether it was on one is answered.
    pub fn unregister_application(&mut self, environment: Option<&str>, client_id: &str) -> bool {
        let mut was_there = false;
        for it in self.chosen(environment) {
            let before = it.applications.len();
            it.applications
                .retain(|card| !card.client_id.eq_ignore_ascii_case(client_id));
            was_there |= it.applications.len() < before;
        }
        was_there
    }

    /// Environments by name, and the applications registered in each.
    pub fn applications(&self) -> Vec<(String, Vec<Application>)> {
        let of = |it: &Environment| (it.name.clone(), it.applications.clone());
        self.environments.iter().map(of).collect()
    }

    /// Gives a person a licence, or takes it. Everybody has one at first.
    pub fn license(&mut self, object_id: &str, is_licensed: bool) {
        self.unlicensed.retain(|known| known != object_id);
        if !is_licensed {
            self.unlicensed.push(object_id.to_owned());
        }
    }

    /// Whether operational limits are kept.
    pub fn keep_limits(&mut self, are_kept: bool) {
        self.has_limits = are_kept;
    }

    /// Tells who and which groups there are in the tenant: users come from there, and members of security groups.
    pub fn know(&mut self, directory: Directory) {
        self.directory = directory;
    }

    /// Makes a group of the tenant a security group under this code, in every environment or in one, as the page *Security
    /// Groups* does. Whether there is such an environment is answered.
    pub fn add_security_group(
        &mut self,
        environment: Option<&str>,
        code: &str,
        group_id: &str,
    ) -> bool {
        let mut is_known = false;
        for it in self.chosen(environment) {
            is_known = true;
            it.security_groups
                .retain(|known| !known.code.eq_ignore_ascii_case(code));
            it.security_groups.push(SecurityGroup {
                code: code.to_uppercase(),
                group_id: group_id.to_owned(),
            });
        }
        is_known
    }

    fn chosen(&mut self, name: Option<&str>) -> impl Iterator<Item = &mut Environment> {
        self.environments
            .iter_mut()
            .filter(move |it| name.is_none_or(|name| it.name.eq_ignore_ascii_case(name)))
    }
}
