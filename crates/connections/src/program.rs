//! Programs that the operator configured and that print a secret: a source of assertions, or the client of a key store.

#[cfg(test)]
mod tests;

use std::process::Stdio;
use std::time::Duration;

use microsoft::LARGEST_ASSERTION;
use secrecy::SecretString;
use tokio::io::{AsyncRead, AsyncReadExt};
use tokio::process::Command;
use tokio::time::timeout;
use zeroize::Zeroizing;

/// What the server itself may have been told a secret by, and no other program needs.
const OURS: [&str; 5] = [
    "CONSENTRY_MASTER_KEY",
    "CONSENTRY_MASTER_KEY__VALUE",
    "CONSENTRY_DATABASE_URL",
    "CONSENTRY_DATA__DATABASE_URL",
    "CONSENTRY_API_KEY",
];

/// What the program prints; otherwise how it ended, as words that follow its name. It is killed after `patience`. What it says on
/// standard error is thrown away: a program that fails may print what it was given.
pub async fn printed_by(command: Command, patience: Duration) -> Result<SecretString, String> {
    let printed = timeout(patience, run(command)).await;
    printed.unwrap_or_else(|_| {
        let seconds = patience.as_secs();
        Err(format!("did not end within {seconds} seconds"))
    })
}

async fn run(mut command: Command) -> Result<SecretString, String> {
    for name in OURS {
        command.env_remove(name);
    }
    let mut child = command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .kill_on_drop(true)
        .spawn()
        .map_err(|error| format!("could not be run: {error}"))?;
    let output = child.stdout.take().ok_or("has no output")?;
    let text = bounded(output).await?;
    let status = child.wait().await.map_err(|error| error.to_string())?;
    if status.success() {
        Ok(text)
    } else {
        Err(format!("ended with {status}"))
    }
}

/// All that comes, if it is text of at most 32 KiB.
pub(crate) async fn bounded(from: impl AsyncRead + Unpin) -> Result<SecretString, String> {
    let mut bytes = Zeroizing::new(Vec::with_capacity(LARGEST_ASSERTION));
    let limit = LARGEST_ASSERTION as u64 + 1;
    let read = from.take(limit).read_to_end(&mut bytes).await;
    read.map_err(|error| format!("could not be read: {error}"))?;
    if bytes.len() > LARGEST_ASSERTION {
        return Err("gave more than 32 KiB".to_owned());
    }
    let text =
        std::str::from_utf8(&bytes).map_err(|_| "gave something that is no text".to_owned())?;
    Ok(text.into())
}
