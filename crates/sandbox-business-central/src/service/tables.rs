//! Requests for the records of a company.

use http::Method;
use sandbox_odata::options::Options;

use super::BusinessCentral;
use super::ask::Ask;
use crate::books::{Record, Work};
use crate::engine::address::{self, Target};
use crate::engine::render::Shown;
use crate::engine::source::Parent;
use crate::engine::{Call, Reply, media, read, write};
use crate::fault::Fault;
use crate::model::{self, Api, EntitySet};
use crate::posting;
use crate::rules::journals;

impl BusinessCentral {
    /// Reads or writes records, all or nothing.
    pub(super) fn table(
        &mut self,
        at: usize,
        company: usize,
        ask: &Ask<'_>,
        base: &str,
        options: Options,
        path: &[String],
    ) -> Result<Reply, Fault> {
        let first = path.first().map(String::as_str).unwrap_or_default();
        let table = first.split('(').next().unwrap_or_default();
        let last = path.last().map(String::as_str).unwrap_or_default();
        self.authorize(at, ask, table, last.starts_with("Microsoft.NAV."))?;
        let environment = &mut self.environments[at];
        let found = &mut environment.companies[company];
        let company_id = found.id.clone();
        let mut call = Call {
            api: Api::V2,
            method: &ask.method,
            path,
            options,
            base,
            url: format!("{}{}", ask.origin, ask.path),
            company_id: &company_id,
            if_match: ask.if_match.as_deref(),
            content_type: ask.content_type.as_deref(),
            page_size: ask.page_size(),
            body: &ask.body,
        };
        let mut work = Work::new(found.books(), ask.now);
        let outcome = run(&mut work, &mut call);
        if outcome.is_err() {
            work.undo();
        }
        let changes = work.finish();
        environment.note(&company_id, &changes, ask.now);
        outcome
    }
}

pub(super) fn run(work: &mut Work<'_>, call: &mut Call<'_>) -> Result<Reply, Fault> {
    let target = address::resolve(work, call.api, call.path)?;
    match target {
        Target::Collection { set, parent } => collection(work, call, set, parent.as_ref()),
        Target::Count { set, parent } => {
            must_be_get(call, set)?;
            read::count(work, call, set, parent.as_ref())
        }
        Target::Entity {
            set,
            record,
            parent,
        } => entity(work, call, set, &record, parent.as_ref()),
        Target::Property {
            set,
            record,
            field,
            is_raw,
        } => {
            must_be_get(call, set)?;
            Ok(read::property(work, call, set, &record, field, is_raw))
        }
        Target::Stream { set, record, field } => match *call.method {
            Method::GET => media::read(work, set, &record),
            Method::PATCH | Method::PUT => media::write(work, call, set, &record, field),
            _ => Err(Fault::method(call.method, set.name)),
        },
        Target::Action { set, record, name } => action(work, call, set, &record, &name),
    }
}

fn collection(
    work: &mut Work<'_>,
    call: &mut Call<'_>,
    set: &'static EntitySet,
    parent: Option<&Parent>,
) -> Result<Reply, Fault> {
    match *call.method {
        Method::GET => read::collection(work, call, set, parent),
        Method::POST => {
            let body = call.json()?;
            let id = write::create(work, set, parent, body)?;
            let record = work.need(set.name, &id)?.clone();
            let body = read::entity(work, call, set, parent, &record)?;
            let location = read::entity_url(call, shown(work, set, &record), parent);
            Ok(Reply::Created { body, location })
        }
        _ => Err(Fault::method(call.method, set.name)),
    }
}

fn entity(
    work: &mut Work<'_>,
    call: &mut Call<'_>,
    set: &'static EntitySet,
    record: &Record,
    parent: Option<&Parent>,
) -> Result<Reply, Fault> {
    let home = journals::home(work, set, &record.id);
    match *call.method {
        Method::GET => read::entity(work, call, set, parent, record).map(Reply::Json),
        Method::PATCH | Method::PUT => {
            let body = call.json()?;
            let kept = work.get(home.name, &record.id).unwrap_or(record).clone();
            write::update(work, home, &kept, body, call.if_match)?;
            let record = work.get(home.name, &record.id).unwrap_or(record).clone();
            read::entity(work, call, home, parent, &record).map(Reply::Json)
        }
        Method::DELETE => {
            let kept = work.get(home.name, &record.id).unwrap_or(record).clone();
            write::delete(work, home, &kept, call.if_match)?;
            Ok(Reply::NoContent)
        }
        _ => Err(Fault::method(call.method, set.name)),
    }
}

fn action(
    work: &mut Work<'_>,
    call: &Call<'_>,
    set: &'static EntitySet,
    record: &Record,
    name: &str,
) -> Result<Reply, Fault> {
    if *call.method != Method::POST {
        return Err(Fault::method(call.method, set.name));
    }
    write::check_sent_etag(record, call.if_match)?;
    let made = posting::run(work, set, record, name)?;
    let location = made.and_then(|(set, id)| {
        let set = model::set(set)?;
        Some(format!("{}/{}({id})", call.company_url(), set.name))
    });
    Ok(location.map_or(Reply::NoContent, |location| Reply::Made { location }))
}

fn shown<'a>(work: &'a Work<'_>, set: &'static EntitySet, record: &'a Record) -> Shown<'a> {
    Shown {
        set,
        record,
        books: work.books,
    }
}

fn must_be_get(call: &Call<'_>, set: &EntitySet) -> Result<(), Fault> {
    if *call.method == Method::GET {
        return Ok(());
    }
    Err(Fault::method(call.method, set.name))
}
