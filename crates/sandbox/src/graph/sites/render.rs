//! Sites and lists as JSON: <https://learn.microsoft.com/graph/api/resources/site>,
//! <https://learn.microsoft.com/graph/api/resources/list>

use percent_encoding::utf8_percent_encode;
use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::collection::members;
use super::place::Place;
use super::{access, items};
use crate::graph::call::Call;
use crate::graph::drive::{PATH, identity, identity_kind, time};
use crate::state::State;
use crate::state::drive::item::Author;
use crate::state::sites::list::List;
use crate::state::sites::site::{Level, Site};

/// Everything of a site but what comes only when it is selected.
pub(super) fn site(place: &Place, state: &State, site: &Site) -> Map<String, Value> {
    let mut entity = members(json!({
        "createdDateTime": time(site.created),
        "description": site.description,
        "id": place.site_id(site),
        "lastModifiedDateTime": time(site.modified),
        "name": site.name(),
        "webUrl": place.url(site),
        "displayName": site.display_name,
        "isPersonalSite": false,
    }));
    let mut collection = json!({"hostname": place.host});
    match site.parent.and_then(|parent| state.sites.site(parent)) {
        Some(parent) => {
            let reference = json!({"siteId": place.site_id(parent)});
            entity.insert("parentReference".to_owned(), reference);
        }
        None => {
            entity.insert("root".to_owned(), json!({}));
        }
    }
    if site.is_root() {
        collection["root"] = json!({});
    }
    entity.insert("siteCollection".to_owned(), collection);
    entity
}

/// `sharepointIds`, when they are asked for by name.
pub(super) fn add_selected_ids(
    call: &Call,
    place: &Place,
    site: &Site,
    entity: &mut Map<String, Value>,
) {
    if selects_ids(call) {
        let ids = site_ids(place, site);
        entity.insert("sharepointIds".to_owned(), Value::Object(ids));
    }
}

fn selects_ids(call: &Call) -> bool {
    let mut selected = call.options.select.iter();
    selected.any(|name| name.eq_ignore_ascii_case("sharepointIds"))
}

fn site_ids(place: &Place, site: &Site) -> Map<String, Value> {
    members(json!({
        "siteId": site.collection,
        "siteUrl": place.url(site),
        "tenantId": site.tenant_id,
        "webId": site.id,
    }))
}

/// The same for a list.
pub(super) fn add_selected_list_ids(
    call: &Call,
    place: &Place,
    site: &Site,
    list: &List,
    entity: &mut Map<String, Value>,
) {
    if selects_ids(call) {
        let ids = list_ids(place, site, list);
        entity.insert("sharepointIds".to_owned(), Value::Object(ids));
    }
}

/// What SharePoint calls a list and what it is in.
pub(super) fn list_ids(place: &Place, site: &Site, list: &List) -> Map<String, Value> {
    let mut ids = site_ids(place, site);
    ids.insert("listId".to_owned(), json!(list.id));
    ids
}

/// Every list of a site that people see.
pub(super) fn lists(place: &Place, site: &Site) -> Vec<Map<String, Value>> {
    let lists = site.lists.iter().filter(|list| !list.is_hidden);
    lists.map(|shown| list(place, site, shown)).collect()
}

/// Everything of a list but its items and columns.
pub(super) fn list(place: &Place, site: &Site, list: &List) -> Map<String, Value> {
    let tag = e_tag(list.id, list.revision);
    members(json!({
        "@odata.etag": tag,
        "createdDateTime": time(list.created),
        "description": list.description,
        "eTag": tag,
        "id": list.id,
        "lastModifiedDateTime": time(list.modified),
        "name": list.name,
        "webUrl": list_url(place, site, list),
        "displayName": list.display_name,
        "createdBy": by(&list.created_by),
        "lastModifiedBy": by(&list.modified_by),
        "parentReference": {"siteId": place.site_id(site)},
        "list": {
            "contentTypesEnabled": false,
            "hidden": list.is_hidden,
            "template": list.template.name(),
        },
    }))
}

/// `"guid,2"`, quotes included.
pub(super) fn e_tag(id: Uuid, revision: u32) -> String {
    format!("\"{id},{revision}\"")
}

/// Where a browser opens a list at Microsoft.
pub(super) fn list_url(place: &Place, site: &Site, list: &List) -> String {
    let name = utf8_percent_encode(&list.name, PATH);
    if list.is_library() {
        format!("{}/{name}", place.url(site))
    } else {
        format!("{}/Lists/{name}", place.url(site))
    }
}

/// An identity set.
pub(super) fn by(author: &Author) -> Value {
    json!({identity_kind(author): identity(author)})
}

/// A site as a search finds it.
pub(in crate::graph) fn site_hit(call: &Call, words: &str) -> Vec<(String, Map<String, Value>)> {
    let found = super::matching(call, words).into_iter();
    found
        .map(|(id, mut row)| {
            row.insert("@odata.type".to_owned(), json!("#microsoft.graph.site"));
            (id.to_string(), row)
        })
        .collect()
}

/// Lists as a search finds them, by their titles.
pub(in crate::graph) fn list_hit(call: &Call, words: &str) -> Vec<(String, Map<String, Value>)> {
    let words = words.to_lowercase();
    across(call, |place, _, site| {
        let lists = site.lists.iter().filter(|list| {
            let title = list.display_name.to_lowercase();
            !list.is_hidden && words.split_whitespace().all(|word| title.contains(word))
        });
        let rows = lists.map(|found| {
            let mut row = list(place, site, found);
            row.insert("@odata.type".to_owned(), json!("#microsoft.graph.list"));
            (found.id.to_string(), row)
        });
        rows.collect()
    })
}

/// Items of lists as a search finds them, by the text in their columns.
pub(in crate::graph) fn item_hit(call: &Call, words: &str) -> Vec<(String, Map<String, Value>)> {
    let words = words.to_lowercase();
    across(call, |place, state, site| {
        let lists = site
            .lists
            .iter()
            .filter(|list| !list.is_hidden && !list.is_library());
        lists
            .flat_map(|list| items::found(place, (state, site, list), &words))
            .collect()
    })
}

type Hits = Vec<(String, Map<String, Value>)>;

/// What is found at each site that the caller may read.
fn across(call: &Call, look: impl Fn(&Place, &State, &Site) -> Hits) -> Hits {
    let ids: Vec<Uuid> = call
        .shared
        .read(|state| state.sites.all().map(|site| site.id).collect());
    let places = ids.into_iter().filter_map(|id| Place::open(call, id).ok());
    let found = places.filter_map(|place| {
        call.shared.read(|state| {
            let site = state.sites.site(place.id)?;
            (access::level(call, state, site) >= Some(Level::Read))
                .then(|| look(&place, state, site))
        })
    });
    found.flatten().collect()
}
