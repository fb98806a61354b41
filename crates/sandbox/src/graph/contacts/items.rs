//! Contacts: <https://learn.microsoft.com/graph/api/resources/contact>

use axum::http::Method;
use serde_json::{Map, Value, json};

use super::schema::{CONTACT, WRITTEN};
use super::{delta, find, folder_number, input, require};
use crate::graph::call::Call;
use crate::graph::fault::Fault;
use crate::graph::mail::Target;
use crate::graph::mail::render::time;
use crate::graph::reply::Reply;
use crate::graph::users::relations::no_photo;
use crate::odata::envelope::{self, Page};
use crate::odata::filter::{self, eval};
use crate::odata::options::Options;
use crate::odata::order;
use crate::odata::paging::{Style, Window};
use crate::odata::project::Selection;
use crate::state::contacts::Contact;
use crate::state::mail::{Mailbox, item_id};

const DEFAULT_PAGE: usize = 10;
const MAX_PAGE: usize = 1_000;

/// Everything at and below `contacts`, of the default folder or of one by id.
pub(super) fn dispatch(
    call: &Call,
    target: &Target,
    folder: Option<&str>,
    path: &[&str],
) -> Result<Reply, Fault> {
    require(target, call.method != Method::GET)?;
    let Some((id, below)) = path.split_first() else {
        return match call.method {
            Method::GET => list(call, target, folder, false),
            Method::POST => create(call, target, folder),
            _ => Err(Fault::method_not_allowed()),
        };
    };
    match id.to_ascii_lowercase().as_str() {
        "$count" => return list(call, target, folder, true),
        "delta" | "delta()" | "microsoft.graph.delta" | "microsoft.graph.delta()" => {
            return delta::follow(call, target, folder);
        }
        _ => {}
    }
    match (below, &call.method) {
        ([], &Method::GET) => get(call, target, folder, id),
        ([], &Method::PATCH) => update(call, target, folder, id),
        ([], &Method::DELETE) => target.change(call, |mailbox, _| {
            let contact = find(mailbox, folder, id)?;
            check_version(call, mailbox, contact)?;
            let key = contact.key;
            mailbox.remove_contact(key);
            Ok(Reply::no_content())
        }),
        ([], _) => Err(Fault::method_not_allowed()),
        ([photo, ..], &Method::GET) if photo.eq_ignore_ascii_case("photo") => Err(no_photo()),
        ([segment, ..], _)
            if segment.eq_ignore_ascii_case("photo")
                || segment.eq_ignore_ascii_case("extensions") =>
        {
            Err(Fault::not_implemented(segment))
        }
        ([segment, ..], _) => Err(Fault::unknown_segment(segment)),
    }
}

/// The selection of a request, held against the type.
pub(super) fn selection(options: &Options) -> Result<Selection, Fault> {
    let mut select = options.select.clone();
    CONTACT
        .resolve_select(&mut select)
        .map_err(|error| Fault::outlook_query(&error))?;
    Ok(Selection::new(&select))
}

fn set(target: &Target, folder: Option<&str>) -> String {
    let place = folder.map_or_else(String::new, |id| format!("/contactFolders('{id}')"));
    format!("{}{place}/contacts", target.path())
}

fn list(call: &Call, target: &Target, folder: Option<&str>, counts: bool) -> Result<Reply, Fault> {
    let options = &call.options;
    let selection = selection(options)?;
    let mut condition = options.filter.clone();
    if let Some(condition) = &mut condition {
        filter::bind(condition, &CONTACT).map_err(|error| Fault::outlook_query(&error))?;
    }
    let mut keys = options.order_by.clone();
    order::bind(&mut keys, &CONTACT).map_err(|error| Fault::outlook_query(&error))?;
    if options.search.is_some() && (condition.is_some() || !keys.is_empty()) {
        return Err(Fault::not_with_search("SearchWithFilter", "$filter"));
    }
    let size = options
        .top
        .or(call.prefer.max_page_size)
        .unwrap_or(DEFAULT_PAGE);
    if size > MAX_PAGE {
        return Err(Fault::too_large_page(MAX_PAGE, size));
    }
    target.read(call, |mailbox| {
        let number = folder_number(mailbox, folder)?;
        let inside = mailbox
            .contacts()
            .filter(|contact| contact.folder == number);
        let mut rows: Vec<Value> = inside
            .map(|contact| Value::Object(render(call, mailbox, contact)))
            .collect();
        rows.retain(|row| {
            condition
                .as_ref()
                .is_none_or(|condition| eval::matches(condition, row))
        });
        if let Some(search) = &options.search {
            rows.retain(|row| is_found(row, search));
        }
        rows.sort_by(|a, b| order::compare(&keys, a, b));
        if counts {
            return Ok(Reply::count(rows.len()));
        }
        let window = Window::new(rows.len(), options.skip.unwrap_or(0), size);
        let mut value = rows[window.start..window.end].to_vec();
        for row in value.iter_mut().filter_map(Value::as_object_mut) {
            project(row, &selection);
        }
        let page = Page {
            context: call.context(&format!(
                "{}{}",
                set(target, folder),
                selection.context_suffix()
            )),
            count: options.count.then_some(rows.len()),
            next: call.next_link(Style::Skip, window),
            value,
        };
        Ok(Reply::json(&page.into_value()))
    })
}

