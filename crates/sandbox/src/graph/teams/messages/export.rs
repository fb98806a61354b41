//! Exports: everything that was said in a team, or by and to a person.
//! Source: <https://learn.microsoft.com/graph/api/channel-getallmessages>, <https://learn.microsoft.com/graph/api/chats-getallmessages>

use axum::http::Method;
use serde_json::{Value, json};

use super::super::access::{self, Permissions};
use super::super::rows::{self, Sizes};
use super::list::{self, MESSAGE};
use super::{Entered, Place, render};
use crate::graph::call::Call;
use crate::graph::fault::Fault;
use crate::graph::reply::Reply;
use crate::graph::teams::only;
use crate::odata::filter::{self, eval};
use crate::state::teams::conversation::Message;

const OF_TEAM: Permissions = Permissions {
    delegated: &[],
    application: &["ChannelMessage.Read.All"],
};
const OF_USER: Permissions = Permissions {
    delegated: &[],
    application: &["Chat.Read.All", "Chat.ReadWrite.All"],
};
const SIZES: Sizes = Sizes {
    usual: 50,
    most: 1000,
};

/// `GET /teams/{id}/channels/getAllMessages`
pub(in crate::graph::teams) fn of_team(call: &Call, team: &str) -> Result<Reply, Fault> {
    require(call, OF_TEAM)?;
    let known = access::find(call, team)?;
    let places = known.team.channels.iter().map(|channel| Place::Channel {
        team: known.team.id.clone(),
        channel: channel.id.clone(),
    });
    export(call, places.collect())
}

/// `GET /users/{id}/chats/getAllMessages`
pub(in crate::graph::teams) fn of_user(call: &Call, user: &str) -> Result<Reply, Fault> {
    require(call, OF_USER)?;
    let places = call.shared.read(|state| {
        let chats = state.teams.chats.values();
        let own = chats.filter(|it| it.member(user).is_some());
        own.map(|it| Place::Chat {
            chat: it.id.clone(),
        })
        .collect()
    });
    export(call, places)
}

/// Exports are for applications that Microsoft approved, and are paid for by one of two models.
fn require(call: &Call, permissions: Permissions) -> Result<(), Fault> {
    only(call, &Method::GET)?;
    permissions.require(call)?;
    if !call
        .shared
        .read(|state| state.settings.refuse_protected_apis)
    {
        return Ok(());
    }
    Err(access::forbidden(
        "Invoked API requires Protected API access in application-only context when not using Resource Specific Consent. Visit https://docs.microsoft.com/en-us/graph/teams-protected-apis for more details.",
    ))
}

fn export(call: &Call, places: Vec<Place>) -> Result<Reply, Fault> {
    let mut pairs = call.options.pairs.iter();
    if let Some((_, model)) = pairs.find(|(name, _)| name.eq_ignore_ascii_case("model"))
        && !["A", "B"].contains(&model.as_str())
    {
        return Err(Fault::bad_request(
            "The payment model is one of 'A' and 'B'.",
        ));
    }
    let mut condition = call.options.filter.clone();
    if let Some(condition) = &mut condition {
        filter::bind(condition, &MESSAGE).map_err(|error| Fault::bad_request(error.to_string()))?;
    }
    let mut found: Vec<(Place, Message)> = Vec::new();
    for place in places {
        let entered = Entered {
            place,
            member: None,
            is_archived: false,
        };
        let messages = list::all(call, &entered, |_| true);
        found.extend(messages.into_iter().map(|it| (entered.place.clone(), it)));
    }
    found.retain(|(_, it)| {
        condition.as_ref().is_none_or(|condition| {
            let dates = json!({
                "createdDateTime": it.created_at,
                "lastModifiedDateTime": it.modified_at,
            });
            eval::matches(condition, &dates)
        })
    });
    found.sort_by_key(|(_, it)| (it.created_at, it.number));
    let rows = found
        .iter()
        .map(|(place, it)| Value::Object(render::message(call, place, it)));
    rows::page(call, "Collection(chatMessage)", rows.collect(), SIZES)
}
