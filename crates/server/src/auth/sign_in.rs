use http::StatusCode;
use jiff::SignedDuration;
use model::{
    Actor, Member, MemberId, Outcome, Session as StoredSession, SessionId, WorkspaceId,
    random_token, sha256,
};
use secrecy::SecretString;

use super::{Session, cookie};
use crate::App;
use crate::http::Peer;
use crate::problem::Problem;

/// Members of one address whose passwords are tried at most: one a workspace.
const WORKSPACES: usize = 5;

/// A session that began.
pub(crate) struct SignedIn {
    /// Value of the `Set-Cookie` header.
    pub(crate) set_cookie: String,
}

/// With address and password. The refusal does not tell which of them was wrong.
pub(crate) async fn sign_in_with_password(
    app: &App,
    peer: Peer,
    email: &str,
    password: SecretString,
) -> Result<SignedIn, Problem> {
    let from = peer.client();
    let tries = &app.identities().tries;
    let proxies = &app.config().listen.trusted_proxies;
    // Without them it may be a proxy's address, which everybody comes from; and with them one that did not say for whom it asks.
    if let Some(client) = from
        && !proxies.is_empty()
        && !peer.is_one_of(proxies)
    {
        tries.count_client(client, app.now())?;
    }
    tries.count(from, email, app.now())?;
    let members = app
        .store()
        .read()
        .await?
        .members_by_email(email.trim())
        .await?;
    let usable = members
        .into_iter()
        .filter(|member| member.disabled_at.is_none());
    match first_match(app, usable.take(WORKSPACES).collect(), password).await? {
        Some(member) => begin(app, member.workspace_id, member.id, "session.open").await,
        None => Err(refused(app).await),
    }
}

/// With a link that was made for the member; it works once.
pub(crate) async fn sign_in_with_link(app: &App, secret: &str) -> Result<SignedIn, Problem> {
    let mut tx = app.store().write().await?;
    let link = tx
        .take_sign_in_link(sha256(secret.as_bytes()), app.now())
        .await?;
    let member = match &link {
        Some(link) => tx.member(link.workspace_id, link.member_id).await?,
        None => None,
    };
    tx.commit().await?;
    match member.filter(|member| member.disabled_at.is_none()) {
        Some(member) => begin(app, member.workspace_id, member.id, "session.open_by_link").await,
        None => Err(Problem::new(
            StatusCode::GONE,
            "sign_in_link_used",
            "this sign-in link was used already, or has expired",
        )
        .next("make a new one: an administrator in the settings, or `consentry up` on the server itself")),
    }
}

/// Ends the session; answers the `Set-Cookie` header that the browser forgets it by.
pub(crate) async fn sign_out(app: &App, session: &Session) -> Result<String, Problem> {
    let stored = &session.known().session;
    let mut tx = app.store().write().await?;
    tx.delete_session(stored.workspace_id, stored.id).await?;
    tx.commit().await?;
    app.identities().forget_session(stored.secret_hash).await;
    let line = app.access_line(
        stored.workspace_id,
        session.caller().actor.clone(),
        "session.close",
    );
    app.context().journal.record(line).await?;
    Ok(cookie::end(app))
}

async fn first_match(
    app: &App,
    members: Vec<Member>,
    password: SecretString,
) -> Result<Option<Member>, Problem> {
    let tries = &app.identities().tries;
    if members.is_empty() {
        tries.matches(None, password).await?;
        return Ok(None);
    }
    for member in members {
        if tries
            .matches(member.password_hash.clone(), password.clone())
            .await?
        {
            return Ok(Some(member));
        }
    }
    Ok(None)
}

async fn begin(
    app: &App,
    workspace: WorkspaceId,
    member: MemberId,
    action: &str,
) -> Result<SignedIn, Problem> {
    let context = app.context();
    let secret = random_token(&*context.random);
    let now = app.now();
    let session = StoredSession {
        id: SessionId::generate(&*context.clock, &*context.random),
        workspace_id: workspace,
        member_id: member,
        secret_hash: sha256(secret.as_bytes()),
        expires_at: now + SignedDuration::from_secs(cookie::LIFETIME_SECS),
        created_at: now,
    };
    let mut tx = app.store().write().await?;
    tx.create_session(&session).await?;
    tx.commit().await?;
    let line = app.access_line(workspace, Actor::Member(member.to_string()), action);
    context.journal.record(line).await?;
    Ok(SignedIn {
        set_cookie: cookie::begin(app, &secret),
    })
}

async fn refused(app: &App) -> Problem {
    let problem = Problem::new(
        StatusCode::UNAUTHORIZED,
        "sign_in_refused",
        "address or password is not right",
    )
    .next("try again, or have an administrator make a sign-in link");
    let mut line = app.access_line(app.owner().workspace, Actor::Anonymous, "session.refuse");
    line.outcome = Outcome::Denied;
    line.code = Some(problem.code().to_owned());
    app.context().journal.note(line).await;
    problem
}