/// Every word of the search begins a word of the names and addresses.
fn is_found(row: &Value, search: &str) -> bool {
    let mut text = String::new();
    for name in [
        "displayName",
        "givenName",
        "surname",
        "nickName",
        "companyName",
        "jobTitle",
    ] {
        text.push_str(row[name].as_str().unwrap_or_default());
        text.push(' ');
    }
    text.push_str(&row["emailAddresses"].to_string());
    let text = text.to_lowercase();
    let wanted = search.trim().trim_matches('"').to_lowercase();
    let mut words = wanted.split_whitespace();
    words.all(|word| {
        let mut parts = text.split(|c: char| !(c.is_alphanumeric() || c == '.' || c == '@'));
        parts.any(|part| part.starts_with(word))
    })
}

fn get(call: &Call, target: &Target, folder: Option<&str>, id: &str) -> Result<Reply, Fault> {
    let selection = selection(&call.options)?;
    target.read(call, |mailbox| {
        let mut entity = render(call, mailbox, find(mailbox, folder, id)?);
        project(&mut entity, &selection);
        let context = call.context(&format!(
            "{}{}/$entity",
            set(target, folder),
            selection.context_suffix()
        ));
        Ok(Reply::json(&envelope::entity(&context, entity)))
    })
}

fn create(call: &Call, target: &Target, folder: Option<&str>) -> Result<Reply, Fault> {
    let body = call.json()?;
    let mut properties = Map::new();
    input::apply(&mut properties, &body)?;
    target.change(call, |mailbox, _| {
        let number = folder_number(mailbox, folder)?;
        let key = mailbox.add_contact(number, properties, call.now);
        let contact = mailbox.contact(key).ok_or_else(Fault::item_not_found)?;
        let location = format!(
            "{}/{}/contacts('{}')",
            call.base,
            target.path(),
            id_of(call, mailbox, contact)
        );
        Ok(Reply::created(
            &whole(call, target, folder, mailbox, contact),
            location,
        ))
    })
}

fn update(call: &Call, target: &Target, folder: Option<&str>, id: &str) -> Result<Reply, Fault> {
    let body = call.json()?;
    target.change(call, |mailbox, _| {
        let contact = find(mailbox, folder, id)?;
        check_version(call, mailbox, contact)?;
        let (key, mut properties) = (contact.key, contact.properties.clone());
        input::apply(&mut properties, &body)?;
        mailbox.change_contact(key, properties, call.now);
        let contact = mailbox.contact(key).ok_or_else(Fault::item_not_found)?;
        Ok(Reply::json(&whole(call, target, folder, mailbox, contact)))
    })
}

fn check_version(call: &Call, mailbox: &Mailbox, contact: &Contact) -> Result<(), Fault> {
    let current = etag(mailbox, contact);
    match call.header("if-match").map(str::trim) {
        None | Some("*") => Ok(()),
        Some(wanted) if wanted.split(',').any(|tag| tag.trim() == current) => Ok(()),
        Some(_) => Err(Fault::changed_meanwhile()),
    }
}

fn whole(
    call: &Call,
    target: &Target,
    folder: Option<&str>,
    mailbox: &Mailbox,
    contact: &Contact,
) -> Value {
    let context = call.context(&format!("{}/$entity", set(target, folder)));
    envelope::entity(&context, render(call, mailbox, contact))
}

fn etag(mailbox: &Mailbox, contact: &Contact) -> String {
    format!("W/\"{}\"", item_id::change_key(mailbox.id, contact.change))
}

fn id_of(call: &Call, mailbox: &Mailbox, contact: &Contact) -> String {
    if call.prefer.immutable_ids {
        item_id::immutable(mailbox.id, contact.key)
    } else {
        item_id::message(mailbox.id, contact.folder, contact.key)
    }
}

/// What `$select` leaves.
pub(super) fn project(entity: &mut Map<String, Value>, selection: &Selection) {
    let emails = entity.get("emailAddresses").cloned().unwrap_or_default();
    for (at, name) in [
        "primaryEmailAddress",
        "secondaryEmailAddress",
        "tertiaryEmailAddress",
    ]
    .iter()
    .enumerate()
    {
        if selection.names(name) {
            entity.insert(
                (*name).to_owned(),
                emails.get(at).cloned().unwrap_or(Value::Null),
            );
        }
    }
    selection.apply(entity, &["id"]);
}

/// The contact with every property, those that nobody wrote empty.
pub(super) fn render(call: &Call, mailbox: &Mailbox, contact: &Contact) -> Map<String, Value> {
    let mut entity = Map::new();
    let written = &contact.properties;
    let mut put = |name: &str, value: Value| entity.insert(name.to_owned(), value);
    put("@odata.etag", json!(etag(mailbox, contact)));
    put("id", json!(id_of(call, mailbox, contact)));
    put("createdDateTime", time(contact.created));
    put("lastModifiedDateTime", time(contact.modified));
    put(
        "changeKey",
        json!(item_id::change_key(mailbox.id, contact.change)),
    );
    put(
        "categories",
        written
            .get("categories")
            .filter(|it| !it.is_null())
            .cloned()
            .unwrap_or_else(|| json!([])),
    );
    put(
        "parentFolderId",
        json!(item_id::folder(mailbox.id, contact.folder)),
    );
    for name in WRITTEN {
        let empty = match name {
            "imAddresses" | "homePhones" | "businessPhones" | "children" | "emailAddresses" => {
                json!([])
            }
            "homeAddress" | "businessAddress" | "otherAddress" => json!({}),
            _ => Value::Null,
        };
        put(
            name,
            written
                .get(name)
                .filter(|it| !it.is_null())
                .cloned()
                .unwrap_or(empty),
        );
    }
    entity
}
