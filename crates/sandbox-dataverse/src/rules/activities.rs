//! Notes and activities.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use super::Fields;
use crate::cell::Cell;
use crate::store::Row;
use crate::write::Actor;

/// A note knows whether it has a file, how large that is, and what it is about.
pub(super) fn note(fields: &mut Fields<'_>) {
    let body = fields.text("documentbody");
    let size = body.as_ref().map_or(0, |body| {
        STANDARD
            .decode(body)
            .map_or(body.len(), |bytes| bytes.len())
    });
    fields.set("isdocument", Some(Cell::Flag(body.is_some())));
    fields.set(
        "filesize",
        Some(Cell::Whole(i64::try_from(size).unwrap_or_default())),
    );
    let about = fields
        .link("objectid")
        .map(|link| Cell::text(&fields.schema.table(link.table).name));
    fields.set("objecttypecode", about);
    if body.is_some() {
        fields.default("mimetype", Cell::text("application/octet-stream"));
    }
}

/// An activity knows its own kind, how long it takes, and when it ended.
pub(super) fn activity(actor: Actor, old: Option<&Row>, fields: &mut Fields<'_>) {
    let kind = Cell::text(&fields.table.name);
    fields.set("activitytypecode", Some(kind));
    let time = |fields: &Fields<'_>, name| fields.get(name).and_then(Cell::as_time);
    if let (Some(start), Some(end)) = (time(fields, "scheduledstart"), time(fields, "scheduledend"))
    {
        let minutes = (end.as_second() - start.as_second()) / 60;
        fields.set("scheduleddurationminutes", Some(Cell::Whole(minutes)));
    }
    let is_done = matches!(fields.whole("statecode"), Some(1 | 2));
    if is_done && fields.differs(old, "statecode") {
        fields.default("actualend", Cell::Time(actor.now));
    }
    let sort = time(fields, "scheduledend").unwrap_or(actor.now);
    if old.is_none() {
        fields.default("sortdate", Cell::Time(sort));
    }
}
