//! Where only an administrator of Microsoft's tenant may consent: they are given a link, the request is remembered, and once
//! they have answered, whoever waited goes on.
//!
//! What the administrator's browser brings back proves nothing: it is noted, and the next sign-in shows whether it is so.
//!
//! Source: <https://learn.microsoft.com/entra/identity-platform/v2-admin-consent>

use jiff::{SignedDuration, Timestamp};
use model::{
    Connection, ConnectionId, ConnectionMethod, ConnectionState, ConsentRequestId, MemberId,
    PermissionSet, Service, WorkspaceId, random_token, sha256,
};
use serde::Serialize;
use store::{Attempt, ConsentAnswer, ConsentRequest, repeated};

use super::{Invitation, OAuth};
use crate::{AttemptError, Caller, Error, Result, Snapshot, events};

/// How long a request is remembered, and the page where somebody waits for its answer works.
const REMEMBERED: SignedDuration = SignedDuration::from_hours(7 * 24);
/// Codes by which Entra says that this user may not consent.
///
/// Source: <https://learn.microsoft.com/entra/identity-platform/reference-error-codes>
const OF_ADMINISTRATORS: [&str; 3] = ["AADSTS90093", "AADSTS90094", "AADSTS90095"];
/// Requests on one list: more than that, and nobody reads it.
const LISTED: i64 = 200;

/// A request for an administrator's consent, as people see it.
#[derive(Debug, Clone, Serialize)]
pub struct Approval {
    pub id: ConsentRequestId,
    pub connection_id: ConnectionId,
    pub connection: String,
    pub service: Service,
    pub method: ConnectionMethod,
    /// Who wanted the connection.
    pub requester: String,
    /// What the administrator is asked to consent to; empty for all that the registration lists.
    pub permissions: PermissionSet,
    /// Microsoft's code for why the user could not consent; empty where nobody tried.
    pub code: String,
    pub answer: ConsentAnswer,
    /// For the administrator: Microsoft's page for this application in their tenant.
    pub admin_url: String,
    pub created_at: Timestamp,
    pub answered_at: Option<Timestamp>,
    pub expires_at: Timestamp,
}

/// What Microsoft's redirect says after an administrator was asked.
#[derive(Debug, Clone, Default)]
pub struct AdministratorsAnswer {
    pub state: String,
    /// Set when consent was refused, or could not be given.
    pub error: Option<String>,
}

impl OAuth {
    /// Remembers that an administrator has to consent, where that is what the refusal says. The secret opens the page where
    /// the person waits.
    pub(super) async fn needs_approval(
        &self,
        attempt: &Attempt,
        connection: &Connection,
        refusal: Error,
    ) -> Result<Error> {
        let diagnosis = match refusal {
            Error::ConsentRefused(diagnosis) | Error::Refused(diagnosis)
                if OF_ADMINISTRATORS.contains(&diagnosis.evidence.code.as_str()) =>
            {
                diagnosis
            }
            other => return Ok(other),
        };
        let waiting = random_token(&*self.context.random);
        let wanted = super::wanted(connection, attempt);
        let request = ConsentRequest {
            secret_hash: Some(sha256(waiting.as_bytes())),
            code: diagnosis.evidence.code.clone(),
            ..self.request(connection, attempt.requested_by, wanted)
        };
        self.remember(&request).await?;
        Ok(Error::ApprovalNeeded {
            diagnosis,
            waiting: waiting.into(),
        })
    }

    /// Asks an administrator for what the connection asks for, without anybody having tried before.
    pub async fn ask_administrator(
        &self,
        caller: &Caller,
        connection: &Connection,
    ) -> Result<Approval> {
        caller.may_change()?;
        if !caller.may_manage(connection) {
            return Err(Error::Forbidden {
                reason: format!(
                    "`{}` may be changed by its owner or an administrator",
                    connection.name
                ),
            });
        }
        let wanted = connection.requested.clone();
        let request = self.request(connection, caller.member_id, wanted);
        self.remember(&request).await?;
        self.context
            .record(
                caller,
                "connection.ask_administrator",
                Some(connection.id),
                None,
            )
            .await?;
        self.approval(request).await
    }

