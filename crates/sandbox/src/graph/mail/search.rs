//! `$search` on messages: which properties KQL knows and how text matches.
//! Source: <https://learn.microsoft.com/graph/search-query-parameter#using-search-on-message-collections>

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::Offset;

use crate::odata::search::{Relation, Term};
use crate::state::mail::message::{Address, Importance, Message};

/// Whether a message satisfies one restriction. Without body access, bodies and attachments are not searched.
pub(super) fn holds(term: &Term, message: &Message, basic: bool) -> bool {
    let content = &message.content;
    let is_true = term.value.eq_ignore_ascii_case("true")
        || term.value == "1"
        || term.value.eq_ignore_ascii_case("yes");
    let found = match term.property.as_deref() {
        None => anywhere(term, message, basic),
        Some("from") => content.from.iter().any(|address| names(term, address)),
        Some("to") => content.to.iter().any(|address| names(term, address)),
        Some("cc") => content.cc.iter().any(|address| names(term, address)),
        Some("bcc") => content.bcc.iter().any(|address| names(term, address)),
        Some("recipients") => content.recipients().any(|address| names(term, address)),
        Some("participants") => content
            .recipients()
            .chain(&content.from)
            .any(|address| names(term, address)),
        Some("subject") => contains(term, &content.subject),
        Some("body") => !basic && contains(term, &content.body.as_text()),
        Some("attachment" | "attachmentnames") => {
            !basic
                && content
                    .attachments
                    .iter()
                    .any(|file| contains(term, &file.name))
        }
        Some("hasattachment" | "hasattachments") => content.has_attachments() == is_true,
        Some("isread") => message.is_read == is_true,
        Some("isflagged") => {
            (content.flag.status == crate::state::mail::message::FlagStatus::Flagged) == is_true
        }
        Some("importance") => term.value.eq_ignore_ascii_case(match content.importance {
            Importance::Low => "low",
            Importance::Normal => "normal",
            Importance::High => "high",
        }),
        Some("category") => content
            .categories
            .iter()
            .any(|category| contains(term, category)),
        Some("kind") => term.value.eq_ignore_ascii_case("email"),
        Some("size") => size(term, message.size_bytes()),
        Some("received") => day(term, message.received),
        Some("sent") => day(term, message.sent),
        Some(_) => false,
    };
    found != (term.relation == Relation::HasNot)
}

fn anywhere(term: &Term, message: &Message, basic: bool) -> bool {
    let content = &message.content;
    contains(term, &content.subject)
        || content.from.iter().any(|address| names(term, address))
        || content.recipients().any(|address| names(term, address))
        || (!basic
            && (contains(term, &content.body.as_text())
                || content
                    .attachments
                    .iter()
                    .any(|file| contains(term, &file.name))))
}

pub(in crate::graph) fn names(term: &Term, address: &Address) -> bool {
    contains(term, &address.name) || contains(term, &address.address)
}

/// A word matches at the start of a word, a phrase anywhere; case does not matter.
pub(in crate::graph) fn contains(term: &Term, text: &str) -> bool {
    let (text, wanted) = (text.to_lowercase(), term.value.to_lowercase());
    if wanted.is_empty() {
        return false;
    }
    if term.is_phrase {
        return text.contains(&wanted);
    }
    text.match_indices(&wanted)
        .any(|(at, _)| !text[..at].ends_with(char::is_alphanumeric))
}

fn size(term: &Term, size: usize) -> bool {
    let Ok(wanted) = term.value.parse::<usize>() else {
        return false;
    };
    match term.relation {
        Relation::Has => size == wanted,
        Relation::HasNot => true,
        Relation::Above => size > wanted,
        Relation::AtLeast => size >= wanted,
        Relation::Below => size < wanted,
        Relation::AtMost => size <= wanted,
    }
}

/// A date means its whole day, UTC; `a..b` is a span of days.
pub(in crate::graph) fn day(term: &Term, at: Timestamp) -> bool {
    let date = Offset::UTC.to_datetime(at).date();
    if let Some((from, to)) = term.value.split_once("..") {
        let bounds = (parse_date(from), parse_date(to));
        return matches!(bounds, (Some(from), Some(to)) if from <= date && date <= to);
    }
    if let Ok(moment) = term.value.parse::<Timestamp>() {
        return relate(term.relation, &at, &moment);
    }
    parse_date(&term.value).is_some_and(|wanted| relate(term.relation, &date, &wanted))
}

fn relate<T: PartialOrd>(relation: Relation, left: &T, right: &T) -> bool {
    match relation {
        Relation::Has | Relation::HasNot => left == right,
        Relation::Above => left > right,
        Relation::AtLeast => left >= right,
        Relation::Below => left < right,
        Relation::AtMost => left <= right,
    }
}

/// `2026-01-31`, or `01/31/2026` as Microsoft's pages write it.
fn parse_date(text: &str) -> Option<Date> {
    if let Ok(date) = text.parse() {
        return Some(date);
    }
    let mut parts = text.split('/');
    let (month, day, year) = (
        parts.next()?.parse().ok()?,
        parts.next()?.parse().ok()?,
        parts.next()?.parse().ok()?,
    );
    Date::new(year, month, day).ok()
}
