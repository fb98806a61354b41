use std::fmt::{self, Display, Formatter};

use askama::filters::{Escaper, Html, HtmlSafe};

/// Text of the crates below, which put literals in backticks: shown as HTML, escaped, with `<code>` in their place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Prose(String);

impl Prose {
    /// As it is.
    pub(crate) fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// As a sentence: messages are written for the middle of a line, without a capital and a full stop.
    pub(crate) fn sentence(message: &str) -> Self {
        let mut letters = message.chars();
        let mut text: String = letters
            .next()
            .into_iter()
            .flat_map(char::to_uppercase)
            .collect();
        text.push_str(letters.as_str());
        if text.ends_with(|last: char| last.is_alphanumeric() || matches!(last, '`' | ')' | '”'))
        {
            text.push('.');
        }
        Self(text)
    }
}

/// What [`Display`] writes is escaped.
impl HtmlSafe for Prose {}

impl Display for Prose {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let mut rest = self.0.as_str();
        while let Some((before, literal, after)) = literal(rest) {
            Html.write_escaped_str(&mut *f, before)?;
            f.write_str("<code>")?;
            Html.write_escaped_str(&mut *f, literal)?;
            f.write_str("</code>")?;
            rest = after;
        }
        Html.write_escaped_str(f, rest)
    }
}

/// The first pair of backticks: what is before, between and after it.
fn literal(text: &str) -> Option<(&str, &str, &str)> {
    let (before, rest) = text.split_once('`')?;
    let (literal, after) = rest.split_once('`')?;
    Some((before, literal, after))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn literals_become_code_and_everything_is_escaped() {
        let prose = Prose::new("give `a<b>` & a ` alone");
        assert_eq!(
            prose.to_string(),
            "give <code>a&#60;b&#62;</code> &#38; a ` alone"
        );
    }

    #[test]
    fn a_message_becomes_a_sentence() {
        let said = |message| Prose::sentence(message).to_string();
        assert_eq!(said("this link is used"), "This link is used.");
        assert_eq!(said("Try again!"), "Try again!");
        assert_eq!(said(""), "");
    }
}
