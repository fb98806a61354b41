//! The page of one connection.

use std::collections::BTreeSet;

use askama::Template;
use axum::extract::{Path, Query, State};
use axum::response::Response;
use connections::{Monitoring, TestReport};
use model::{
    Api, AppRegistration, Connection, ConnectionMethod, ConnectionState, OperationKind, Role,
};
use serde::Deserialize;

use super::{ApprovalLine, acts_as, member_names};
use crate::App;
use crate::api::activity::Wanted;
use crate::problem::Problem;
use crate::ui::activity::{Line, lines};
use crate::ui::chrome::{Chrome, Section};
use crate::ui::explained::Explained;
use crate::ui::form::Form;
use crate::ui::integrations::unlocks;
use crate::ui::page::show_as;
use crate::ui::settings::{self, ProofLine};
use crate::ui::viewer::Viewer;
use crate::ui::words::{self, Badge, Fact, Moment, Notice};

/// Lines of activity below a connection.
const LINES: i64 = 8;

#[derive(Template)]
#[template(path = "connection.html")]
struct DetailPage {
    chrome: Chrome,
    connection: Connection,
    method: &'static str,
    state: Badge,
    state_hint: Option<&'static str>,
    diagnosis: Option<Explained>,
    report: Option<TestReport>,
    form: Form,
    acts_as: String,
    identity: Vec<Fact>,
    application: String,
    owner: String,
    created: Moment,
    permissions: Vec<PermissionState>,
    kinds: Vec<KindChoice>,
    /// Allowed sites, one to a line.
    sites: String,
    /// Allowed mailboxes, one to a line.
    mailboxes: String,
    /// Allowed tables of Dataverse, one to a line.
    tables: String,
    /// Allowed companies of Business Central, one to a line.
    companies: String,
    lines: Vec<Line>,
    monitoring: Monitoring,
    may_manage: bool,
    may_rotate: bool,
    approvals: Vec<ApprovalLine>,
    /// The registration's proofs, the newest first, for those who see registrations.
    proofs: Vec<ProofLine>,
    app_id: String,
}

struct PermissionState {
    name: String,
    badge: Badge,
    unlocks: &'static str,
}

struct KindChoice {
    value: &'static str,
    label: &'static str,
    hint: &'static str,
    is_checked: bool,
}

#[derive(Deserialize)]
pub(crate) struct DetailQuery {
    done: Option<String>,
}

/// What a form on the page has just led to.
#[derive(Default)]
pub(super) struct Just {
    pub(super) notice: Option<Notice>,
    pub(super) report: Option<TestReport>,
    pub(super) form: Form,
}

/// `GET /connections/{id}`
pub(crate) async fn get(
    State(app): State<App>,
    viewer: Viewer,
    Path(id): Path<String>,
    Query(query): Query<DetailQuery>,
) -> Result<Response, Problem> {
    let connection = app.lifecycle().find(&viewer.caller, &id).await?;
    let notice = query.done.as_deref().and_then(words::notice);
    page(
        &app,
        &viewer,
        connection,
        Just {
            notice,
            ..Just::default()
        },
    )
    .await
}

