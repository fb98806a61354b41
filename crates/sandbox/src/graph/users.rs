//! Users: <https://learn.microsoft.com/graph/api/resources/user>

pub(super) mod change;
pub(super) mod relations;
mod search;

use serde_json::{Map, Value, json};

use super::call::Call;
use super::fault::Fault;
use super::permission;
use super::reply::Reply;
use super::route::find_user;
use crate::odata::envelope::{self, Page};
use crate::odata::filter::ast::{Comparison, Expr, Function};
use crate::odata::filter::{self, eval};
use crate::odata::order;
use crate::odata::paging::{self, Style, Window};
use crate::odata::project::Selection;
use crate::odata::schema::{EntityType, boolean, related, text, texts, time};
use crate::state::directory::User;

const DEFAULT_PAGE: usize = 100;
const MAX_PAGE: usize = 999;

pub(in crate::graph) static USER: EntityType = EntityType {
    name: "microsoft.graph.user",
    properties: &[
        text("id"),
        texts("businessPhones"),
        text("displayName"),
        text("givenName"),
        text("jobTitle"),
        text("mail"),
        text("mobilePhone"),
        text("officeLocation"),
        text("preferredLanguage"),
        text("surname"),
        text("userPrincipalName"),
        boolean("accountEnabled"),
        text("department"),
        text("city"),
        text("country"),
        related("manager"),
        related("directReports"),
        text("companyName"),
        text("mailNickname"),
        text("userType"),
        text("usageLocation"),
        texts("proxyAddresses"),
        time("deletedDateTime"),
        texts("assignedLicenses"),
    ],
};

/// What comes without `$select`.
pub(in crate::graph) const DEFAULT: [&str; 11] = [
    "businessPhones",
    "displayName",
    "givenName",
    "jobTitle",
    "mail",
    "mobilePhone",
    "officeLocation",
    "preferredLanguage",
    "surname",
    "userPrincipalName",
    "id",
];

/// `GET /users/{id}`, `GET /me`
pub(super) fn get(call: &Call, key: &str) -> Result<Reply, Fault> {
    let selection = selection(call)?;
    let user = find_user(call, key);
    let may = match &user {
        Some(user) => permission::may_read_user(&call.caller, &user.id),
        None => permission::may_read_users(&call.caller),
    };
    if !may {
        return Err(Fault::request_denied());
    }
    let user = user.ok_or_else(|| Fault::user_not_found(key))?;
    let context = call.context(&format!("users{}/$entity", selection.context_suffix()));
    let mut entity = project(&user, &selection);
    relations::expand(call, &user, &mut entity)?;
    Ok(Reply::json(&envelope::entity(&context, entity)))
}

/// `GET /users`
pub(super) fn list(call: &Call) -> Result<Reply, Fault> {
    let selection = selection(call)?;
    let users = matching(call)?;
    let options = &call.options;
    let size = options
        .top
        .or(call.prefer.max_page_size)
        .unwrap_or(DEFAULT_PAGE);
    if !(1..=MAX_PAGE).contains(&size) {
        let message =
            format!("Invalid page size specified: '{size}'. Must be between 1 and 999 inclusive.");
        return Err(Fault::new(
            axum::http::StatusCode::BAD_REQUEST,
            "Request_UnsupportedQuery",
            message,
        ));
    }
    let start = match &options.skip_token {
        Some(token) => {
            paging::position(token).ok_or_else(|| Fault::bad_request("Invalid $skiptoken."))?
        }
        None => 0,
    };
    let window = Window::new(users.len(), start, size);
    let context = call.context(&format!("users{}", selection.context_suffix()));
    let mut value = Vec::with_capacity(window.end - window.start);
    for user in &users[window.start..window.end] {
        let mut entity = project(user, &selection);
        relations::expand(call, user, &mut entity)?;
        value.push(Value::Object(entity));
    }
    let page = Page {
        context,
        count: (options.count && call.is_eventual()).then_some(users.len()),
        next: call.next_link(Style::Token, window),
        value,
    };
    Ok(Reply::json(&page.into_value()))
}

/// `GET /users/$count`
pub(super) fn count(call: &Call) -> Result<Reply, Fault> {
    if !call.is_eventual() {
        return Err(Fault::needs_eventual_consistency());
    }
    Ok(Reply::count(matching(call)?.len()))
}

