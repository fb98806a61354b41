//! As much of a browser as signing in and consenting takes. All servers share one host here, so all cookies go to all.

use std::collections::BTreeMap;

use reqwest::header::{COOKIE, LOCATION, SET_COOKIE};
use reqwest::redirect::Policy;
use reqwest::{Client, Method, Response};
use scraper::{Html, Selector};
use url::Url;

const REDIRECTS: usize = 20;

pub(crate) struct Browser {
    http: Client,
    cookies: BTreeMap<String, String>,
    /// Values of all cookies that it ever held.
    pub(crate) seen_cookies: Vec<String>,
    /// Of the links of ours to connect that it opened: `/connect/{secret}`.
    pub(crate) link_secrets: Vec<String>,
}

pub(crate) struct Page {
    pub(crate) url: Url,
    pub(crate) status: u16,
    pub(crate) html: String,
}

pub(crate) struct Form {
    action: Url,
    fields: Vec<(String, String)>,
}

impl Browser {
    pub(crate) fn new() -> Self {
        let http = Client::builder()
            .tls_certs_only([])
            .no_proxy()
            .redirect(Policy::none())
            .build()
            .unwrap();
        Self {
            http,
            cookies: BTreeMap::new(),
            seen_cookies: Vec::new(),
            link_secrets: Vec::new(),
        }
    }

    pub(crate) async fn open(&mut self, url: &str) -> Page {
        if let Some((_, secret)) = url.split_once("/connect/") {
            self.link_secrets.push(secret.to_owned());
        }
        self.follow(Method::GET, url.parse().unwrap(), None).await
    }

    pub(crate) async fn submit(&mut self, form: Form) -> Page {
        self.follow(Method::POST, form.action, Some(form.fields))
            .await
    }

    async fn follow(
        &mut self,
        mut method: Method,
        mut url: Url,
        mut fields: Option<Vec<(String, String)>>,
    ) -> Page {
        for _ in 0..REDIRECTS {
            let response = self.ask(method, &url, fields.as_deref()).await;
            let is_redirect = response.status().is_redirection();
            let Some(next) = response.headers().get(LOCATION).filter(|_| is_redirect) else {
                let status = response.status().as_u16();
                return Page {
                    status,
                    html: response.text().await.unwrap(),
                    url,
                };
            };
            url = url.join(next.to_str().unwrap()).unwrap();
            (method, fields) = (Method::GET, None);
        }
        panic!("{url} redirects in a circle");
    }

    async fn ask(
        &mut self,
        method: Method,
        url: &Url,
        fields: Option<&[(String, String)]>,
    ) -> Response {
        let cookies: Vec<_> = self
            .cookies
            .iter()
            .map(|(name, value)| format!("{name}={value}"))
            .collect();
        let mut request = self
            .http
            .request(method, url.clone())
            .header(COOKIE, cookies.join("; "));
        if let Some(fields) = fields {
            request = request
                .header("origin", url.origin().ascii_serialization())
                .form(fields);
        }
        let response = request.send().await.unwrap();
        for cookie in response.headers().get_all(SET_COOKIE) {
            self.keep(cookie.to_str().unwrap());
        }
        response
    }

    fn keep(&mut self, set_cookie: &str) {
        let pair = set_cookie.split(';').next().unwrap();
        let (name, value) = pair.split_once('=').unwrap();
        if value.is_empty() {
            self.cookies.remove(name);
        } else {
            self.cookies.insert(name.to_owned(), value.to_owned());
            self.seen_cookies.push(value.to_owned());
        }
    }
}

impl Page {
    /// The form that is sent to a path with this end.
    pub(crate) fn form(&self, path: &str) -> Form {
        let document = Html::parse_document(&self.html);
        let (forms, inputs) = (selector("form"), selector("input[name]"));
        let found = document.select(&forms).find_map(|form| {
            let action = self
                .url
                .join(form.value().attr("action").unwrap_or_default())
                .unwrap();
            action.path().ends_with(path).then_some((action, form))
        });
        let (action, form) = found.unwrap_or_else(|| {
            panic!(
                "{} ({}) has no form for `{path}`:\n{}",
                self.url, self.status, self.html
            )
        });
        let fields = form.select(&inputs).filter_map(|input| {
            let attribute = |name| input.value().attr(name);
            let is_sent = !matches!(attribute("type"), Some("checkbox" | "radio" | "submit"));
            let value = attribute("value").unwrap_or_default().to_owned();
            is_sent
                .then(|| Some((attribute("name")?.to_owned(), value)))
                .flatten()
        });
        Form {
            action,
            fields: fields.collect(),
        }
    }
}

impl Form {
    #[must_use]
    pub(crate) fn fill(mut self, name: &str, value: &str) -> Self {
        self.fields.retain(|(field, _)| field != name);
        self.fields.push((name.to_owned(), value.to_owned()));
        self
    }
}

fn selector(text: &str) -> Selector {
    Selector::parse(text).unwrap()
}
