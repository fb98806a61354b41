//! Items of all pages as they come, so that memory stays flat however many there are.

use futures_util::StreamExt;
use reqwest::Response;
use serde_json::Value;

use super::broke_off;
use crate::client;
use crate::exit::Failure;
use crate::output::{self, Output};

/// Prints a line for each, or with `--json` one array, which is closed whatever happens.
pub(super) async fn print(response: Response, output: Output) -> anyhow::Result<()> {
    let mut items = Items { output, count: 0 };
    let outcome = items.take_all(response).await;
    items.close()?;
    outcome.map_err(|error| match error.downcast::<Failure>() {
        Ok(failure) => failure.after_output().into(),
        Err(error) => error,
    })
}

struct Items {
    output: Output,
    count: usize,
}

impl Items {
    async fn take_all(&mut self, response: Response) -> anyhow::Result<()> {
        let mut stream = response.bytes_stream();
        let mut rest = Vec::new();
        while let Some(chunk) = stream.next().await {
            rest.extend_from_slice(&chunk.map_err(|error| broke_off(&error))?);
            while let Some(end) = rest.iter().position(|byte| *byte == b'\n') {
                let line: Vec<u8> = rest.drain(..=end).collect();
                self.take(&line)?;
            }
        }
        self.take(&rest)
    }

    fn take(&mut self, line: &[u8]) -> anyhow::Result<()> {
        let line = line.trim_ascii();
        if line.is_empty() {
            return Ok(());
        }
        if let Some(failure) = last_words(line) {
            return Err(failure.into());
        }
        if self.output.is_json() {
            output::bytes(if self.count == 0 { b"[" } else { b"," })?;
            output::bytes(line)?;
        } else {
            output::line(String::from_utf8_lossy(line))?;
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
