//! Pages: <https://learn.microsoft.com/graph/api/resources/sitepage>

use axum::http::{Method, StatusCode};
use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::collection::members;
use super::place::Place;
use super::{canvas, collection, fault, items, render, schema};
use crate::graph::call::Call;
use crate::graph::drive::{self, time};
use crate::graph::fault::Fault;
use crate::graph::reply::Reply;
use crate::state::State;
use crate::state::drive::tree::Change;
use crate::state::sites::page::Page;
use crate::state::sites::site::{Level, Site};

/// What a page says of itself besides its name and text.
const PROPERTIES: [&str; 6] = [
    "pageLayout",
    "promotionKind",
    "showComments",
    "showRecommendedPages",
    "thumbnailWebUrl",
    "titleArea",
];
/// The cast that most addresses of pages carry.
const CAST: &str = "microsoft.graph.sitepage";

/// Everything at and below `pages`.
pub(super) fn dispatch(call: &Call, place: &Place, path: &[&str]) -> Result<Reply, Fault> {
    let lower: Vec<String> = path.iter().map(|name| name.to_ascii_lowercase()).collect();
    let bare: Vec<&str> = lower
        .iter()
        .map(String::as_str)
        .filter(|name| *name != CAST)
        .collect();
    match (bare.as_slice(), &call.method) {
        ([], &Method::GET) => all(call, place),
        ([], &Method::POST) => create(call, place),
        ([id], &Method::GET) => get(call, place, id),
        ([id], &Method::PATCH) => update(call, place, id),
        ([id], &Method::DELETE) => delete(call, place, id),
        ([id, "publish"], &Method::POST) => publish(call, place, id),
        ([id, "canvaslayout"], &Method::GET) => canvas_of(call, place, id),
        ([id, "webparts"], &Method::GET) => web_parts(call, place, id),
        ([] | [_] | [_, "publish" | "canvaslayout" | "webparts"], _) => {
            Err(Fault::method_not_allowed())
        }
        ([_, other, ..], _) => Err(Fault::not_implemented(other)),
    }
}

fn find<'a>(site: &'a Site, id: &str) -> Result<&'a Page, Fault> {
    let id: Uuid = id.parse().map_err(|_| fault::not_found())?;
    let mut pages = site.pages.iter();
    pages
        .find(|page| page.id == id)
        .ok_or_else(fault::not_found)
}

fn entity(place: &Place, site: &Site, page: &Page) -> Map<String, Value> {
    let tag = render::e_tag(page.id, page.revision);
    let version = format!("{}.{}", page.version.0, page.version.1);
    let level = if page.is_published() {
        "published"
    } else {
        "draft"
    };
    let mut entity = members(json!({
        "@odata.type": "#microsoft.graph.sitePage",
        "@odata.etag": tag,
        "createdDateTime": time(page.created),
        "description": page.description,
        "eTag": tag,
        "id": page.id,
        "lastModifiedDateTime": time(page.modified),
        "name": page.name,
        "webUrl": format!("{}/SitePages/{}", place.url(site), page.name),
        "title": page.title,
        "createdBy": render::by(&page.created_by),
        "lastModifiedBy": render::by(&page.modified_by),
        "parentReference": {"siteId": place.site_id(site)},
        "publishingState": {"level": level, "versionId": version},
        "pageLayout": "article",
        "promotionKind": "page",
        "showComments": true,
        "showRecommendedPages": false,
        "reactions": {},
    }));
    let properties = page.properties.iter();
    entity.extend(properties.map(|(name, value)| (name.clone(), value.clone())));
    entity
}

fn set_of(place: &Place, site: &Site) -> String {
    format!("sites('{}')/pages", place.site_id(site))
}

fn all(call: &Call, place: &Place) -> Result<Reply, Fault> {
    let (set, rows) = place.read(call, Level::Read, |_, site| {
        let rows = site.pages.iter().map(|page| entity(place, site, page));
        Ok((set_of(place, site), rows.collect::<Vec<_>>()))
    })?;
    collection::page(call, &schema::PAGE, &set, rows)
}

fn get(call: &Call, place: &Place, id: &str) -> Result<Reply, Fault> {
    place.read(call, Level::Read, |_, site| {
        let page = find(site, id)?;
        let mut row = entity(place, site, page);
        collection::selection(&call.options.select, &schema::PAGE)?.apply(&mut row, &[]);
        for wanted in &call.options.expand {
            match wanted.path.to_ascii_lowercase().as_str() {
                "canvaslayout" => {
                    let canvas = page.canvas.clone().unwrap_or_default();
                    row.insert("canvasLayout".to_owned(), canvas);
                }
                "webparts" => {
                    row.insert("webParts".to_owned(), json!(canvas::web_parts(page)));
                }
                _ => {
                    return Err(fault::invalid(format!(
                        "Could not find a property named '{}' on type 'microsoft.graph.sitePage'.",
                        wanted.path
                    )));
                }
            }
        }
        let context = call.context(&format!("{}/$entity", set_of(place, site)));
        Ok(Reply::json(&crate::odata::envelope::entity(&context, row)))
    })
}

fn canvas_of(call: &Call, place: &Place, id: &str) -> Result<Reply, Fault> {
    place.read(call, Level::Read, |_, site| {
        let canvas = find(site, id)?
            .canvas
            .clone()
            .ok_or_else(fault::not_found)?;
        let context = call.context("microsoft.graph.canvasLayout");
        Ok(Reply::json(&crate::odata::envelope::entity(
            &context,
            members(canvas),
        )))
    })
}

