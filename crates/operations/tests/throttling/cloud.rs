//! A sandbox that keeps its limits, on a clock that only the race moves, in a runtime whose time is real.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use jiff::Timestamp;
use model::Api;
use reqwest::Client;
use sandbox::{
    Clock, Control, NewApplication, Options, RegisteredApplication, Sandbox, Throttling,
};
use serde_json::Value;
use tokio::runtime::{Builder, Runtime};

const DAY: Duration = Duration::from_hours(24);
const ROLES: [&str; 8] = [
    "Mail.ReadWrite",
    "Files.ReadWrite.All",
    "Sites.FullControl.All",
    "Group.ReadWrite.All",
    "Team.Create",
    "Chat.ReadWrite.All",
    "ChatMember.ReadWrite.All",
    "ChannelMessage.Read.All",
];

pub(crate) struct Cloud {
    runtime: Runtime,
    sandbox: Sandbox,
    pub(crate) app: RegisteredApplication,
    client: Client,
    /// For Graph, Dataverse and Business Central.
    tokens: [String; 3],
    /// What of the race's time the sandbox has lived, in microseconds.
    lived: AtomicU64,
}

impl Cloud {
    pub(crate) fn start() -> Self {
        let runtime = Builder::new_multi_thread()
            .worker_threads(2)
            .enable_all()
            .build()
            .unwrap();
        let clock = Clock::fixed(Timestamp::from_second(1_790_000_000).unwrap());
        let options = Options {
            clock,
            ..Options::default()
        };
        let sandbox = runtime.block_on(Sandbox::start(options)).unwrap();
        let control = sandbox.control();
        let app = register(&control);
        let secret = control
            .add_secret(&app.client_id, "race", DAY)
            .unwrap()
            .secret_text;
        let client = Client::builder().build().unwrap();
        let audiences = [
            "https://graph.microsoft.com".to_owned(),
            sandbox.url().to_owned(),
            "https://api.businesscentral.dynamics.com".to_owned(),
        ];
        let tokens = audiences.map(|audience| {
            runtime.block_on(token(&client, sandbox.url(), &app, &secret, &audience))
        });
        control.set_throttling(Throttling::On);
        control.limit_dataverse(true);
        control.limit_business_central(true);
        Self {
            runtime,
            sandbox,
            app,
            client,
            tokens,
            lived: AtomicU64::new(0),
        }
    }

    pub(crate) fn stop(self) {
        self.runtime.block_on(self.sandbox.stop());
    }

    pub(crate) fn url(&self) -> &str {
        self.sandbox.url()
    }

    /// So late it is in the race: later than before.
    pub(crate) fn at(&self, time: Duration) {
        let time = u64::try_from(time.as_micros()).unwrap();
        let before = self.lived.swap(time, Ordering::AcqRel);
        self.sandbox
            .control()
            .advance(Duration::from_micros(time - before));
    }

    /// Nothing was used, and the race begins anew.
    pub(crate) fn forget(&self) {
        let control = self.sandbox.control();
        self.lived.store(0, Ordering::Release);
        // What is counted by sliding windows ends with them.
        control.advance(Duration::from_mins(11));
        control.set_throttling(Throttling::On);
        control.clear_requests();
    }

    /// Asks, whatever the answer is.
    pub(crate) async fn ask(
        &self,
        api: Api,
        method: &str,
        url: &str,
        body: Option<&'static str>,
    ) -> u16 {
        let token = match api {
            Api::Graph => &self.tokens[0],
            Api::Dataverse => &self.tokens[1],
            Api::BusinessCentral => &self.tokens[2],
        };
        let mut request = self
            .client
            .request(method.parse().unwrap(), url)
            .bearer_auth(token);
        if let Some(body) = body {
            request = request
                .header("content-type", "application/json")
                .body(body);
        }
        let handle = self.runtime.handle().clone();
        // Time stands still as long as another thread is at work.
        let answer = tokio::task::spawn_blocking(move || {
            handle.block_on(async {
                let answer = request.send().await.unwrap();
                let status = answer.status().as_u16();
                answer.bytes().await.unwrap();
                status
            })
        });
        answer.await.unwrap()
    }
}

fn register(control: &Control) -> RegisteredApplication {
    let new = NewApplication {
        display_name: "Race".to_owned(),
        application: ROLES.iter().map(|&name| name.to_owned()).collect(),
        admin_consent: true,
        ..NewApplication::default()
    };
    let app = control.register_application(new).unwrap();
    control.grant_admin_consent(&app.client_id).unwrap();
    control
        .enable_business_central(&app.client_id, &["D365 BUS FULL ACCESS"])
        .unwrap();
    control
        .add_application_user(&app.client_id, &["System Administrator"])
        .unwrap();
    control.set_access_token_lifetime(Some(7 * 24 * 3600));
    app
}

async fn token(
    client: &Client,
    url: &str,
    app: &RegisteredApplication,
    secret: &str,
    audience: &str,
) -> String {
    let form = [
        ("grant_type", "client_credentials"),
        ("client_id", &app.client_id),
        ("client_secret", secret),
        ("scope", &format!("{audience}/.default")),
    ];
    let url = format!("{url}/{}/oauth2/v2.0/token", app.tenant_id);
    let answer = client.post(url).form(&form).send().await.unwrap();
    let answer: Value = answer.json().await.unwrap();
    let token = answer["access_token"].as_str();
    token.unwrap_or_else(|| panic!("{answer}")).to_owned()
}
