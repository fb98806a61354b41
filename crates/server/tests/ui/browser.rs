//! A browser without scripts: it keeps cookies by host and port, follows redirects, and fills in forms.

use std::collections::BTreeMap;

use reqwest::Client;
use reqwest::redirect::Policy;
use scraper::{ElementRef, Html, Selector};
use url::{Url, form_urlencoded};

/// Where a chain of redirects is given up.
const HOPS: usize = 10;

/// A person's browser.
pub(crate) struct Browser {
    client: Client,
    base: Url,
    cookies: BTreeMap<(String, String), String>,
    /// Redirects to addresses with this beginning are not followed.
    pub(crate) stops_at: Option<String>,
}

/// What it shows.
pub(crate) struct Page {
    pub(crate) url: Url,
    pub(crate) status: u16,
    pub(crate) headers: reqwest::header::HeaderMap,
    pub(crate) html: String,
}

impl Browser {
    pub(crate) fn new(base: &str) -> Self {
        let client = Client::builder()
            .redirect(Policy::none())
            .no_proxy()
            .build()
            .unwrap();
        Self {
            client,
            base: base.parse().unwrap(),
            cookies: BTreeMap::new(),
            stops_at: None,
        }
    }

    pub(crate) async fn open(&mut self, address: &str) -> Page {
        let url = self.base.join(address).unwrap();
        self.go(url, None, &[]).await
    }

    /// With more headers than a browser's own.
    pub(crate) async fn open_with(&mut self, address: &str, headers: &[(&str, &str)]) -> Page {
        let url = self.base.join(address).unwrap();
        self.go(url, None, headers).await
    }

    /// Sends the form of `page` with that action, with these fields filled in or pressed. A checkbox stays as it is.
    pub(crate) async fn submit(
        &mut self,
        page: &Page,
        action: &str,
        fields: &[(&str, &str)],
    ) -> Page {
        let mut values = page.form(action);
        for (name, _) in fields {
            values.retain(|(known, _)| known != name);
        }
        values.extend(
            fields
                .iter()
                .map(|(name, value)| ((*name).to_owned(), (*value).to_owned())),
        );
        self.post(page.url.join(action).unwrap().as_str(), &values, &[])
            .await
    }

    pub(crate) async fn post(
        &mut self,
        address: &str,
        values: &[(String, String)],
        headers: &[(&str, &str)],
    ) -> Page {
        let body = form_urlencoded::Serializer::new(String::new())
            .extend_pairs(values)
            .finish();
        let url = self.base.join(address).unwrap();
        self.go(url, Some(body), headers).await
    }

    /// Another browser with the same cookies: for a second use of what the first has used.
    pub(crate) fn cookie(&self, name: &str) -> Option<&str> {
        self.cookies
            .iter()
            .find(|((_, known), _)| known == name)
            .map(|(_, value)| value.as_str())
    }

    async fn go(
        &mut self,
        mut url: Url,
        mut body: Option<String>,
        headers: &[(&str, &str)],
    ) -> Page {
        for _ in 0..HOPS {
            let page = self.once(url.clone(), body.take(), headers).await;
            let next = page
                .headers
                .get("location")
                .map(|to| to.to_str().unwrap().to_owned());
            match next {
                Some(next) if (300..400).contains(&page.status) => {
                    let next = page.url.join(&next).unwrap();
                    if self
                        .stops_at
                        .as_ref()
                        .is_some_and(|stop| next.as_str().starts_with(stop))
                    {
                        return page;
                    }
                    url = next;
                }
                _ => return page,
            }
        }
        panic!("too many redirects, last to {url}");
    }

