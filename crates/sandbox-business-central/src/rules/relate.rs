//! Ids and codes that name the same record: either is enough, both must agree, and none may lead nowhere.

use std::collections::BTreeSet;

use crate::books::{NO_ID, Record, Work};
use crate::fault::Fault;
use crate::model::{self, EntitySet, Link};

/// Completes each pair of which the request names a part.
pub(crate) fn relate(
    work: &Work<'_>,
    set: &EntitySet,
    record: &mut Record,
    given: &BTreeSet<&'static str>,
) -> Result<(), Fault> {
    for link in model::links() {
        if set.field(link.field).is_some() && !is_special(set, link) {
            pair(work, set, link, record, given)?;
        }
    }
    Ok(())
}

/// What an account is depends on the line's own fields.
fn is_special(set: &EntitySet, link: &Link) -> bool {
    let is_account = ["accountId", "balancingAccountId"].contains(&link.field);
    is_account && set.name != "generalLedgerEntries"
}

fn pair(
    work: &Work<'_>,
    set: &EntitySet,
    link: &Link,
    record: &mut Record,
    given: &BTreeSet<&'static str>,
) -> Result<(), Fault> {
    let code = link
        .code
        .filter(|(own, _)| set.field(own).is_some_and(|field| !field.is_read_only));
    let shown = link.code.filter(|(own, _)| set.field(own).is_some());
    let has_id = given.contains(link.field);
    let has_code = code.is_some_and(|(own, _)| given.contains(own));
    if !has_id && !has_code {
        return Ok(());
    }
    let by_id = has_id.then(|| by_id(work, link, record)).transpose()?;
    let by_code = match code {
        Some((own, target)) if has_code => Some(by_code(work, link, record, own, target)?),
        _ => None,
    };
    let found = match (by_id, by_code) {
        (Some(left), Some(right)) if left.map(|it| &it.id) != right.map(|it| &it.id) => {
            let name = title(link);
            return Err(Fault::dialog(format!(
                "The {} values do not match to a specific {name}.",
                link.navigation
            )));
        }
        (Some(found), _) | (None, Some(found)) => found,
        (None, None) => return Ok(()),
    };
    record.set(link.field, found.map_or(NO_ID, |it| it.id.as_str()));
    if let Some((own, target)) = shown {
        let text = found.map(|it| it.text(target)).unwrap_or_default();
        record.set(own, text);
    }
    Ok(())
}

fn by_id<'a>(
    work: &'a Work<'_>,
    link: &Link,
    record: &Record,
) -> Result<Option<&'a Record>, Fault> {
    let id = record.text(link.field);
    if id.is_empty() {
        return Ok(None);
    }
    let found = work.get(link.set, id);
    found.map(Some).ok_or_else(|| unknown(link, link.field))
}

fn by_code<'a>(
    work: &'a Work<'_>,
    link: &Link,
    record: &Record,
    own: &str,
    target: &str,
) -> Result<Option<&'a Record>, Fault> {
    let code = record.text(own);
    // The local currency is told by no code.
    let is_local =
        link.set == "currencies" && code.eq_ignore_ascii_case(&work.books.setup.currency);
    if code.is_empty() || is_local {
        return Ok(None);
    }
    let found = work.books.find(link.set, target, code);
    found.map(Some).ok_or_else(|| unknown(link, own))
}

fn unknown(link: &Link, field: &str) -> Fault {
    Fault::dialog(format!(
        "The \"{field}\" does not match to a \"{}\".",
        title(link)
    ))
}

fn title(link: &Link) -> String {
    let entity = model::set(link.set).map_or(link.set, |set| set.entity);
    let mut letters = entity.chars();
    letters
        .next()
        .map(|first| first.to_uppercase().chain(letters).collect())
        .unwrap_or_default()
}
