use form_urlencoded::Serializer;
use secrecy::{ExposeSecret, SecretString};

/// The kind of assertion that proves a client, by RFC 7523.
const JWT_BEARER: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

/// Shorter ones would match ordinary words; no secret of Microsoft's is as short.
const SHORTEST_SECRET: usize = 8;

/// A proof as it is sent.
pub(super) enum Presented<'a> {
    Secret(&'a SecretString),
    Assertion(SecretString),
    Nothing,
}

/// The parameters of a token request. It remembers which are secret, so that an answer that echoes one can be cleaned
/// before anybody reads it.
pub(super) struct Form<'a> {
    fields: Vec<(&'static str, &'a str)>,
    secrets: Vec<&'a str>,
}

impl<'a> Form<'a> {
    pub(super) fn new(grant_type: &'static str, client_id: &'a str) -> Self {
        Self {
            fields: vec![("grant_type", grant_type), ("client_id", client_id)],
            secrets: Vec::new(),
        }
    }

    /// One that asks for no token.
    pub(super) fn plain(client_id: &'a str) -> Self {
        Self {
            fields: vec![("client_id", client_id)],
            secrets: Vec::new(),
        }
    }

    pub(super) fn field(mut self, name: &'static str, value: &'a str) -> Self {
        self.fields.push((name, value));
        self
    }

    pub(super) fn secret(mut self, name: &'static str, value: &'a SecretString) -> Self {
        let value = value.expose_secret();
        self.fields.push((name, value));
        self.secrets.push(value);
        self
    }

    pub(super) fn proof(self, proof: &'a Presented<'_>) -> Self {
        match proof {
            Presented::Nothing => self,
            Presented::Secret(secret) => self.secret("client_secret", secret),
            Presented::Assertion(assertion) => self
                .field("client_assertion_type", JWT_BEARER)
                .secret("client_assertion", assertion),
        }
    }

    /// `application/x-www-form-urlencoded`.
    pub(super) fn encoded(&self) -> String {
        Serializer::new(String::new())
            .extend_pairs(&self.fields)
            .finish()
    }

    /// `text` with every secret that was sent taken out, in each way that an answer may spell it.
    pub(super) fn clean(&self, text: &str) -> String {
        let mut text = text.to_owned();
        for secret in self.secrets.iter().filter(|s| s.len() >= SHORTEST_SECRET) {
            for spelling in spellings(secret) {
                text = text.replace(&spelling, "[redacted]");
            }
        }
        text
    }
}

fn spellings(secret: &str) -> [String; 3] {
    let form = form_urlencoded::byte_serialize(secret.as_bytes()).collect();
    let json = serde_json::Value::from(secret).to_string();
    [secret.to_owned(), form, json.trim_matches('"').to_owned()]
}
