//! The words of an expression.

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Word {
    /// `name`, `$count`, `@p1`, `Microsoft.Dynamics.CRM.In`; numbers, dates and GUIDs too, whole or in pieces.
    Name(String),
    /// What stands in quotes.
    Text(String),
    Mark(char),
}

/// `None` where a quote does not close, or a letter is none that expressions are made of.
pub(super) fn of(text: &str) -> Option<Vec<Word>> {
    let mut words = Vec::new();
    let mut rest = text;
    while let Some(letter) = rest.chars().next() {
        let length = match letter {
            ' ' => 1,
            '\'' => {
                let (inner, length) = quoted(rest)?;
                words.push(Word::Text(inner));
                length
            }
            '(' | ')' | '/' | ':' | ',' | '=' | '-' | '+' | '*' | '[' | ']' => {
                words.push(Word::Mark(letter));
                1
            }
            letter if is_of_a_name(letter) => {
                let end = rest.find(|c| !is_of_a_name(c)).unwrap_or(rest.len());
                words.push(Word::Name(rest[..end].to_owned()));
                end
            }
            _ => return None,
        };
        rest = &rest[length..];
    }
    Some(without_times(words))
}

fn is_of_a_name(letter: char) -> bool {
    letter.is_ascii_alphanumeric() || matches!(letter, '_' | '.' | '$' | '@')
}

/// `'it''s'`, with its length.
fn quoted(text: &str) -> Option<(String, usize)> {
    let mut inner = String::new();
    let mut letters = text.char_indices().skip(1).peekable();
    while let Some((at, letter)) = letters.next() {
        match letter {
            '\'' if letters.next_if(|(_, next)| *next == '\'').is_some() => inner.push('\''),
            '\'' => return Some((inner, at + 1)),
            letter => inner.push(letter),
        }
    }
    None
}

/// The colons of a time, `2026-11-23T10:00:00Z`, are those of no variable.
fn without_times(words: Vec<Word>) -> Vec<Word> {
    let is_number = |word: Option<&Word>| match word {
        Some(Word::Name(name)) => name.bytes().next().is_some_and(|b| b.is_ascii_digit()),
        _ => false,
    };
    let is_of_a_time = |at: usize| {
        words[at] == Word::Mark(':')
            && at > 0
            && is_number(words.get(at - 1))
            && is_number(words.get(at + 1))
    };
    let kept: Vec<bool> = (0..words.len()).map(|at| !is_of_a_time(at)).collect();
    let mut kept = kept.into_iter();
    words
        .into_iter()
        .filter(|_| kept.next().unwrap_or(true))
        .collect()
}
