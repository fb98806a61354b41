//! The one place that writes to stdout and stderr.

use std::fmt::Display;
use std::io::{self, IsTerminal, Write};

use comfy_table::{Table, presets};
use serde::Serialize;

use crate::environment;

/// How results are to be shown.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Output {
    json: bool,
}

impl Output {
    pub(crate) fn new(json: bool) -> Self {
        Self { json }
    }

    pub(crate) fn is_json(self) -> bool {
        self.json
    }

    /// The result of a command: a document for programs, or text for people.
    pub(crate) fn show(
        self,
        document: &impl Serialize,
        text: impl FnOnce() -> String,
    ) -> io::Result<()> {
        if self.json {
            self.document(document)
        } else {
            line(text())
        }
    }

    /// A JSON document: indented where a person reads it, one line where a program does.
    pub(crate) fn document(self, document: &impl Serialize) -> io::Result<()> {
        let text = if self.json && !io::stdout().is_terminal() {
            serde_json::to_string(document)
        } else {
            serde_json::to_string_pretty(document)
        };
        line(text?)
    }
}

/// A line, or several, of data on stdout.
pub(crate) fn line(text: impl Display) -> io::Result<()> {
    let mut stdout = io::stdout().lock();
    writeln!(stdout, "{text}")?;
    stdout.flush()
}

/// Data on stdout as it is.
pub(crate) fn bytes(bytes: &[u8]) -> io::Result<()> {
    let mut stdout = io::stdout().lock();
    stdout.write_all(bytes)?;
    stdout.flush()
}

/// A line for people, on stderr. Should that be closed, nobody is there to miss it.
pub(crate) fn note(text: impl Display) {
    let _ = writeln!(io::stderr().lock(), "{text}");
}

/// Columns without lines between them, so that both people and `awk` can read them.
pub(crate) fn table<const N: usize>(
    head: [&str; N],
    rows: impl IntoIterator<Item = [String; N]>,
) -> String {
    let mut table = Table::new();
    table
        .load_style(presets::NOTHING)
        .set_header(head.map(str::to_uppercase));
    for row in rows {
        table.add_row(row);
    }
    for column in table.column_iter_mut() {
        column.set_padding((0, 2));
    }
    let text = table.to_string();
    let lines: Vec<_> = text.lines().map(str::trim_end).collect();
    lines.join("\n")
}

/// Whether a step worked, as it is shown on stderr.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mark {
    Good,
    Bad,
    Skipped,
}

impl Mark {
    pub(crate) fn of(ok: bool) -> Self {
        if ok { Self::Good } else { Self::Bad }
    }

    /// `✓`, `✗` or `–`.
    pub(crate) fn plain(self) -> &'static str {
        match self {
            Self::Good => "✓",
            Self::Bad => "✗",
            Self::Skipped => "–",
        }
    }

    /// The same for a stream: coloured where that is a terminal that wants colour.
    pub(crate) fn on(self, stream: &impl IsTerminal) -> String {
        if !stream.is_terminal() || environment::refuses_colour() {
            return self.plain().to_owned();
        }
        let colour = match self {
            Self::Good => 32,
            Self::Bad => 31,
            Self::Skipped => 33,
        };
        format!("\u{1b}[{colour}m{}\u{1b}[0m", self.plain())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_has_no_lines_and_nothing_at_the_end_of_its_rows() {
        let text = table(
            ["name", "state"],
            [
                ["a".to_owned(), "active".to_owned()],
                ["long".to_owned(), String::new()],
            ],
        );
        assert_eq!(text, "NAME  STATE\na     active\nlong");
    }
}
