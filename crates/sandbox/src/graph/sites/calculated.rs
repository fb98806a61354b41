//! Values of calculated columns: `=[Price]*[Quantity]`, `=[First]&" "&[Last]`. Numbers, texts, columns, the four operations
//! and `&` are understood; any other formula shows `#NAME?`, as SharePoint does of a name that it does not know.
//! Source: <https://learn.microsoft.com/graph/api/resources/calculatedcolumn>

use serde_json::{Map, Value, json};

use crate::state::sites::column::Column;
use crate::state::sites::list::List;

/// The value that a column has of these others; none when it comes out empty.
pub(super) fn value(column: &Column, list: &List, kept: &Map<String, Value>) -> Option<Value> {
    let formula = column.facet.get("formula").and_then(Value::as_str)?;
    let output = column.facet.get("outputType").and_then(Value::as_str);
    let mut reader = Reader {
        rest: formula.trim_start_matches('='),
        list,
        kept,
    };
    let result = reader.joined().filter(|_| reader.rest.trim().is_empty());
    Some(match result {
        None => json!("#NAME?"),
        Some(Operand::Number(number)) if output == Some("text") => json!(plain(number)),
        Some(Operand::Number(number)) => json!(number),
        Some(Operand::Text(text)) => json!(text),
    })
}

enum Operand {
    Number(f64),
    Text(String),
}

impl Operand {
    fn number(&self) -> Option<f64> {
        match self {
            Self::Number(number) => Some(*number),
            Self::Text(text) if text.is_empty() => Some(0.0),
            Self::Text(_) => None,
        }
    }

    fn text(self) -> String {
        match self {
            Self::Number(number) => plain(number),
            Self::Text(text) => text,
        }
    }
}

fn plain(number: f64) -> String {
    format!("{number}")
}

struct Reader<'a> {
    rest: &'a str,
    list: &'a List,
    kept: &'a Map<String, Value>,
}

impl Reader<'_> {
    fn takes(&mut self, sign: char) -> bool {
        let rest = self.rest.trim_start();
        match rest.strip_prefix(sign) {
            Some(rest) => {
                self.rest = rest;
                true
            }
            None => false,
        }
    }

    fn joined(&mut self) -> Option<Operand> {
        let mut left = self.sum()?;
        while self.takes('&') {
            let right = self.sum()?;
            left = Operand::Text(left.text() + &right.text());
        }
        Some(left)
    }

    fn sum(&mut self) -> Option<Operand> {
        let mut left = self.product()?;
        loop {
            let sign = if self.takes('+') {
                1.0
            } else if self.takes('-') {
                -1.0
            } else {
                return Some(left);
            };
            let right = self.product()?.number()?;
            left = Operand::Number(left.number()? + sign * right);
        }
    }

    fn product(&mut self) -> Option<Operand> {
        let mut left = self.operand()?;
        loop {
            if self.takes('*') {
                left = Operand::Number(left.number()? * self.operand()?.number()?);
            } else if self.takes('/') {
                let divisor = self.operand()?.number()?;
                if divisor == 0.0 {
                    return Some(Operand::Text("#DIV/0!".to_owned()));
                }
                left = Operand::Number(left.number()? / divisor);
            } else {
                return Some(left);
            }
        }
    }

    fn operand(&mut self) -> Option<Operand> {
        if self.takes('[') {
            let (name, rest) = self.rest.split_once(']')?;
            self.rest = rest;
            return self.column(name);
        }
        if self.takes('"') {
            let (text, rest) = self.rest.split_once('"')?;
            self.rest = rest;
            return Some(Operand::Text(text.to_owned()));
        }
        let rest = self.rest.trim_start();
        let is_part = |c: char| c.is_ascii_alphanumeric() || c == '.' || c == '_';
        let end = rest.find(|c| !is_part(c)).unwrap_or(rest.len());
        let (word, rest) = rest.split_at(end);
        self.rest = rest;
        match word.parse() {
            Ok(number) => Some(Operand::Number(number)),
            Err(_) => self.column(word),
        }
    }

    /// The value of a column by its title or its internal name.
    fn column(&self, name: &str) -> Option<Operand> {
        let mut columns = self.list.columns.iter();
        let column = columns.find(|column| {
            column.display_name.eq_ignore_ascii_case(name) || column.name.eq_ignore_ascii_case(name)
        })?;
        Some(match self.kept.get(&column.name) {
            None | Some(Value::Null) => Operand::Text(String::new()),
            Some(Value::Number(number)) => Operand::Number(number.as_f64()?),
            Some(Value::String(text)) => Operand::Text(text.clone()),
            Some(other) => Operand::Text(other.to_string()),
        })
    }
}
