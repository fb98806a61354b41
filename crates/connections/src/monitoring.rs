//! The same connection seen from Microsoft's side: queries for the logs of Entra and Microsoft Graph, ready to be pasted, and the
//! page where a person sees what they consented to.
//!
//! Sources: <https://learn.microsoft.com/entra/identity/monitoring-health/concept-sign-ins>,
//! <https://learn.microsoft.com/graph/microsoft-graph-activity-logs-overview>,
//! <https://learn.microsoft.com/azure/azure-monitor/reference/tables/microsoftgraphactivitylogs>

use model::{Api, ConnectionId, ConnectionMethod};
use serde::Serialize;
use store::{ActivityFilter, Page};

use crate::{Caller, Lifecycle, Result, Snapshot};

/// Lines of activity that are looked through for the latest ids.
const LINES: i64 = 50;

/// Where and how Microsoft's own logs tell of a connection.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Monitoring {
    /// Where the queries are run: Log Analytics, once the tenant sends its logs there.
    pub portal: String,
    pub queries: Vec<Query>,
    /// Where the connected user sees and takes back consent; absent for applications, and where the cloud has no such page.
    pub consent_page: Option<String>,
}

/// One query in Kusto's language.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Query {
    pub name: &'static str,
    pub title: &'static str,
    pub query: String,
}

/// What narrows a query to one call.
#[derive(Debug, Default)]
struct Latest {
    uti: Option<String>,
    client_request_id: Option<String>,
    correlation_id: Option<String>,
}

impl Lifecycle {
    /// The queries for a connection, with the ids of its latest calls filled in.
    pub async fn monitoring(&self, caller: &Caller, id: ConnectionId) -> Result<Monitoring> {
        let connection = self.find(caller, &id.to_string()).await?;
        let snapshot = self.live.get(caller.workspace_id, connection.id).await?;
        let filter = ActivityFilter {
            connection: Some(connection.id),
            ..ActivityFilter::default()
        };
        let mut tx = self.context.store.read().await?;
        let lines = tx
            .activities(caller.workspace_id, &filter, Page::first(LINES))
            .await?;
        drop(tx);
        let mut latest = Latest::default();
        for line in lines {
            let remote = line.remote;
            latest.uti = latest.uti.or(remote.uti);
            latest.client_request_id = latest.client_request_id.or(remote.client_request_id);
            latest.correlation_id = latest.correlation_id.or(remote.correlation_id);
        }
        Ok(of(&snapshot, &latest))
    }
}

fn of(snapshot: &Snapshot, latest: &Latest) -> Monitoring {
    let delegated = snapshot.connection.method == ConnectionMethod::OAuth;
    let mut queries = vec![sign_ins(snapshot)];
    if let Some(id) = &latest.correlation_id {
        queries.push(sign_in(snapshot, id));
    }
    if snapshot.connection.service.api() == Api::Graph {
        queries.push(graph_activity(snapshot));
        if let Some(uti) = &latest.uti {
            queries.push(of_token(uti));
        }
        if let Some(id) = &latest.client_request_id {
            queries.push(of_request(id));
        }
    }
    let my_apps = snapshot.cloud.my_apps.as_ref().filter(|_| delegated);
    Monitoring {
        portal: snapshot.cloud.portal.to_string(),
        queries,
        consent_page: my_apps.map(ToString::to_string),
    }
}

/// The tables of sign-ins: those of people with and without a page shown, or those of applications.
fn tables(snapshot: &Snapshot) -> &'static str {
    match snapshot.connection.method {
        ConnectionMethod::OAuth => "union SigninLogs, AADNonInteractiveUserSignInLogs",
        ConnectionMethod::ServicePrincipal => "AADServicePrincipalSignInLogs",
    }
}

/// `| where` for the application, and for the user where there is one.
fn whose(snapshot: &Snapshot) -> String {
    let mut text = format!("| where AppId == {}", quoted(&snapshot.app.client_id));
    let identity = snapshot.connection.identity.as_ref();
    if let (ConnectionMethod::OAuth, Some(identity)) = (snapshot.connection.method, identity) {
        text.push_str("\n| where UserId == ");
        text.push_str(&quoted(&identity.object_id));
    }
    text
}

const SHOWN: &str = "| project TimeGenerated, ResultType, ResultDescription, ResourceDisplayName, IPAddress, CorrelationId, \
     UniqueTokenIdentifier";
const NEWEST: &str = "| order by TimeGenerated desc";

fn sign_ins(snapshot: &Snapshot) -> Query {
    Query {
        name: "sign_ins",
        title: "Sign-ins of this connection in the last seven days",
        query: format!(
            "{}\n| where TimeGenerated > ago(7d)\n{}\n{SHOWN}\n{NEWEST}",
            tables(snapshot),
            whose(snapshot)
        ),
    }
}

fn sign_in(snapshot: &Snapshot, correlation_id: &str) -> Query {
    Query {
        name: "sign_in_by_correlation_id",
        title: "The sign-in that failed last",
        query: format!(
            "{}\n| where TimeGenerated > ago(30d)\n| where CorrelationId == {}\n{SHOWN}",
            tables(snapshot),
            quoted(correlation_id)
        ),
    }
}

const REQUESTS: &str = "| project TimeGenerated, RequestMethod, RequestUri, ResponseStatusCode, RequestId, ClientRequestId, \
     SignInActivityId, IPAddress";

fn graph_activity(snapshot: &Snapshot) -> Query {
    Query {
        name: "graph_activity",
        title: "What Microsoft Graph was asked for in the last day",
        query: format!(
            "MicrosoftGraphActivityLogs\n| where TimeGenerated > ago(1d)\n{}\n{REQUESTS}\n{NEWEST}",
            whose(snapshot)
        ),
    }
}

/// `SignInActivityId` of a request is the `UniqueTokenIdentifier` of the sign-in that gave its token, and the token's `uti`.
fn of_token(uti: &str) -> Query {
    Query {
        name: "graph_activity_by_token",
        title: "Everything that was done with the latest token",
        query: format!(
            "MicrosoftGraphActivityLogs\n| where TimeGenerated > ago(7d)\n| where SignInActivityId == {}\n{REQUESTS}\n{NEWEST}",
            quoted(uti)
        ),
    }
}

fn of_request(id: &str) -> Query {
    Query {
        name: "graph_activity_by_request",
        title: "The latest request",
        query: format!(
            "MicrosoftGraphActivityLogs\n| where TimeGenerated > ago(7d)\n| where ClientRequestId == {}\n{REQUESTS}",
            quoted(id)
        ),
    }
}

/// A string of Kusto's. Ids come from Microsoft's answers as well, so that nothing in them may end it.
///
/// <https://learn.microsoft.com/kusto/query/scalar-data-types/string>
fn quoted(text: &str) -> String {
    let kept: String = text.chars().filter(|c| !c.is_control()).collect();
    format!("\"{}\"", kept.replace('\\', "\\\\").replace('"', "\\\""))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_in_an_id_ends_the_string() {
        assert_eq!(quoted("a\"b\\c\nd"), r#""a\"b\\cd""#);
    }
}
