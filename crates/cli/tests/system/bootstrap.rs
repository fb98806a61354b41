//! From nothing to a working connection for all seven services, in one command; and what a killed server leaves behind.

mod killed;
mod replicas;
mod users;

use std::path::Path;
use std::process::Stdio;

use reqwest::Method;
use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt, AsyncReadExt, BufReader, Lines};
use tokio::process::{Child, ChildStderr, Command};

use crate::browser::Browser;
use crate::secrets::{Needles, files, modified, search};
use crate::server::Setup;
use crate::world::{ANA, PASSWORD, World};

const ADMIN: &str = "admin@contoso.com";
const PREFIX: &str = "contoso";

/// `consentry connect all --bootstrap`, under way.
struct Setting {
    child: Child,
    said: Lines<BufReader<ChildStderr>>,
    heard: Vec<String>,
}

impl Setting {
    /// All seven services.
    fn begin(world: &World, data: &Path, more: &[&str]) -> Self {
        let url = world.sandbox.ready["url"].as_str().unwrap();
        let place = ["--environment-url", url, "--environment", "Production"];
        let role = ["--dataverse-role", "System Administrator"];
        Self::of(data, &[&["all"], &place[..], &role, more].concat())
    }

    /// What is said on the command line, agreed to.
    fn of(data: &Path, what: &[&str]) -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_consentry"))
            .args(["connect", "--bootstrap", "--name", PREFIX])
            .args(["--cloud", "sandbox", "--yes", "--json"])
            .args(["--data", data.to_str().unwrap()])
            .args(what)
            .env_clear()
            .env("HOME", data)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .unwrap();
        let said = BufReader::new(child.stderr.take().unwrap()).lines();
        Self {
            child,
            said,
            heard: Vec::new(),
        }
    }

    /// The next line that holds this.
    async fn hear(&mut self, wanted: &str) -> String {
        while let Some(line) = self.said.next_line().await.unwrap() {
            self.heard.push(line.clone());
            if line.contains(wanted) {
                return line;
            }
        }
        panic!("it never said `{wanted}`: {:#?}", self.heard);
    }

    /// Enters the code as an administrator.
    async fn sign_in(&mut self) {
        let line = self.hear("with the code").await;
        let words: Vec<_> = line.split_whitespace().collect();
        let page = words.iter().find(|word| word.starts_with("http")).unwrap();
        enter(page, words.last().unwrap()).await;
    }

    /// Signs in in the browser of the machine that the command runs on.
    async fn sign_in_here(&mut self) {
        let line = self.hear("/authorize").await;
        let mut browser = Browser::new();
        let page = browser.open(line.trim()).await;
        let form = page.form("/login");
        let form = form.fill("login", ADMIN).fill("passwd", PASSWORD);
        let page = browser.submit(form).await;
        assert!(page.html.contains("You have signed in"), "{}", page.html);
    }

    /// Exit code, and the document on stdout.
    async fn end(mut self) -> (Option<i32>, Value) {
        while let Some(line) = self.said.next_line().await.unwrap() {
            self.heard.push(line);
        }
        let mut text = String::new();
        let mut stdout = self.child.stdout.take().unwrap();
        stdout.read_to_string(&mut text).await.unwrap();
        let status = self.child.wait().await.unwrap();
        let document = serde_json::from_str(&text).unwrap_or(Value::Null);
        if status.code() != Some(0) {
            eprintln!("{:#?}", self.heard);
        }
        (status.code(), document)
    }
}

/// Enters a device's code as an administrator.
async fn enter(page: &str, code: &str) {
    let mut browser = Browser::new();
    let page = browser.open(page).await;
    let page = browser
        .submit(page.form("/devicelogin").fill("otc", code))
        .await;
    let form = page.form("/login");
    let form = form.fill("login", ADMIN).fill("passwd", PASSWORD);
    let page = browser.submit(form).await;
    assert!(page.html.contains("id=\"approved\""), "{}", page.html);
}

/// Lets the application into Business Central, as its administrator does on its page.
async fn let_in(world: &World, client_id: &str) {
    let card = json!({ "client_id": client_id, "permission_sets": ["D365 BUS FULL ACCESS"] });
    let path = "business-central/applications";
    world.portal.control(Method::POST, path, &card).await;
}

/// One application with everything that belongs to it, once.
async fn assert_once(world: &World, setup: &Setup) {
    let known = world
        .portal
        .control(Method::GET, "applications", &Value::Null)
        .await;
    let made = known.as_array().unwrap().iter();
    let made: Vec<_> = made.filter(|app| app["display_name"] == PREFIX).collect();
    assert_eq!(made.len(), 1, "{known}");
    let users = world
        .portal
        .control(Method::GET, "dataverse/application-users", &Value::Null)
        .await;
    assert_eq!(users.as_array().unwrap().len(), 1, "{users}");
    let here = crate::api::Api::over_socket(&setup.data);
    let apps = here.get("/app-registrations").await;
    assert_eq!(apps["items"].as_array().unwrap().len(), 1, "{apps}");
    let connections = here.get("/connections?limit=100").await;
    assert_eq!(connections["items"].as_array().unwrap().len(), 7);
}

