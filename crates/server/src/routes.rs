//! The one table of routes. A route that does not say who may call it cannot be written down here, and what is not
//! written down here is not served; the pages of `ui` are one entry with their own sign-in.

#[cfg(test)]
mod tests;

use axum::Router;
use axum::extract::{DefaultBodyLimit, Request};
use axum::middleware::{Next, from_fn};
use axum::routing::{MethodRouter, any, delete, get, patch, post, put};
use http::{HeaderMap, Uri};
use model::Role;
use serde_json::Value;

use crate::api::{
    activity, app_registrations, backup, bootstraps, connections, cursors, health, installation,
    integrations, issuer, keys, master_key, me, members, operations, proxy, setup_manifest,
    webhooks,
};
use crate::gate::Gate;
use crate::openapi::{self, Doc};
use crate::problem::Problem;
use crate::{App, ui};

/// Who may call a route.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Needs {
    /// Anybody, by any host name: probes know none.
    Probe,
    /// Anybody.
    Nobody,
    /// A page: it sees to its own sign-in.
    Page,
    /// A caller with this role or more. An auditor is the least: everybody who is known.
    Role(Role),
}

pub(crate) struct Route {
    /// In lower case, as OpenAPI has it.
    pub(crate) method: &'static str,
    pub(crate) path: &'static str,
    pub(crate) needs: Needs,
    handler: MethodRouter<App>,
    pub(crate) doc: Doc,
}

const ANY: Needs = Needs::Role(Role::Auditor);
const MEMBER: Needs = Needs::Role(Role::Member);
const BUILDER: Needs = Needs::Role(Role::Builder);
const ADMIN: Needs = Needs::Role(Role::Admin);
const OWNER: Needs = Needs::Role(Role::Owner);

