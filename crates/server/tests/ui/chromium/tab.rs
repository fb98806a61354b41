//! A person at a tab of a browser of their own, which shares no cookies with anybody's.

use std::path::Path;

use serde_json::{Value, json};
use tokio::time::timeout;
use url::Url;

use super::process::{Chromium, PATIENCE};

/// What finds things on a page.
const PERSON: &str = include_str!("person.js");
/// As wide as a laptop's.
const DESK: (u32, u32) = (1280, 900);
const SHIFT: u32 = 8;

pub(crate) struct Tab {
    chromium: &'static Chromium,
    session: String,
    /// Of the pages whose console is looked at: ours.
    own: String,
}

impl Tab {
    /// A tab whose pages below `own` are held to a clean console.
    pub(crate) async fn new(own: &str) -> Self {
        let chromium = Chromium::get();
        let context = chromium
            .ask(None, "Target.createBrowserContext", json!({}))
            .await
            .unwrap();
        let page = json!({
            "url": "about:blank", "browserContextId": context["browserContextId"],
        });
        let target = chromium
            .ask(None, "Target.createTarget", page)
            .await
            .unwrap();
        let attach = json!({ "targetId": target["targetId"], "flatten": true });
        let attached = chromium
            .ask(None, "Target.attachToTarget", attach)
            .await
            .unwrap();
        let tab = Self {
            chromium,
            session: attached["sessionId"].as_str().unwrap().to_owned(),
            own: own.to_owned(),
        };
        for domain in ["Page", "Runtime", "Log", "Audits"] {
            tab.ask(&format!("{domain}.enable"), json!({})).await;
        }
        tab.resize(DESK.0, DESK.1).await;
        tab
    }

    /// So many pixels wide and high.
    pub(crate) async fn resize(&self, width: u32, height: u32) {
        let size = json!({
            "width": width, "height": height, "deviceScaleFactor": 1, "mobile": false,
        });
        self.ask("Emulation.setDeviceMetricsOverride", size).await;
    }

    pub(crate) async fn open(&self, address: &str) {
        let to = Url::parse(&self.own).unwrap().join(address).unwrap();
        let gone = self
            .ask("Page.navigate", json!({ "url": to.as_str() }))
            .await;
        assert!(gone["errorText"].is_null(), "{to}: {}", gone["errorText"]);
        self.evaluate("new Promise((loaded) => document.readyState === 'complete' ? loaded() : addEventListener('load', loaded))").await;
    }

    /// Clicks a button, a link or a summary.
    pub(crate) async fn press(&self, text: &str) {
        self.click("press", text).await;
    }

    /// Clicks a box or a circle by its label.
    pub(crate) async fn choose(&self, label: &str) {
        self.click("choice", label).await;
    }

    /// Clicks into the field with that label and types, over what stands there.
    pub(crate) async fn fill(&self, label: &str, text: &str) {
        self.click("field", label).await;
        self.evaluate("document.activeElement.select?.()").await;
        self.type_text(text).await;
    }

    /// Types into whatever has the focus.
    pub(crate) async fn type_text(&self, text: &str) {
        self.ask("Input.insertText", json!({ "text": text })).await;
    }

    /// Chooses a file that lies on this machine.
    pub(crate) async fn choose_file(&self, id: &str, file: &Path) {
        let question = json!({ "expression": format!("document.getElementById({})", json!(id)) });
        let found = self.ask("Runtime.evaluate", question).await;
        let chosen = json!({ "files": [file], "objectId": found["result"]["objectId"] });
        self.ask("DOM.setFileInputFiles", chosen).await;
    }

    /// Clicks what leads to a download, and waits for the file in `folder`.
    pub(crate) async fn download(&self, text: &str, folder: &Path) -> Vec<u8> {
        let allow = json!({ "behavior": "allow", "downloadPath": folder });
        self.ask("Page.setDownloadBehavior", allow).await;
        self.press(text).await;
        let arrived = async {
            while !self.has_downloaded() {
                self.evaluate("new Promise((go) => setTimeout(go, 20))")
                    .await;
            }
        };
        timeout(PATIENCE, arrived).await.unwrap();
        let mut files = std::fs::read_dir(folder).unwrap();
        std::fs::read(files.next().unwrap().unwrap().path()).unwrap()
    }

    fn has_downloaded(&self) -> bool {
        self.chromium.events(&self.session).iter().any(|event| {
            event["method"] == "Page.downloadProgress" && event["params"]["state"] == "completed"
        })
    }

    /// Whether something is to be seen at this place of the page.
    pub(crate) async fn shows(&self, selector: &str) -> bool {
        let question = format!(
            "document.querySelector({})?.checkVisibility() ?? false",
            json!(selector)
        );
        self.evaluate(&question).await == true
    }

    /// Waits until the page says this.
    pub(crate) async fn sees(&self, text: &str) {
        self.find("text", text).await;
    }

    /// Waits until the page has a heading of these words.
    pub(crate) async fn reads(&self, heading: &str) {
        self.find("heading", heading).await;
    }

