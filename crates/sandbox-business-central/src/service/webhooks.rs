//! Subscriptions: an address proves that it wants to be told before it is.

use http::{Method, StatusCode};
use jiff::Timestamp;
use sandbox_odata::options::Options;
use sandbox_odata::project::Selection;
use sandbox_odata::schema::{EntityType, guid, number, text, time};
use sandbox_odata::service::{Request, Response};
use serde_json::{Value, json};

use super::ask::Ask;
use super::root;
use super::{BusinessCentral, Outcome, written};
use crate::cloud::changes::Notification;
use crate::cloud::subscriptions::{self, LIFETIME, MOST, SUPPORTED, Subscription};
use crate::engine::keys::{self, Key};
use crate::engine::{Reply, list, write};
use crate::fault::Fault;

static SUBSCRIPTION: EntityType = EntityType {
    name: "Microsoft.NAV.subscription",
    properties: &[
        text("subscriptionId"),
        text("notificationUrl"),
        text("resource"),
        number("timestamp"),
        guid("userId"),
        time("lastModifiedDateTime"),
        text("clientState"),
        time("expirationDateTime"),
        time("systemCreatedAt"),
        guid("systemCreatedBy"),
        time("systemModifiedAt"),
        guid("systemModifiedBy"),
    ],
};

/// A POST that an address outside must answer with 200 and the token as its body.
#[derive(Debug, Clone)]
pub struct Handshake {
    /// With `validationToken` in its query.
    pub url: String,
    /// What the answer must be.
    pub token: String,
    environment: String,
    subscription: Subscription,
    is_new: bool,
    base: String,
}

impl BusinessCentral {
    pub(super) fn subscriptions(
        &mut self,
        at: usize,
        ask: &Ask<'_>,
        base: &str,
        mut options: Options,
        key: Option<&Key>,
    ) -> Result<Outcome, Fault> {
        self.authorize(at, ask, "subscriptions", false)?;
        list::bind(&mut options, &SUBSCRIPTION)?;
        let environment = &mut self.environments[at];
        environment.subscriptions.retain(|it| it.is_alive(ask.now));
        let Some(key) = key else {
            return match ask.method {
                Method::GET => {
                    let all = environment.subscriptions.iter();
                    let rows = all.map(Subscription::to_value).collect();
                    root::collection(rows, ask, base, &options, "subscriptions", "subscriptionId")
                        .map(Outcome::from)
                }
                Method::POST => self.subscribe(at, ask, base),
                _ => Err(Fault::method(&ask.method, "subscriptions")),
            };
        };
        let id = match key {
            Key::Id(id) => id.clone(),
            Key::Fields(pairs) => pairs.iter().map(|(_, value)| value.clone()).collect(),
        };
        let found = environment.subscriptions.iter().position(|it| it.id == id);
        let found = found.ok_or_else(|| Fault::record_not_found("subscription", &id))?;
        match ask.method {
            Method::GET => {
                let selection = Selection::new(&options.select);
                let value = environment.subscriptions[found].to_value();
                Ok(Reply::Json(shown(value, base, &selection)).into())
            }
            Method::PATCH => self.renew(at, found, ask, base),
            Method::DELETE => {
                let record = environment.subscriptions[found].record();
                write::check_sent_etag(&record, ask.if_match.as_deref())?;
                environment.subscriptions.remove(found);
                Ok(Reply::NoContent.into())
            }
            _ => Err(Fault::method(&ask.method, "subscriptions")),
        }
    }

    fn subscribe(&mut self, at: usize, ask: &Ask<'_>, base: &str) -> Result<Outcome, Fault> {
        let wish = subscriptions::read(body(ask)?, true)?;
        let (company_id, set) = self.subject(at, &wish.resource)?;
        let environment = &self.environments[at];
        if environment.subscriptions.len() >= MOST {
            return Err(Fault::dialog(format!(
                "The environment has reached its limit of {MOST} subscriptions."
            )));
        }
        let is_known = environment.subscriptions.iter().any(|it| {
            it.notification_url == wish.notification_url
                && it.set == set
                && it.company_id == company_id
        });
        if is_known {
            return Err(Fault::exists("subscription", &wish.resource));
        }
        let subscription = Subscription {
            id: self.next_id().replace('-', ""),
            notification_url: wish.notification_url,
            resource: wish.resource,
            company_id,
            set,
            client_state: wish.client_state,
            user_id: ask.caller.object_id.clone(),
            created: ask.now,
            modified: ask.now,
            expires: ask.now + LIFETIME,
            version: 1,
        };
        Ok(self.handshake(at, subscription, true, base))
    }

