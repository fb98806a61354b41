//! Places that a connection is held to, each kind with what may be listed of it.

use microsoft::Cloud;
use model::{Place, Policy, Service};

use crate::{Result, dynamics, mailboxes, sites};

/// Whether `policy` may be that of a connection to `service` in this cloud, which goes to `place`.
pub(crate) fn check(policy: &Policy, service: Service, place: &Place, cloud: &Cloud) -> Result<()> {
    sites::check(policy, service, cloud)?;
    mailboxes::check(policy, service)?;
    dynamics::check(policy, service, place)
}
