//! Three companies with a year behind them. Everything is posted by the same rules that requests go by, so that the books
//! balance; what varies is drawn from a number, so that the same number gives the same books.

mod chart;
mod codes;
mod names;
pub(crate) mod platform;
mod profile;
mod year;

use jiff::Timestamp;
use serde_json::{Map, Value};

use crate::books::{Books, Record, Setup, Work, mix};
use crate::engine::source::Parent;
use crate::engine::write;
use crate::model;
use crate::posting;

use profile::Profile;

/// Names of the companies.
pub(crate) const NAMES: [&str; 3] = [
    profile::PROFILES[0].name,
    profile::PROFILES[1].name,
    profile::PROFILES[2].name,
];

/// The books of a company as they are at `now`.
pub(crate) fn books(profile: usize, seed: u64, now: Timestamp) -> Books {
    let profile = &profile::PROFILES[profile % NAMES.len()];
    let setup = Setup {
        currency: profile.currency.to_owned(),
        tax: profile.tax,
    };
    let mut books = Books::new(setup, seed);
    let mut scene = Scene {
        books: &mut books,
        profile,
        draws: seed,
        now,
        at: now,
    };
    chart::fill(&mut scene);
    codes::fill(&mut scene);
    names::fill(&mut scene);
    year::fill(&mut scene);
    books
}

/// A company on its way through its year.
struct Scene<'a> {
    books: &'a mut Books,
    profile: &'static Profile,
    draws: u64,
    /// The last moment.
    now: Timestamp,
    /// The moment at hand.
    at: Timestamp,
}

impl Scene<'_> {
    /// A number below `end`.
    fn draw(&mut self, end: usize) -> usize {
        self.draws = mix(self.draws);
        usize::try_from(self.draws >> 33).unwrap_or(0) % end.max(1)
    }

    /// Makes an entity as a request would; its id is answered, or nothing when the rules refuse it.
    fn create(&mut self, set: &str, body: Value) -> String {
        self.create_below(set, None, body)
    }

    fn create_below(&mut self, set: &str, parent: Option<(&str, &str)>, body: Value) -> String {
        let (Some(set), Value::Object(body)) = (model::set(set), body) else {
            return String::new();
        };
        let mut work = Work::new(self.books, self.at);
        let parent = parent.and_then(|(set, id)| {
            Some(Parent {
                set: model::set(set)?,
                record: work.get(set, id)?.clone(),
            })
        });
        let made = write::create(&mut work, set, parent.as_ref(), body);
        if made.is_err() {
            work.undo();
        }
        made.unwrap_or_default()
    }

    /// A record that no request could make, such as a line of the chart of accounts.
    fn put(&mut self, set: &'static str, fields: Value) -> String {
        let mut work = Work::new(self.books, self.at);
        let mut record = work.blank();
        let fields: Map<String, Value> = match fields {
            Value::Object(fields) => fields,
            _ => Map::new(),
        };
        for (name, value) in fields {
            record.set(&name, value);
        }
        work.insert(set, record)
    }

    /// Hangs a record below another.
    fn put_below(&mut self, set: &'static str, parent: &str, fields: Value) -> String {
        let id = self.put(set, fields);
        let mut work = Work::new(self.books, self.at);
        work.update(set, &id, |record| parent.clone_into(&mut record.parent));
        id
    }

    /// Runs an action; whether it went well is answered.
    fn act(&mut self, set: &str, id: &str, name: &str) -> bool {
        let Some(set) = model::set(set) else {
            return false;
        };
        let mut work = Work::new(self.books, self.at);
        let Some(record) = work.get(set.name, id).cloned() else {
            return false;
        };
        let done = posting::run(&mut work, set, &record, name).is_ok();
        if !done {
            work.undo();
        }
        done
    }

    /// Posts a journal of any kind, as `journals` does for all of them.
    fn post_journal(&mut self, id: &str) {
        let Some(set) = model::set("journals") else {
            return;
        };
        let mut work = Work::new(self.books, self.at);
        let record = Record::computed(id, self.at);
        if posting::run(&mut work, set, &record, "post").is_err() {
            work.undo();
        }
    }

    /// The id of the record with this code or number.
    fn id(&self, set: &str, field: &str, text: &str) -> String {
        let found = self.books.find(set, field, text);
        found.map(|row| row.id.clone()).unwrap_or_default()
    }
}
