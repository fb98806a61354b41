//! Places that a connection is held to, each kind with what may be listed of it.

use microsoft::Cloud;
use model::{Policy, Service};

use crate::{Result, mailboxes, sites};

/// Whether `policy` may be that of a connection to `service` in this cloud.
pub(crate) fn check(policy: &Policy, service: Service, cloud: &Cloud) -> Result<()> {
    sites::check(policy, service, cloud)?;
    mailboxes::check(policy, service)
}