pub(super) async fn page(
    app: &App,
    viewer: &Viewer,
    connection: Connection,
    just: Just,
) -> Result<Response, Problem> {
    let registration = registration(app, &connection).await?;
    let wanted = Wanted {
        connection: Some(connection.id.to_string()),
        limit: Some(LINES),
        ..Wanted::default()
    };
    let (lines, _) = lines(app, viewer, wanted).await?;
    let monitoring = app
        .lifecycle()
        .monitoring(&viewer.caller, connection.id)
        .await?;
    let approval = app.lifecycle().oauth.approval_of(&connection).await?;
    let proofs = proofs(app, viewer, &connection).await?;
    let names = member_names(app, viewer).await?;
    let owner = names.get(&connection.owner).cloned();
    let may_manage = viewer.caller.may_manage(&connection);
    let status = just.form.status();
    let policy = &connection.policy;
    let sites = listed(policy.sites.as_ref(), &just.form, "sites");
    let mailboxes = listed(policy.mailboxes.as_ref(), &just.form, "mailboxes");
    let tables = listed(policy.tables.as_ref(), &just.form, "tables");
    let companies = listed(policy.companies.as_ref(), &just.form, "companies");
    let kinds = kinds(&connection, &just.form);
    let chrome = Chrome::new(viewer, Section::Connections, connection.name.clone())
        .under("/connections", "Connections")
        .saying(just.notice);
    let page = DetailPage {
        chrome,
        method: words::method(connection.method),
        state: words::state(connection.state),
        state_hint: hint(&connection),
        diagnosis: diagnosis(&connection, just.report.as_ref()),
        report: just.report,
        form: just.form,
        acts_as: acts_as(&connection),
        identity: identity(&connection),
        application: registration
            .map_or_else(String::new, |app| format!("{} in {}", app.name, app.cloud)),
        owner: owner.unwrap_or_else(|| "a former member".to_owned()),
        created: connection.created_at.into(),
        permissions: permissions(&connection),
        kinds,
        sites,
        mailboxes,
        tables,
        companies,
        lines,
        monitoring,
        approvals: approval.into_iter().map(ApprovalLine::from).collect(),
        proofs,
        app_id: connection.app_registration_id.to_string(),
        may_manage,
        may_rotate: may_manage && viewer.caller.role >= Role::Admin,
        connection,
    };
    show_as(status, &page)
}

impl DetailPage {
    /// Whether it may reach SharePoint and mailboxes at all.
    fn has_places(&self) -> bool {
        self.connection.service.api() == Api::Graph
    }

    fn has_tables(&self) -> bool {
        self.connection.service.api() == Api::Dataverse
    }

    fn has_companies(&self) -> bool {
        self.connection.service.api() == Api::BusinessCentral
    }

    fn has_sites_selected(&self) -> bool {
        self.is_ticked("sites_selected", self.connection.policy.sites_selected)
    }

    fn has_tokens(&self) -> bool {
        self.is_ticked("tokens", self.connection.policy.tokens)
    }

    fn is_ticked(&self, name: &str, is_stored: bool) -> bool {
        if is_policy_refused(&self.form) {
            return self.form.has(name, "yes");
        }
        is_stored
    }

    fn api_title(&self) -> &'static str {
        words::api_title(self.connection.service)
    }

    fn is_oauth(&self) -> bool {
        self.connection.method == ConnectionMethod::OAuth
    }

    fn is_pending(&self) -> bool {
        self.connection.state == ConnectionState::Pending
    }

    fn is_disabled(&self) -> bool {
        self.connection.state == ConnectionState::Disabled
    }

    /// Whether Entra knows permissions of this service that somebody could consent to.
    fn has_token_permissions(&self) -> bool {
        !self.connection.requested.is_empty()
    }

    /// Whether there is anything to test.
    fn can_test(&self) -> bool {
        !self.is_pending() && !self.is_disabled()
    }
}

async fn proofs(
    app: &App,
    viewer: &Viewer,
    connection: &Connection,
) -> Result<Vec<ProofLine>, Problem> {
    if !viewer.sees_everything() {
        return Ok(Vec::new());
    }
    let id = connection.app_registration_id;
    let view = app.apps().get(&viewer.caller, id).await?;
    Ok(settings::proof_lines(app, &view))
}

pub(super) async fn registration(
    app: &App,
    connection: &Connection,
) -> Result<Option<AppRegistration>, Problem> {
    let mut tx = app.store().read().await?;
    Ok(tx
        .app_registration(connection.workspace_id, connection.app_registration_id)
        .await?)
}

