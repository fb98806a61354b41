//! Words, literals and signs of a `$filter`.

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::Offset;

use super::ast::Literal;
use crate::error::Error;

/// One token and the byte offset where it begins.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Token {
    pub(super) kind: TokenKind,
    pub(super) at: usize,
}

#[derive(Debug, Clone, PartialEq)]
pub(super) enum TokenKind {
    /// A name, an operator or a function: `subject`, `eq`, `contains`.
    Word(String),
    Literal(Literal),
    /// In double quotes, which only lists in brackets may hold.
    Quoted(String),
    Open,
    Close,
    Comma,
    Slash,
    Colon,
    OpenList,
    CloseList,
    Equals,
}

/// Cuts the text into tokens.
pub(super) fn tokens(text: &str) -> Result<Vec<Token>, Error> {
    let mut tokens = Vec::new();
    let mut at = 0;
    while let Some(character) = text[at..].chars().next() {
        if character.is_whitespace() {
            at += character.len_utf8();
            continue;
        }
        let (kind, length) = next(text, at, character)?;
        tokens.push(Token { kind, at });
        at += length;
    }
    Ok(tokens)
}

fn next(text: &str, at: usize, character: char) -> Result<(TokenKind, usize), Error> {
    let sign = match character {
        '(' => Some(TokenKind::Open),
        ')' => Some(TokenKind::Close),
        ',' => Some(TokenKind::Comma),
        '/' => Some(TokenKind::Slash),
        ':' => Some(TokenKind::Colon),
        '[' => Some(TokenKind::OpenList),
        ']' => Some(TokenKind::CloseList),
        '=' => Some(TokenKind::Equals),
        _ => None,
    };
    if let Some(kind) = sign {
        return Ok((kind, 1));
    }
    let rest = &text[at..];
    if character == '\'' {
        let (literal, length) = quoted(rest).ok_or_else(|| Error::syntax(text, at))?;
        return Ok((TokenKind::Literal(Literal::Text(literal)), length));
    }
    if character == '"' {
        let end = rest[1..].find('"').ok_or_else(|| Error::syntax(text, at))?;
        return Ok((TokenKind::Quoted(rest[1..=end].to_owned()), end + 2));
    }
    if character.is_ascii_digit()
        || (character == '-' && rest[1..].starts_with(|c: char| c.is_ascii_digit()))
    {
        let run = run(rest, |c| {
            c.is_ascii_alphanumeric() || matches!(c, '-' | '.' | ':' | '+')
        });
        let literal = number_like(run).ok_or_else(|| Error::syntax(text, at))?;
        return Ok((TokenKind::Literal(literal), run.len()));
    }
    if character.is_alphabetic() || matches!(character, '_' | '@') {
        return Ok(word(rest));
    }
    Err(Error::syntax(text, at))
}

fn run(text: &str, accept: impl Fn(char) -> bool) -> &str {
    let end = text.find(|c: char| !accept(c)).unwrap_or(text.len());
    &text[..end]
}

/// A quoted string at the start of `text`, unquoted, and its length with quotes; `None` when it does not end.
fn quoted(text: &str) -> Option<(String, usize)> {
    let mut value = String::new();
    let mut characters = text.char_indices().skip(1).peekable();
    while let Some((at, character)) = characters.next() {
        if character != '\'' {
            value.push(character);
        } else if characters
            .next_if(|(_, following)| *following == '\'')
            .is_some()
        {
            value.push('\'');
        } else {
            return Some((value, at + 1));
        }
    }
    None
}

/// A word, or a GUID that begins with a letter.
fn word(text: &str) -> (TokenKind, usize) {
    let hexadecimal = run(text, |c| c.is_ascii_hexdigit() || c == '-');
    if let Some(guid) = guid(hexadecimal) {
        return (TokenKind::Literal(guid), hexadecimal.len());
    }
    let run = run(text, |c| {
        c.is_alphanumeric() || matches!(c, '_' | '.' | '@')
    });
    // `Namespace.Enumeration'Member'` stands for the member.
    let after = &text[run.len()..];
    if run.contains('.')
        && after.starts_with('\'')
        && let Some((member, length)) = quoted(after)
    {
        return (
            TokenKind::Literal(Literal::Text(member)),
            run.len() + length,
        );
    }
    let kind = match run.to_ascii_lowercase().as_str() {
        "true" => TokenKind::Literal(Literal::Boolean(true)),
        "false" => TokenKind::Literal(Literal::Boolean(false)),
        "null" => TokenKind::Literal(Literal::Null),
        _ => TokenKind::Word(run.to_owned()),
    };
    (kind, run.len())
}

fn guid(text: &str) -> Option<Literal> {
    let shaped = text.len() == 36
        && [8, 13, 18, 23]
            .iter()
            .all(|&at| text.as_bytes()[at] == b'-');
    let full = text.bytes().filter(u8::is_ascii_hexdigit).count() == 32;
    (shaped && full).then(|| Literal::Guid(text.to_ascii_lowercase()))
}

fn number_like(text: &str) -> Option<Literal> {
    if let Some(guid) = guid(text) {
        return Some(guid);
    }
    if let Ok(number) = text
        .trim_end_matches(['L', 'l', 'M', 'm', 'F', 'f', 'D', 'd'])
        .parse::<f64>()
    {
        return number.is_finite().then_some(Literal::Number(number));
    }
    parse_time(text).map(Literal::Time)
}

/// A point in time from `2026-01-31T09:00:00Z`, with an offset, without one (then UTC), or from a date alone.
pub(super) fn parse_time(text: &str) -> Option<Timestamp> {
    if let Ok(timestamp) = text.parse::<Timestamp>() {
        return Some(timestamp);
    }
    if let Ok(moment) = text.parse::<jiff::civil::DateTime>() {
        return Offset::UTC.to_timestamp(moment).ok();
    }
    let date = text.parse::<Date>().ok()?;
    Offset::UTC.to_timestamp(date.at(0, 0, 0, 0)).ok()
}
