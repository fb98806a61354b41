//! What a new environment holds. Nothing of it is random: two that start at the same instant are alike.

mod activities;
mod companies;
mod fieldservice;
mod pipeline;
mod platform;

use jiff::{SignedDuration, Timestamp};
use uuid::Uuid;

use crate::Dataverse;
use crate::cell::{Cell, Link};
use crate::schema::TableId;
use crate::write::Actor;

pub(crate) use platform::{SPECIAL_PRIVILEGES, fill as platform};

/// The platform's own user.
pub(crate) const SYSTEM: Uuid = Uuid::from_u128(0xc0a7_050f_0000_4000_8000_0000_0000_0d00);

/// A pipeline of sales, and field service in two cities.
pub(crate) fn contoso(dataverse: &mut Dataverse, now: Timestamp) {
    let mut seeder = Seeder::new(dataverse, now);
    let companies = companies::fill(&mut seeder);
    let catalogue = pipeline::products(&mut seeder);
    pipeline::leads(&mut seeder);
    pipeline::opportunities(&mut seeder, &companies, &catalogue);
    pipeline::cases(&mut seeder, &companies);
    activities::fill(&mut seeder, &companies);
    fieldservice::fill(&mut seeder, &companies, &catalogue);
}

/// Adds rows, each a little later than the one before.
struct Seeder<'a> {
    dataverse: &'a mut Dataverse,
    now: Timestamp,
    /// Owners in turn.
    people: Vec<Uuid>,
}

type Values<'v> = Vec<(&'v str, Option<Cell>)>;

impl<'a> Seeder<'a> {
    fn new(dataverse: &'a mut Dataverse, now: Timestamp) -> Self {
        let table = dataverse.tables.user;
        let rows = dataverse.store.rows(table);
        let mut people: Vec<Uuid> = rows
            .filter(|row| {
                dataverse
                    .cell(table, row, "azureactivedirectoryobjectid")
                    .is_some()
            })
            .filter(|row| dataverse.cell(table, row, "applicationid").is_none())
            .map(|row| row.id)
            .collect();
        if people.is_empty() {
            people.push(SYSTEM);
        }
        Self {
            dataverse,
            now,
            people,
        }
    }

    fn table(&self, name: &str) -> TableId {
        self.dataverse.schema.find(name).unwrap_or_default()
    }

    /// A row of the platform's, made some days ago.
    fn add(&mut self, table: &str, days_ago: i64, values: Values<'_>) -> Link {
        let table = self.table(table);
        let id = self.dataverse.ids.uuid();
        let actor = Actor {
            now: self.day(-days_ago, 9),
            ..Actor::system(self.now)
        };
        self.dataverse.insert(actor, table, id, values);
        Link { table, id }
    }

    /// The same, owned by somebody.
    fn add_owned(
        &mut self,
        table: &str,
        days_ago: i64,
        owner: usize,
        mut values: Values<'_>,
    ) -> Link {
        let user = self.people[owner % self.people.len()];
        values.push((
            "ownerid",
            Some(Cell::link(self.dataverse.tables.user, user)),
        ));
        self.add(table, days_ago, values)
    }

    /// An hour of a day from today.
    fn day(&self, days: i64, hour: i64) -> Timestamp {
        let today = self.now.as_second().div_euclid(86_400) * 86_400;
        let start = Timestamp::from_second(today).unwrap_or(self.now);
        start
            .checked_add(SignedDuration::from_hours(days * 24 + hour))
            .unwrap_or(self.now)
    }

    #[expect(clippy::unnecessary_wraps, reason = "a value of a row")]
    fn time(&self, days: i64, hour: i64) -> Option<Cell> {
        Some(Cell::Time(self.day(days, hour)))
    }

    #[expect(clippy::unnecessary_wraps, reason = "a value of a row")]
    fn date(&self, days: i64) -> Option<Cell> {
        let at = jiff::tz::Offset::UTC.to_datetime(self.day(days, 0));
        Some(Cell::Date(at.date()))
    }

    fn below(&mut self, end: usize) -> usize {
        let end = u64::try_from(end).unwrap_or(1);
        usize::try_from(self.dataverse.ids.below(end)).unwrap_or_default()
    }
}

#[expect(clippy::unnecessary_wraps, reason = "a value of a row")]
fn text(text: &str) -> Option<Cell> {
    Some(Cell::text(text))
}

#[expect(clippy::unnecessary_wraps, reason = "a value of a row")]
fn whole(value: i64) -> Option<Cell> {
    Some(Cell::Whole(value))
}

#[expect(clippy::unnecessary_wraps, reason = "a value of a row")]
fn number(value: f64) -> Option<Cell> {
    Some(Cell::Number(value))
}

#[expect(clippy::unnecessary_wraps, reason = "a value of a row")]
fn link(link: Link) -> Option<Cell> {
    Some(Cell::Link(link))
}
