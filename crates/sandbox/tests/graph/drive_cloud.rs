//! What tests of drives do to files.

use reqwest::redirect::Policy;
use reqwest::{Client, Method};
use serde_json::Value;

use crate::cloud::{ANA, Answer, Caller, Cloud, answer};

pub(crate) const FILES: [&str; 1] = ["Files.ReadWrite.All"];

impl Cloud {
    /// Ana with everything that files need.
    pub(crate) fn files_of_ana(&self) -> Caller<'_> {
        self.user(ANA, &FILES)
    }

    /// A request without a token, as pre-authenticated addresses want it.
    pub(crate) async fn plain(
        &self,
        method: Method,
        url: &str,
        headers: &[(&str, &str)],
        body: Vec<u8>,
    ) -> Answer {
        let mut request = self.request(method, url);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        answer(request.body(body)).await
    }

    /// The bytes of a file, by its address without a token.
    pub(crate) async fn bytes(&self, url: &str) -> Vec<u8> {
        let response = self.request(Method::GET, url).send().await.unwrap();
        assert_eq!(response.status().as_u16(), 200);
        response.bytes().await.unwrap().to_vec()
    }
}

/// `PUT …/content`
pub(crate) async fn put(
    cloud: &Cloud,
    caller: &Caller<'_>,
    path: &str,
    headers: &[(&str, &str)],
    body: &[u8],
) -> Answer {
    let mut request = cloud.request(Method::PUT, path).bearer_auth(&caller.token);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    answer(request.body(body.to_vec())).await
}

/// The answer itself where a client would follow a redirect.
pub(crate) async fn unfollowed(cloud: &Cloud, caller: &Caller<'_>, path: &str) -> Answer {
    let http = Client::builder().redirect(Policy::none()).build().unwrap();
    let url = format!("{}/v1.0{path}", cloud.sandbox.url());
    answer(http.get(url).bearer_auth(&caller.token)).await
}

pub(crate) fn names(items: &[Value]) -> Vec<&str> {
    items
        .iter()
        .map(|item| item["name"].as_str().unwrap())
        .collect()
}

/// Asserts a refusal of a personal site, which writes `innererror`.
pub(crate) fn assert_refused_plainly(answer: &Answer, status: u16, code: &str) {
    assert_eq!(
        (answer.status, answer.code()),
        (status, code),
        "{}",
        answer.text
    );
    assert_eq!(answer.body["error"]["innererror"]["code"], code);
    assert!(!answer.message().is_empty());
}
