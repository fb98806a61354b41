//! Identifiers as Exchange makes them: URL-safe base64 of the mailbox, the folder and a counter.
//!
//! An ordinary id names the folder, so it changes when the item moves. An immutable id names the item alone. Clients must
//! treat both as opaque; the sandbox keeps Exchange's lengths and beginnings (`AAMkA…`, 152 characters for a message)
//! so that whoever stores or prints them meets the real size.
//! Source: <https://learn.microsoft.com/graph/outlook-immutable-id>

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE};
use uuid::Uuid;

/// Provider of immutable ids in Exchange's entry ids.
const PROVIDER: [u8; 16] = [
    0x1d, 0x84, 0x03, 0x11, 0xaa, 0x66, 0x11, 0xcd, 0x9b, 0xc8, 0x00, 0xaa, 0x00, 0x2f, 0xc4, 0x5a,
];

/// What an id in a request turned out to name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ItemId {
    /// A message by its place: folder and item number. Valid until it moves.
    Placed { folder: u32, item: u64 },
    /// A message wherever it is.
    Immutable { key: u64 },
    /// A mail folder, a calendar or a folder of contacts.
    Folder { folder: u32 },
    /// One day of a series of events; days count from 1970.
    Occurrence { folder: u32, item: u64, day: i32 },
}

/// The id in a text, with the mailbox that it belongs to; `None` when it is malformed.
pub(crate) fn parse(text: &str) -> Option<(Uuid, ItemId)> {
    let bytes = URL_SAFE.decode(text).ok()?;
    match (bytes.len(), bytes.first_chunk::<4>()?) {
        (113, [0, 3, 36, 0]) => {
            let id = ItemId::Placed {
                folder: number(&bytes, 80)?,
                item: counter(&bytes, 104)?,
            };
            Some((mailbox(&bytes)?, id))
        }
        (117, [0, 3, 36, 0]) => {
            let id = ItemId::Occurrence {
                folder: number(&bytes, 80)?,
                item: counter(&bytes, 104)?,
                day: i32::from_be_bytes(*bytes.last_chunk()?),
            };
            Some((mailbox(&bytes)?, id))
        }
        (89, [0, 3, 36, 0]) => Some((
            mailbox(&bytes)?,
            ItemId::Folder {
                folder: number(&bytes, 80)?,
            },
        )),
        (51, [0, 9, 0, 46]) => {
            let mailbox = Uuid::from_slice(bytes.get(27..43)?).ok()?;
            Some((
                mailbox,
                ItemId::Immutable {
                    key: counter(&bytes, 43)?,
                },
            ))
        }
        _ => None,
    }
}

/// A message's id while it is in `folder`.
pub(crate) fn message(mailbox: Uuid, folder: u32, item: u64) -> String {
    URL_SAFE.encode(message_bytes(mailbox, folder, item))
}

fn message_bytes(mailbox: Uuid, folder: u32, item: u64) -> Vec<u8> {
    let mut bytes = opening([0, 3], mailbox, 70);
    bytes.extend_from_slice(&store(mailbox));
    bytes.extend_from_slice(&[7, 0]);
    push_counted(&mut bytes, mailbox, u64::from(folder));
    push_counted(&mut bytes, mailbox, item);
    bytes.push(0);
    bytes
}

/// The id of one day of a series of events.
pub(crate) fn occurrence(mailbox: Uuid, folder: u32, item: u64, day: i32) -> String {
    let mut bytes = message_bytes(mailbox, folder, item);
    bytes.extend_from_slice(&day.to_be_bytes());
    URL_SAFE.encode(bytes)
}

/// A folder's id.
pub(crate) fn folder(mailbox: Uuid, folder: u32) -> String {
    let mut bytes = opening([0, 3], mailbox, 46);
    bytes.extend_from_slice(&store(mailbox));
    bytes.extend_from_slice(&[1, 0]);
    push_counted(&mut bytes, mailbox, u64::from(folder));
    bytes.push(0);
    URL_SAFE.encode(bytes)
}

/// A message's id that outlives moves within the mailbox.
pub(crate) fn immutable(mailbox: Uuid, key: u64) -> String {
    let mut bytes = vec![0, 9, 0, 46, 0, 0, 0, 0, 0];
    bytes.extend_from_slice(&PROVIDER);
    bytes.extend_from_slice(&[13, 0]);
    push_counted(&mut bytes, mailbox, key);
    URL_SAFE.encode(bytes)
}

/// An attachment's id: its message's bytes, then its own.
pub(crate) fn attachment(mailbox: Uuid, folder: u32, item: u64, attachment: Uuid) -> String {
    let mut bytes = message_bytes(mailbox, folder, item);
    bytes.pop();
    bytes.extend_from_slice(&[1, 18, 0, 16, 0]);
    bytes.extend_from_slice(attachment.as_bytes());
    URL_SAFE.encode(bytes)
}

