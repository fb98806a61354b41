//! Listing messages: options checked, messages found, one page rendered.

use std::cmp::Reverse;

use serde_json::Value;

use super::render::{Row, View};
use super::schema::MESSAGE;
use super::{Target, folder_number, search};
use crate::graph::call::Call;
use crate::graph::fault::Fault;
use crate::graph::permission::MailAccess;
use crate::graph::reply::Reply;
use crate::odata::envelope::Page;
use crate::odata::filter::ast::{Expr, Function};
use crate::odata::filter::{self, eval};
use crate::odata::options::Options;
use crate::odata::order::{self, OrderKey};
use crate::odata::paging::{self, Style, Window};
use crate::odata::project::Selection;
use crate::odata::search::{self as kql, Query};
use crate::state::mail::Mailbox;
use crate::state::mail::message::Message;

const DEFAULT_PAGE: usize = 10;
const DEFAULT_SEARCH_PAGE: usize = 25;
const MAX_PAGE: usize = 1_000;
/// A search finds at most so many messages.
const MAX_FOUND: usize = 1_000;

/// The options of a list, held against the type and against each other.
struct Listing {
    condition: Option<Expr>,
    keys: Vec<OrderKey>,
    search: Option<Query>,
    page: usize,
    skip: usize,
}

/// `GET …/messages`
pub(super) fn list(call: &Call, target: &Target, folder: Option<&str>) -> Result<Reply, Fault> {
    target.require(MailAccess::ReadBasic)?;
    let listing = Listing::read(call)?;
    target.read(call, |mailbox| {
        let view = view(call, &call.options, target, mailbox)?;
        let found = listing.find(mailbox, folder, &view)?;
        let window = Window::new(found.len(), listing.skip, listing.page);
        let mut value = Vec::with_capacity(window.end - window.start);
        for message in &found[window.start..window.end] {
            value.push(Value::Object(view.message(message)?));
        }
        let place = folder.map_or_else(String::new, |key| format!("/mailFolders('{key}')"));
        let suffix = view.selection.context_suffix();
        let style = if listing.search.is_some() {
            Style::Token
        } else {
            Style::Skip
        };
        let page = Page {
            context: call.context(&format!("{}{place}/messages{suffix}", target.path())),
            count: call.options.count.then_some(found.len()),
            next: call.next_link(style, window),
            value,
        };
        Ok(Reply::json(&page.into_value()))
    })
}

/// `GET …/messages/$count`
pub(super) fn count(call: &Call, target: &Target, folder: Option<&str>) -> Result<Reply, Fault> {
    target.require(MailAccess::ReadBasic)?;
    let listing = Listing::read(call)?;
    target.read(call, |mailbox| {
        let view = view(call, &call.options, target, mailbox)?;
        Ok(Reply::count(listing.find(mailbox, folder, &view)?.len()))
    })
}

/// How this request wants messages: selection, expansion, ids, and what its permission lets it see.
pub(super) fn view(
    call: &Call,
    options: &Options,
    target: &Target,
    mailbox: &Mailbox,
) -> Result<View, Fault> {
    let mut select = options.select.clone();
    MESSAGE
        .resolve_select(&mut select)
        .map_err(|error| Fault::outlook_query(&error))?;
    let basic = !target.allows(MailAccess::Read);
    if basic && !options.expand.is_empty() {
        return Err(Fault::access_denied());
    }
    Ok(View {
        selection: Selection::new(&select),
        expand: options.expand.clone(),
        basic,
        ..View::whole(mailbox.id, &call.prefer)
    })
}

