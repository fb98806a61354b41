//! Files that are attached to records.

use crate::books::Record;
use crate::fault::Fault;

/// A file has a name; its bytes come by a request of their own.
pub(super) fn insert(record: &mut Record) -> Result<(), Fault> {
    if record.text("fileName").is_empty() {
        return Err(Fault::dialog("The fileName must be specified."));
    }
    record.set("byteSize", 0);
    record.set("attachmentContent", "");
    Ok(())
}
