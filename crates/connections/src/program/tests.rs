use std::time::Duration;

use secrecy::ExposeSecret;
use tokio::process::Command;

use super::printed_by;

fn shell(line: &str) -> Command {
    let mut command = Command::new("sh");
    command.arg("-c").arg(line);
    command
}

#[tokio::test(start_paused = true)]
async fn a_program_that_does_not_end_is_not_waited_for() {
    let hanging = printed_by(shell("exec sleep 1000"), Duration::from_secs(30)).await;
    assert_eq!(hanging.unwrap_err(), "did not end within 30 seconds");
}

#[tokio::test]
async fn a_program_does_not_get_our_secrets() {
    let mut command = shell("echo \"$CONSENTRY_MASTER_KEY|$CONSENTRY_DATABASE_URL|$OTHER\"");
    for name in ["CONSENTRY_MASTER_KEY", "CONSENTRY_DATABASE_URL", "OTHER"] {
        command.env(name, "told");
    }
    let printed = printed_by(command, Duration::from_mins(1)).await.unwrap();
    assert_eq!(printed.expose_secret().trim(), "||told");
}
