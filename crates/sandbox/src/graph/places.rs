//! Rooms that can be booked: <https://learn.microsoft.com/graph/api/place-list>

use axum::http::Method;
use serde_json::{Map, Value, json};

use super::call::Call;
use super::fault::Fault;
use super::reply::Reply;
use super::schema::{OUTLOOK_GEO_COORDINATES, PHYSICAL_ADDRESS};
use crate::odata::envelope::{self, Page};
use crate::odata::filter::{self, eval};
use crate::odata::paging::{Style, Window};
use crate::odata::project::Selection;
use crate::odata::schema::{EntityType, boolean, complex, number, text, texts};
use crate::state::State;
use crate::state::directory::Room;

const DEFAULT_PAGE: usize = 100;

static ROOM: EntityType = EntityType {
    name: "microsoft.graph.room",
    properties: &[
        text("id"),
        text("displayName"),
        complex("address", &PHYSICAL_ADDRESS),
        complex("geoCoordinates", &OUTLOOK_GEO_COORDINATES),
        text("phone"),
        text("nickname"),
        text("label"),
        text("emailAddress"),
        text("building"),
        number("floorNumber"),
        text("floorLabel"),
        number("capacity"),
        text("bookingType"),
        text("audioDeviceName"),
        text("videoDeviceName"),
        text("displayDeviceName"),
        boolean("isWheelChairAccessible"),
        texts("tags"),
    ],
};

/// Everything at and below `places`.
pub(super) fn dispatch(call: &Call, path: &[&str]) -> Result<Reply, Fault> {
    if call.method != Method::GET {
        return Err(Fault::not_implemented("changes of places"));
    }
    if !call
        .caller
        .has_any(&["Place.Read.All", "Place.ReadWrite.All"])
    {
        return Err(Fault::access_denied());
    }
    match path {
        [kind] if kind.eq_ignore_ascii_case("microsoft.graph.room") => list(call),
        [kind, ..] if kind.to_ascii_lowercase().starts_with("microsoft.graph.") => Err(
            Fault::not_implemented(&format!("places/{}", path.join("/"))),
        ),
        [key] => get(call, key),
        [_, segment, ..] => Err(Fault::unknown_segment(segment)),
        [] => Err(Fault::bad_request("A type of place has to be named.")),
    }
}

fn selection(call: &Call) -> Result<Selection, Fault> {
    let mut select = call.options.select.clone();
    ROOM.resolve_select(&mut select)
        .map_err(|error| Fault::outlook_query(&error))?;
    Ok(Selection::new(&select))
}

fn list(call: &Call) -> Result<Reply, Fault> {
    let selection = selection(call)?;
    let mut condition = call.options.filter.clone();
    if let Some(condition) = &mut condition {
        filter::bind(condition, &ROOM).map_err(|error| Fault::outlook_query(&error))?;
    }
    let mut rooms = rooms(call);
    if let Some(condition) = &condition {
        rooms.retain(|room| eval::matches(condition, room));
    }
    let size = call.options.top.or(call.prefer.max_page_size);
    let window = Window::new(
        rooms.len(),
        call.options.skip.unwrap_or(0),
        size.unwrap_or(DEFAULT_PAGE),
    );
    let mut value = rooms[window.start..window.end].to_vec();
    for room in value.iter_mut().filter_map(Value::as_object_mut) {
        selection.apply(room, &["id"]);
    }
    let page = Page {
        context: call.context(&format!(
            "places/microsoft.graph.room{}",
            selection.context_suffix()
        )),
        count: call.options.count.then_some(rooms.len()),
        next: call.next_link(Style::Skip, window),
        value,
    };
    Ok(Reply::json(&page.into_value()))
}

/// By the id of the place or the room's address.
fn get(call: &Call, key: &str) -> Result<Reply, Fault> {
    let selection = selection(call)?;
    let has_key = |room: &Value| {
        let is = |name: &str| {
            room[name]
                .as_str()
                .is_some_and(|own| own.eq_ignore_ascii_case(key))
        };
        is("id") || is("emailAddress")
    };
    let room = rooms(call).into_iter().find(has_key);
    let Some(Value::Object(mut room)) = room else {
        return Err(Fault::item_not_found());
    };
    selection.apply(&mut room, &["id"]);
    let mut entity = Map::from_iter([("@odata.type".to_owned(), json!("#microsoft.graph.room"))]);
    entity.extend(room);
    let context = call.context("places/$entity");
    Ok(Reply::json(&envelope::entity(&context, entity)))
}

fn rooms(call: &Call) -> Vec<Value> {
    let tenant = call.caller.tenant_id();
    call.shared.read(|state| {
        let rooms = state.directory.rooms.iter();
        rooms
            .filter_map(|room| render(state, room, tenant))
            .collect()
    })
}

fn render(state: &State, room: &Room, tenant: &str) -> Option<Value> {
    let user = state.directory.user(&room.user_id)?;
    (user.tenant_id == tenant).then(|| {
        json!({
            "id": room.id,
            "displayName": user.display_name,
            "address": {"city": user.city, "countryOrRegion": user.country},
            "geoCoordinates": null,
            "phone": user.business_phones.first(),
            "nickname": user.display_name,
            "label": null,
            "emailAddress": user.mail,
            "building": room.building,
            "floorNumber": room.floor,
            "floorLabel": room.floor.to_string(),
            "capacity": room.capacity,
            "bookingType": "standard",
            "audioDeviceName": null,
            "videoDeviceName": null,
            "displayDeviceName": null,
            "isWheelChairAccessible": true,
            "tags": [],
        })
    })
}
