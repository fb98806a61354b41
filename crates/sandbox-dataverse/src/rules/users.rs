//! Users who stand for an application.

use super::Fields;
use crate::Dataverse;
use crate::cell::Cell;
use crate::fault::Fault;
use crate::store::Row;

/// The access mode of users who never sign in to pages.
const NON_INTERACTIVE: i64 = 4;

/// What nobody has to say of an application user: it does not sign in interactively, and is in the organisation's own business
/// unit. An application has one user in an environment.
///
/// Source: <https://learn.microsoft.com/power-apps/developer/data-platform/use-single-tenant-server-server-authentication>
pub(super) fn application_user(
    dataverse: &Dataverse,
    old: Option<&Row>,
    fields: &mut Fields<'_>,
) -> Result<(), Fault> {
    let Some(application) = fields.get("applicationid").and_then(Cell::as_guid) else {
        return Ok(());
    };
    let text = application.to_string();
    if old.is_none() {
        if dataverse.user_by("applicationid", &text).is_some() {
            return Err(Fault::duplicate_key("Application Id"));
        }
        fields.set("accessmode", Some(Cell::Whole(NON_INTERACTIVE)));
    }
    fields.default("firstname", Cell::text("#"));
    fields.default("lastname", Cell::text(&text));
    let name = format!("{text}@{}", dataverse.organisation.url_name);
    fields.default("domainname", Cell::text(&name));
    let unit = Cell::link(dataverse.tables.business_unit, dataverse.root_unit());
    fields.default("businessunitid", unit);
    Ok(())
}
