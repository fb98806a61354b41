//! The runner in process: no server, no command, only what an operation itself costs.

use std::path::Path;
use std::time::Instant;

use ::operations::{Call, Runner};
use anyhow::{Context, Result, ensure};
use bytes::Bytes;
use connections::{Caller, TokenBroker};
use futures_util::stream::{self, StreamExt};
use microsoft::Content;
use model::{Actor, ConnectionId, KeyScope, MemberId, Role};
use serde_json::{Map, Value, json};
use tokio::task::JoinSet;
use tokio_util::io::ReaderStream;

use super::{AT_ONCE, LARGE, MESSAGES, PAGE, SMALL, SMALL_FILES};
use crate::bench::curl::noise;
use crate::bench::in_process::InProcess;
use crate::bench::installation::Installation;

const READ_AT_ONCE: usize = 256 * 1024;

#[derive(Clone)]
pub(super) struct Ours {
    runner: Runner,
    caller: Caller,
    mail: ConnectionId,
    drive: ConnectionId,
}

impl Ours {
    pub(super) async fn open(installation: &Installation, upstream: &str) -> Result<Self> {
        let ours = InProcess::open(installation, upstream).await?;
        let caller = Caller {
            workspace_id: ours.workspace,
            member_id: MemberId::generate(&*ours.context.clock, &*ours.context.random),
            role: Role::Owner,
            actor: Actor::System,
            scope: KeyScope::default(),
        };
        let broker = TokenBroker::new(ours.context.clone(), ours.live.clone());
        Ok(Self {
            runner: Runner::new(ours.context, ours.live, broker),
            caller,
            mail: id(&installation.connection)?,
            drive: id(&installation.drive)?,
        })
    }

    /// Every message as a line. Seconds.
    pub(super) async fn list(&self) -> Result<f64> {
        let begun = Instant::now();
        let input = json!({ "mailbox": "ben.okafor@contoso.com", "top": PAGE });
        let call = self.call(self.mail, "outlook.messages.list", &input)?;
        let mut lines = std::pin::pin!(self.runner.run_all(&call));
        let mut count = 0;
        while let Some(page) = lines.next().await {
            count += page?.split(|byte| *byte == b'\n').count() - 1;
        }
        ensure!(count == MESSAGES, "{count} messages came");
        Ok(begun.elapsed().as_secs_f64())
    }

    /// A large file from disk. Seconds.
    pub(super) async fn upload(&self, file: &Path) -> Result<f64> {
        let begun = Instant::now();
        let file = tokio::fs::File::open(file).await?;
        let content = Content {
            length: LARGE,
            bytes: ReaderStream::with_capacity(file, READ_AT_ONCE).boxed(),
        };
        let input = json!({ "driveId": "b!1", "parentId": "root", "fileName": "bench.bin" });
        let call = self.call(self.drive, "onedrive.files.createUploadSession", &input)?;
        self.runner.run_with(call, Some(content)).await?;
        Ok(begun.elapsed().as_secs_f64())
    }

    /// A large file to nowhere. Seconds.
    pub(super) async fn download(&self) -> Result<f64> {
        let begun = Instant::now();
        let bytes = self.fetch("large").await?;
        ensure!(bytes == LARGE, "{bytes} bytes came");
        Ok(begun.elapsed().as_secs_f64())
    }

    /// Files a second.
    pub(super) async fn small_up(&self) -> Result<f64> {
        let (begun, bytes) = (Instant::now(), Bytes::from(noise(SMALL)));
        each(|number| {
            let (ours, bytes) = (self.clone(), bytes.clone());
            async move {
                let content = Content {
                    length: SMALL as u64,
                    bytes: stream::once(async { Ok(bytes) }).boxed(),
                };
                let input = json!({ "driveId": "b!1", "parentId": "root", "fileName": format!("{number}.bin") });
                let call = ours.call(ours.drive, "onedrive.files.upload", &input)?;
                ours.runner.run_with(call, Some(content)).await?;
                Ok(())
            }
        })
        .await?;
        Ok(per_second(begun))
    }

    /// Files a second.
    pub(super) async fn small_down(&self) -> Result<f64> {
        let begun = Instant::now();
        each(|number| {
            let ours = self.clone();
            async move {
                let bytes = ours.fetch(&format!("small-{number}")).await?;
                ensure!(bytes == SMALL as u64, "{bytes} bytes came");
                Ok(())
            }
        })
        .await?;
        Ok(per_second(begun))
    }

    async fn fetch(&self, item: &str) -> Result<u64> {
        let input = json!({ "driveId": "b!1", "itemId": item });
        let call = self.call(self.drive, "onedrive.files.download", &input)?;
        let mut file = self.runner.download(call).await?;
        let mut count = 0;
        while let Some(piece) = file.bytes.next().await {
            count += piece?.len() as u64;
        }
        Ok(count)
    }

    fn call<'a>(
        &'a self,
        connection: ConnectionId,
        operation: &'a str,
        input: &Value,
    ) -> Result<Call<'a>> {
        let input: &Map<String, Value> = input.as_object().context("an input is an object")?;
        Ok(Call {
            caller: &self.caller,
            connection,
            operation,
            input: input.clone(),
            cursor: None,
            idempotency_key: None,
        })
    }
}

/// All small files, so many at once, on all cores.
async fn each<F>(one: impl Fn(usize) -> F + Send) -> Result<()>
where
    F: Future<Output = Result<()>> + Send + 'static,
{
    let mut running = JoinSet::new();
    for number in 0..SMALL_FILES {
        if running.len() == AT_ONCE
            && let Some(done) = running.join_next().await
        {
            done??;
        }
        running.spawn(one(number));
    }
    while let Some(done) = running.join_next().await {
        done??;
    }
    Ok(())
}

fn per_second(begun: Instant) -> f64 {
    f64::from(u32::try_from(SMALL_FILES).unwrap_or(u32::MAX)) / begun.elapsed().as_secs_f64()
}

fn id(text: &str) -> Result<ConnectionId> {
    text.parse().ok().context("the connection's id is none")
}
