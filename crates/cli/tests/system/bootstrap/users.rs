//! A registration for users, and what they connect by it.

use std::process::Stdio;

use reqwest::Method;
use serde_json::{Value, json};
use tokio::process::Command;

use super::{PREFIX, Setting};
use crate::browser::Browser;
use crate::world::{ANA, PASSWORD, World};

/// Signs in at Microsoft and confirms the account here; whether Microsoft asked for consent.
async fn connect(url: &str) -> bool {
    let mut browser = Browser::new();
    let page = browser.open(url).await;
    let page = browser.submit(page.form("/start")).await;
    let form = page.form("/login");
    let form = form.fill("login", ANA).fill("passwd", PASSWORD);
    let mut page = browser.submit(form).await;
    let is_asked = page.url.path() != "/connect/confirm";
    if is_asked {
        let form = page.form("/consent").fill("decision", "accept");
        page = browser.submit(form).await;
    }
    let page = browser.submit(page.form("/connect/confirm")).await;
    assert_eq!(page.status, 200, "{}", page.html);
    is_asked
}

#[tokio::test(flavor = "multi_thread")]
async fn one_command_makes_a_registration_for_users_and_they_list_their_mail() {
    let world = World::new().await;
    // Nobody but an administrator may consent there.
    let settings = json!({ "user_consent": "disabled" });
    world
        .portal
        .control(Method::POST, "settings", &settings)
        .await;
    let setup = world.setup("server", None, "info");
    let server = setup.start().await;
    let services = ["outlook", "onedrive", "--oauth", "--admin-consent"];
    let mut setting = Setting::of(&setup.data, &services);
    setting.sign_in().await;
    for _ in 0..2 {
        let link = setting.hear("/connect/").await;
        assert!(!connect(link.trim()).await, "everybody was consented for");
    }
    let (code, ended) = setting.end().await;
    assert_eq!(code, Some(0), "{ended}");
    let api = server.owner();
    for (service, operation) in [
        ("outlook", "outlook.messages.list"),
        ("onedrive", "onedrive.drives.list"),
    ] {
        let name = format!("{PREFIX}-{service}");
        let known = api.get(&format!("/connections/{name}")).await;
        assert_eq!(
            (&known["state"], &known["method"]),
            (&json!("active"), &json!("oauth"))
        );
        assert_eq!(known["identity"]["username"], ANA);
        let answer = api.run(&name, operation, &json!({})).await;
        assert!(!answer["value"].as_array().unwrap().is_empty(), "{answer}");
    }

    // Once more: nothing is made, and nobody is asked for anything but the sign-in.
    let mut setting = Setting::of(&setup.data, &services);
    setting.sign_in().await;
    let (code, ended) = setting.end().await;
    assert_eq!(code, Some(0), "{ended}");
    let steps = ended["steps"].as_array().unwrap();
    assert!(steps.iter().all(|step| step["state"] == "there"), "{ended}");
    let known = world
        .portal
        .control(Method::GET, "applications", &Value::Null)
        .await;
    let made = known.as_array().unwrap().iter();
    assert_eq!(made.filter(|app| app["display_name"] == PREFIX).count(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn without_an_administrators_consent_the_user_is_asked_and_the_plan_says_so_before() {
    let world = World::new().await;
    let setup = world.setup("server", None, "info");
    let server = setup.start().await;
    let run = |more: &'static [&'static str]| {
        Command::new(env!("CARGO_BIN_EXE_consentry"))
            .args(["connect", "--oauth", "--bootstrap", "--name", PREFIX])
            .args(["--cloud", "sandbox", "--data", setup.data.to_str().unwrap()])
            .args(more)
            .env_clear()
            .env("HOME", &setup.data)
            .stdin(Stdio::null())
            .output()
    };
    let plan = run(&["outlook", "--plan"]).await.unwrap();
    let words = String::from_utf8(plan.stdout).unwrap();
    let redirect = format!("{}/oauth/callback", server.url);
    for said in [
        redirect.as_str(),
        "delegated  Mail.Send",
        "a link for whoever's account",
    ] {
        assert!(words.contains(said), "{said}: {words}");
    }
    assert!(!words.contains("Privileged Role Administrator"), "{words}");
    let plan = run(&["all", "--plan", "--admin-consent", "--json"])
        .await
        .unwrap();
    let plan: Value = serde_json::from_slice(&plan.stdout).unwrap();
    let steps = plan["steps"].as_array().unwrap().iter();
    let ids: Vec<_> = steps.map(|step| step["id"].as_str().unwrap()).collect();
    assert!(
        ids.contains(&"consent_for_users") && ids.contains(&"connection_teams"),
        "{ids:?}"
    );
    assert!(!ids.contains(&"connection_crm"), "{ids:?}");
    let refused = run(&["crm", "--plan"]).await.unwrap();
    assert_eq!(refused.status.code(), Some(2));

    let mut setting = Setting::of(&setup.data, &["outlook", "--oauth", "--no-wait"]);
    setting.sign_in().await;
    let (code, ended) = setting.end().await;
    assert_eq!(code, Some(0), "{ended}");
    let url = ended["connections"][0]["connect_url"].as_str().unwrap();
    assert!(connect(url).await);
    let answer = server
        .owner()
        .run(PREFIX, "outlook.messages.list", &json!({ "top": 1 }))
        .await;
    assert_eq!(answer["value"].as_array().unwrap().len(), 1, "{answer}");
}
