//! As much of a browser as signing in and consenting takes: redirects, cookies and forms, no script.

mod cookies;
mod form;

use std::time::Duration;

use anyhow::{Context, ensure};
use reqwest::header::{COOKIE, LOCATION, SET_COOKIE};
use reqwest::redirect::Policy;
use reqwest::{Client, Method, Response, StatusCode};
use url::Url;

use cookies::Cookies;
pub(super) use form::Form;

const PATIENCE: Duration = Duration::from_secs(30);
/// As many redirects as browsers follow before they suspect a circle.
const REDIRECTS: usize = 20;

#[derive(Default)]
pub(super) struct Browser {
    http: Option<Client>,
    cookies: Cookies,
}

/// What is shown at the end of the redirects.
#[derive(Debug)]
pub(super) struct Page {
    pub(super) url: Url,
    pub(super) status: StatusCode,
    pub(super) html: String,
    /// Every address on the way here, this one last.
    pub(super) trail: Vec<Url>,
}

impl Browser {
    pub(super) async fn open(&mut self, url: Url) -> anyhow::Result<Page> {
        self.follow(Method::GET, url, None).await
    }

    /// Sends a form as a click on its button does.
    pub(super) async fn submit(&mut self, form: &Form) -> anyhow::Result<Page> {
        if form.method == Method::GET {
            let mut url = form.action.clone();
            url.query_pairs_mut().clear().extend_pairs(&form.fields);
            return self.open(url).await;
        }
        self.follow(Method::POST, form.action.clone(), Some(&form.fields))
            .await
    }

    async fn follow(
        &mut self,
        mut method: Method,
        mut url: Url,
        mut fields: Option<&[(String, String)]>,
    ) -> anyhow::Result<Page> {
        let mut trail = Vec::new();
        for _ in 0..REDIRECTS {
            let response = self.ask(method.clone(), &url, fields).await?;
            trail.push(url.clone());
            let Some(next) = redirect(&response, &url)? else {
                return Ok(Page {
                    status: response.status(),
                    html: response.text().await.context("the page broke off")?,
                    url,
                    trail,
                });
            };
            let keeps_method = matches!(response.status().as_u16(), 307 | 308);
            if !keeps_method {
                (method, fields) = (Method::GET, None);
            }
            url = next;
        }
        anyhow::bail!("`{}` redirects in a circle", url.path())
    }

    async fn ask(
        &mut self,
        method: Method,
        url: &Url,
        fields: Option<&[(String, String)]>,
    ) -> anyhow::Result<Response> {
        let mut request = self.http()?.request(method, url.clone());
        if let Some(cookies) = self.cookies.of(url) {
            request = request.header(COOKIE, cookies);
        }
        if let Some(fields) = fields {
            request = request
                .header("origin", url.origin().ascii_serialization())
                .form(fields);
        }
        let response = request
            .send()
            .await
            .with_context(|| format!("`{}` does not answer", url.path()))?;
        for cookie in response.headers().get_all(SET_COOKIE) {
            self.cookies.keep(url, cookie.to_str().unwrap_or_default());
        }
        Ok(response)
    }

    fn http(&mut self) -> anyhow::Result<Client> {
        if let Some(http) = &self.http {
            return Ok(http.clone());
        }
        let http = Client::builder()
            .tls_certs_only([])
            .no_proxy()
            .timeout(PATIENCE)
            .redirect(Policy::none())
            .build()
            .context("the HTTP client cannot be made")?;
        Ok(self.http.insert(http).clone())
    }
}

impl Page {
    /// The form that is sent to this path.
    pub(super) fn form(&self, path: &str) -> anyhow::Result<Form> {
        ensure!(
            self.status.is_success(),
            "`{}` answered {}: {}",
            self.url.path(),
            self.status,
            form::text(&self.html)
        );
        form::find(&self.html, &self.url, |form| {
            form.action.path().ends_with(path)
        })
        .with_context(|| format!("`{}` has no form for `{path}`", self.url.path()))
    }
}

fn redirect(response: &Response, url: &Url) -> anyhow::Result<Option<Url>> {
    if !response.status().is_redirection() {
        return Ok(None);
    }
    let Some(location) = response.headers().get(LOCATION) else {
        return Ok(None);
    };
    let location = location.to_str().context("a redirect leads nowhere")?;
    Ok(Some(
        url.join(location).context("a redirect leads nowhere")?,
    ))
}
