//! `/api/v2.0/…`: the root itself, companies, and what hangs below a company.

use sandbox_odata::envelope::Page;
use sandbox_odata::options::Options;
use sandbox_odata::project::Selection;
use sandbox_odata::schema::{EntityType, guid, number, text, time};
use serde_json::{Map, Value, json};

use super::ask::Ask;
use super::{BusinessCentral, Outcome, csdl};
use crate::cloud::company::Company;
use crate::engine::keys::{self, Key};
use crate::engine::{Reply, list};
use crate::fault::Fault;
use crate::model::{self, Api};

static COMPANY: EntityType = EntityType {
    name: "Microsoft.NAV.company",
    properties: &[
        guid("id"),
        text("systemVersion"),
        number("timestamp"),
        text("name"),
        text("displayName"),
        text("businessProfileId"),
        time("systemCreatedAt"),
        guid("systemCreatedBy"),
        time("systemModifiedAt"),
        guid("systemModifiedBy"),
    ],
};

impl BusinessCentral {
    /// Whatever is below the version, `base` being the address up to it.
    pub(super) fn v2(
        &mut self,
        api: Api,
        at: usize,
        ask: &Ask<'_>,
        base: &str,
        path: &[&str],
    ) -> Result<Outcome, Fault> {
        let options = Options::parse(&ask.query)?;
        let path = super::ask::segments(&path.join("/"))?;
        let Some((first, rest)) = path.split_first() else {
            return read_only(ask, "the service document").map(|()| document(api, base).into());
        };
        let segment = keys::parse(first).ok_or_else(|| Fault::bad_address(first))?;
        match (segment.name.as_str(), &segment.key) {
            ("$metadata", None) if rest.is_empty() => {
                read_only(ask, "$metadata").map(|()| Reply::Xml(csdl::document(api)).into())
            }
            ("$batch", None) if rest.is_empty() => {
                self.batch(api, at, ask, base).map(Outcome::from)
            }
            ("subscriptions", key) if rest.is_empty() && api == Api::V2 => {
                self.subscriptions(at, ask, base, options, key.as_ref())
            }
            ("companies", None) => {
                let is_count = rest.first().is_some_and(|it| it == "$count");
                self.companies(at, ask, base, options, is_count)
                    .map(Outcome::from)
            }
            ("companies", Some(key)) => {
                let company = self.company_of(at, key)?;
                if rest.is_empty() {
                    return self
                        .company(at, company, ask, base, options)
                        .map(Outcome::from);
                }
                self.rows(api, at, company, ask, base, options, rest)
                    .map(Outcome::from)
            }
            _ => {
                let company = self.default_company(at, &options)?;
                self.rows(api, at, company, ask, base, options, &path)
                    .map(Outcome::from)
            }
        }
    }

    #[expect(
        clippy::too_many_arguments,
        reason = "they are what a path was taken apart into"
    )]
    fn rows(
        &mut self,
        api: Api,
        at: usize,
        company: usize,
        ask: &Ask<'_>,
        base: &str,
        options: Options,
        path: &[String],
    ) -> Result<Reply, Fault> {
        match api {
            Api::V2 => self.table(at, company, ask, base, options, path),
            Api::Automation => self.platform(at, company, ask, base, options, path),
        }
    }

    fn company_of(&self, at: usize, key: &Key) -> Result<usize, Fault> {
        let name = match key {
            Key::Id(id) => id,
            Key::Fields(pairs) => pairs
                .iter()
                .find(|(name, _)| name == "id" || name == "name")
                .map(|(_, value)| value)
                .ok_or_else(Fault::no_company)?,
        };
        let environment = &self.environments[at];
        environment.company(name).ok_or_else(Fault::no_company)
    }

    /// `?company=` by id or name; without it the first.
    fn default_company(&self, at: usize, options: &Options) -> Result<usize, Fault> {
        let environment = &self.environments[at];
        let found = match options.custom("company") {
            Some(name) => environment.company(name.trim_matches('\'')),
            None => (!environment.companies.is_empty()).then_some(0),
        };
        found.ok_or_else(Fault::no_company)
    }

    fn companies(
        &self,
        at: usize,
        ask: &Ask<'_>,
        base: &str,
        mut options: Options,
        is_count: bool,
    ) -> Result<Reply, Fault> {
        read_only(ask, "companies")?;
        self.authorize(at, ask, "companies", false)?;
        list::bind(&mut options, &COMPANY)?;
        let companies = self.environments[at].companies.iter();
        let rows: Vec<Value> = companies.map(Company::to_value).collect();
        if is_count {
            return Ok(Reply::Text(
                list::matching(rows, &options).len().to_string(),
            ));
        }
        collection(rows, ask, base, &options, "companies", "id")
    }

    fn company(
        &self,
        at: usize,
        company: usize,
        ask: &Ask<'_>,
        base: &str,
        mut options: Options,
    ) -> Result<Reply, Fault> {
        read_only(ask, "companies")?;
        self.authorize(at, ask, "companies", false)?;
        list::bind(&mut options, &COMPANY)?;
        let selection = Selection::new(&options.select);
        let value = self.environments[at].companies[company].to_value();
        Ok(Reply::Json(single(
            value,
            base,
            "companies",
            &selection,
            &["id"],
        )))
    }
}

/// A page of values that are no records.
pub(super) fn collection(
    rows: Vec<Value>,
    ask: &Ask<'_>,
    base: &str,
    options: &Options,
    set: &str,
    key: &'static str,
) -> Result<Reply, Fault> {
    let key_of = |row: &Value| row[key].as_str().unwrap_or_default().to_owned();
    let page = list::page(rows, options, ask.page_size(), key_of)?;
    let selection = Selection::new(&options.select);
    let url = format!("{}{}", ask.origin, ask.path);
    let next = page.next.map(|next| list::next_link(&url, options, &next));
    let value = page.rows.into_iter().map(|mut row| {
        if let Some(row) = row.as_object_mut() {
            selection.apply(row, &[key]);
        }
        row
    });
    Ok(Reply::Json(
        Page {
            context: format!("{base}/$metadata#{set}{}", selection.context_suffix()),
            count: page.count,
            next,
            value: value.collect(),
        }
        .into_value(),
    ))
}

/// One value under its context.
pub(super) fn single(
    value: Value,
    base: &str,
    set: &str,
    selection: &Selection,
    always: &[&str],
) -> Value {
    let context = format!(
        "{base}/$metadata#{set}{}/$entity",
        selection.context_suffix()
    );
    let mut entity = match value {
        Value::Object(entity) => entity,
        _ => Map::new(),
    };
    selection.apply(&mut entity, always);
    sandbox_odata::envelope::entity(&context, entity)
}

pub(super) fn read_only(ask: &Ask<'_>, what: &str) -> Result<(), Fault> {
    if ask.method == http::Method::GET {
        return Ok(());
    }
    Err(Fault::method(&ask.method, what))
}

/// The names of everything.
fn document(api: Api, base: &str) -> Reply {
    let set = |name: &str| json!({ "name": name, "kind": "EntitySet", "url": name });
    let own: &[&str] = match api {
        Api::V2 => &["companies", "subscriptions"],
        Api::Automation => &["companies"],
    };
    let names = model::sets_of(api).map(|set| set.name);
    let value: Vec<Value> = own.iter().copied().chain(names).map(set).collect();
    Reply::Json(json!({ "@odata.context": format!("{base}/$metadata"), "value": value }))
}
