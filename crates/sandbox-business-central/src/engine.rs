//! The generic part: reading, writing and rendering of any entity as its metadata says. What a table means beyond that is
//! in [`crate::rules`] and [`crate::posting`].

pub(crate) mod address;
pub(crate) mod input;
pub(crate) mod keys;
pub(crate) mod list;
pub(crate) mod media;
pub(crate) mod read;
pub(crate) mod render;
pub(crate) mod source;
pub(crate) mod write;

use sandbox_odata::options::Options;
use serde_json::{Map, Value};

use crate::fault::Fault;
use crate::model::Api;

/// A request below a company, or below the root of the API.
pub(crate) struct Call<'a> {
    pub(crate) api: Api,
    pub(crate) method: &'a http::Method,
    /// Decoded segments of the path.
    pub(crate) path: &'a [String],
    pub(crate) options: Options,
    /// `http://127.0.0.1:8366/v2.0/…/Production/api/v2.0`
    pub(crate) base: &'a str,
    /// The request's own address, without its query.
    pub(crate) url: String,
    pub(crate) company_id: &'a str,
    pub(crate) if_match: Option<&'a str>,
    pub(crate) content_type: Option<&'a str>,
    /// Entities on a page, from `Prefer: odata.maxpagesize`.
    pub(crate) page_size: Option<usize>,
    pub(crate) body: &'a [u8],
}

impl Call<'_> {
    /// The body as a JSON object.
    pub(crate) fn json(&self) -> Result<Map<String, Value>, Fault> {
        match serde_json::from_slice(self.body) {
            Ok(Value::Object(object)) => Ok(object),
            _ => Err(Fault::not_json()),
        }
    }

    /// Address of the company, which entities of it hang below.
    pub(crate) fn company_url(&self) -> String {
        format!("{}/companies({})", self.base, self.company_id)
    }
}

/// What is answered, before it is written.
#[derive(Debug)]
pub(crate) enum Reply {
    Json(Value),
    Created {
        body: Value,
        location: String,
    },
    NoContent,
    /// An action that made something, and where that is.
    Made {
        location: String,
    },
    Bytes {
        content_type: String,
        bytes: Vec<u8>,
    },
    Text(String),
    Xml(String),
}
