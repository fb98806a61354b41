//! A company, whose books are made when they are first looked at.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::books::{Books, Record};
use crate::engine::render::etag;
use crate::seed;

#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Company {
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) display_name: String,
    pub(crate) created: Timestamp,
    /// Which of the seeded companies it is like.
    pub(crate) profile: usize,
    pub(crate) seed: u64,
    books: Option<Books>,
}

impl Company {
    pub(crate) fn new(id: String, profile: usize, seed: u64, created: Timestamp) -> Self {
        let name = seed::NAMES[profile % seed::NAMES.len()];
        Self {
            id,
            name: name.to_owned(),
            display_name: name.to_owned(),
            created,
            profile,
            seed,
            books: None,
        }
    }

    /// Its books; the first look makes them, as of the day on which the company was made.
    pub(crate) fn books(&mut self) -> &mut Books {
        let (profile, seed, created) = (self.profile, self.seed, self.created);
        self.books
            .get_or_insert_with(|| seed::books(profile, seed, created))
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
            "businessProfileId": "",
            "systemCreatedAt": time,
            "systemCreatedBy": nobody,
            "systemModifiedAt": time,
            "systemModifiedBy": nobody,
        })
    }
}
