use crate::Operation;
use crate::compiled::OPERATIONS;

/// Operations in which every word stands, in id, title, summary or a parameter's name; those with the words in id and title first.
pub fn search(words: &str) -> Vec<&'static Operation> {
    let words: Vec<_> = words.split_whitespace().map(str::to_lowercase).collect();
    let mut found: Vec<_> = OPERATIONS
        .iter()
        .filter_map(|operation| Some((weight(operation, &words)?, operation)))
        .collect();
    found.sort_by_key(|(weight, _)| std::cmp::Reverse(*weight));
    found.into_iter().map(|(_, operation)| operation).collect()
}

/// What a word weighs that is a whole part of an id, and a whole word of a title: `mail` says more there than in `mailbox`.
const WHOLE_SEGMENT: usize = 6;
const WHOLE_WORD: usize = 5;

fn weight(operation: &Operation, words: &[String]) -> Option<usize> {
    let names: Vec<_> = operation
        .parameters
        .iter()
        .map(|parameter| parameter.name)
        .collect();
    let places = [
        (4, operation.id.to_lowercase()),
        (3, operation.title.to_lowercase()),
        (1, operation.summary.to_lowercase()),
        (1, names.join(" ").to_lowercase()),
    ];
    let best = |word: &String| {
        let held = places
            .iter()
            .filter(|(_, text)| text.contains(word.as_str()));
        let in_text = held.map(|(weight, _)| *weight).max();
        let is_segment = operation
            .id
            .split('.')
            .any(|part| part.eq_ignore_ascii_case(word));
        let mut title = operation.title.split_whitespace();
        if is_segment {
            Some(WHOLE_SEGMENT)
        } else if title.any(|part| part.eq_ignore_ascii_case(word)) {
            Some(WHOLE_WORD)
        } else {
            in_text
        }
    };
    words.iter().map(best).sum()
}

/// The `n` ids that are most like `id`, for a hint after a slip.
pub fn nearest(id: &str, n: usize) -> Vec<&'static str> {
    let wanted = id.to_lowercase();
    let mut ids: Vec<_> = OPERATIONS
        .iter()
        .map(|operation| {
            (
                distance(&wanted, &operation.id.to_lowercase()),
                operation.id,
            )
        })
        .collect();
    ids.sort_unstable();
    ids.into_iter().take(n).map(|(_, id)| id).collect()
}

/// Levenshtein's: letters put in, left out or changed.
fn distance(one: &str, other: &str) -> usize {
    // An id is short; what is longer is no slip, and its length shall cost nothing.
    let one: Vec<_> = one.chars().take(100).collect();
    let other: Vec<_> = other.chars().collect();
    let mut row: Vec<_> = (0..=other.len()).collect();
    for (i, letter) in one.iter().enumerate() {
        let mut diagonal = std::mem::replace(&mut row[0], i + 1);
        for (j, against) in other.iter().enumerate() {
            let changed = diagonal + usize::from(letter != against);
            diagonal = row[j + 1];
            row[j + 1] = changed.min(row[j] + 1).min(diagonal + 1);
        }
    }
    row[other.len()]
}