    /// What somebody waits for, by the secret in their page's address. Looking changes nothing.
    pub async fn waiting(&self, secret: &str) -> Result<Approval> {
        let request = self.by_secret(secret).await?;
        self.approval(request).await
    }

    /// A fresh connect link for whoever waited, once an administrator has consented.
    pub async fn go_on(&self, secret: &str) -> Result<Invitation> {
        let request = self.by_secret(secret).await?;
        if request.answer != ConsentAnswer::Granted {
            return Err(Error::Forbidden {
                reason: "no administrator has consented yet".to_owned(),
            });
        }
        let (workspace, id) = (request.workspace_id, request.connection_id);
        let snapshot = self.live.reread(workspace, id).await?;
        let more = request.permissions;
        let more = more.difference(&snapshot.connection.requested).cloned();
        self.invite_as(request.requested_by, &snapshot.connection, more.collect())
            .await
    }

    /// Takes an administrator's answer. `None` when it belongs to no request: then it may be a user's.
    pub async fn answered(&self, answer: &AdministratorsAnswer) -> Result<Option<Approval>> {
        let store = &self.context.store;
        let found = store
            .read()
            .await?
            .consent_request_by_state(&answer.state)
            .await?;
        let now = self.context.now();
        let Some(mut request) = found.filter(|request| now < request.expires_at) else {
            return Ok(None);
        };
        request.answer = match answer.error {
            None => ConsentAnswer::Granted,
            Some(_) => ConsentAnswer::Declined,
        };
        request.answered_at = Some(now);
        let mut tx = store.write().await?;
        tx.answer_consent_request(request.workspace_id, request.id, request.answer, now)
            .await?;
        tx.commit().await?;
        self.note_answer(&request).await?;
        if request.answer == ConsentAnswer::Granted {
            self.look_again(&request).await?;
        }
        self.approval(request).await.map(Some)
    }

    /// Requests that wait, or were answered and not used yet, of connections that the caller may see.
    pub async fn approvals(&self, caller: &Caller) -> Result<Vec<Approval>> {
        let mut tx = self.context.store.read().await?;
        let requests = tx.consent_requests(caller.workspace_id, LISTED).await?;
        drop(tx);
        let mut seen = Vec::new();
        for request in requests {
            let snapshot = self
                .live
                .get(request.workspace_id, request.connection_id)
                .await?;
            if caller.sees(&snapshot.connection) {
                seen.push(self.approval(request).await?);
            }
        }
        Ok(seen)
    }

    /// The one of a connection, if there is one.
    pub async fn approval_of(&self, connection: &Connection) -> Result<Option<Approval>> {
        let found = self
            .context
            .store
            .read()
            .await?
            .consent_request(connection.workspace_id, connection.id)
            .await?;
        let now = self.context.now();
        match found.filter(|request| now < request.expires_at) {
            Some(request) => self.approval(request).await.map(Some),
            None => Ok(None),
        }
    }

    async fn by_secret(&self, secret: &str) -> Result<ConsentRequest> {
        let mut tx = self.context.store.read().await?;
        let found = tx
            .consent_request_by_secret(sha256(secret.as_bytes()))
            .await?;
        let request = found.ok_or(AttemptError::Unknown)?;
        if self.context.now() < request.expires_at {
            Ok(request)
        } else {
            Err(AttemptError::Expired.into())
        }
    }

    fn request(
        &self,
        connection: &Connection,
        requested_by: MemberId,
        permissions: PermissionSet,
    ) -> ConsentRequest {
        let now = self.context.now();
        ConsentRequest {
            id: ConsentRequestId::generate(&*self.context.clock, &*self.context.random),
            workspace_id: connection.workspace_id,
            connection_id: connection.id,
            requested_by,
            secret_hash: None,
            state: random_token(&*self.context.random),
            permissions,
            code: String::new(),
            answer: ConsentAnswer::Waiting,
            created_at: now,
            answered_at: None,
            expires_at: now + REMEMBERED,
        }
    }