/// What to do about the state it is in, where no diagnosis says it.
fn hint(connection: &Connection) -> Option<&'static str> {
    if connection.diagnosis.is_some() {
        return None;
    }
    let is_short = connection.state.is_usable() && !connections::missing(connection).is_empty();
    match (is_short, connection.method) {
        (false, _) => words::state_hint(connection.state),
        (true, ConnectionMethod::ServicePrincipal) => Some(
            "Not everything that was expected is granted. An administrator grants it in Microsoft Entra, under API permissions; then test again.",
        ),
        (true, ConnectionMethod::OAuth) => Some(
            "Not everything that was asked for is granted. What needs the rest is refused; reconnect to ask again.",
        ),
    }
}

/// What was just found counts for more than what was found before.
fn diagnosis(connection: &Connection, report: Option<&TestReport>) -> Option<Explained> {
    report
        .and_then(|report| report.diagnosis.as_ref())
        .or(connection.diagnosis.as_ref())
        .map(Explained::from)
}

fn identity(connection: &Connection) -> Vec<Fact> {
    let id = Fact {
        name: "Connection id",
        value: connection.id.to_string(),
    };
    let known = connection.identity.iter().flat_map(|identity| {
        [
            Fact {
                name: "Tenant",
                value: identity.tenant_id.clone(),
            },
            Fact {
                name: "Object id",
                value: identity.object_id.clone(),
            },
        ]
    });
    known
        .filter(|fact| !fact.value.is_empty())
        .chain([id])
        .collect()
}

/// What was asked for with whether it was granted, then what was granted beyond it.
fn permissions(connection: &Connection) -> Vec<PermissionState> {
    let missing = connections::missing(connection);
    let left = connections::left_to_exchange(connection);
    let asked = connection.requested.iter().map(|permission| {
        let badge = match &connection.granted {
            None => Badge {
                tone: "",
                label: "Asked for",
            },
            Some(_) if missing.contains(permission) => Badge {
                tone: "bad",
                label: "Missing",
            },
            Some(_) if left.contains(permission) => Badge {
                tone: "",
                label: "Left to Exchange",
            },
            Some(_) => Badge {
                tone: "good",
                label: "Granted",
            },
        };
        (permission, badge)
    });
    let more = connection
        .granted
        .iter()
        .flatten()
        .filter(|held| !connection.requested.contains(held));
    asked
        .chain(more.map(|held| {
            (
                held,
                Badge {
                    tone: "",
                    label: "Granted, not asked for",
                },
            )
        }))
        .map(|(permission, badge)| PermissionState {
            name: permission.to_string(),
            badge,
            unlocks: unlocks(connection.service, connection.method, permission.as_str()),
        })
        .collect()
}

/// Whether the policy was refused: then it is shown as it was typed, with nothing of it lost.
fn is_policy_refused(form: &Form) -> bool {
    let fields = ["sites", "mailboxes", "tables", "companies", "tokens"];
    fields
        .iter()
        .any(|field| form.error(&format!("policy.{field}")).is_some())
}

/// One to a line; as they were typed, where the policy was refused.
fn listed<T: ToString>(places: Option<&BTreeSet<T>>, form: &Form, name: &str) -> String {
    if is_policy_refused(form) {
        return form.value(name).to_owned();
    }
    let lines: Vec<String> = places
        .into_iter()
        .flatten()
        .map(ToString::to_string)
        .collect();
    lines.join("\n")
}

fn kinds(connection: &Connection, form: &Form) -> Vec<KindChoice> {
    let is_typed = is_policy_refused(form);
    OperationKind::ALL
        .into_iter()
        .map(|kind| {
            let (label, hint) = words::kind(kind);
            let allowed = connection.policy.kinds.as_ref();
            KindChoice {
                value: kind.id(),
                label,
                hint,
                is_checked: if is_typed {
                    form.has("kind", kind.id())
                } else {
                    allowed.is_none_or(|kinds| kinds.contains(&kind))
                },
            }
        })
        .collect()
}
