//! Reading rows: conditions, order, pages, expansion, aggregation, and how rows are written down.

pub(crate) mod aggregate;
pub(crate) mod apply;
pub(crate) mod changes;
pub(crate) mod condition;
mod filter;
mod format;
pub(crate) mod list;
pub(crate) mod operator;
mod page;
mod period;
pub(crate) mod plan;
pub(crate) mod render;
pub(crate) mod value;

pub(crate) use page::Cookie;
