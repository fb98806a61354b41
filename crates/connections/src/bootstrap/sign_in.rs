//! The administrator's sign-in: by a code that is entered at Microsoft's page, or in the browser of this machine.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use microsoft::entra::Prompt;
use microsoft::{AuthorizeRequest, ClientProof, CodeGrant, DeviceAnswer, Pkce};
use model::{random_token, sha256};
use secrecy::SecretString;
use url::{Host, Url};

use super::administrator::Administrator;
use super::plan::SignInPlan;
use super::refusal::of_entra;
use crate::{Context, Error, Result};

/// How the administrator is to sign in.
#[derive(Debug, Clone)]
pub enum SignIn {
    DeviceCode,
    /// Microsoft sends the browser back to this address of the administrator's own machine: `http://localhost:40123`.
    Browser {
        redirect_uri: String,
    },
}

/// How long a browser may take. A device code says its own time.
const BROWSER: SignedDuration = SignedDuration::from_mins(10);
/// What `slow_down` adds.
const SLOWER: Duration = Duration::from_secs(5);

/// One that is under way.
pub(super) struct Pending {
    plan: SignInPlan,
    way: Way,
    pub(super) expires_at: Timestamp,
    pub(super) not_before: Timestamp,
}

enum Way {
    Device {
        device_code: SecretString,
        user_code: String,
        verification_uri: String,
        interval: Duration,
    },
    Browser {
        redirect_uri: String,
        state: String,
        verifier: SecretString,
        authorize_url: Url,
    },
}

/// What the person needs to see.
pub(super) struct Shown<'a> {
    pub(super) user_code: Option<&'a str>,
    pub(super) verification_uri: Option<&'a str>,
    pub(super) authorize_url: Option<&'a str>,
}

impl Pending {
    pub(super) async fn begin(context: &Context, plan: &SignInPlan, way: SignIn) -> Result<Self> {
        let now = context.now();
        let cloud = context.cloud(&plan.cloud)?;
        let entra = context.entra(&cloud);
        let SignIn::Browser { redirect_uri } = way else {
            let code = entra
                .device_code(&plan.tenant, &plan.client_id, &plan.scopes)
                .await
                .map_err(|error| of_entra(&cloud, &error))?;
            let lifetime = SignedDuration::try_from(code.expires_in);
            return Ok(Self {
                plan: plan.clone(),
                expires_at: now + lifetime.unwrap_or(BROWSER),
                not_before: later(now, code.interval),
                way: Way::Device {
                    device_code: code.device_code,
                    user_code: code.user_code,
                    verification_uri: code.verification_uri,
                    interval: code.interval,
                },
            });
        };
        check_redirect(&redirect_uri)?;
        let pkce = Pkce::generate(&*context.random);
        let state = random_token(&*context.random);
        let authorize_url = entra.authorize_url(&AuthorizeRequest {
            tenant_id: &plan.tenant,
            client_id: &plan.client_id,
            redirect_uri: &redirect_uri,
            scopes: &plan.scopes,
            state: &state,
            nonce: &random_token(&*context.random),
            code_challenge: &pkce.challenge,
            login_hint: None,
            prompt: Some(Prompt::SelectAccount),
        });
        Ok(Self {
            plan: plan.clone(),
            expires_at: now + BROWSER,
            not_before: now,
            way: Way::Browser {
                redirect_uri,
                state,
                verifier: pkce.verifier,
                authorize_url,
            },
        })
    }

    pub(super) fn shown(&self) -> Shown<'_> {
        match &self.way {
            Way::Device {
                user_code,
                verification_uri,
                ..
            } => Shown {
                user_code: Some(user_code),
                verification_uri: Some(verification_uri),
                authorize_url: None,
            },
            Way::Browser { authorize_url, .. } => Shown {
                user_code: None,
                verification_uri: None,
                authorize_url: Some(authorize_url.as_str()),
            },
        }
    }

    /// Asks once whether the person has come. `None` when not yet.
    pub(super) async fn ask(&mut self, context: &Context) -> Result<Option<Administrator>> {
        let now = context.now();
        if now >= self.expires_at {
            return Err(expired());
        }
        let Way::Device {
            device_code,
            interval,
            ..
        } = &mut self.way
        else {
            // The browser's answer comes by itself.
            self.not_before = now + SignedDuration::from_secs(1);
            return Ok(None);
        };
        let cloud = context.cloud(&self.plan.cloud)?;
        let entra = context.entra(&cloud);
        let (tenant, client) = (&self.plan.tenant, &self.plan.client_id);
        match entra.redeem_device_code(tenant, client, device_code).await {
            Ok(DeviceAnswer::Signed(tokens)) => Administrator::of(&self.plan, *tokens).map(Some),
            Ok(DeviceAnswer::Pending) => {
                self.not_before = later(now, *interval);
                Ok(None)
            }
            Ok(DeviceAnswer::SlowDown) => {
                *interval += SLOWER;
                self.not_before = later(now, *interval);
                Ok(None)
            }
            Ok(DeviceAnswer::Declined) => Err(declined()),
            Ok(DeviceAnswer::Expired) => Err(expired()),
            Err(error) if error.is_transient() => {
                self.not_before = later(now, *interval);
                Ok(None)
            }
            Err(error) => Err(of_entra(&cloud, &error)),
        }
    }

    /// The browser came back with a code.
    pub(super) async fn redeem(
        &self,
        context: &Context,
        code: &SecretString,
        state: &str,
    ) -> Result<Administrator> {
        let Way::Browser {
            redirect_uri,
            state: expected,
            verifier,
            ..
        } = &self.way
        else {
            return Err(Error::Invalid {
                field: "code",
                message: "this sign-in is by a code that is entered at Microsoft's page".to_owned(),
            });
        };
        if context.now() >= self.expires_at {
            return Err(expired());
        }
        if sha256(expected.as_bytes()) != sha256(state.as_bytes()) {
            return Err(crate::AttemptError::StateMismatch.into());
        }
        let cloud = context.cloud(&self.plan.cloud)?;
        let grant = CodeGrant {
            tenant_id: &self.plan.tenant,
            client_id: &self.plan.client_id,
            proof: ClientProof::Public,
            code,
            redirect_uri,
            code_verifier: verifier,
            scopes: &self.plan.scopes,
        };
        let tokens = context.entra(&cloud).redeem_code(&grant).await;
        Administrator::of(
            &self.plan,
            tokens.map_err(|error| of_entra(&cloud, &error))?,
        )
    }
}

/// Where Microsoft's own clients may be sent back to: this very machine, at any port.
fn check_redirect(redirect_uri: &str) -> Result<()> {
    let is_here = Url::parse(redirect_uri).is_ok_and(|url| {
        url.scheme() == "http"
            && matches!(url.host(), Some(Host::Domain("localhost")))
            && url.username().is_empty()
            && url.password().is_none()
            && url.query().is_none()
            && url.fragment().is_none()
    });
    if is_here {
        return Ok(());
    }
    Err(Error::Invalid {
        field: "redirect_uri",
        message:
            "is an address of the administrator's own machine, such as `http://localhost:40123`"
                .to_owned(),
    })
}

fn later(now: Timestamp, by: Duration) -> Timestamp {
    now + SignedDuration::try_from(by).unwrap_or(SignedDuration::from_secs(5))
}

fn expired() -> Error {
    Error::Forbidden {
        reason:
            "nobody signed in within the time that Microsoft gives; run it again for a new code"
                .to_owned(),
    }
}

fn declined() -> Error {
    Error::Forbidden {
        reason: "the sign-in was declined at Microsoft; nothing was changed".to_owned(),
    }
}