    pub(crate) async fn tab_key(&self) {
        self.key("Tab", 9, None, 0).await;
    }

    pub(crate) async fn tab_key_back(&self) {
        self.key("Tab", 9, None, SHIFT).await;
    }

    pub(crate) async fn enter_key(&self) {
        self.key("Enter", 13, Some("\r"), 0).await;
    }

    pub(crate) async fn space_key(&self) {
        self.key(" ", 32, Some(" "), 0).await;
    }

    /// Everything that is to be read on the page, blanks folded.
    pub(crate) async fn text(&self) -> String {
        self.evaluate("document.body.innerText.replace(/\\s+/g, ' ')")
            .await
            .as_str()
            .unwrap()
            .to_owned()
    }

    pub(crate) async fn path(&self) -> String {
        let path = self.evaluate("location.pathname").await;
        path.as_str().unwrap().to_owned()
    }

    /// What an expression of the page's own language is, once it is known. A page that goes away meanwhile is no failure:
    /// the next one is asked.
    pub(crate) async fn evaluate(&self, expression: &str) -> Value {
        let question = json!({
            "expression": expression, "awaitPromise": true, "returnByValue": true,
        });
        let asked = async {
            loop {
                match self.try_ask("Runtime.evaluate", question.clone()).await {
                    Ok(answer) => return answer,
                    Err(error) if is_gone(&error) => tokio::task::yield_now().await,
                    Err(error) => panic!("{expression}: {error}"),
                }
            }
        };
        let mut answer = timeout(PATIENCE, asked).await.unwrap();
        let thrown = &answer["exceptionDetails"];
        assert!(thrown.is_null(), "{expression}: {thrown}");
        answer["result"]["value"].take()
    }

    /// That no page of ours wrote an error to the console, or asked for what its policy forbids.
    pub(crate) async fn is_clean(&self) {
        // What was said before an answer has arrived with it.
        self.evaluate("1").await;
        let complaints: Vec<String> = self
            .chromium
            .events(&self.session)
            .iter()
            .filter_map(|event| self.complaint(event))
            .collect();
        assert!(complaints.is_empty(), "{}", complaints.join("\n"));
    }

    fn complaint(&self, event: &Value) -> Option<String> {
        let said = &event["params"];
        let text = said.to_string();
        match event["method"].as_str()? {
            "Runtime.exceptionThrown" => Some(text),
            "Runtime.consoleAPICalled" => (said["type"] == "error").then_some(text),
            "Audits.issueAdded" => {
                (said["issue"]["code"] == "ContentSecurityPolicyIssue").then_some(text)
            }
            "Log.entryAdded" => {
                let entry = &said["entry"];
                let is_own = entry["url"]
                    .as_str()
                    .is_none_or(|url| url.starts_with(&self.own));
                // A page that is refused is one that explains: its status is no error of the browser's.
                let is_page = entry["source"] == "network" && !text.contains("/assets/");
                (entry["level"] == "error" && is_own && !is_page).then_some(text)
            }
            _ => None,
        }
    }

    async fn click(&self, kind: &str, text: &str) {
        let place = self.find(kind, text).await;
        assert_eq!(place["isCovered"], false, "`{text}` is covered: {place}");
        for what in ["mousePressed", "mouseReleased"] {
            let event = json!({
                "type": what, "x": place["x"], "y": place["y"], "button": "left", "clickCount": 1,
            });
            self.ask("Input.dispatchMouseEvent", event).await;
        }
    }

    async fn find(&self, kind: &str, wanted: &str) -> Value {
        let question = format!("({PERSON})({}, {})", json!(kind), json!(wanted));
        let found = timeout(PATIENCE / 2, self.evaluate(&question)).await;
        let Ok(place) = found else {
            let (path, said) = (self.path().await, self.text().await);
            panic!("no {kind} `{wanted}` on {path}: {said}");
        };
        place
    }

    async fn key(&self, key: &str, code: u32, text: Option<&str>, modifiers: u32) {
        for what in ["keyDown", "keyUp"] {
            let mut event = json!({
                "type": what, "key": key, "windowsVirtualKeyCode": code, "modifiers": modifiers,
            });
            if let Some(text) = text.filter(|_| what == "keyDown") {
                event["text"] = text.into();
            }
            self.ask("Input.dispatchKeyEvent", event).await;
        }
    }

    pub(super) async fn ask(&self, method: &str, parameters: Value) -> Value {
        self.try_ask(method, parameters)
            .await
            .unwrap_or_else(|error| panic!("{method}: {error}"))
    }

    async fn try_ask(&self, method: &str, parameters: Value) -> Result<Value, String> {
        self.chromium
            .ask(Some(&self.session), method, parameters)
            .await
    }
}

/// The page was left while it was asked.
fn is_gone(error: &str) -> bool {
    [
        "navigated",
        "context was destroyed",
        "Cannot find context",
        "Cannot find default execution context",
    ]
    .iter()
    .any(|part| error.contains(part))
}
