//! A browser of few words: it keeps one cookie, reads forms, and does not follow redirects.

use reqwest::Client;
use scraper::{ElementRef, Html, Selector};
use url::Url;

use crate::cloud::http;

/// A person's browser.
pub(crate) struct Browser {
    client: Client,
    base: String,
    cookie: Option<String>,
}

/// What it shows.
pub(crate) struct Page {
    pub(crate) status: u16,
    pub(crate) location: Option<String>,
    pub(crate) html: String,
}

impl Browser {
    pub(crate) fn new(base: &str) -> Self {
        Self {
            client: http(),
            base: base.to_owned(),
            cookie: None,
        }
    }

    pub(crate) async fn open(&mut self, url: &str) -> Page {
        let request = self.client.get(url);
        self.send(request).await
    }

    /// Sends a form of a page, with these fields filled in or pressed.
    pub(crate) async fn submit(
        &mut self,
        page: &Page,
        form: &str,
        fields: &[(&str, &str)],
    ) -> Page {
        let (action, mut values) = page.form(form);
        for (name, value) in fields {
            values.retain(|(known, _)| known != name);
            values.push(((*name).to_owned(), (*value).to_owned()));
        }
        let request = self
            .client
            .post(format!("{}{action}", self.base))
            .form(&values);
        self.send(request).await
    }

    /// Opens a page and signs in on it.
    pub(crate) async fn sign_in(&mut self, url: &str, person: &str) -> Page {
        let page = self.open(url).await;
        assert_eq!(page.status, 200, "{}", page.html);
        self.enter(&page, person, "Sandbox-1").await
    }

    pub(crate) async fn enter(&mut self, page: &Page, person: &str, password: &str) -> Page {
        let fields = [("login", person), ("passwd", password)];
        self.submit(page, "sign-in", &fields).await
    }

    pub(crate) async fn decide(&mut self, page: &Page, decision: &str) -> Page {
        self.submit(page, "consent", &[("decision", decision)])
            .await
    }

    pub(crate) fn forget_cookies(&mut self) {
        self.cookie = None;
    }

    async fn send(&mut self, mut request: reqwest::RequestBuilder) -> Page {
        if let Some(cookie) = &self.cookie {
            request = request.header("cookie", cookie);
        }
        let response = request.send().await.unwrap();
        let header = |name: &str| {
            let value = response.headers().get(name)?;
            Some(value.to_str().unwrap().to_owned())
        };
        if let Some(cookie) = header("set-cookie") {
            self.cookie = Some(cookie.split(';').next().unwrap().to_owned());
        }
        Page {
            status: response.status().as_u16(),
            location: header("location"),
            html: response.text().await.unwrap(),
        }
    }
}

impl Page {
    /// The text of the first element that a selector finds.
    pub(crate) fn text(&self, selector: &str) -> String {
        self.texts(selector).first().cloned().unwrap_or_default()
    }

    pub(crate) fn texts(&self, selector: &str) -> Vec<String> {
        let document = Html::parse_document(&self.html);
        let selector = Selector::parse(selector).unwrap();
        let found = document.select(&selector);
        found
            .map(|element| element.text().collect::<String>().trim().to_owned())
            .collect()
    }

    /// An attribute of the first element that a selector finds.
    pub(crate) fn attribute(&self, selector: &str, name: &str) -> Option<String> {
        let document = Html::parse_document(&self.html);
        let selector = Selector::parse(selector).unwrap();
        let element = document.select(&selector).next()?;
        element.attr(name).map(str::to_owned)
    }

    /// A parameter that went to the redirect URI.
    pub(crate) fn answer(&self, name: &str) -> String {
        self.find_answer(name)
            .unwrap_or_else(|| panic!("no `{name}`: {:?} {}", self.location, self.html))
    }

    pub(crate) fn find_answer(&self, name: &str) -> Option<String> {
        let url = Url::parse(self.location.as_ref()?).unwrap();
        let query = url.query().or(url.fragment()).unwrap_or_default();
        url::form_urlencoded::parse(query.as_bytes())
            .find(|(key, _)| key == name)
            .map(|(_, value)| value.into_owned())
    }

    /// Action and values of a form.
    pub(crate) fn form(&self, id: &str) -> (String, Vec<(String, String)>) {
        let document = Html::parse_document(&self.html);
        let form = Selector::parse(&format!("form#{id}, form[name={id}]")).unwrap();
        let form = document
            .select(&form)
            .next()
            .unwrap_or_else(|| panic!("no form `{id}`: {}", self.html));
        let inputs = Selector::parse("input:not([type=checkbox])").unwrap();
        let values = form.select(&inputs).filter_map(value).collect();
        (form.attr("action").unwrap().to_owned(), values)
    }
}

fn value(input: ElementRef<'_>) -> Option<(String, String)> {
    let name = input.attr("name")?.to_owned();
    Some((name, input.attr("value").unwrap_or_default().to_owned()))
}