    async fn remember(&self, request: &ConsentRequest) -> Result<()> {
        let mut tx = self.context.store.write().await?;
        tx.put_consent_request(request).await?;
        Ok(tx.commit().await?)
    }

    /// An application's token does not know of new consent: the next call gets one that does.
    async fn look_again(&self, request: &ConsentRequest) -> Result<()> {
        let (workspace, id) = (request.workspace_id, request.connection_id);
        let snapshot = self.live.reread(workspace, id).await?;
        if snapshot.connection.method != ConnectionMethod::ServicePrincipal {
            return Ok(());
        }
        repeated(|| self.revive(workspace, id)).await?;
        self.broker.forget(&snapshot);
        self.live.forget(workspace, id).await;
        Ok(())
    }

    /// Forgets the connection's tokens; one that waited for an administrator goes on.
    async fn revive(&self, workspace: WorkspaceId, id: ConnectionId) -> Result<()> {
        let mut tx = self.context.store.write().await?;
        let Some(mut connection) = tx.hold_connection(workspace, id).await? else {
            return Err(Error::no_connection(&id));
        };
        tx.drop_tokens(workspace, id).await?;
        let before = connection.state;
        if before == ConnectionState::NeedsAdmin {
            connection.state = ConnectionState::Active;
            connection.diagnosis = None;
            connection.updated_at = self.context.now();
            if !tx.update_connection(&connection).await? {
                return Err(Error::Conflict);
            }
            events::note_change(&self.context, &mut *tx, before, &connection).await?;
        }
        Ok(tx.commit().await?)
    }

    async fn note_answer(&self, request: &ConsentRequest) -> Result<()> {
        let declined = Error::Forbidden {
            reason: "the administrator did not consent".to_owned(),
        };
        let refused = (request.answer == ConsentAnswer::Declined).then_some(&declined);
        let caller = super::requester(request.workspace_id, request.requested_by);
        self.context
            .record(
                &caller,
                "connection.admin_consent",
                Some(request.connection_id),
                refused,
            )
            .await
    }

    async fn approval(&self, request: ConsentRequest) -> Result<Approval> {
        let workspace = request.workspace_id;
        let snapshot = self.live.reread(workspace, request.connection_id).await?;
        let requester = self
            .context
            .store
            .read()
            .await?
            .member(workspace, request.requested_by)
            .await?;
        let connection = &snapshot.connection;
        Ok(Approval {
            id: request.id,
            connection_id: connection.id,
            connection: connection.name.clone(),
            service: connection.service,
            method: connection.method,
            requester: requester.map_or_else(String::new, |member| member.name),
            admin_url: self.admin_url(&snapshot, &request),
            permissions: request.permissions,
            code: request.code,
            answer: request.answer,
            created_at: request.created_at,
            answered_at: request.answered_at,
            expires_at: request.expires_at,
        })
    }

    /// A user's permissions by name; an application's as the registration lists them, which is how Entra wants roles.
    fn admin_url(&self, snapshot: &Snapshot, request: &ConsentRequest) -> String {
        let cloud = &snapshot.cloud;
        let scopes = match snapshot.connection.method {
            ConnectionMethod::OAuth => {
                cloud.delegated_scopes(&snapshot.audience, &request.permissions)
            }
            ConnectionMethod::ServicePrincipal => vec![cloud.scope_for(&snapshot.audience)],
        };
        self.context
            .entra(cloud)
            .admin_consent_url(
                &snapshot.app.tenant_id,
                &snapshot.app.client_id,
                &self.context.redirect_uri(),
                &scopes,
                &request.state,
            )
            .into()
    }
}