/// The attachment that an id ends in; `None` when it is malformed.
pub(crate) fn parse_attachment(text: &str) -> Option<Uuid> {
    let bytes = URL_SAFE.decode(text).ok()?;
    let (_, own) = bytes.split_last_chunk::<16>()?;
    (bytes.len() == 133).then(|| Uuid::from_bytes(*own))
}

/// A conversation's id as this mailbox sees it.
pub(crate) fn conversation(mailbox: Uuid, conversation: Uuid) -> String {
    let mut bytes = opening([0, 4], mailbox, 16);
    bytes.truncate(40);
    bytes.extend_from_slice(&[0, 16, 0]);
    bytes.extend_from_slice(conversation.as_bytes());
    URL_SAFE.encode(bytes)
}

/// The version of an item, new with every change; also the inside of its `ETag`.
pub(crate) fn change_key(mailbox: Uuid, change: u64) -> String {
    let mut bytes = vec![9, 0, 0, 0, 22, 0, 0, 0];
    bytes.extend_from_slice(mailbox.as_bytes());
    bytes.extend_from_slice(&change.to_be_bytes()[2..]);
    STANDARD.encode(bytes)
}

/// Kind, mailbox as text, length of the entry id, four zero bytes of flags.
fn opening(kind: [u8; 2], mailbox: Uuid, length: u8) -> Vec<u8> {
    let mut bytes = kind.to_vec();
    bytes.extend_from_slice(&[36, 0]);
    bytes.extend_from_slice(mailbox.hyphenated().to_string().as_bytes());
    bytes.extend_from_slice(&[length, 0, 0, 0, 0, 0]);
    bytes
}

fn mailbox(bytes: &[u8]) -> Option<Uuid> {
    std::str::from_utf8(bytes.get(4..40)?).ok()?.parse().ok()
}

/// The id of the database within the mailbox server; the sandbox derives it from the mailbox.
fn store(mailbox: Uuid) -> [u8; 16] {
    mailbox.as_u128().rotate_left(64).to_be_bytes()
}

/// Sixteen bytes of the mailbox, six of a counter, two of padding: how Exchange names anything it stores.
fn push_counted(bytes: &mut Vec<u8>, mailbox: Uuid, counter: u64) {
    bytes.extend_from_slice(mailbox.as_bytes());
    bytes.extend_from_slice(&counter.to_be_bytes()[2..]);
    bytes.extend_from_slice(&[0, 0]);
}

/// A six-byte counter.
fn counter(bytes: &[u8], at: usize) -> Option<u64> {
    let mut number = [0; 8];
    number[2..].copy_from_slice(bytes.get(at..at + 6)?);
    Some(u64::from_be_bytes(number))
}

fn number(bytes: &[u8], at: usize) -> Option<u32> {
    counter(bytes, at)?.try_into().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    const MAILBOX: Uuid = Uuid::from_u128(0xef01_3138_6fae_47d4_a06b_558f_996a_bf88);

    #[test]
    fn ids_have_the_lengths_and_beginnings_of_exchange() {
        let message = message(MAILBOX, 12, 7);
        assert_eq!((message.len(), &message[..6]), (152, "AAMkAG"));
        let folder = folder(MAILBOX, 12);
        assert_eq!((folder.len(), &folder[..6]), (120, "AAMkAG"));
        let immutable = immutable(MAILBOX, 7);
        assert_eq!((immutable.len(), &immutable[..8]), (68, "AAkALgAA"));
        let conversation = conversation(MAILBOX, MAILBOX);
        assert_eq!((conversation.len(), &conversation[..5]), (80, "AAQkA"));
        assert_eq!(change_key(MAILBOX, 1).len(), 40);
    }

    #[test]
    fn an_id_leads_back_to_what_it_names() {
        let placed = ItemId::Placed {
            folder: 12,
            item: 700_000,
        };
        assert_eq!(
            parse(&message(MAILBOX, 12, 700_000)),
            Some((MAILBOX, placed))
        );
        assert_eq!(
            parse(&immutable(MAILBOX, 9)),
            Some((MAILBOX, ItemId::Immutable { key: 9 }))
        );
        assert_eq!(
            parse(&folder(MAILBOX, 3)),
            Some((MAILBOX, ItemId::Folder { folder: 3 }))
        );
        let day = ItemId::Occurrence {
            folder: 20,
            item: 9,
            day: -3,
        };
        assert_eq!(parse(&occurrence(MAILBOX, 20, 9, -3)), Some((MAILBOX, day)));
        assert_eq!(
            parse_attachment(&attachment(MAILBOX, 1, 2, MAILBOX)),
            Some(MAILBOX)
        );
    }

    #[test]
    fn anything_else_is_malformed() {
        for text in ["", "x", "AAMkAG", "no base64!", &"A".repeat(152)] {
            assert_eq!(parse(text), None, "{text}");
        }
        assert_eq!(parse_attachment("AAMk"), None);
    }
}
