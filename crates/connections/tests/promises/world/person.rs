//! A browser with somebody before it.

use connections::oauth::Callback;
use scraper::{Html, Selector};
use url::Url;

/// Somebody at the sandbox's sign-in and consent pages.
pub(crate) struct Person {
    client: reqwest::Client,
    base: String,
    cookie: Option<String>,
}

impl Person {
    pub(crate) fn new(base: &str) -> Self {
        let client = reqwest::Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .build()
            .unwrap();
        Self {
            client,
            base: base.to_owned(),
            cookie: None,
        }
    }

    /// Signs in, decides, and answers what the redirect back carried.
    pub(crate) async fn consent(
        &mut self,
        authorize_url: &str,
        person: &str,
        decision: &str,
    ) -> Callback {
        let request = self.client.get(authorize_url);
        let (mut location, mut html) = self.send(request).await;
        if html.contains("id=\"sign-in\"") {
            (location, html) = self
                .submit(
                    &html,
                    "sign-in",
                    &[("login", person), ("passwd", "Sandbox-1")],
                )
                .await;
        }
        if location.is_none() {
            (location, _) = self
                .submit(&html, "consent", &[("decision", decision)])
                .await;
        }
        callback(&location.expect("the pages end with a redirect"))
    }

    /// Enters a device's code, signs in and agrees; the page at the end.
    pub(crate) async fn enter(&mut self, page: &str, code: &str, person: &str) -> String {
        let request = self.client.get(page);
        let (_, html) = self.send(request).await;
        let (location, _) = self.submit(&html, "device", &[("otc", code)]).await;
        let url = format!("{}{}", self.base, location.expect("the code is known"));
        let request = self.client.get(url);
        let (_, html) = self.send(request).await;
        let fields = [("login", person), ("passwd", "Sandbox-1")];
        let (_, html) = self.submit(&html, "sign-in", &fields).await;
        if !html.contains("id=\"consent\"") {
            return html;
        }
        self.submit(&html, "consent", &[("decision", "accept")])
            .await
            .1
    }

    async fn submit(
        &mut self,
        html: &str,
        id: &str,
        fields: &[(&str, &str)],
    ) -> (Option<String>, String) {
        let (action, mut values) = form(html, id);
        values.retain(|(name, _)| !fields.iter().any(|(ours, _)| ours == name));
        values.extend(
            fields
                .iter()
                .map(|(name, value)| ((*name).to_owned(), (*value).to_owned())),
        );
        let request = self
            .client
            .post(format!("{}{action}", self.base))
            .form(&values);
        self.send(request).await
    }

    async fn send(&mut self, mut request: reqwest::RequestBuilder) -> (Option<String>, String) {
        if let Some(cookie) = &self.cookie {
            request = request.header("cookie", cookie);
        }
        let response = request.send().await.unwrap();
        let header = |name: &str| {
            response
                .headers()
                .get(name)
                .map(|value| value.to_str().unwrap().to_owned())
        };
        if let Some(cookie) = header("set-cookie") {
            self.cookie = Some(cookie.split(';').next().unwrap().to_owned());
        }
        (header("location"), response.text().await.unwrap())
    }
}

fn form(html: &str, id: &str) -> (String, Vec<(String, String)>) {
    let document = Html::parse_document(html);
    let form = Selector::parse(&format!("form#{id}")).unwrap();
    let form = document
        .select(&form)
        .next()
        .unwrap_or_else(|| panic!("no form `{id}` in {html}"));
    let inputs = Selector::parse("input:not([type=checkbox])").unwrap();
    let values = form.select(&inputs).filter_map(|input| {
        Some((
            input.attr("name")?.to_owned(),
            input.attr("value").unwrap_or_default().to_owned(),
        ))
    });
    (form.attr("action").unwrap().to_owned(), values.collect())
}

fn callback(location: &str) -> Callback {
    let url = Url::parse(location).unwrap();
    let mut callback = Callback::default();
    for (name, value) in url.query_pairs() {
        let value = value.into_owned();
        match name.as_ref() {
            "state" => callback.state = value,
            "code" => callback.code = Some(value.into()),
            "error" => callback.error = Some(value),
            "error_description" => callback.error_description = Some(value),
            "error_subcode" => callback.error_subcode = Some(value),
            _ => {}
        }
    }
    callback
}
