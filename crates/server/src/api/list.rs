use std::fmt::Display;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use store::Page;

use crate::App;
use crate::problem::Problem;

/// Which part of a list is wanted.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Paging {
    /// The `next` of the page before.
    pub(crate) after: Option<String>,
    pub(crate) limit: Option<i64>,
}

/// A page of a list.
#[derive(Debug, Serialize)]
pub(crate) struct List<T> {
    pub(crate) items: Vec<T>,
    /// To be given as `after`; `null` on the last page.
    pub(crate) next: Option<String>,
}

impl<T> List<T> {
    pub(crate) fn new(items: Vec<T>, next: Option<impl Display>) -> Self {
        Self {
            items,
            next: next.map(|next| next.to_string()),
        }
    }

    /// All there is.
    pub(crate) fn whole(items: Vec<T>) -> Self {
        Self { items, next: None }
    }
}

impl Paging {
    pub(crate) fn page<Id: FromStr>(&self, app: &App) -> Result<Page<Id>, Problem> {
        let limits = &app.config().limits;
        let limit = self.limit.unwrap_or(limits.page);
        if !(1..=limits.page_max).contains(&limit) {
            return Err(Problem::invalid(
                "limit",
                format!("must be 1 to {}", limits.page_max),
            ));
        }
        let after = self.after.as_deref().map(str::parse).transpose();
        let after = after.map_err(|_| {
            Problem::invalid(
                "after",
                "is no cursor of this list; give the `next` of the page before",
            )
        })?;
        Ok(Page { after, limit })
    }
}
