//! Items of lists: <https://learn.microsoft.com/graph/api/resources/listitem>

mod change;

use axum::http::Method;
use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::place::Place;
use super::row::{self, Context, Row};
use super::{collection, delta, fault, query, render, schema, versions};
use crate::graph::call::Call;
use crate::graph::drive;
use crate::graph::fault::Fault;
use crate::graph::reply::Reply;
use crate::odata::envelope::{self, Page};
use crate::odata::options::Options;
use crate::odata::paging::Style;
use crate::state::drive::tree::Holder;
use crate::state::sites::site::Level;

pub(super) use change::put;

/// Everything at and below `items`.
pub(super) fn dispatch(
    call: &Call,
    place: &Place,
    list: Uuid,
    path: &[&str],
) -> Result<Reply, Fault> {
    let Some((key, rest)) = path.split_first() else {
        return match call.method {
            Method::GET => all(call, place, list),
            Method::POST => change::create(call, place, list),
            _ => Err(Fault::method_not_allowed()),
        };
    };
    let name = key.to_ascii_lowercase();
    let name = name.strip_prefix("microsoft.graph.").unwrap_or(&name);
    if name == "delta" || name.starts_with("delta(") {
        return delta::delta(call, place, list, key);
    }
    if name == "$count" {
        return place.read_list(call, list, Level::Read, |state, site, list| {
            Ok(Reply::count(row::all((state, site, list)).len()))
        });
    }
    let number = key.parse().map_err(|_| fault::not_found());
    let number = match number {
        Ok(number) => number,
        Err(error) => return place.read_list(call, list, Level::Read, |_, _, _| Err(error)),
    };
    below(call, place, (list, number), rest)
}

/// An item, and everything below it.
pub(super) fn below(
    call: &Call,
    place: &Place,
    (list, number): (Uuid, u32),
    path: &[&str],
) -> Result<Reply, Fault> {
    let Some((first, rest)) = path.split_first() else {
        return match call.method {
            Method::GET => get(call, place, list, number),
            Method::PATCH => change::update(call, place, list, number),
            Method::DELETE => change::delete(call, place, list, number),
            _ => Err(Fault::method_not_allowed()),
        };
    };
    let name = first.to_ascii_lowercase();
    match (name.as_str(), &call.method) {
        ("fields", &Method::GET) if rest.is_empty() => get_fields(call, place, list, number),
        ("fields", &Method::PATCH) if rest.is_empty() => {
            change::update_fields(call, place, list, number)
        }
        ("fields", _) if rest.is_empty() => Err(Fault::method_not_allowed()),
        ("versions", _) => versions::dispatch(call, place, (list, number), rest),
        ("driveitem", _) => drive::of_list_item(call, place.id, (list, number), rest),
        _ => Err(Fault::unknown_segment(first)),
    }
}

/// Which values of columns `$expand=fields` asks for: none without it, nothing named for the usual ones.
fn expanded_fields(options: &Options) -> Option<&[String]> {
    let mut expand = options.expand.iter();
    expand
        .find(|wanted| wanted.path.eq_ignore_ascii_case("fields"))
        .map(|wanted| wanted.options.select.as_slice())
}

fn check_expand(options: &Options) -> Result<bool, Fault> {
    let mut with_file = false;
    for wanted in &options.expand {
        match wanted.path.to_ascii_lowercase().as_str() {
            "fields" => {}
            "driveitem" => with_file = true,
            _ => {
                return Err(fault::invalid(format!(
                    "Could not find a property named '{}' on type 'microsoft.graph.listItem'.",
                    wanted.path
                )));
            }
        }
    }
    Ok(with_file)
}

/// An item as the options ask for it, but for the file that it is.
fn shown(
    place: &Place,
    context: Context<'_>,
    row: &Row<'_>,
    options: &Options,
) -> Result<Map<String, Value>, Fault> {
    let selection = collection::selection(&options.select, &schema::ITEM)?;
    let mut entity = row.entity(place, context, selection.names("sharepointIds"));
    selection.apply(&mut entity, &["id"]);
    if let Some(named) = expanded_fields(options) {
        let list = context.2;
        let url = format!(
            "sites('{}')/lists('{}')/items('{}')/fields/$entity",
            place.site_id(context.1),
            list.id,
            row.number
        );
        entity.insert("fields@odata.context".to_owned(), json!(url));
        entity.insert(
            "fields".to_owned(),
            Value::Object(row.fields(context, named)),
        );
    }
    Ok(entity)
}

fn all(call: &Call, place: &Place, list: Uuid) -> Result<Reply, Fault> {
    let with_file = check_expand(&call.options)?;
    let options = &call.options;
    let (mut page, files) = place.read_list(call, list, Level::Read, |state, site, list| {
        let context = (state, site, list);
        let rows = query::apply(call, options, context, row::all(context))?;
        let window = collection::window(call, rows.len())?;
        let selection = collection::selection(&options.select, &schema::ITEM)?;
        let shown: Result<Vec<Value>, Fault> = rows[window.start..window.end]
            .iter()
            .map(|row| {
                let mut entity = shown(place, context, row, options)?;
                // Full names belong to the reply as a whole.
                if let Some(Value::String(url)) = entity.get_mut("fields@odata.context") {
                    *url = call.context(url);
                }
                Ok(Value::Object(entity))
            })
            .collect();
        let files: Vec<_> = rows[window.start..window.end]
            .iter()
            .map(|row| row.file.map(|(_, unique)| unique))
            .collect();
        let set = format!(
            "sites('{}')/lists('{}')/items{}",
            place.site_id(site),
            list.id,
            selection.context_suffix()
        );
        let page = Page {
            context: call.context(&set),
            count: options.count.then_some(rows.len()),
            next: call.next_link(Style::Token, window),
            value: shown?,
        };
        Ok((page, files))
    })?;
    if with_file {
        for (entity, file) in page.value.iter_mut().zip(files) {
            if let Some(unique) = file {
                entity["driveItem"] = drive::item_of(call, (place.id, list), unique)?;
            }
        }
    }
    Ok(Reply::json(&page.into_value()))
}