    /// A renewal says the same again, and the address proves itself again.
    fn renew(
        &mut self,
        at: usize,
        found: usize,
        ask: &Ask<'_>,
        base: &str,
    ) -> Result<Outcome, Fault> {
        let known = self.environments[at].subscriptions[found].clone();
        write::check_etag(&known.record(), ask.if_match.as_deref())?;
        let wish = subscriptions::read(body(ask)?, false)?;
        let mut renewed = known;
        if !wish.resource.is_empty() {
            (renewed.company_id, renewed.set) = self.subject(at, &wish.resource)?;
            renewed.resource = wish.resource;
        }
        if !wish.notification_url.is_empty() {
            renewed.notification_url = wish.notification_url;
        }
        if !wish.client_state.is_empty() {
            renewed.client_state = wish.client_state;
        }
        renewed.modified = ask.now;
        renewed.expires = ask.now + LIFETIME;
        renewed.version += 1;
        Ok(self.handshake(at, renewed, false, base))
    }

    fn subject(&self, at: usize, resource: &str) -> Result<(String, String), Fault> {
        let (company, set) = subscriptions::resource(resource).ok_or_else(|| {
            Fault::bad_request(format!(
                "The resource '{resource}' does not support subscriptions."
            ))
        })?;
        let environment = &self.environments[at];
        let found = environment
            .company(&company)
            .ok_or_else(Fault::no_company)?;
        Ok((environment.companies[found].id.clone(), set))
    }

    fn handshake(
        &mut self,
        at: usize,
        subscription: Subscription,
        is_new: bool,
        base: &str,
    ) -> Outcome {
        let token = self.next_id();
        let url = &subscription.notification_url;
        let joint = if url.contains('?') { '&' } else { '?' };
        Outcome::Handshake(Box::new(Handshake {
            url: format!("{url}{joint}validationToken={token}"),
            token,
            environment: self.environments[at].name.clone(),
            subscription,
            is_new,
            base: base.to_owned(),
        }))
    }

    /// The answer once the address was asked; `is_good` says whether it proved itself.
    pub fn shaken(&mut self, handshake: Handshake, is_good: bool) -> Response {
        let url = &handshake.subscription.notification_url;
        if !is_good {
            let fault = Fault::new(
                StatusCode::BAD_REQUEST,
                "BadRequest",
                format!(
                    "The notification endpoint '{url}' must respond with 200 OK and the validation token to the validation request."
                ),
            );
            return self.refusal(&fault);
        }
        let mut environments = self.environments.iter_mut();
        let environment = environments.find(|it| it.name == handshake.environment);
        let Some(environment) = environment else {
            return self.refusal(&Fault::no_environment(&handshake.environment));
        };
        let subscription = handshake.subscription;
        let body = shown(
            subscription.to_value(),
            &handshake.base,
            &Selection::default(),
        );
        let location = format!("{}/subscriptions('{}')", handshake.base, subscription.id);
        environment
            .subscriptions
            .retain(|it| it.id != subscription.id);
        environment.subscriptions.push(subscription);
        written(if handshake.is_new {
            Reply::Created { body, location }
        } else {
            Reply::Json(body)
        })
    }

    /// Requests that subscribers are to get by now; each is given out once.
    pub fn due_notifications(&mut self, now: Timestamp) -> Vec<Notification> {
        let environments = self.environments.iter_mut();
        environments.flat_map(|it| it.due(now)).collect()
    }

    /// Whether a change waits to be told.
    pub fn has_pending(&self) -> bool {
        self.environments.iter().any(|it| !it.pending.is_empty())
    }

    /// A subscriber that answers with a refusal for good is not told again.
    pub fn refused(&mut self, subscription_id: &str) {
        for environment in &mut self.environments {
            environment
                .subscriptions
                .retain(|it| it.id != subscription_id);
        }
    }

    /// `api/microsoft/runtime/beta/companies(…)/webhookSupportedResources`
    pub(super) fn supported(
        &self,
        at: usize,
        company: &str,
        request: &Request,
    ) -> Result<Reply, Fault> {
        let segment = keys::parse(company).ok_or_else(|| Fault::bad_address(company))?;
        let Some(Key::Id(id)) = segment.key else {
            return Err(Fault::no_company());
        };
        let environment = &self.environments[at];
        let found = environment.company(&id).ok_or_else(Fault::no_company)?;
        let id = &environment.companies[found].id;
        let line = |set: &&str| json!({ "resource": format!("/api/v2.0/companies({id})/{set}") });
        let value: Vec<Value> = SUPPORTED.iter().map(line).collect();
        let path = request.uri.path();
        let base = path.split("/companies(").next().unwrap_or_default();
        let context = format!(
            "{}{base}/$metadata#companies({id})/webhookSupportedResources",
            request.origin
        );
        Ok(Reply::Json(
            json!({ "@odata.context": context, "value": value }),
        ))
    }
}

fn body(ask: &Ask<'_>) -> Result<serde_json::Map<String, Value>, Fault> {
    match serde_json::from_slice(&ask.body) {
        Ok(Value::Object(body)) => Ok(body),
        _ => Err(Fault::not_json()),
    }
}

fn shown(value: Value, base: &str, selection: &Selection) -> Value {
    root::single(value, base, "subscriptions", selection, &["subscriptionId"])
}
