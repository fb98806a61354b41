//! Start and end of a sandbox.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::PathBuf;

use tokio_util::sync::{CancellationToken, DropGuard};
use tokio_util::task::TaskTracker;

use crate::clock::Clock;
use crate::control::Control;
use crate::entra::keys::KeyRing;
use crate::error::Error;
use crate::http::tls::Tls;
use crate::http::{Host, Server};
use crate::notify;
use crate::seed;
use crate::services::Services;
use crate::shared::{Origin, Shared};
use crate::state::State;
use crate::state::saved::Saved;

/// How a sandbox is to be.
#[derive(Clone, Debug)]
pub struct Options {
    /// Port 0 takes a free one.
    pub listen: SocketAddr,
    /// Keeps state and signing key here; none forgets everything at the end.
    pub data: Option<PathBuf>,
    /// The time that the sandbox lives in.
    pub clock: Clock,
    /// Speaks TLS too, on the same port, with certificates of its own authority for its address and for Microsoft's names;
    /// and is a proxy for HTTPS, which takes connections to those names for itself and refuses all others.
    pub tls: bool,
    /// Addresses to listen on besides, for which no port may be 0.
    pub also_listen: Vec<SocketAddr>,
    /// What a new sandbox holds. An existing data directory goes on with what it has.
    pub seed: Seed,
    /// How much a new sandbox holds, see [`Scale`].
    pub scale: Scale,
}

/// How much a new sandbox holds. Bulk is made when it is first looked at, so that starting stays quick.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Scale {
    /// What a person can look through.
    #[default]
    Small,
    /// Besides, a mailbox of ten thousand messages and a library of a hundred thousand items.
    Large,
}

/// What a new sandbox holds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Seed {
    /// The organisation Contoso: people with mail.
    #[default]
    Contoso,
    /// A tenant with one administrator.
    Empty,
}

/// A running sandbox. It ends when stopped or dropped; only stopping waits until its state is saved.
pub struct Sandbox {
    url: String,
    ca_certificate: Option<String>,
    tenant_id: String,
    shared: Shared,
    tasks: TaskTracker,
    stop: DropGuard,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            listen: SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 0),
            data: None,
            clock: Clock::real(),
            tls: false,
            also_listen: Vec::new(),
            seed: Seed::Contoso,
            scale: Scale::Small,
        }
    }
}

impl Sandbox {
    /// Listens and serves until stopped or dropped.
    pub async fn start(options: Options) -> Result<Self, Error> {
        let saved = options.data.map(Saved::open).transpose()?;
        let keys = KeyRing::open(saved.as_ref().map(Saved::directory))?;
        let loaded = saved.as_ref().map(Saved::load).transpose()?.flatten();
        let state = match loaded {
            Some(state) => {
                options.clock.resume(state.clock_offset_micros);
                state
            }
            None => seed::state(options.seed, options.scale, options.clock.now()),
        };
        let mut state = state;
        if let Some(saved) = &saved {
            state.drives.keep_files(saved.directory().join("files"));
        }
        let tenant_id = first_tenant(&state);
        let data = saved.as_ref().map(Saved::directory);
        let tls = options.tls.then(|| Tls::open(data)).transpose()?;
        let server = bind(options.listen).await?;
        let address = server.address().map_err(|source| Error::Listen {
            address: options.listen,
            source,
        })?;
        let mut servers = vec![server];
        for address in options.also_listen {
            servers.push(bind(address).await?);
        }
        let services = Services::default();
        let parts = services.parts();
        let origin = Origin {
            seed: options.seed,
            scale: options.scale,
            data: data.map(std::path::Path::to_owned),
        };
        let is_new = |part: &str| saved.as_ref().is_none_or(|saved| !saved.has(part));
        for mut part in parts.iter().filter(|part| is_new(part.name())) {
            part.begin(&state, options.seed, options.clock.now());
        }
        if let Some(saved) = &saved {
            saved.load_parts(&parts)?;
        }
        let shared = Shared::with_services(state, options.clock, keys, services, origin);
        let tasks = TaskTracker::new();
        let stop = CancellationToken::new();
        let ca_certificate = tls.as_ref().map(|tls| tls.ca_certificate().to_owned());
        let host = Host::new(&shared, &tasks, &stop, tls);
        for server in servers {
            server.spawn(&host);
        }
        let notified = CancellationToken::new();
        if let Some(saved) = saved {
            tasks.spawn(saved.keep(shared.clone(), stop.clone(), notified.clone()));
        }
        let anywhere = shared.read(|state| state.settings.notify_anywhere);
        shared.outgoing().allow_anywhere(anywhere);
        tasks.spawn(notify::run(shared.clone(), stop.clone(), notified));
        tasks.close();
        Ok(Self {
            url: url_of(address),
            ca_certificate,
            tenant_id,
            shared,
            tasks,
            stop: stop.drop_guard(),
        })
    }

    /// `http://127.0.0.1:PORT`, without a slash at the end.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// The certificate, in PEM, that clients have to trust to speak TLS with this sandbox; none without [`Options::tls`].
    pub fn ca_certificate(&self) -> Option<&str> {
        self.ca_certificate.as_deref()
    }

    /// GUID of the seeded tenant.
    pub fn tenant_id(&self) -> &str {
        &self.tenant_id
    }

    /// Everything that a test or a person may do to this cloud from outside. Clones of it stay usable.
    pub fn control(&self) -> Control {
        Control::new(self.shared.clone())
    }

    /// Ends serving, and saves the state when there is a data directory.
    pub async fn stop(self) {
        self.stop.disarm().cancel();
        self.tasks.wait().await;
    }
}

async fn bind(address: SocketAddr) -> Result<Server, Error> {
    Server::bind(address)
        .await
        .map_err(|source| Error::Listen { address, source })
}

fn first_tenant(state: &State) -> String {
    state
        .directory
        .tenants
        .first()
        .map(|tenant| tenant.id.clone())
        .unwrap_or_default()
}

/// An address that a client on this machine can reach, also when listening on all of them.
fn url_of(address: SocketAddr) -> String {
    if address.ip().is_unspecified() {
        return format!("http://127.0.0.1:{}", address.port());
    }
    format!("http://{address}")
}
