//! Items of all pages as they come, so that memory stays flat however many there are.

use futures_util::StreamExt;
use memchr::memchr;
use reqwest::Response;
use serde_json::Value;

use super::broke_off;
use super::delta::{Mark, mark};
use crate::client;
use crate::exit::Failure;
use crate::output::{self, Output};

/// Prints a line for each, or with `--json` one array, which is closed whatever happens.
pub(super) async fn print(response: Response, output: Output) -> anyhow::Result<()> {
    print_round(response, output).await.map(drop)
}

/// The same; the last line of a round of changes comes back instead of being printed.
pub(super) async fn print_round(
    response: Response,
    output: Output,
) -> anyhow::Result<Option<Value>> {
    let mut items = Items {
        output,
        count: 0,
        shown: Vec::new(),
        last: None,
    };
    let outcome = items.take_all(response).await;
    items.close()?;
    outcome.map_err(|error| match error.downcast::<Failure>() {
        Ok(failure) => anyhow::Error::from(failure.after_output()),
        Err(error) => error,
    })?;
    Ok(items.last)
}

struct Items {
    output: Output,
    count: usize,
    /// What goes out with the chunk at hand.
    shown: Vec<u8>,
    /// How a round of changes ended.
    last: Option<Value>,
}

impl Items {
    async fn take_all(&mut self, response: Response) -> anyhow::Result<()> {
        let mut stream = response.bytes_stream();
        let mut begun = Vec::new();
        while let Some(chunk) = stream.next().await {
            let outcome = self.read(&mut begun, &chunk.map_err(|error| broke_off(&error))?);
            self.show()?;
            outcome?;
        }
        let outcome = self.read(&mut begun, b"\n");
        self.show()?;
        outcome
    }

    fn show(&mut self) -> anyhow::Result<()> {
        output::bytes(&self.shown)?;
        self.shown.clear();
        Ok(())
    }

    /// Every line that ends in it; what has only begun is kept.
    fn read(&mut self, begun: &mut Vec<u8>, mut chunk: &[u8]) -> anyhow::Result<()> {
        while let Some(end) = memchr(b'\n', chunk) {
            if begun.is_empty() {
                self.take(&chunk[..end])?;
            } else {
                begun.extend_from_slice(&chunk[..end]);
                self.take(begun)?;
                begun.clear();
            }
            chunk = &chunk[end + 1..];
        }
        begun.extend_from_slice(chunk);
        Ok(())
    }

    fn take(&mut self, line: &[u8]) -> anyhow::Result<()> {
        let line = line.trim_ascii();
        if line.is_empty() {
            return Ok(());
        }
        if let Some(failure) = last_words(line) {
            return Err(failure.into());
        }
        if let Some(Mark::Last(last)) = mark(line) {
            self.last = Some(last);
            return Ok(());
        }
        if self.output.is_json() {
            self.shown.push(if self.count == 0 { b'[' } else { b',' });
            self.shown.extend_from_slice(line);
        } else {
            self.shown.extend_from_slice(line);
            self.shown.push(b'\n');
        }
        self.count += 1;
        Ok(())
    }

    fn close(&self) -> anyhow::Result<()> {
        if self.output.is_json() {
            output::line(if self.count == 0 { "[]" } else { "]" })?;
        }
        Ok(())
    }
}

/// What goes wrong after the first page is the last line: `{"problem": {…}}`, and nothing else in it.
fn last_words(line: &[u8]) -> Option<Failure> {
    if !line.starts_with(br#"{"problem":"#) {
        return None;
    }
    let Ok(Value::Object(mut line)) = serde_json::from_slice(line) else {
        return None;
    };
    let is_alone = line.len() == 1;
    let problem = line.remove("problem")?;
    let is_ours = problem["type"]
        .as_str()
        .is_some_and(|kind| kind.starts_with("urn:consentry:problem:"));
    (is_alone && is_ours).then(|| client::failure_of(problem))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_may_come_in_any_pieces() {
        let all = b"{\"a\":1}\n\n{\"b\":2}\r\n{\"c\":3}";
        for cut in 0..all.len() {
            let mut items = Items {
                output: Output::new(true),
                count: 0,
                shown: Vec::new(),
                last: None,
            };
            let mut begun = Vec::new();
            for chunk in [&all[..cut], &all[cut..], b"\n"] {
                items.read(&mut begun, chunk).expect("no problem is in it");
            }
            assert_eq!(items.shown, br#"[{"a":1},{"b":2},{"c":3}"#, "cut at {cut}");
        }
    }

    #[test]
    fn only_the_servers_own_last_line_is_a_failure() {
        let ours = br#"{"problem":{"type":"urn:consentry:problem:throttled","status":429,"code":"throttled","detail":"too much"}}"#;
        let failure = last_words(ours).map(|failure| failure.to_string());
        assert_eq!(failure.as_deref(), Some("too much (throttled)"));
        let theirs = [
            r#"{"subject":"Hello"}"#,
            r#"{"problem":"none"}"#,
            r#"{"problem":{"type":"urn:consentry:problem:x"},"subject":"Hello"}"#,
        ];
        for line in theirs {
            assert!(last_words(line.as_bytes()).is_none(), "{line}");
        }
    }
}
