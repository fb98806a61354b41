//! The closed list of requests that a connection test may send. They read, and they read little.

use std::time::Duration;

use microsoft::{ApiCall, ApiClient, Repeat, Target};
use model::{Api, ConnectionMethod, Service};

use crate::test::{TestStep, step};
use crate::{Context, Snapshot, Token};

const PATIENCE: Duration = Duration::from_secs(15);

/// Path of the probe, where the connection has one: an application has no mailbox of its own to look at.
fn path(snapshot: &Snapshot) -> Option<&'static str> {
    match (snapshot.connection.service, snapshot.connection.method) {
        (Service::Outlook, ConnectionMethod::OAuth) => Some("/me/mailFolders?$top=1&$select=id"),
        (Service::Teams, ConnectionMethod::OAuth) => Some("/me/joinedTeams?$select=id"),
        (Service::OneDrive, ConnectionMethod::OAuth) => Some("/me/drive?$select=id"),
        (Service::SharePoint, ConnectionMethod::OAuth) => Some("/sites/root?$select=id"),
        _ => None,
    }
}

/// Sends the probe. `None` where there is none.
pub(crate) async fn run(context: &Context, snapshot: &Snapshot, token: &Token) -> Option<TestStep> {
    let target = Target::Path {
        api: Api::Graph,
        environment: None,
        path_and_query: path(snapshot)?.to_owned(),
    };
    let mut call = ApiCall::new(
        target,
        http::Method::GET,
        token.access.clone(),
        Repeat::Safe,
    );
    call.deadline = PATIENCE;
    Some(
        match ApiClient::new(context.transport.clone())
            .send(&snapshot.cloud, call)
            .await
        {
            Ok(answer) if answer.status.is_success() => {
                step(snapshot, true, "Microsoft answered".to_owned())
            }
            Ok(answer) => step(
                snapshot,
                false,
                format!("Microsoft answered {}", answer.status),
            ),
            Err(error) => step(snapshot, false, error.to_string()),
        },
    )
}
