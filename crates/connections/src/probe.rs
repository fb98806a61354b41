//! The closed list of requests that a connection test may send. They read, and they read little.

use std::time::Duration;

use microsoft::{AccessToken, ApiCall, ApiClient, GraphFault, Incoming, Repeat, Target};
use model::{ConnectionMethod, Service};

use crate::test::{TestStep, step};
use crate::{Context, Snapshot};

const PATIENCE: Duration = Duration::from_secs(15);
/// Enough for any error that explains itself.
const ANSWER_LIMIT: usize = 64 * 1024;

/// One question, and what its answer tells.
struct Probe {
    path: &'static str,
    works: &'static str,
    /// What the failure means where the service does not say it in words.
    fails: &'static str,
}

/// The probes of the connection: an application has no mailbox of its own to look at.
fn of(snapshot: &Snapshot) -> Vec<Probe> {
    let as_user = |path| {
        vec![Probe {
            path,
            works: "Microsoft answered",
            fails: "",
        }]
    };
    match (snapshot.connection.service, snapshot.connection.method) {
        (Service::Outlook, ConnectionMethod::OAuth) => as_user("/me/mailFolders?$top=1&$select=id"),
        (Service::Teams, ConnectionMethod::OAuth) => as_user("/me/joinedTeams?$select=id"),
        (Service::OneDrive, ConnectionMethod::OAuth) => as_user("/me/drive?$select=id"),
        (Service::SharePoint, ConnectionMethod::OAuth) => as_user("/sites/root?$select=id"),
        (Service::Crm, _) => vec![WHO_AM_I],
        (Service::FieldService, _) => vec![WHO_AM_I, FIELD_SERVICE],
        (Service::BusinessCentral, _) => vec![COMPANIES],
        _ => Vec::new(),
    }
}

/// <https://learn.microsoft.com/power-apps/developer/data-platform/webapi/use-web-api-functions>
const WHO_AM_I: Probe = Probe {
    path: "/WhoAmI",
    works: "the environment knows the application user",
    fails: "make an application user for this client id in the environment, and give it a security role",
};
const FIELD_SERVICE: Probe = Probe {
    path: "/EntityDefinitions(LogicalName='msdyn_workorder')?$select=LogicalName",
    works: "Field Service is installed",
    fails: "Field Service is not installed in the environment, or the application user may not see its tables",
};
/// <https://learn.microsoft.com/dynamics365/business-central/dev-itpro/api-reference/v2.0/api/dynamics_company_get>
const COMPANIES: Probe = Probe {
    path: "/companies?$select=id,name",
    works: "Business Central lists its companies",
    fails: "register the client id on the page Microsoft Entra Applications of Business Central, enable it and give it permission sets",
};

/// Sends the probes, one after the other, up to the first that fails. Empty where there is none.
pub(crate) async fn run(
    context: &Context,
    snapshot: &Snapshot,
    token: &AccessToken,
) -> Vec<TestStep> {
    let mut steps = Vec::new();
    for probe in of(snapshot) {
        let step = ask(context, snapshot, token, &probe).await;
        let ok = step.ok;
        steps.push(step);
        if !ok {
            break;
        }
    }
    steps
}

async fn ask(
    context: &Context,
    snapshot: &Snapshot,
    token: &AccessToken,
    probe: &Probe,
) -> TestStep {
    let target = Target::Path {
        api: snapshot.connection.service.api(),
        environment: snapshot.environment.clone(),
        path_and_query: probe.path.to_owned(),
    };
    let mut call = ApiCall::new(target, http::Method::GET, token.clone(), Repeat::Safe);
    call.deadline = PATIENCE;
    let client = ApiClient::new(context.transport.clone());
    match client.send(&snapshot.cloud, call).await {
        Ok(answer) if answer.status.is_success() => step(snapshot, true, probe.works.to_owned()),
        Ok(answer) => step(snapshot, false, refused(answer, probe).await),
        Err(error) => step(snapshot, false, error.to_string()),
    }
}

/// Microsoft's own words, and what they mean here.
async fn refused(answer: Incoming, probe: &Probe) -> String {
    let (status, headers) = (answer.status, answer.headers);
    let body = answer.body.bytes(ANSWER_LIMIT).await.unwrap_or_default();
    let fault = GraphFault::parse(status, &headers, &body);
    let mut told = format!("Microsoft answered {status}");
    if !fault.message.is_empty() {
        told.push_str(": ");
        told.push_str(&fault.message);
    }
    if !probe.fails.is_empty() {
        told.push_str("; ");
        told.push_str(probe.fails);
    }
    told
}
