//! Where records come from: a table, a report, or what another record implies.

use std::borrow::Cow;

use jiff::civil::Date;

use sandbox_odata::filter::ast::{Comparison, Expr, Literal};
use sandbox_odata::options::Options;

use super::keys::{Key, is_guid};
use crate::books::{Books, Record, Work};
use crate::fault::Fault;
use crate::model::{self, EntitySet, Navigation};
use crate::{pdf, reports, rules};

/// The entity that a collection hangs below.
#[derive(Debug, Clone)]
pub(crate) struct Parent {
    pub(crate) set: &'static EntitySet,
    pub(crate) record: Record,
}

/// What a filter tells a report: its days.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Period {
    /// First day; none from the beginning.
    pub(crate) from: Option<Date>,
    /// Last day.
    pub(crate) to: Date,
}

impl Period {
    /// From the conditions on `dateFilter` and its like; today when there are none.
    pub(crate) fn of(options: &Options, today: Date) -> Self {
        let mut period = Self {
            from: None,
            to: today,
        };
        if let Some(expr) = &options.filter {
            period.read(expr);
        }
        period
    }

    fn read(&mut self, expr: &Expr) {
        match expr {
            Expr::And(left, right) => {
                self.read(left);
                self.read(right);
            }
            Expr::Compare(comparison, left, right) => {
                if let (Expr::Path(path), Expr::Literal(Literal::Time(time))) = (&**left, &**right)
                    && path.first().is_some_and(|name| is_date_filter(name))
                {
                    self.narrow(
                        *comparison,
                        jiff::tz::TimeZone::UTC.to_datetime(*time).date(),
                    );
                }
            }
            _ => {}
        }
    }

    fn narrow(&mut self, comparison: Comparison, date: Date) {
        match comparison {
            Comparison::Equal | Comparison::LessThanOrEqual => self.to = date,
            Comparison::LessThan => self.to = date.yesterday().unwrap_or(date),
            Comparison::GreaterThanOrEqual => self.from = Some(date),
            Comparison::GreaterThan => self.from = date.tomorrow().ok(),
            Comparison::NotEqual => {}
        }
    }
}

/// Fields that are parameters of a report rather than properties of its lines.
pub(crate) fn is_date_filter(name: &str) -> bool {
    ["dateFilter", "dateFilter_FilterOnly", "agedAsOfDate"].contains(&name)
}

/// All records of a set, or those below a parent.
pub(crate) fn rows<'a>(
    work: &'a Work<'_>,
    set: &'static EntitySet,
    parent: Option<&'a Parent>,
    options: &Options,
) -> Vec<Cow<'a, Record>> {
    let books: &Books = work.books;
    let period = Period::of(options, work.today());
    if let Some(rows) = reports::rows(books, set.name, period, work.now) {
        let is_of = |row: &Record| {
            parent.is_none_or(|it| row.id == it.record.id || row.parent == it.record.id)
        };
        return rows.into_iter().filter(is_of).map(Cow::Owned).collect();
    }
    if let Some(rows) = parent.and_then(|it| rules::platform::below(books, set, it)) {
        return rows.into_iter().map(Cow::Borrowed).collect();
    }
    match parent {
        Some(parent) => books
            .children(set.name, &parent.record.id)
            .map(Cow::Borrowed)
            .collect(),
        None => books.rows(set.name).map(Cow::Borrowed).collect(),
    }
}

/// One record by its key.
pub(crate) fn by_key(
    work: &Work<'_>,
    set: &'static EntitySet,
    parent: Option<&Parent>,
    key: &Key,
) -> Result<Record, Fault> {
    let none = Options::default();
    let found = match key {
        Key::Id(id) => {
            // A set of codes is addressed by its code as well: `currencies('EUR')`.
            let code = ["number", "code", "name"]
                .into_iter()
                .find(|name| set.field(name).is_some());
            match work.get(set.name, id).filter(|_| parent.is_none()) {
                Some(found) => Some(Cow::Borrowed(found)),
                None if set.name == "pdfDocument" => {
                    return pdf::record(work, id).ok_or_else(|| missing(set, id));
                }
                None if set.name == "pictures" && is_guid(id) => {
                    return rules::pictures::of(work, id).ok_or_else(|| missing(set, id));
                }
                None => rows(work, set, parent, &none).into_iter().find(|row| {
                    row.id == *id
                        || row.text(set.key()) == id
                        || code.is_some_and(|code| {
                            !is_guid(id) && row.text(code).eq_ignore_ascii_case(id)
                        })
                }),
            }
        }
        Key::Fields(pairs) => {
            for (name, _) in pairs {
                if set.field(name).is_none() {
                    return Err(Fault::unknown_property(name, &set.type_name()));
                }
            }
            let fits = |row: &Record| {
                pairs.iter().all(|(name, value)| {
                    row.text(name).eq_ignore_ascii_case(value) || (name == "id" && row.id == *value)
                })
            };
            rows(work, set, parent, &none)
                .into_iter()
                .find(|row| fits(row))
        }
    };
    found.map(Cow::into_owned).ok_or_else(|| match key {
        Key::Id(id) => missing(set, id),
        Key::Fields(pairs) => {
            let text: Vec<&str> = pairs.iter().map(|(_, value)| value.as_str()).collect();
            missing(set, &text.join(","))
        }
    })
}

fn missing(set: &EntitySet, key: &str) -> Fault {
    Fault::record_not_found(set.entity, key)
}

/// The one entity that a navigation leads to; none when nothing is there.
pub(crate) fn related(
    work: &Work<'_>,
    from: &Parent,
    navigation: &Navigation,
) -> Option<(&'static EntitySet, Record)> {
    let set = model::set(navigation.set)?;
    if let Some(through) = navigation.through {
        let id = from.record.text(through);
        return work.get(set.name, id).map(|found| (set, found.clone()));
    }
    let found = match set.name {
        "pictures" => rules::pictures::of(work, &from.record.id),
        "pdfDocument" => pdf::record(work, &from.record.id),
        _ => rows(work, set, Some(from), &Options::default())
            .into_iter()
            .next()
            .map(Cow::into_owned),
    };
    found.map(|record| (set, record))
}
