//! A company, whose books are made when they are first looked at.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::books::{Books, Record, Setup};
use crate::engine::render::etag;
use crate::seed;

#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Company {
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) display_name: String,
    pub(crate) created: Timestamp,
    #[serde(default)]
    pub(crate) business_profile_id: String,
    /// Which of the seeded companies it is like.
    pub(crate) profile: usize,
    pub(crate) seed: u64,
    /// Made by the automation API, and not set up by anybody since.
    #[serde(default)]
    pub(crate) is_blank: bool,
    books: Option<Books>,
}

impl Company {
    pub(crate) fn new(id: String, profile: usize, seed: u64, created: Timestamp) -> Self {
        let name = seed::NAMES[profile % seed::NAMES.len()];
        Self {
            id,
            name: name.to_owned(),
            display_name: name.to_owned(),
            business_profile_id: String::new(),
            created,
            profile,
            seed,
            is_blank: false,
            books: None,
        }
    }

    /// One that nobody has set up: it has no accounts, no codes and no records.
    pub(crate) fn blank(id: &str, name: &str, created: Timestamp) -> Self {
        let seed = id.bytes().fold(0_u64, |sum, byte| {
            sum.wrapping_mul(131).wrapping_add(u64::from(byte))
        });
        Self {
            name: name.to_owned(),
            display_name: name.to_owned(),
            is_blank: true,
            ..Self::new(id.to_owned(), 0, seed, created)
        }
    }

    /// Its books; the first look makes them, as of the day on which the company was made.
    pub(crate) fn books(&mut self) -> &mut Books {
        let (profile, seed, created) = (self.profile, self.seed, self.created);
        let is_blank = self.is_blank;
        self.books.get_or_insert_with(|| {
            if is_blank {
                return Books::new(Setup::default(), seed);
            }
            seed::books(profile, seed, created)
        })
    }

    pub(crate) fn to_value(&self) -> Value {
        let time = format!("{:.3}", self.created);
        let nobody = crate::books::NO_ID;
        json!({
            "@odata.etag": etag(&Record::computed(self.id.as_str(), self.created)),
            "id": self.id,
            "systemVersion": "27.0.0.0",
            "timestamp": self.created.as_second(),
            "name": self.name,
            "displayName": self.display_name,
            "businessProfileId": self.business_profile_id,
            "systemCreatedAt": time,
            "systemCreatedBy": nobody,
            "systemModifiedAt": time,
            "systemModifiedBy": nobody,
        })
    }
}
