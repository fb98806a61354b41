//! Filter, order, count and pages of any collection.

use sandbox_odata::error::Error;
use sandbox_odata::filter::ast::Expr;
use sandbox_odata::filter::{self, Entity, eval};
use sandbox_odata::options::Options;
use sandbox_odata::order;
use sandbox_odata::schema::EntityType;

use crate::fault::Fault;

/// The most entities on one page.
/// <https://learn.microsoft.com/dynamics365/business-central/dev-itpro/administration/operational-limits-online>
const LARGEST_PAGE: usize = 20_000;

/// One page.
pub(crate) struct Page<E> {
    pub(crate) rows: Vec<E>,
    /// All that match, when the number was asked for.
    pub(crate) count: Option<usize>,
    /// Where the next page begins; none on the last.
    pub(crate) next: Option<Next>,
}

/// The beginning of a page: behind which entity, and how many are still wanted.
pub(crate) struct Next {
    pub(crate) after: String,
    pub(crate) top: Option<usize>,
}

/// Holds options against a type.
pub(crate) fn bind(options: &mut Options, edm: &EntityType) -> Result<(), Fault> {
    if options.search.is_some() {
        return Err(Fault::bad_request(
            "The query option '$search' is not supported.",
        ));
    }
    if let Some(expr) = options.filter.take() {
        let expr = without_lambdas(expr);
        options.filter = expr
            .map(|mut expr| {
                filter::bind(&mut expr, edm)?;
                Ok::<_, Error>(expr)
            })
            .transpose()?;
    }
    if let Some(expr) = &options.filter
        && mixes_fields(expr)
    {
        return Err(Fault::bad_request(
            "An error occurred while processing this request. The 'OR' operator is not supported on distinct fields on an OData filter.",
        ));
    }
    order::bind(&mut options.order_by, edm)?;
    edm.resolve_select(&mut options.select)?;
    Ok(())
}

/// A filter with `any` or `all` is ignored, as Business Central ignores it.
/// <https://learn.microsoft.com/dynamics365/business-central/dev-itpro/webservices/use-filter-expressions-in-odata-uris>
fn without_lambdas(expr: Expr) -> Option<Expr> {
    let has = expr.has(&|expr| matches!(expr, Expr::Lambda(_)));
    (!has).then_some(expr)
}

/// Whether some `or` joins conditions on more than one field.
fn mixes_fields(expr: &Expr) -> bool {
    expr.has(&|expr| match expr {
        Expr::Or(..) => {
            let paths = expr.paths();
            paths.windows(2).any(|pair| pair[0] != pair[1])
        }
        _ => false,
    })
}

/// The page that is asked for. `key` names an entity.
pub(crate) fn page<E: Entity>(
    rows: Vec<E>,
    options: &Options,
    preferred: Option<usize>,
    key: impl Fn(&E) -> String,
) -> Result<Page<E>, Fault> {
    let mut rows = matching(rows, options);
    let count = options.count.then_some(rows.len());
    let start = match &options.skip_token {
        Some(token) => 1 + position(&rows, token, &key)?,
        None => options.skip.unwrap_or_default(),
    };
    let size = preferred.unwrap_or(LARGEST_PAGE).clamp(1, LARGEST_PAGE);
    let wanted = options.top.unwrap_or(usize::MAX);
    let available = rows.len().saturating_sub(start).min(wanted);
    let mut page: Vec<E> = rows
        .drain(start.min(rows.len())..)
        .take(available.min(size))
        .collect();
    page.shrink_to_fit();
    let next = match page.last() {
        Some(last) if available > size => Some(Next {
            after: key(last),
            top: options.top.map(|top| top - size),
        }),
        _ => None,
    };
    Ok(Page {
        rows: page,
        count,
        next,
    })
}

/// All that match, in order.
pub(crate) fn matching<E: Entity>(mut rows: Vec<E>, options: &Options) -> Vec<E> {
    if let Some(expr) = &options.filter {
        rows.retain(|row| eval::matches(expr, row));
    }
    if !options.order_by.is_empty() {
        rows.sort_by(|left, right| order::compare(&options.order_by, left, right));
    }
    rows
}

fn position<E>(rows: &[E], token: &str, key: impl Fn(&E) -> String) -> Result<usize, Fault> {
    rows.iter().position(|row| key(row) == token).ok_or_else(|| {
        Fault::new(
            http::StatusCode::BAD_REQUEST,
            "SkipTokenIsNoLongerValid",
            "The skip token is no longer valid, because the record that it stands for has been changed or deleted.",
        )
    })
}

/// The link to the next page.
pub(crate) fn next_link(url: &str, options: &Options, next: &Next) -> String {
    let replaced = ["skip", "skiptoken", "top", "aid"];
    let mut query = form_urlencoded::Serializer::new(String::new());
    for (name, value) in &options.pairs {
        let bare = name.trim_start_matches('$').to_ascii_lowercase();
        if !replaced.contains(&bare.as_str()) {
            query.append_pair(name, value);
        }
    }
    if let Some(top) = next.top {
        query.append_pair("$top", &top.to_string());
    }
    query.append_pair("aid", "FIN");
    query.append_pair("$skiptoken", &next.after);
    format!("{url}?{}", query.finish().replace("%24", "$"))
}