impl Listing {
    fn read(call: &Call) -> Result<Self, Fault> {
        let options = &call.options;
        let search = options.search.as_deref().map(kql::parse).transpose();
        let search = search.map_err(|error| Fault::bad_request(error.to_string()))?;
        let mut condition = options.filter.clone();
        if let Some(condition) = &mut condition {
            filter::bind(condition, &MESSAGE).map_err(|error| Fault::outlook_query(&error))?;
            if is_unserved(condition) {
                return Err(Fault::invalid_filter());
            }
        }
        let mut keys = options.order_by.clone();
        order::bind(&mut keys, &MESSAGE).map_err(|error| Fault::outlook_query(&error))?;
        if search.is_some() {
            refuse_with_search(call)?;
        }
        if condition
            .as_ref()
            .is_some_and(|condition| !leads(condition, &keys))
        {
            return Err(Fault::inefficient_filter());
        }
        let default = if search.is_some() {
            DEFAULT_SEARCH_PAGE
        } else {
            DEFAULT_PAGE
        };
        let page = options
            .top
            .or(call.prefer.max_page_size.map(|size| size.min(MAX_PAGE)))
            .unwrap_or(default);
        if page > MAX_PAGE {
            let text = format!(
                "The query specified in the URI is not valid. The limit of '{MAX_PAGE}' for Top query has been exceeded. The value from the incoming request is '{page}'."
            );
            return Err(Fault::new(
                axum::http::StatusCode::BAD_REQUEST,
                "ErrorInvalidUrlQuery",
                text,
            ));
        }
        let token = options.skip_token.as_deref().map(paging::position);
        let token = token
            .map(|position| {
                position.ok_or_else(|| Fault::bad_request("The $skiptoken is not valid."))
            })
            .transpose()?;
        Ok(Self {
            condition,
            keys,
            search,
            page,
            skip: token.or(options.skip).unwrap_or(0),
        })
    }

    /// The messages that this list is about, in its order: newest first unless it names another.
    fn find<'a>(
        &self,
        mailbox: &'a Mailbox,
        folder: Option<&str>,
        view: &View,
    ) -> Result<Vec<&'a Message>, Fault> {
        let folder = folder.map(|key| folder_number(mailbox, key)).transpose()?;
        let in_folder = |message: &&Message| folder.is_none_or(|number| message.folder == number);
        let satisfies = |message: &&Message| {
            let row = Row { view, message };
            self.condition
                .as_ref()
                .is_none_or(|condition| eval::matches(condition, &row))
                && self.search.as_ref().is_none_or(|search| {
                    search.holds(&|term| search::holds(term, message, view.basic))
                })
        };
        let mut found: Vec<&Message> = mailbox
            .messages()
            .filter(in_folder)
            .filter(satisfies)
            .collect();
        found.sort_by_key(|message| Reverse((message.received.as_second(), message.key)));
        match self.keys.as_slice() {
            [] => {}
            [
                OrderKey {
                    path,
                    descending: true,
                },
            ] if path == &["receivedDateTime"] => {}
            keys => found.sort_by(|a, b| {
                order::compare(keys, &Row { view, message: a }, &Row { view, message: b })
            }),
        }
        if self.search.is_some() {
            found.truncate(MAX_FOUND);
        }
        Ok(found)
    }
}

fn refuse_with_search(call: &Call) -> Result<(), Fault> {
    let options = &call.options;
    if options.filter.is_some() {
        return Err(Fault::not_with_search("SearchWithFilter", "$filter"));
    }
    if !options.order_by.is_empty() {
        return Err(Fault::not_with_search("SearchWithOrderBy", "$orderBy"));
    }
    if options.skip.is_some() {
        return Err(Fault::not_with_search("SearchWithSkip", "$skip"));
    }
    Ok(())
}

/// What no index of Exchange serves, however it is written: the end of a text, and conditions on recipients, for which
/// there is `$search`. Seen in many reports from live mailboxes; the documentation is silent.
fn is_unserved(condition: &Expr) -> bool {
    let recipients = ["toRecipients", "ccRecipients", "bccRecipients"];
    condition.has(&|node| match node {
        Expr::Call(Function::EndsWith, _) => true,
        Expr::Lambda(lambda) => lambda
            .path
            .first()
            .is_some_and(|name| recipients.contains(&name.as_str())),
        _ => false,
    })
}

/// Exchange sorts a filtered list only by properties that the filter names first, in the same order.
/// Source: <https://learn.microsoft.com/graph/api/user-list-messages#using-filter-and-orderby-in-the-same-query>
fn leads(condition: &Expr, keys: &[OrderKey]) -> bool {
    let mut named: Vec<&[String]> = Vec::new();
    for path in condition.paths() {
        if !named.contains(&path) {
            named.push(path);
        }
    }
    keys.iter()
        .enumerate()
        .all(|(at, key)| named.get(at).is_some_and(|path| **path == *key.path))
}
