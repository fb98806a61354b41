//! Whether a file arrived of which nobody said so.

use microsoft::Sequence;
use model::RemoteIds;
use serde_json::Value;

use super::content::{content, content_error};
use super::item::item;
use super::{Way, sequence};
use crate::behavior::json as read;
use crate::exchange::{exchange, settled};
use crate::{Answer, Error, Result};

impl Way<'_> {
    /// Whether the file is there: what the last chunk made when its answer was lost. Whoever has not read the file yet does
    /// it now, to compare.
    pub(super) async fn look(&self, unread: bool) -> Result<Option<(Answer, RemoteIds)>> {
        let Some(length) = self.ready.content_length else {
            return Ok(None);
        };
        if sequence(self.ready) == Sequence::Attachment {
            let all_sent = unread || self.session.tally.bytes() == length;
            let message =
                "the upload's session has ended, and nobody said whether the attachment arrived";
            if all_sent {
                return Err(uncertain(message.to_owned()));
            }
            return Ok(None);
        }
        let (answer, remote) = match exchange(self.parts, &item(self.ready)?).await {
            Ok(found) => found,
            Err(Error::Microsoft { status: 404, .. }) => return Ok(None),
            Err(error) => {
                if let Some(write) = self.write {
                    write.leave_open();
                }
                return Err(settled(error));
            }
        };
        let found = read(&answer)?;
        if found.get("size").and_then(Value::as_u64) != Some(length) {
            return Ok(None);
        }
        let hash = found
            .pointer("/file/hashes/quickXorHash")
            .and_then(Value::as_str);
        if hash.is_some() && unread {
            // What is read for comparing cannot be sent any more.
            self.session
                .read(content(self.ready)?)
                .await
                .map_err(|error| content_error(&error))?;
        }
        match hash {
            Some(hash) if self.session.tally.bytes() == length => {
                if hash == self.session.tally.quick_xor_hash() {
                    return Ok(Some((answer, remote)));
                }
                // It was there before, or somebody else has put it there: ours is not.
                Ok(None)
            }
            _ => Err(uncertain(format!(
                "the upload's last answer was lost; a file of the same size is there, `{}`, and Microsoft gives no hash of \
                 it to compare with",
                name(&found)
            ))),
        }
    }
}

fn uncertain(message: String) -> Error {
    Error::Uncertain {
        activity: None,
        message,
    }
}

fn name(item: &Value) -> &str {
    let id = item.get("id").and_then(Value::as_str);
    id.unwrap_or("the file")
}