fn web_parts(call: &Call, place: &Place, id: &str) -> Result<Reply, Fault> {
    place.read(call, Level::Read, |_, site| {
        let page = crate::odata::envelope::Page {
            context: call.context("Collection(webPart)"),
            count: None,
            next: None,
            value: canvas::web_parts(find(site, id)?),
        };
        Ok(Reply::json(&page.into_value()))
    })
}

fn create(call: &Call, place: &Place) -> Result<Reply, Fault> {
    let body = call.json()?;
    let kind = body.get("@odata.type").and_then(Value::as_str);
    if kind.is_none_or(|kind| !kind.trim_start_matches('#').eq_ignore_ascii_case(CAST)) {
        return Err(fault::invalid(
            "The kind of page is missing: '@odata.type' has to be '#microsoft.graph.sitePage'.",
        ));
    }
    let change = drive::change_of(call);
    let id = place.change(call, None, Level::Write, |state| {
        let mut page = new_page(state, &change);
        fill(state, place, &mut page, &body)?;
        if page.name.is_empty() {
            page.name = format!("{}.aspx", page.title.replace(' ', "-"));
        }
        if page.title.is_empty() {
            return Err(fault::invalid("The title of the page is missing."));
        }
        let site = state
            .sites
            .site_mut(place.id)
            .ok_or_else(fault::not_found)?;
        let is_taken = |other: &Page| other.name.eq_ignore_ascii_case(&page.name);
        if site.pages.iter().any(is_taken) {
            return Err(fault::name_taken(
                "A page with the same name already exists.",
            ));
        }
        let id = page.id;
        site.pages.push(page);
        Ok(id)
    })?;
    let reply = get(call, place, &id.to_string())?;
    Ok(reply.with_status(StatusCode::CREATED))
}

fn new_page(state: &mut State, change: &Change) -> Page {
    Page {
        id: state.ids.uuid(),
        name: String::new(),
        title: String::new(),
        description: String::new(),
        created: change.at,
        created_by: change.author.clone(),
        modified: change.at,
        modified_by: change.author.clone(),
        revision: 1,
        version: (0, 1),
        properties: Map::new(),
        canvas: None,
    }
}

/// Takes over what a client says of a page.
fn fill(
    state: &mut State,
    place: &Place,
    page: &mut Page,
    body: &Map<String, Value>,
) -> Result<(), Fault> {
    let text = |name: &str, old: &str| {
        let value = body.get(name).and_then(Value::as_str);
        value.unwrap_or(old).to_owned()
    };
    page.name = text("name", &page.name);
    page.title = text("title", &page.title);
    page.description = text("description", &page.description);
    for (name, value) in body {
        if PROPERTIES.contains(&name.as_str()) {
            page.properties.insert(name.clone(), value.clone());
        } else if schema::PAGE.property(name).is_none() && !name.starts_with('@') {
            return Err(Fault::unknown_property(name, "microsoft.graph.sitePage"));
        }
    }
    if let Some(layout) = page.properties.get("pageLayout")
        && !["article", "home"].contains(&layout.as_str().unwrap_or_default())
    {
        return Err(fault::invalid("The layout of the page is not valid."));
    }
    if let Some(layout) = body.get("canvasLayout") {
        let known = state.sites.site(place.id).is_some();
        page.canvas = known
            .then(|| canvas::read(layout, &mut state.ids))
            .transpose()?;
    }
    Ok(())
}

/// Changes a page that the caller may change.
fn change(
    call: &Call,
    place: &Place,
    id: &str,
    apply: impl FnOnce(&mut State, &mut Page) -> Result<(), Fault>,
) -> Result<(), Fault> {
    let by = drive::change_of(call);
    place.change(call, None, Level::Write, |state| {
        let site = state.sites.site(place.id).ok_or_else(fault::not_found)?;
        let mut page = find(site, id)?.clone();
        if !items::is_match(call, page.id, page.revision) {
            return Err(fault::modified());
        }
        apply(state, &mut page)?;
        page.revision += 1;
        page.modified = by.at;
        page.modified_by = by.author.clone();
        let site = state
            .sites
            .site_mut(place.id)
            .ok_or_else(fault::not_found)?;
        let mut pages = site.pages.iter_mut();
        if let Some(known) = pages.find(|known| known.id == page.id) {
            *known = page;
        }
        Ok(())
    })
}

fn update(call: &Call, place: &Place, id: &str) -> Result<Reply, Fault> {
    let body = call.json()?;
    change(call, place, id, |state, page| {
        fill(state, place, page, &body)?;
        page.version.1 += 1;
        Ok(())
    })?;
    get(call, place, id)
}

fn publish(call: &Call, place: &Place, id: &str) -> Result<Reply, Fault> {
    change(call, place, id, |_, page| {
        page.version = (page.version.0 + 1, 0);
        Ok(())
    })?;
    Ok(Reply::no_content())
}

fn delete(call: &Call, place: &Place, id: &str) -> Result<Reply, Fault> {
    place.change(call, None, Level::Write, |state| {
        let site = state
            .sites
            .site_mut(place.id)
            .ok_or_else(fault::not_found)?;
        let gone = find(site, id)?.id;
        site.pages.retain(|page| page.id != gone);
        Ok(Reply::no_content())
    })
}
