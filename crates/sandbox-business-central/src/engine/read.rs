//! GET: collections, entities, properties and numbers, with what is expanded.

use std::borrow::Cow;

use sandbox_odata::envelope::{self, Page};
use sandbox_odata::filter::Entity;
use sandbox_odata::options::{Expand, Options};
use sandbox_odata::project::Selection;
use serde_json::{Map, Value, json};

use super::list;
use super::render::Shown;
use super::source::{self, Parent};
use super::{Call, Reply};
use crate::books::{Record, Work};
use crate::fault::Fault;
use crate::model::{self, EntitySet, Field};
use crate::rules;

/// Deepest `$expand` within `$expand`.
const DEEPEST_EXPAND: usize = 8;

/// A page of a collection.
pub(crate) fn collection(
    work: &Work<'_>,
    call: &mut Call<'_>,
    set: &'static EntitySet,
    parent: Option<&Parent>,
) -> Result<Reply, Fault> {
    list::bind(&mut call.options, set.edm)?;
    must_be_narrow(set, parent, &call.options)?;
    let rows = source::rows(work, set, parent, &call.options);
    let shown = rows.iter().map(|row| shown(work, set, row)).collect();
    let page = list::page(shown, &call.options, call.page_size, Shown::key)?;
    let base = collection_url(call, set, parent);
    let selection = Selection::new(&call.options.select);
    let value = page.rows.iter().map(|row| {
        let url = format!("{base}({})", row.key());
        whole(work, *row, &call.options, &selection, &url).map(Value::Object)
    });
    let value: Vec<Value> = value.collect::<Result<_, Fault>>()?;
    let next = page
        .next
        .map(|next| list::next_link(&call.url, &call.options, &next));
    Ok(Reply::Json(
        Page {
            context: context(call, set, parent, &selection, ""),
            count: page.count,
            next,
            value,
        }
        .into_value(),
    ))
}

/// How many there are.
pub(crate) fn count(
    work: &Work<'_>,
    call: &mut Call<'_>,
    set: &'static EntitySet,
    parent: Option<&Parent>,
) -> Result<Reply, Fault> {
    list::bind(&mut call.options, set.edm)?;
    must_be_narrow(set, parent, &call.options)?;
    let rows = source::rows(work, set, parent, &call.options);
    let shown = rows.iter().map(|row| shown(work, set, row)).collect();
    let number = list::matching(shown, &call.options).len();
    Ok(Reply::Text(number.to_string()))
}

/// One entity, as GET, POST and PATCH answer it.
pub(crate) fn entity(
    work: &Work<'_>,
    call: &mut Call<'_>,
    set: &'static EntitySet,
    parent: Option<&Parent>,
    record: &Record,
) -> Result<Value, Fault> {
    list::bind(&mut call.options, set.edm)?;
    let selection = Selection::new(&call.options.select);
    let shown = shown(work, set, record);
    let url = entity_url(call, shown, parent);
    let entity = whole(work, shown, &call.options, &selection, &url)?;
    let context = context(call, set, parent, &selection, "/$entity");
    Ok(envelope::entity(&context, entity))
}

/// One property, under its context or bare.
pub(crate) fn property(
    work: &Work<'_>,
    call: &Call<'_>,
    set: &'static EntitySet,
    record: &Record,
    field: &Field,
    is_raw: bool,
) -> Reply {
    let shown = shown(work, set, record);
    let value = shown.property(field.name);
    if is_raw {
        return Reply::Text(match value {
            Value::String(text) => text,
            other => other.to_string(),
        });
    }
    let context = format!(
        "{}/$metadata#companies({})/{}({})/{}",
        call.base,
        call.company_id,
        set.name,
        shown.key(),
        field.name
    );
    Reply::Json(json!({ "@odata.context": context, "value": value }))
}

/// Address of an entity, as its parent reaches it.
pub(crate) fn entity_url(call: &Call<'_>, shown: Shown<'_>, parent: Option<&Parent>) -> String {
    let single = parent.and_then(|parent| {
        let navigation = parent.set.navigations.iter().find(|navigation| {
            !navigation.is_many && navigation.set == shown.set.name && navigation.through.is_none()
        })?;
        let company = call.company_url();
        Some(format!(
            "{company}/{}({})/{}",
            parent.set.name, parent.record.id, navigation.name
        ))
    });
    single.unwrap_or_else(|| {
        format!(
            "{}({})",
            collection_url(call, shown.set, parent),
            shown.key()
        )
    })
}

