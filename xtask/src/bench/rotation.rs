//! Secret, certificate, data keys and master key, replaced one after the other while 200 calls a second go through the
//! connection: on SQLite, and on two replicas with PostgreSQL. Client, servers, sandbox and database share the machine.

mod callers;
mod portal;

use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};
use tokio::runtime::{Builder, Runtime};
use tokio::time::sleep;

use self::callers::{Callers, RATE, Way};
use self::portal::{Application, Portal};
use super::ask;
use super::figures::{Aim, Figure, show};
use super::fleet::{Fleet, Plan};
use super::installation::CLOUD;
use crate::{postgres, say};

/// Calls that each replacement outlives.
const CALLS: u64 = 2_000;
/// Tokens are over after this, so that each proof is shown and each seal opened again and again.
const TOKEN_SECS: u32 = 4;
const CONNECTION: &str = "organisation";
const PATIENCE: Duration = Duration::from_mins(2);
const PAUSE: Duration = Duration::from_millis(20);
const ANOTHER_KEY: &str = "next:ICEiIyQlJicoKSorLC0uLzAxMjM0NTY3ODk6Ozw9Pj8=\n";
/// What a call may be late by, and still count as held.
const HELD: f64 = 0.99;

const ON_SQLITE: [&str; 5] = [
    "one server, SQLite: calls answered",
    "one server, SQLite: calls failed",
    "one server, SQLite: calls a second",
    "one server, SQLite: a call, median",
    "one server, SQLite: a call, 99 of 100",
];
const ON_POSTGRESQL: [&str; 5] = [
    "two replicas, PostgreSQL: calls answered",
    "two replicas, PostgreSQL: calls failed",
    "two replicas, PostgreSQL: calls a second",
    "two replicas, PostgreSQL: a call, median",
    "two replicas, PostgreSQL: a call, 99 of 100",
];

struct Scene<'a> {
    runtime: &'a Runtime,
    portal: Portal,
    fleet: Fleet,
    application: Application,
    registration: String,
}

pub(super) fn run(program: &Path, json: bool) -> Result<()> {
    let runtime = Builder::new_current_thread().enable_all().build()?;
    say::step("rotation under load, SQLite");
    let mut figures = on(&runtime, program, None, &ON_SQLITE)?;
    say::step("PostgreSQL");
    let server = postgres::start()?;
    say::step("rotation under load, two replicas on PostgreSQL");
    figures.extend(on(&runtime, program, Some(&server.url()), &ON_POSTGRESQL)?);
    say::line(show(&figures, json))?;
    ensure!(figures.iter().all(Figure::is_as_wanted), "a figure is off");
    Ok(())
}

