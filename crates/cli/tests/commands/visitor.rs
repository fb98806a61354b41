//! Whoever opens a connect link: one browser, from our page to the sandbox's and back.

use std::collections::BTreeMap;

use reqwest::header::{COOKIE, LOCATION, SET_COOKIE};
use reqwest::redirect::Policy;
use reqwest::{Client, Response};
use scraper::{ElementRef, Html, Selector};
use url::Url;

type Fields = Vec<(String, String)>;

/// Signs in as `login`, and confirms the account when asked.
pub(crate) fn accept(link: &str, login: &str) {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(async {
        let mut visitor = Visitor::new();
        let page = visitor.go(link.parse().unwrap(), None).await;
        let page = visitor.submit(page, "/start", &[]).await;
        let credentials = [("login", login), ("passwd", "Sandbox-1")];
        let page = visitor.submit(page, "/login", &credentials).await;
        visitor.submit(page, "/connect/confirm", &[]).await;
    });
}

struct Visitor {
    http: Client,
    cookies: BTreeMap<String, String>,
}

impl Visitor {
    fn new() -> Self {
        let builder = Client::builder().tls_certs_only([]).no_proxy();
        Self {
            http: builder.redirect(Policy::none()).build().unwrap(),
            cookies: BTreeMap::new(),
        }
    }

    async fn submit(
        &mut self,
        (url, html): (Url, String),
        path: &str,
        more: &[(&str, &str)],
    ) -> (Url, String) {
        let (action, mut fields) = form(&url, &html, path);
        for (name, value) in more {
            fields.retain(|(known, _)| known != name);
            fields.push(((*name).to_owned(), (*value).to_owned()));
        }
        self.go(action, Some(fields)).await
    }

    /// The page at the end of all redirects.
    async fn go(&mut self, mut url: Url, mut fields: Option<Fields>) -> (Url, String) {
        loop {
            let response = self.ask(&url, fields.take()).await;
            let Some(next) = response.headers().get(LOCATION) else {
                assert!(
                    response.status().is_success(),
                    "{url}: {}",
                    response.status()
                );
                return (url, response.text().await.unwrap());
            };
            url = url.join(next.to_str().unwrap()).unwrap();
        }
    }

    async fn ask(&mut self, url: &Url, fields: Option<Fields>) -> Response {
        let cookies: Vec<_> = self
            .cookies
            .iter()
            .map(|(name, value)| format!("{name}={value}"))
            .collect();
        let request = match fields {
            Some(fields) => self.http.post(url.clone()).form(&fields),
            None => self.http.get(url.clone()),
        };
        let response = request
            .header(COOKIE, cookies.join("; "))
            .send()
            .await
            .unwrap();
        for cookie in response.headers().get_all(SET_COOKIE) {
            let pair = cookie.to_str().unwrap().split(';').next().unwrap();
            let (name, value) = pair.split_once('=').unwrap();
            self.cookies.insert(name.to_owned(), value.to_owned());
        }
        response
    }
}

/// Where the form for `path` goes, and what it sends.
fn form(url: &Url, html: &str, path: &str) -> (Url, Fields) {
    let document = Html::parse_document(html);
    let forms = Selector::parse("form").unwrap();
    let action = |form: &ElementRef<'_>| {
        url.join(form.value().attr("action").unwrap_or_default())
            .unwrap()
    };
    let form = document
        .select(&forms)
        .find(|form| action(form).path().ends_with(path))
        .unwrap_or_else(|| panic!("{url} has no form for {path}"));
    let inputs = Selector::parse("input[name]").unwrap();
    let fields = form.select(&inputs).map(|input| {
        let attribute = |name| input.value().attr(name).unwrap_or_default().to_owned();
        (attribute("name"), attribute("value"))
    });
    (action(&form), fields.collect())
}
