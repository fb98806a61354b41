//! How long tokens took, as a server counts it at `/metrics`.

use std::collections::BTreeMap;

use anyhow::{Context, Result, ensure};
use tokio::net::TcpStream;

use crate::bench::client::{self, Connection};

const MEMORY: &str = "consentry_token_read_seconds_bucket{from=\"memory\",le=\"";
const WAITED: &str = "consentry_token_read_seconds_count{from=\"renewal\"} ";

/// Reads of tokens, of one server or several.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Reads {
    /// By where a bucket ends, in microseconds: how many took as long or less.
    memory: BTreeMap<u64, u64>,
    waited: u64,
}

pub(super) async fn reads(address: &str) -> Result<Reads> {
    let mut connection = Connection::new(TcpStream::connect(address).await?);
    let answer = connection
        .send(&client::get("/metrics", address, None))
        .await?;
    ensure!(answer.status == 200, "no metrics: {}", answer.status);
    Reads::parse(&String::from_utf8_lossy(answer.body))
        .context("the metrics do not tell how long tokens took")
}

impl Reads {
    fn parse(text: &str) -> Option<Self> {
        let mut reads = Self::default();
        for line in text.lines() {
            if let Some(rest) = line.strip_prefix(WAITED) {
                reads.waited = rest.parse().ok()?;
            }
            let Some((end, number)) = line
                .strip_prefix(MEMORY)
                .and_then(|rest| rest.split_once("\"} "))
            else {
                continue;
            };
            let end = if end == "+Inf" {
                u64::MAX
            } else {
                micros(end.parse().ok()?)
            };
            reads.memory.insert(end, number.parse().ok()?);
        }
        (!reads.memory.is_empty()).then_some(reads)
    }

    pub(super) fn add(&mut self, other: &Self) {
        for (end, number) in &other.memory {
            *self.memory.entry(*end).or_default() += number;
        }
        self.waited += other.waited;
    }

    pub(super) fn since(&self, before: &Self) -> Self {
        let earlier = |end: &u64| before.memory.get(end).copied().unwrap_or(0);
        let memory = self.memory.iter();
        Self {
            memory: memory
                .map(|(end, number)| (*end, number - earlier(end)))
                .collect(),
            waited: self.waited - before.waited,
        }
    }

    /// All that came from memory.
    pub(super) fn memory(&self) -> u64 {
        self.memory.get(&u64::MAX).copied().unwrap_or(0)
    }

    pub(super) fn waited(&self) -> u64 {
        self.waited
    }

    /// Microseconds that this part of the reads from memory took at most.
    #[expect(clippy::cast_precision_loss, reason = "counts are small")]
    pub(super) fn memory_within(&self, part: f64) -> f64 {
        let wanted = self.memory() as f64 * part;
        let bucket = self
            .memory
            .iter()
            .find(|(_, number)| **number as f64 >= wanted);
        match bucket {
            Some((&u64::MAX, _)) | None => f64::INFINITY,
            Some((end, _)) => *end as f64,
        }
    }
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "ends of buckets are seconds at most"
)]
fn micros(seconds: f64) -> u64 {
    (seconds * 1e6).round() as u64
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "# TYPE consentry_token_read_seconds histogram
consentry_token_read_seconds_bucket{from=\"memory\",le=\"0.000001\"} 90
consentry_token_read_seconds_bucket{from=\"memory\",le=\"0.001\"} 99
consentry_token_read_seconds_bucket{from=\"memory\",le=\"+Inf\"} 100
consentry_token_read_seconds_count{from=\"memory\"} 100
consentry_token_read_seconds_count{from=\"renewal\"} 3
";

    #[test]
    fn a_part_of_the_reads_took_as_long_as_its_bucket_says() {
        let reads = Reads::parse(TEXT).unwrap_or_default();
        assert_eq!((reads.memory(), reads.waited()), (100, 3));
        assert!((reads.memory_within(0.5) - 1.0).abs() < f64::EPSILON);
        assert!((reads.memory_within(0.99) - 1000.0).abs() < f64::EPSILON);
        assert!(reads.memory_within(0.999).is_infinite());
        assert_eq!(reads.since(&reads).memory(), 0);
    }
}