fn on(
    runtime: &Runtime,
    program: &Path,
    database_url: Option<&str>,
    names: &[&'static str; 5],
) -> Result<Vec<Figure>> {
    let portal = Portal::start(runtime, program)?;
    let plan = Plan {
        program,
        cloud_url: &portal.url(),
        database_url,
        servers: if database_url.is_some() { 2 } else { 1 },
        budgets: true,
    };
    let fleet = Fleet::start(runtime, &plan)?;
    let scene = runtime.block_on(Scene::set(runtime, portal, fleet))?;
    let key = runtime.block_on(scene.fleet.key())?;
    let callers = Callers::start(Way {
        addresses: scene.addresses(),
        connection: CONNECTION,
        key,
    });
    let begun = Instant::now();
    let replaced = scene.runtime.block_on(scene.replace_everything(&callers));
    let seconds = begun.elapsed().as_secs_f64();
    let count = callers.stop()?;
    if let Some(failure) = count.first_failure() {
        say::note(format_args!("the first call that failed: {failure}"));
    }
    replaced?;
    Ok(figures(names, &count, seconds))
}

#[expect(clippy::cast_precision_loss, reason = "counts are small")]
fn figures(names: &[&'static str; 5], count: &callers::Count, seconds: f64) -> Vec<Figure> {
    let mut took = count.took_ms();
    took.sort_by(f64::total_cmp);
    let at = |part: usize| took.get(took.len() * part / 100).copied();
    let rate = count.good() as f64 / seconds;
    vec![
        Figure::new(names[0], count.good() as f64, ""),
        Figure::new(names[1], count.bad() as f64, "").aiming(Aim::Below(1.0)),
        Figure::new(names[2], rate, "/s").aiming(Aim::AtLeast(f64::from(RATE) * HELD)),
        Figure::new(names[3], at(50).unwrap_or(f64::NAN), "ms"),
        Figure::new(names[4], at(99).unwrap_or(f64::NAN), "ms"),
    ]
}

impl<'a> Scene<'a> {
    async fn set(runtime: &'a Runtime, portal: Portal, fleet: Fleet) -> Result<Self> {
        let application = portal.register(TOKEN_SECS).await?;
        let first = &fleet.members[0];
        let new = json!({
            "name": "bench", "cloud": CLOUD, "tenant_id": application.tenant_id,
            "client_id": application.client_id, "client_secret": application.secret,
        });
        let made = first.create("app-registrations", &new).await?;
        let registration = ask::text(&made, "id")?;
        let new = json!({
            "service": "outlook", "method": "service_principal", "name": CONNECTION,
            "app_registration_id": registration,
        });
        first.create("connections", &new).await?;
        Ok(Self {
            runtime,
            portal,
            fleet,
            application,
            registration,
        })
    }

    fn addresses(&self) -> Vec<String> {
        let members = self.fleet.members.iter();
        members.map(|member| member.address.clone()).collect()
    }

    async fn post(&self, what: &str, new: &Value) -> Result<Value> {
        let made = self.fleet.members[0].create(what, new).await;
        made.with_context(|| format!("`{what}`"))
    }

    async fn replace_everything(&self, callers: &Callers) -> Result<()> {
        self.outlive("nothing yet", callers).await?;
        let secret = self.portal.add_secret(&self.application.client_id).await?;
        let new = json!({ "client_secret": secret });
        let connection = format!("connections/{CONNECTION}");
        let app = format!("app-registrations/{}", self.registration);
        self.post(&format!("{connection}/rotate"), &new).await?;
        self.outlive("the client secret", callers).await?;
        self.replace_by_certificate(&app).await?;
        self.outlive("the secret by a certificate", callers).await?;
        for (owner, what) in [
            (&connection, "the connection's data key"),
            (&app, "the application's data key"),
        ] {
            self.post(&format!("{owner}/data-key/rotate"), &Value::Null)
                .await?;
            self.outlive(what, callers).await?;
        }
        self.replace_master_key(callers).await
    }

    /// Once the certificate is in use the secrets are worth nothing.
    async fn replace_by_certificate(&self, app: &str) -> Result<()> {
        let new = json!({ "generate_certificate_days": 90 });
        let proof = self.post(&format!("{app}/proofs"), &new).await?;
        let public = ask::text(&proof["details"], "certificate")?;
        let client_id = &self.application.client_id;
        self.portal.add_certificate(client_id, &public).await?;
        let id = ask::text(&proof, "id")?;
        self.post(&format!("{app}/proofs/{id}/verify"), &Value::Null)
            .await?;
        self.portal.expire_secrets(client_id).await
    }

    /// In the documented order: known everywhere, then first everywhere, then the old one goes.
    async fn replace_master_key(&self, callers: &Callers) -> Result<()> {
        let old = fs::read_to_string(&self.fleet.keyring)?;
        for (keyring, what) in [
            (format!("{old}{ANOTHER_KEY}"), "a second master key"),
            (format!("{ANOTHER_KEY}{old}"), "the master key"),
            (ANOTHER_KEY.to_owned(), "the old master key"),
        ] {
            fs::write(&self.fleet.keyring, keyring)?;
            let done = self.post("master-key/rewrap", &Value::Null).await?;
            if what == "the master key" {
                ensure!(
                    done["current"] == "next" && done["still_needed"] == json!([]),
                    "the master key was not replaced: {done}"
                );
            }
            self.outlive(what, callers).await?;
        }
        Ok(())
    }

    /// Waits until so many more calls were answered, and tokens were got anew.
    async fn outlive(&self, what: &str, callers: &Callers) -> Result<()> {
        self.portal.forget_requests().await?;
        let count = &callers.count;
        let all = || count.good() + count.bad();
        let (before, begun) = (all(), Instant::now());
        while all() < before + CALLS || self.portal.token_requests().await? == 0 {
            ensure!(
                begun.elapsed() < PATIENCE,
                "calls are not answered any more"
            );
            sleep(PAUSE).await;
        }
        say::note(format_args!("replaced: {what}; {} failed", count.bad()));
        Ok(())
    }
}
