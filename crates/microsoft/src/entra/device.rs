//! Signing a person in on another machine's browser: a code is shown, the person enters it at Microsoft's page.
//!
//! Source: <https://learn.microsoft.com/entra/identity-platform/v2-oauth2-device-code>

use std::time::Duration;

use bytes::Bytes;
use http::header::{ACCEPT, CONTENT_TYPE};
use http::{HeaderValue, Method};
use secrecy::SecretString;
use serde::Deserialize;

use super::form::Form;
use super::response::{self, TokenResponse};
use super::{Entra, EntraError, TOKEN_DEADLINE};
use crate::{Body, Outgoing, Repeat};

const GRANT: &str = "urn:ietf:params:oauth:grant-type:device_code";
const LARGEST_ANSWER: usize = 64 * 1024;

/// What the person is shown, and what is asked with meanwhile.
#[derive(Debug)]
pub struct DeviceCode {
    pub device_code: SecretString,
    /// What the person enters.
    pub user_code: String,
    /// Where.
    pub verification_uri: String,
    /// How long the code is good for.
    pub expires_in: Duration,
    /// What passes at least between two questions.
    pub interval: Duration,
}

/// Whether the person has come.
#[derive(Debug)]
pub enum DeviceAnswer {
    Signed(Box<TokenResponse>),
    /// Not yet.
    Pending,
    /// Not yet, and five seconds more have to pass between two questions from now on.
    SlowDown,
    Declined,
    Expired,
}

#[derive(Deserialize)]
struct Wire {
    device_code: String,
    user_code: String,
    verification_uri: String,
    expires_in: u32,
    #[serde(default = "usual_interval")]
    interval: u32,
}

fn usual_interval() -> u32 {
    5
}

impl Entra {
    /// A code for the person to enter. Two of them are as good as one, so that it is repeated.
    pub async fn device_code(
        &self,
        tenant_id: &str,
        client_id: &str,
        scopes: &[String],
    ) -> Result<DeviceCode, EntraError> {
        let scope = scopes.join(" ");
        let form = Form::plain(client_id).field("scope", &scope);
        let url = self.endpoint(tenant_id, "oauth2/v2.0/devicecode");
        let request = Outgoing::new(Method::POST, url, Repeat::Safe)
            .header(
                CONTENT_TYPE,
                HeaderValue::from_static("application/x-www-form-urlencoded"),
            )
            .header(ACCEPT, HeaderValue::from_static("application/json"))
            .body(Body::Bytes(Bytes::from(form.encoded())))
            .deadline(TOKEN_DEADLINE);
        let answer = self.transport.send(request).await?;
        if !answer.status.is_success() {
            return Err(response::refusal(answer, |text| form.clean(text)).await);
        }
        let status = answer.status.as_u16();
        let body = answer.body.bytes(LARGEST_ANSWER).await?;
        let wire: Wire = serde_json::from_slice(&body).map_err(|_| EntraError::Unreadable {
            status,
            excerpt: String::new(),
            retry_after: None,
            request_id: None,
        })?;
        let seconds = |number: u32| Duration::from_secs(number.into());
        Ok(DeviceCode {
            device_code: wire.device_code.into(),
            user_code: wire.user_code,
            verification_uri: wire.verification_uri,
            expires_in: seconds(wire.expires_in),
            interval: seconds(wire.interval),
        })
    }

    /// Asks once whether the person has come. Never repeated: the code is redeemed once.
    pub async fn redeem_device_code(
        &self,
        tenant_id: &str,
        client_id: &str,
        device_code: &SecretString,
    ) -> Result<DeviceAnswer, EntraError> {
        let form = Form::new(GRANT, client_id).secret("device_code", device_code);
        let error = match self.token(tenant_id, &form, Repeat::Never).await {
            Ok(tokens) => return Ok(DeviceAnswer::Signed(Box::new(tokens))),
            Err(error) => error,
        };
        match error.fault().map(|fault| fault.error.as_str()) {
            Some("authorization_pending") => Ok(DeviceAnswer::Pending),
            Some("slow_down") => Ok(DeviceAnswer::SlowDown),
            Some("authorization_declined" | "access_denied") => Ok(DeviceAnswer::Declined),
            Some("expired_token") => Ok(DeviceAnswer::Expired),
            _ => Err(error),
        }
    }
}
