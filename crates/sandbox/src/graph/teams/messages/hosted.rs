//! Images inside messages: <https://learn.microsoft.com/graph/api/resources/chatmessagehostedcontent>

use axum::http::Method;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use super::super::access;
use super::super::rows::{self, Sizes};
use super::Place;
use crate::graph::call::Call;
use crate::graph::fault::Fault;
use crate::graph::reply::Reply;
use crate::graph::teams::only;

const SIZES: Sizes = Sizes {
    usual: 100,
    most: 999,
};

pub(super) fn dispatch(
    call: &Call,
    place: &Place,
    thread: Option<u64>,
    id: &str,
    below: &[&str],
) -> Result<Reply, Fault> {
    only(call, &Method::GET)?;
    place.read().require(call)?;
    let entered = place.enter(call)?;
    let message = entered.find(call, thread, id)?;
    let set = format!(
        "{}('{}')/hostedContents",
        entered.place.set(),
        message.number
    );
    let find = |id: &str| {
        // Segments come in lower case here.
        let mut hosted = message.hosted.iter();
        hosted
            .find(|it| it.id.eq_ignore_ascii_case(id))
            .ok_or_else(|| access::not_found("The hosted content was not found."))
    };
    match below {
        [] => {
            let rows = message.hosted.iter().map(|it| row(&it.id)).collect();
            rows::page(call, &set, rows, SIZES)
        }
        [id] => {
            let row = row(&find(id)?.id);
            Ok(rows::one(
                call,
                &set,
                row.as_object().cloned().unwrap_or_default(),
            ))
        }
        [id, "$value"] => {
            let hosted = find(id)?;
            let bytes = STANDARD.decode(&hosted.content).unwrap_or_default();
            Ok(Reply::raw(&hosted.content_type, bytes))
        }
        [_, other, ..] => Err(Fault::unknown_segment(other)),
    }
}

/// The bytes are at `$value` only.
fn row(id: &str) -> Value {
    json!({ "id": id, "contentBytes": null, "contentType": null })
}