    async fn once(&mut self, url: Url, body: Option<String>, headers: &[(&str, &str)]) -> Page {
        let host = host(&url);
        let mut request = match body {
            None => self.client.get(url.clone()),
            Some(body) => self
                .client
                .post(url.clone())
                .header("content-type", "application/x-www-form-urlencoded")
                .body(body),
        };
        let own: Vec<String> = self
            .cookies
            .iter()
            .filter(|((known, _), _)| *known == host)
            .map(|((_, name), value)| format!("{name}={value}"))
            .collect();
        if !own.is_empty() {
            request = request.header("cookie", own.join("; "));
        }
        if !headers.iter().any(|(name, _)| *name == "accept") {
            request = request.header("accept", "text/html,application/xhtml+xml");
        }
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let response = request.send().await.unwrap();
        for cookie in response.headers().get_all("set-cookie") {
            self.keep(&host, cookie.to_str().unwrap());
        }
        Page {
            url,
            status: response.status().as_u16(),
            headers: response.headers().clone(),
            html: response.text().await.unwrap(),
        }
    }

    fn keep(&mut self, host: &str, cookie: &str) {
        let (pair, attributes) = cookie.split_once(';').unwrap_or((cookie, ""));
        let (name, value) = pair.split_once('=').unwrap();
        let key = (host.to_owned(), name.to_owned());
        if attributes.contains("Max-Age=0") {
            self.cookies.remove(&key);
        } else {
            self.cookies.insert(key, value.to_owned());
        }
    }
}

fn host(url: &Url) -> String {
    format!(
        "{}:{}",
        url.host_str().unwrap(),
        url.port_or_known_default().unwrap()
    )
}

impl Page {
    fn document(&self) -> Html {
        Html::parse_document(&self.html)
    }

    /// The text of the first element that a selector finds, blanks folded.
    pub(crate) fn text(&self, selector: &str) -> String {
        self.texts(selector).into_iter().next().unwrap_or_default()
    }

    pub(crate) fn texts(&self, selector: &str) -> Vec<String> {
        let selector = Selector::parse(selector).unwrap();
        self.document().select(&selector).map(words).collect()
    }

    pub(crate) fn attribute(&self, selector: &str, name: &str) -> Option<String> {
        self.attributes(selector, name).into_iter().next()
    }

    pub(crate) fn attributes(&self, selector: &str, name: &str) -> Vec<String> {
        let selector = Selector::parse(selector).unwrap();
        let document = self.document();
        document
            .select(&selector)
            .filter_map(|element| element.attr(name).map(str::to_owned))
            .collect()
    }

    /// Where the form whose address ends so is sent.
    pub(crate) fn action_of(&self, end: &str) -> String {
        let mut actions = self.attributes("form", "action").into_iter();
        actions.find(|action| action.ends_with(end)).unwrap()
    }

    pub(crate) fn count(&self, selector: &str) -> usize {
        self.texts(selector).len()
    }

    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers
            .get(name)
            .map_or("", |value| value.to_str().unwrap())
    }

    /// The address that it redirects to.
    pub(crate) fn location(&self) -> Url {
        self.url.join(self.header("location")).unwrap()
    }

    /// The values of the form with that action, as they would be sent untouched.
    fn form(&self, action: &str) -> Vec<(String, String)> {
        let document = self.document();
        let form = Selector::parse(&format!("form[action='{action}']")).unwrap();
        let form = document.select(&form).next();
        let form = form.unwrap_or_else(|| panic!("no form for `{action}`: {}", self.html));
        let inputs = Selector::parse("input, select").unwrap();
        form.select(&inputs).filter_map(value).collect()
    }
}

fn words(element: ElementRef<'_>) -> String {
    element
        .text()
        .collect::<String>()
        .split_whitespace()
        .collect::<Vec<_>>()
        .join(" ")
}

fn value(input: ElementRef<'_>) -> Option<(String, String)> {
    let name = input.attr("name")?.to_owned();
    let kind = input.attr("type").unwrap_or_default();
    if matches!(kind, "checkbox" | "radio") && input.attr("checked").is_none() {
        return None;
    }
    if input.value().name() == "select" {
        let chosen = Selector::parse("option[selected]").unwrap();
        let chosen = input.select(&chosen).next()?;
        return Some((name, chosen.attr("value")?.to_owned()));
    }
    Some((name, input.attr("value").unwrap_or_default().to_owned()))
}
