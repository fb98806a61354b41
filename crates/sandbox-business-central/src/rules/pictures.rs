//! Pictures of customers, items and the like: each has one, which is empty at first.

use super::attach::parent_type;
use crate::books::{Record, Work};

/// Sets whose entities have a picture.
const OWNERS: [&str; 6] = [
    "customers",
    "vendors",
    "items",
    "employees",
    "contacts",
    "itemVariants",
];

/// The picture of the entity with this id; none when no entity with a picture has it.
pub(crate) fn of(work: &Work<'_>, id: &str) -> Option<Record> {
    let owner = OWNERS.into_iter().find(|set| work.get(set, id).is_some())?;
    let mut picture = work
        .get("pictures", id)
        .cloned()
        .unwrap_or_else(|| Record::computed(id, work.now).at_version(1));
    picture.set("parentType", parent_type(owner));
    Some(picture)
}

/// Takes new bytes.
pub(crate) fn put(
    work: &mut Work<'_>,
    picture: &Record,
    bytes: &[u8],
    content: String,
    content_type: Option<&str>,
) {
    let (width, height) = size(bytes).unwrap_or_default();
    let seen = sniff(bytes).or(content_type.filter(|it| it.starts_with("image/")));
    let content_type = seen.unwrap_or("image/jpeg").to_owned();
    let change = move |record: &mut Record| {
        record.content = Some(content);
        record.set("width", width);
        record.set("height", height);
        record.set("contentType", content_type);
    };
    if work.get("pictures", &picture.id).is_some() {
        work.update("pictures", &picture.id, change);
    } else {
        let mut record = Record::computed(&picture.id, work.now).at_version(2);
        change(&mut record);
        work.insert("pictures", record);
    }
}

fn sniff(bytes: &[u8]) -> Option<&'static str> {
    let known: [(&[u8], &str); 3] = [
        (b"\x89PNG", "image/png"),
        (b"\xff\xd8\xff", "image/jpeg"),
        (b"GIF8", "image/gif"),
    ];
    known
        .into_iter()
        .find(|(head, _)| bytes.starts_with(head))
        .map(|(_, name)| name)
}

/// Width and height of a PNG.
fn size(bytes: &[u8]) -> Option<(u32, u32)> {
    bytes.starts_with(b"\x89PNG").then_some(())?;
    let number = |at: usize| {
        let four = bytes.get(at..at + 4)?;
        Some(u32::from_be_bytes(four.try_into().ok()?))
    };
    Some((number(16)?, number(20)?))
}
