//! From changes of records to notifications: collected for half a minute, then told in one request to each subscriber.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::Environment;
use crate::books::Change;
use crate::rules::family::Family;

/// How long changes are collected.
const COLLECTED: SignedDuration = SignedDuration::from_secs(30);
/// More changes than this in one go are told as one of the whole collection.
const MOST: usize = 1_000;

/// A change that subscribers have not been told of.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Pending {
    company_id: String,
    set: String,
    id: String,
    kind: Kind,
    at: Timestamp,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
enum Kind {
    Created,
    Updated,
    Deleted,
}

impl Kind {
    fn name(self) -> &'static str {
        match self {
            Self::Created => "created",
            Self::Updated => "updated",
            Self::Deleted => "deleted",
        }
    }
}

/// A request that the outside is to get.
#[derive(Debug, Clone, PartialEq)]
pub struct Notification {
    /// Whose it is.
    pub subscription_id: String,
    /// Where it goes, by POST.
    pub url: String,
    /// What it says.
    pub body: Value,
}

impl Environment {
    /// Keeps what is of interest to somebody.
    pub(crate) fn note(&mut self, company_id: &str, changes: &[Change], now: Timestamp) {
        if self.subscriptions.is_empty() {
            return;
        }
        for change in changes {
            let (set, id, kind) = match change {
                Change::Inserted { set, id } => (*set, id.as_str(), Kind::Created),
                Change::Updated { set, before } => (*set, before.id.as_str(), Kind::Updated),
                Change::Removed { set, before, .. } => (*set, before.id.as_str(), Kind::Deleted),
            };
            // A changed line is told as a change of its document, which is written with it.
            if Family::of_lines(set).is_none() && self.has_subscriber(company_id, set, now) {
                self.keep(Pending {
                    company_id: company_id.to_owned(),
                    set: set.to_owned(),
                    id: id.to_owned(),
                    kind,
                    at: now,
                });
            }
        }
    }

    fn has_subscriber(&self, company_id: &str, set: &str, now: Timestamp) -> bool {
        self.subscriptions
            .iter()
            .any(|it| it.is_alive(now) && it.set == set && it.company_id == company_id)
    }

    /// Several changes of a record are one.
    fn keep(&mut self, new: Pending) {
        let known = self
            .pending
            .iter_mut()
            .find(|it| it.id == new.id && it.set == new.set && it.company_id == new.company_id);
        match known {
            Some(known) if known.kind == Kind::Created && new.kind == Kind::Updated => {}
            Some(known) => known.kind = new.kind,
            None => self.pending.push(new),
        }
    }

    /// What is due by now, for each subscriber in one piece.
    pub(crate) fn due(&mut self, now: Timestamp) -> Vec<Notification> {
        self.subscriptions.retain(|it| it.is_alive(now));
        let first = self.pending.iter().map(|it| it.at).min();
        let is_due = first.is_some_and(|at| now.duration_since(at) >= COLLECTED);
        if !is_due {
            return Vec::new();
        }
        let pending = std::mem::take(&mut self.pending);
        let mut notifications = Vec::new();
        for subscription in &self.subscriptions {
            let mine: Vec<&Pending> = pending
                .iter()
                .filter(|it| it.set == subscription.set && it.company_id == subscription.company_id)
                .collect();
            if mine.is_empty() {
                continue;
            }
            let base = format!(
                "api/v2.0/companies({})/{}",
                subscription.company_id, subscription.set
            );
            let line = |resource: String, kind: &str, at: Timestamp| {
                json!({
                    "subscriptionId": subscription.id,
                    "clientState": subscription.client_state,
                    "expirationDateTime": format!("{:.3}", subscription.expires),
                    "resource": resource,
                    "changeType": kind,
                    "lastModifiedDateTime": format!("{at:.3}"),
                })
            };
            let value = if mine.len() > MOST {
                let since = mine[0].at;
                let filter = format!("?$filter=lastModifiedDateTime%20gt%20{since:.3}");
                vec![line(format!("/{base}{filter}"), "collection", since)]
            } else {
                mine.iter()
                    .map(|it| line(format!("{base}({})", it.id), it.kind.name(), it.at))
                    .collect()
            };
            notifications.push(Notification {
                subscription_id: subscription.id.clone(),
                url: subscription.notification_url.clone(),
                body: json!({ "value": value }),
            });
        }
        notifications
    }
}