/// Items under `$expand=items` of their list.
pub(super) fn expanded(
    call: &Call,
    place: &Place,
    context: Context<'_>,
    options: &Options,
) -> Result<Value, Fault> {
    let rows = query::apply(call, options, context, row::all(context))?;
    let limit = options.top.unwrap_or(collection::DEFAULT_PAGE);
    let rows: Result<Vec<Value>, Fault> = rows
        .iter()
        .take(limit)
        .map(|row| {
            let mut entity = shown(place, context, row, options)?;
            entity.remove("fields@odata.context");
            Ok(Value::Object(entity))
        })
        .collect();
    rows.map(Value::Array)
}

/// An item of the library that a drive is, as other entities show it inside of themselves.
pub(in crate::graph) fn of_holder(
    call: &Call,
    holder: &Holder,
    number: u32,
    options: &Options,
) -> Result<Value, Fault> {
    let Holder::Library { site, list } = holder else {
        return Err(Fault::not_implemented("list items of a personal drive"));
    };
    let place = Place::open(call, *site)?;
    super::people::number_all(call);
    place.read_list(call, *list, Level::Read, |state, site, list| {
        let context = (state, site, list);
        let row = row::find(context, number).ok_or_else(fault::not_found)?;
        let mut entity = shown(&place, context, &row, options)?;
        entity.remove("fields@odata.context");
        Ok(Value::Object(entity))
    })
}

fn get(call: &Call, place: &Place, list: Uuid, number: u32) -> Result<Reply, Fault> {
    let with_file = check_expand(&call.options)?;
    let (context_url, mut entity, file) =
        place.read_list(call, list, Level::Read, |state, site, list| {
            let context = (state, site, list);
            let row = row::find(context, number).ok_or_else(fault::not_found)?;
            let mut entity = shown(place, context, &row, &call.options)?;
            if let Some(Value::String(url)) = entity.get_mut("fields@odata.context") {
                *url = call.context(url);
            }
            let selection = collection::selection(&call.options.select, &schema::ITEM)?;
            let url = format!(
                "sites('{}')/lists('{}')/items{}/$entity",
                place.site_id(site),
                list.id,
                selection.context_suffix()
            );
            Ok((
                call.context(&url),
                entity,
                row.file.map(|(_, unique)| unique),
            ))
        })?;
    if let (true, Some(unique)) = (with_file, file) {
        let file = drive::item_of(call, (place.id, list), unique)?;
        entity.insert("driveItem".to_owned(), file);
    }
    Ok(Reply::json(&envelope::entity(&context_url, entity)))
}

fn get_fields(call: &Call, place: &Place, list: Uuid, number: u32) -> Result<Reply, Fault> {
    place.read_list(call, list, Level::Read, |state, site, list| {
        let context = (state, site, list);
        let row = row::find(context, number).ok_or_else(fault::not_found)?;
        Ok(fields_reply(call, place, context, &row))
    })
}

fn fields_reply(call: &Call, place: &Place, context: Context<'_>, row: &Row<'_>) -> Reply {
    let url = format!(
        "sites('{}')/lists('{}')/items('{}')/fields/$entity",
        place.site_id(context.1),
        context.2.id,
        row.number
    );
    let fields = row.fields(context, &call.options.select);
    Reply::json(&envelope::entity(&call.context(&url), fields))
}

/// Whether `If-Match`, where it is given, names the present state.
pub(super) fn is_match(call: &Call, unique: Uuid, revision: u32) -> bool {
    let bare = |tag: &str| {
        let tag = tag.trim().trim_start_matches("W/").trim_matches('"');
        tag.to_ascii_lowercase()
    };
    call.header("if-match").is_none_or(|tag| {
        let tag = bare(tag);
        tag == "*" || tag == bare(&render::e_tag(unique, revision))
    })
}

/// Items that have all these words, as a search shows them.
pub(super) fn found(
    place: &Place,
    context: Context<'_>,
    words: &str,
) -> Vec<(String, Map<String, Value>)> {
    let rows = row::all(context).into_iter().filter(|row| {
        let text = serde_json::to_string(&*row.kept).unwrap_or_default();
        let text = text.to_lowercase();
        words.split_whitespace().all(|word| text.contains(word))
    });
    rows.map(|row| {
        let mut entity = row.entity(place, context, true);
        entity.insert("@odata.type".to_owned(), json!("#microsoft.graph.listItem"));
        entity.insert("fields".to_owned(), Value::Object(row.fields(context, &[])));
        (row.unique.to_string(), entity)
    })
    .collect()
}