fn matching(call: &Call) -> Result<Vec<User>, Fault> {
    if call.method != axum::http::Method::GET {
        return Err(Fault::method_not_allowed());
    }
    if !permission::may_read_users(&call.caller) {
        return Err(Fault::request_denied());
    }
    let options = &call.options;
    if options.skip.is_some() {
        return Err(Fault::new(
            axum::http::StatusCode::BAD_REQUEST,
            "Request_UnsupportedQuery",
            "'$skip' is not supported by the service.",
        ));
    }
    let mut condition = options.filter.clone();
    if let Some(condition) = &mut condition {
        filter::bind(condition, &USER).map_err(|error| Fault::directory_query(&error))?;
    }
    let mut keys = options.order_by.clone();
    order::bind(&mut keys, &USER).map_err(|error| Fault::directory_query(&error))?;
    let advanced = condition
        .as_ref()
        .is_some_and(|c| is_advanced(c) || !keys.is_empty());
    if advanced && !(call.is_eventual() && (options.count || call.segments.len() > 1)) {
        return Err(Fault::needs_eventual_consistency());
    }
    let search = options.search.as_deref().map(search::Search::parse);
    let search = search.transpose()?;
    if search.is_some() && !call.is_eventual() {
        return Err(Fault::needs_eventual_consistency());
    }
    let tenant = call.caller.tenant_id();
    let users: Vec<User> = call.shared.read(|state| {
        state
            .directory
            .users
            .iter()
            .filter(|user| user.tenant_id == tenant)
            .cloned()
            .collect()
    });
    let mut rows: Vec<(User, Value)> = users
        .into_iter()
        .map(|user| (user.clone(), Value::Object(render(&user))))
        .collect();
    if let Some(condition) = &condition {
        rows.retain(|(_, row)| eval::matches(condition, row));
    }
    if let Some(search) = &search {
        rows.retain(|(_, row)| search.finds(row));
    }
    rows.sort_by(|(_, a), (_, b)| order::compare(&keys, a, b));
    Ok(rows.into_iter().map(|(user, _)| user).collect())
}

/// Conditions that only the eventually consistent index answers.
/// Source: <https://learn.microsoft.com/graph/aad-advanced-queries>
fn is_advanced(expr: &Expr) -> bool {
    expr.has(&|node| {
        matches!(
            node,
            Expr::Not(_)
                | Expr::Compare(Comparison::NotEqual, ..)
                | Expr::Call(Function::EndsWith | Function::Contains, _)
        )
    })
}

fn selection(call: &Call) -> Result<Selection, Fault> {
    let mut select = call.options.select.clone();
    USER.resolve_select(&mut select)
        .map_err(|error| Fault::directory_query(&error))?;
    Ok(Selection::new(&select))
}

/// What comes without `$select`.
pub(in crate::graph) fn project_all(mut entity: Map<String, Value>) -> Map<String, Value> {
    entity.retain(|name, _| DEFAULT.contains(&name.as_str()));
    entity
}

fn project(user: &User, selection: &Selection) -> Map<String, Value> {
    let mut entity = render(user);
    if selection.is_everything() {
        entity = project_all(entity);
    } else {
        selection.apply(&mut entity, &[]);
    }
    entity
}

pub(in crate::graph) fn render(user: &User) -> Map<String, Value> {
    let nickname = user
        .user_principal_name
        .split('@')
        .next()
        .unwrap_or_default();
    let proxies: Vec<String> = user
        .mail
        .iter()
        .map(|mail| format!("SMTP:{mail}"))
        .collect();
    let value = json!({
        "businessPhones": user.business_phones,
        "displayName": user.display_name,
        "givenName": or_null(&user.given_name),
        "jobTitle": user.job_title,
        "mail": user.mail,
        "mobilePhone": user.mobile_phone,
        "officeLocation": user.office_location,
        "preferredLanguage": "en-US",
        "surname": or_null(&user.surname),
        "userPrincipalName": user.user_principal_name,
        "id": user.id,
        "accountEnabled": !user.disabled,
        "department": user.department,
        "city": user.city,
        "country": user.country,
        "companyName": user.company_name,
        "mailNickname": nickname,
        "userType": if user.is_outsider() { "Guest" } else { "Member" },
        "usageLocation": if user.is_outsider() { Value::Null } else { json!("PT") },
        "proxyAddresses": proxies,
        "deletedDateTime": null,
        "assignedLicenses": [],
    });
    match value {
        Value::Object(map) => map,
        _ => Map::new(),
    }
}

fn or_null(text: &str) -> Value {
    if text.is_empty() {
        Value::Null
    } else {
        json!(text)
    }
}