#[tokio::test(flavor = "multi_thread")]
async fn one_command_and_one_sign_in_connect_all_seven_services_and_keep_nothing_of_the_administrator()
 {
    let world = World::new().await;
    let since = modified(&world.sandbox.log);
    let setup = world.setup("server", None, "debug");
    let server = setup.start().await;
    let mut setting = Setting::begin(&world, &setup.data, &[]);
    setting.sign_in().await;
    let line = setting.hear("client id    ").await;
    let_in(&world, line.split_whitespace().last().unwrap()).await;
    let heard = setting.heard.join("\n");
    let (code, ended) = setting.end().await;
    assert_eq!(code, Some(0), "{ended}");

    let api = server.owner();
    let made = ended["connections"].as_array().unwrap();
    assert_eq!(made.len(), 7);
    for one in made {
        let name = one["connection"]["name"].as_str().unwrap();
        let test = api
            .post(&format!("/connections/{name}/test"), &json!({}))
            .await;
        assert_eq!(test["ok"], true, "{name}: {test}");
        let now = api.get(&format!("/connections/{name}")).await;
        assert_eq!(now["state"], "active", "{now}");
    }
    for (service, operation, input) in [
        (
            "outlook",
            "outlook.messages.list",
            json!({ "mailbox": ANA }),
        ),
        ("teams", "teams.teams.list", json!({})),
        ("onedrive", "onedrive.drives.list", json!({ "user": ANA })),
        (
            "sharepoint",
            "sharepoint.sites.search",
            json!({ "query": "Projects" }),
        ),
        ("crm", "crm.accounts.list", json!({})),
        ("fieldservice", "fieldservice.workorders.list", json!({})),
        (
            "businesscentral",
            "businesscentral.companies.list",
            json!({}),
        ),
    ] {
        let answer = api
            .run(&format!("{PREFIX}-{service}"), operation, &input)
            .await;
        let found = answer["value"].as_array().map_or(0, Vec::len);
        assert!(found > 0, "{operation}: {answer}");
    }
    assert_once(&world, &setup).await;

    // Everything that Entra gave out, the administrator's tokens and device code among it.
    let issued = world.portal.issued().await;
    assert!(issued.len() > 5, "{}", issued.len());
    let needles = Needles::new(issued.iter().map(String::as_str));
    let places = [
        setup.data.clone(),
        setup.log.clone(),
        world.sandbox.log.clone(),
    ];
    let found = search(&needles, &files(&places, since));
    assert!(found.is_empty(), "secrets lie in clear in {found:#?}");
    let shown = format!("{heard}\n{ended}");
    assert!(needles.found_in(shown.as_bytes()).is_empty(), "{shown}");
}

#[tokio::test(flavor = "multi_thread")]
async fn with_a_federated_credential_there_is_no_secret_at_all() {
    let world = World::new().await;
    let setup = world.setup("server", None, "info");
    let _server = setup.start().await;
    let more = ["--no-wait", "--proof", "federated"];
    let mut setting = Setting::begin(&world, &setup.data, &more);
    setting.sign_in().await;
    let (code, ended) = setting.end().await;
    assert_eq!(code, Some(5), "{ended}");
    let made = ended["connections"].as_array().unwrap().iter();
    let working = made.filter(|one| one["test"]["ok"] == true).count();
    assert_eq!(working, 6, "{ended}");
    let issued = world
        .portal
        .control(Method::GET, "issued", &Value::Null)
        .await;
    let secrets = issued.as_array().unwrap().iter();
    let of_ours = secrets.filter(|one| one["kind"] == "client_secret").count();
    // The sandbox's own sample application has one.
    assert_eq!(of_ours, 1, "{issued}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_plan_is_shown_and_nobody_is_asked() {
    let world = World::new().await;
    let setup = world.setup("server", None, "info");
    let _server = setup.start().await;
    let url = world.sandbox.ready["url"].as_str().unwrap();
    let run = |more: &'static [&'static str]| {
        Command::new(env!("CARGO_BIN_EXE_consentry"))
            .args([
                "connect",
                "crm",
                "--bootstrap",
                "--name",
                "crm",
                "--cloud",
                "sandbox",
            ])
            .args([
                "--environment-url",
                url,
                "--data",
                setup.data.to_str().unwrap(),
            ])
            .args(more)
            .env_clear()
            .env("HOME", &setup.data)
            .stdin(Stdio::null())
            .output()
    };
    let plan = run(&["--plan", "--json"]).await.unwrap();
    let plan: Value = serde_json::from_slice(&plan.stdout).unwrap();
    assert_eq!(plan["sign_in"]["client_name"], "Microsoft Azure CLI");
    let words = run(&["--plan"]).await.unwrap();
    let words = String::from_utf8(words.stdout).unwrap();
    assert!(
        words.contains("application user in Dataverse by hand"),
        "{words}"
    );
    // Without a terminal nobody can agree.
    assert_eq!(run(&[]).await.unwrap().status.code(), Some(2));
    assert_eq!(world.portal.issued().await.len(), 1);
}
