//! Which mailboxes a connection may touch: the addresses that its policy lists, and nothing else.
//!
//! The request is read as Microsoft will read it: path, query and body, whatever its operation is ([`reach`]). A mailbox that is
//! named by a listed address is that one. Any other name of it is compared with what Microsoft says a listed address is
//! ([`known`], [`lookup`]); nobody else is asked about. What cannot be told to be inside is refused.

mod body;
mod expand;
mod known;
mod lookup;
mod path;
mod reach;
mod refusal;

use std::collections::BTreeSet;
use std::sync::Arc;

use connections::Snapshot;
use model::{Api, ConnectionMethod, Identity, MailAddress};

pub(super) use known::{Answer, Question};
use reach::Reach;

use super::Wanted;
use super::lookup::graph_subscription;
use super::path::is_guid;
use crate::Result;
use crate::runner::Parts;

/// One decision under way.
struct Limits<'a> {
    parts: &'a Parts,
    snapshot: &'a Arc<Snapshot>,
    listed: &'a BTreeSet<MailAddress>,
}

/// Whether all that the request reaches is on the connection's list, where it has one.
pub(super) async fn decide(
    parts: &Parts,
    snapshot: &Arc<Snapshot>,
    wanted: &Wanted<'_>,
) -> Result<()> {
    let Some(listed) = &snapshot.connection.policy.mailboxes else {
        return Ok(());
    };
    if snapshot.connection.service.api() != Api::Graph {
        return Ok(());
    }
    let limits = Limits {
        parts,
        snapshot,
        listed,
    };
    for reach in reach::of(snapshot, wanted) {
        limits.check(&reach).await?;
    }
    Ok(())
}

impl Limits<'_> {
    async fn check(&self, reach: &Reach) -> Result<()> {
        match reach {
            Reach::Beyond(what) => Err(self.refusal().beyond(what)),
            Reach::Own => self.own().await,
            Reach::Named(name) => self.named(name).await,
            Reach::Subscription(id) => self.subscription(id).await,
        }
    }

    fn lists(&self, name: &str) -> bool {
        self.listed.iter().any(|address| address.is(name))
    }

    /// Who is signed in; an application is nobody.
    fn user(&self) -> Option<&Identity> {
        let connection = &self.snapshot.connection;
        let identity = connection.identity.as_ref();
        identity.filter(|_| connection.method == ConnectionMethod::OAuth)
    }

    async fn own(&self) -> Result<()> {
        let what = "the mailbox of the connection's own account";
        let Some(user) = self.user() else {
            return Err(self.refusal().unlisted(what));
        };
        if user
            .username
            .as_deref()
            .is_some_and(|name| self.lists(name))
        {
            return Ok(());
        }
        if known::own_is(self, |name| self.lists(name)).await? {
            return Ok(());
        }
        self.among(what, &user.object_id).await
    }

    async fn named(&self, name: &str) -> Result<()> {
        if self.lists(name) {
            return Ok(());
        }
        if name.parse::<MailAddress>().is_err() && !is_guid(name) {
            return Err(self.unclear(name));
        }
        let is_own = |user: &Identity| {
            let username = user.username.as_deref();
            user.object_id.eq_ignore_ascii_case(name)
                || username.is_some_and(|own| own.eq_ignore_ascii_case(name))
        };
        if self.user().is_some_and(is_own) {
            return self.own().await;
        }
        self.among(&format!("the mailbox `{name}`"), name).await
    }

    /// Whether `name` is another name of a listed mailbox.
    async fn among(&self, what: &str, name: &str) -> Result<()> {
        let found = known::any(self, |mailbox| mailbox.is(name)).await?;
        if found.is_found {
            return Ok(());
        }
        Err(self.not_found(what, &found))
    }

    /// A subscription is renewed or ended by its id, which does not tell what it watches.
    async fn subscription(&self, id: &str) -> Result<()> {
        let resource = graph_subscription(self.parts, self.snapshot, id).await?;
        for reach in body::of_resource(&resource) {
            if matches!(reach, Reach::Subscription(_)) {
                return Err(self.unclear(&resource));
            }
            Box::pin(self.check(&reach)).await?;
        }
        Ok(())
    }
}