#[rustfmt::skip]
pub(crate) fn table() -> Vec<Route> {
    let answers = Doc::answers;
    let takes =
        |summary, request: fn() -> Value, answer| Doc::answers(summary, answer).taking(request);
    vec![
        route("get", "/healthz", Needs::Probe, get(health::alive), answers("Whether the process runs", "Health")),
        route("get", "/readyz", Needs::Probe, get(health::ready), answers("Whether the database answers", "Health")),
        route("get", "/metrics", Needs::Probe, get(health::metrics), Doc::plain("Figures for Prometheus")),
        route("get", "/.well-known/openid-configuration", Needs::Nobody, get(issuer::configuration), Doc::plain("Consentry as an issuer, for federated credentials")),
        route("get", "/.well-known/jwks.json", Needs::Nobody, get(issuer::keys), Doc::plain("The keys that check the issuer's assertions")),
        route("get", "/openapi.json", Needs::Nobody, get(openapi::show), Doc::plain("This document")),

        route("get", "/api/v1/me", ANY, get(me::show), answers("Who the caller is", "Me")),
        route("get", "/api/v1/integrations", ANY, get(integrations::list), answers("The seven services", "IntegrationList")),
        route("get", "/api/v1/integrations/{service}", ANY, get(integrations::show), answers("One service: methods, permissions, what each unlocks", "Integration")),

        route("get", "/api/v1/app-registrations", ANY, get(app_registrations::list), answers("App registrations", "AppRegistrationList")),
        route("post", "/api/v1/app-registrations", ADMIN, post(app_registrations::create), takes("Register an application that exists in Entra", openapi::of::<app_registrations::Registration>, "AppRegistration").created()),
        route("get", "/api/v1/app-registrations/manifest", ANY, get(setup_manifest::show), answers("What to register in Entra ID for a choice of services and operations", "SetupManifest").asking(&setup_manifest::CHOICE)),
        route("get", "/api/v1/app-registrations/{id}", ANY, get(app_registrations::show), answers("One app registration", "AppRegistration")),
        route("delete", "/api/v1/app-registrations/{id}", ADMIN, delete(app_registrations::remove), Doc::nothing("Remove an app registration that nothing uses")),
        route("post", "/api/v1/app-registrations/{id}/proofs", ADMIN, post(app_registrations::add_proof), takes("Add a client secret, certificate or federated credential", openapi::of::<app_registrations::NewProof>, "Proof").created()),
        route("post", "/api/v1/app-registrations/{id}/proofs/{proof}/verify", ADMIN, post(app_registrations::verify_proof), answers("Try a proof at Entra, and use it from now on", "Proof")),
        route("post", "/api/v1/issuer/roll", OWNER, post(issuer::roll), Doc::nothing("Make the issuer's next key").taking(openapi::of::<issuer::Roll>)),
        route("patch", "/api/v1/app-registrations/{id}", ADMIN, patch(app_registrations::change), takes("Let Consentry replace client secret and certificate by itself, or not", openapi::of::<app_registrations::Change>, "AppRegistration")),
        route("post", "/api/v1/app-registrations/{id}/rotate", ADMIN, post(app_registrations::rotate), takes("Replace the client secret or certificate through Microsoft Graph", openapi::of::<app_registrations::Rotation>, "Proof")),
        route("post", "/api/v1/app-registrations/{id}/data-key/rotate", ADMIN, post(app_registrations::rotate_data_key), answers("Seal the proofs by a new data key", "Resealed")),
        route("delete", "/api/v1/app-registrations/{id}/proofs/{proof}", ADMIN, delete(app_registrations::remove_proof), Doc::nothing("Remove a proof")),

        route("post", "/api/v1/bootstraps/plan", ADMIN, post(bootstraps::plan), takes("What set-up without the portal would do; nobody is asked anything", openapi::of::<bootstraps::NewBootstrap>, "BootstrapPlan")),
        route("post", "/api/v1/bootstraps", ADMIN, post(bootstraps::create), takes("Begin set-up without the portal, with an administrator's sign-in", openapi::of::<bootstraps::NewBootstrap>, "Bootstrap").created()),
        route("get", "/api/v1/bootstraps", ADMIN, get(bootstraps::list), answers("Set-ups that the caller began, the latest first", "BootstrapList")),
        route("get", "/api/v1/bootstraps/{id}", ADMIN, get(bootstraps::show), answers("How far it is", "Bootstrap")),
        route("post", "/api/v1/bootstraps/{id}/next", ADMIN, post(bootstraps::next), answers("Go on by one step", "Bootstrap")),
        route("post", "/api/v1/bootstraps/{id}/code", ADMIN, post(bootstraps::redeem), takes("What the browser brought back from Microsoft", openapi::of::<bootstraps::Redeemed>, "Bootstrap")),
        route("post", "/api/v1/bootstraps/{id}/sign-in", ADMIN, post(bootstraps::sign_in), takes("Go on with one that stopped, or goes on elsewhere, after another sign-in", openapi::of::<bootstraps::SignInAgain>, "Bootstrap")),
        route("delete", "/api/v1/bootstraps/{id}", ADMIN, delete(bootstraps::cancel), Doc::nothing("End it where it is, and forget the administrator")),

        route("get", "/api/v1/connections", ANY, get(connections::list), answers("Connections that the caller may see", "ConnectionList").asking(&openapi::PAGING)),
        route("post", "/api/v1/connections", MEMBER, post(connections::create), takes("Connect a service", openapi::of::<connections::NewConnection>, "NewConnection").created()),
        route("get", "/api/v1/connections/{id}", ANY, get(connections::show), answers("One connection, by id or name", "Connection")),
        route("patch", "/api/v1/connections/{id}", MEMBER, patch(connections::change), takes("Change name, policy or sharing", openapi::of::<connections::Change>, "Connection")),
        route("delete", "/api/v1/connections/{id}", MEMBER, delete(connections::remove), Doc::nothing("Disconnect, and forget everything sealed for it").asking(&connections::REMOVAL)),
        route("post", "/api/v1/connections/{id}/reconnect", MEMBER, post(connections::reconnect), answers("A link for another consent", "Invitation")),
        route("post", "/api/v1/connections/{id}/test", MEMBER, post(connections::test), answers("Whether it really works", "TestReport")),
        route("post", "/api/v1/connections/{id}/rotate", ADMIN, post(connections::rotate), takes("Replace the client secret or certificate, once the new one is seen to work", openapi::of::<app_registrations::NewProof>, "Rotated")),
        route("post", "/api/v1/connections/{id}/data-key/rotate", ADMIN, post(connections::rotate_data_key), answers("Seal tokens and kept answers by a new data key", "Resealed")),
        route("post", "/api/v1/connections/{id}/disable", MEMBER, post(connections::disable), answers("Let no call through", "Connection")),
        route("post", "/api/v1/connections/{id}/enable", MEMBER, post(connections::enable), answers("Let calls through again", "Connection")),
        route("get", "/api/v1/connections/{id}/diagnosis", ANY, get(connections::diagnosis), answers("Why it does not work, and who must act", "DiagnosisReport")),
        route("get", "/api/v1/connections/{id}/permissions", ANY, get(connections::permissions), answers("Permissions asked for, granted and missing", "PermissionReport")),
        route("get", "/api/v1/connections/{id}/queries", ANY, get(connections::queries), answers("Queries for Microsoft's own logs, and the user's consent page", "Monitoring")),
        route("get", "/api/v1/connections/{id}/dependents", MEMBER, get(connections::dependents), answers("What goes with the connection, and what stays at Microsoft", "Dependents")),
        route("post", "/api/v1/connections/{id}/permissions", MEMBER, post(connections::ask_for_more), takes("Ask the account for more; the connection stays the same", openapi::of::<connections::More>, "Invitation")),
        route("post", "/api/v1/connections/{id}/ask-administrator", MEMBER, post(connections::ask_administrator), answers("A link for an administrator of the Microsoft tenant, who consents for everybody", "ConsentRequest")),
        route("get", "/api/v1/consent-requests", ANY, get(connections::consent_requests), answers("What waits for an administrator of the Microsoft tenant", "ConsentRequestList")),
        route("get", "/api/v1/connections/{id}/activity", ANY, get(activity::of_connection), answers("What was done through it", "ActivityList").asking(&activity::WANTED[1..])),
        route("get", "/api/v1/connections/{id}/cursors", ANY, get(cursors::list), answers("Delta queries that go on where they were", "CursorList")),
        route("put", "/api/v1/connections/{id}/cursors/{name}", MEMBER, put(cursors::keep), takes("Keep the end of a round that was read: the next one begins there", openapi::of::<cursors::Keep>, "Cursor")),
        route("delete", "/api/v1/connections/{id}/cursors/{name}", MEMBER, delete(cursors::remove), Doc::nothing("Forget where a delta query is")),
        route("post", "/api/v1/connections/{id}/operations/{operation}", MEMBER, post(operations::run), Doc::microsoft("Run an operation of the catalogue")),
        route("any", "/api/v1/connections/{id}/proxy/{api}/{*path}", MEMBER, any(proxy::pass), Doc::microsoft("A raw request under the same policy")),
        route("post", "/api/v1/connections/{id}/token", MEMBER, post(connections::token), takes("The access token itself, for a caller who is trusted with it; off unless the policy allows", openapi::of::<connections::TokenRequest>, "AccessToken")),

        route("get", "/api/v1/operations", ANY, get(operations::list), answers("The catalogue", "OperationList").asking(&operations::SEARCH)),
        route("get", "/api/v1/operations/{operation}", ANY, get(operations::show), answers("One operation with its input schema", "Operation")),
        route("get", "/api/v1/activity", ANY, get(activity::list), answers("The activity log, newest first", "ActivityList").asking(&activity::WANTED)),
        route("get", "/api/v1/activity/verification", ANY, get(activity::verification), answers("Whether a line of the log was changed or is missing", "Verification")),

        route("get", "/api/v1/events", ANY, get(webhooks::feed), answers("What happened to connections, oldest first", "EventList").asking(&webhooks::TURN)),
        route("get", "/api/v1/webhooks", ADMIN, get(webhooks::list), answers("Addresses that events are sent to", "WebhookList")),
        route("post", "/api/v1/webhooks", ADMIN, post(webhooks::create), takes("Send events to an address; the secret that signs them is shown this once", openapi::of::<webhooks::WebhookRequest>, "NewWebhook").created()),
        route("get", "/api/v1/webhooks/{id}/deliveries", ADMIN, get(webhooks::deliveries), answers("Events that an address has not taken yet", "DeliveryList")),
        route("delete", "/api/v1/webhooks/{id}", ADMIN, delete(webhooks::remove), Doc::nothing("Send no more events to an address")),
        route("get", "/api/v1/installation", ADMIN, get(installation::show), answers("How the server is: database, addresses, clouds", "Installation")),
        route("get", "/api/v1/master-key", OWNER, get(master_key::show), answers("The master keys that the server was started with", "MasterKeys")),
        route("post", "/api/v1/master-key/rewrap", OWNER, post(master_key::rewrap), answers("Wrap every data key by the current master key", "Rewrapped")),
        route("get", "/api/v1/backup", OWNER, get(backup::take), Doc::plain("The whole installation as lines of JSON, without the master key").asking(&backup::WHAT)),
        route("get", "/api/v1/keys", BUILDER, get(keys::list), answers("API keys", "KeyList")),
        route("post", "/api/v1/keys", BUILDER, post(keys::create), takes("Make an API key; its secret is shown this once", openapi::of::<keys::KeyRequest>, "NewKey").created()),
        route("delete", "/api/v1/keys/{id}", BUILDER, delete(keys::revoke), Doc::nothing("Revoke an API key")),
        route("get", "/api/v1/members", ADMIN, get(members::list), answers("Members", "MemberList")),
        route("post", "/api/v1/members", ADMIN, post(members::create), takes("Add a member", openapi::of::<members::NewMember>, "Member").created()),
        route("post", "/api/v1/members/me/password", ANY, post(members::password), Doc::nothing("Choose a password").taking(openapi::of::<members::NewPassword>)),
        route("post", "/api/v1/members/{id}/sign-in-link", ADMIN, post(members::sign_in_link), answers("A link that signs the member in once", "SignInLink")),
    ]
}

fn route(
    method: &'static str,
    path: &'static str,
    needs: Needs,
    handler: MethodRouter<App>,
    doc: Doc,
) -> Route {
    Route {
        method,
        path,
        needs,
        handler,
        doc,
    }
}

/// Everything that is served.
pub(crate) fn router(app: &App) -> Router {
    let limit = DefaultBodyLimit::max(app.config().limits.max_body_bytes);
    let mut router = Router::new();
    for route in table() {
        let gate = Gate::new(app.clone(), route.needs, route.path);
        let gate = from_fn(move |request: Request, next: Next| gate.clone().pass(request, next));
        router = router.route(route.path, route.handler.layer(limit).layer(gate));
    }
    let gate = Gate::new(app.clone(), Needs::Page, "pages");
    let gate = from_fn(move |request: Request, next: Next| gate.clone().pass(request, next));
    let pages = ui::router().fallback(unknown).layer(limit).layer(gate);
    router.merge(pages).with_state(app.clone())
}

async fn unknown(uri: Uri, headers: HeaderMap) -> Problem {
    let problem = Problem::not_found("address", uri.path());
    problem.next(if ui::wants_page(&headers) {
        "begin at the first page: it leads to all others"
    } else {
        "see `/openapi.json` for what there is"
    })
}