fn collection_url(call: &Call<'_>, set: &EntitySet, parent: Option<&Parent>) -> String {
    let company = call.company_url();
    match parent {
        Some(parent) => format!(
            "{company}/{}({})/{}",
            parent.set.name, parent.record.id, set.name
        ),
        None => format!("{company}/{}", set.name),
    }
}

fn context(
    call: &Call<'_>,
    set: &EntitySet,
    parent: Option<&Parent>,
    selection: &Selection,
    suffix: &str,
) -> String {
    let url = collection_url(call, set, parent);
    let path = url.strip_prefix(call.base).unwrap_or(&url);
    format!(
        "{}/$metadata#{}{}{suffix}",
        call.base,
        path.trim_start_matches('/'),
        selection.context_suffix()
    )
}

fn shown<'a>(work: &'a Work<'_>, set: &'static EntitySet, record: &'a Record) -> Shown<'a> {
    Shown {
        set,
        record,
        books: work.books,
    }
}

/// The entity and what is expanded in it.
fn whole(
    work: &Work<'_>,
    shown: Shown<'_>,
    options: &Options,
    selection: &Selection,
    url: &str,
) -> Result<Map<String, Value>, Fault> {
    expanded(work, shown, &options.expand, selection, url, 0)
}

fn expanded(
    work: &Work<'_>,
    shown: Shown<'_>,
    expand: &[Expand],
    selection: &Selection,
    url: &str,
    depth: usize,
) -> Result<Map<String, Value>, Fault> {
    let mut entity = shown.entity(selection, url);
    if expand.is_empty() {
        return Ok(entity);
    }
    if depth == DEEPEST_EXPAND {
        return Err(Fault::bad_request(
            "The maximum depth of $expand has been exceeded.",
        ));
    }
    let from = Parent {
        set: shown.set,
        record: shown.record.clone(),
    };
    for item in expand {
        let navigation = shown.set.navigation(&item.path).ok_or_else(|| {
            Fault::bad_request(format!(
                "Could not find a property named '{}' on type '{}'.",
                item.path,
                shown.set.type_name()
            ))
        })?;
        let Some(set) = model::set(navigation.set) else {
            continue;
        };
        let mut options = item.options.clone();
        list::bind(&mut options, set.edm)?;
        let below = format!("{url}/{}", navigation.name);
        let value = if navigation.is_many {
            let rows = source::rows(work, set, Some(&from), &options);
            many(work, set, &rows, &options, &below, depth)?
        } else {
            match source::related(work, &from, navigation) {
                Some((set, record)) => {
                    let selection = Selection::new(&options.select);
                    let inner = self::shown(work, set, &record);
                    let expand = &options.expand;
                    Value::Object(expanded(
                        work,
                        inner,
                        expand,
                        &selection,
                        &below,
                        depth + 1,
                    )?)
                }
                None => Value::Null,
            }
        };
        entity.insert(navigation.name.to_owned(), value);
    }
    Ok(entity)
}

fn many(
    work: &Work<'_>,
    set: &'static EntitySet,
    rows: &[Cow<'_, Record>],
    options: &Options,
    url: &str,
    depth: usize,
) -> Result<Value, Fault> {
    let shown = rows.iter().map(|row| shown(work, set, row)).collect();
    let page = list::page(shown, options, None, Shown::key)?;
    let selection = Selection::new(&options.select);
    let value = page.rows.iter().map(|row| {
        let url = format!("{url}({})", row.key());
        expanded(work, *row, &options.expand, &selection, &url, depth + 1).map(Value::Object)
    });
    value.collect::<Result<Vec<_>, Fault>>().map(Value::Array)
}

/// Lines are read with their document, or with its id in the filter.
fn must_be_narrow(
    set: &EntitySet,
    parent: Option<&Parent>,
    options: &Options,
) -> Result<(), Fault> {
    let (field, message) = match set.name {
        "journalLines" | "customerPayments" | "vendorPayments" => (
            "journalId",
            "You must specify a journal batch ID or a journal ID to get a journal line.",
        ),
        "userPermissions" => ("userSecurityId", rules::platform::NO_USER),
        "scheduledJobs" => (
            "category",
            "You must specify a job Id or a job category to get a scheduled job.",
        ),
        name if name.ends_with("Lines") && set.field("documentId").is_some() => (
            "documentId",
            "You must specify an Id or a Document Id to get the lines.",
        ),
        _ => return Ok(()),
    };
    let names = |wanted: &str| {
        options.filter.as_ref().is_some_and(|expr| {
            let mut paths = expr.paths().into_iter();
            paths.any(|path| path.first().is_some_and(|name| name == wanted))
        })
    };
    if parent.is_some() || names(field) || names("id") {
        return Ok(());
    }
    Err(Fault::dialog(message))
}
