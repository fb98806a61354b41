use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jiff::Timestamp;
use serde::Deserialize;

use crate::AccessToken;

/// What an access token seems to say.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AccessClaims {
    pub tid: Option<String>,
    pub oid: Option<String>,
    /// `appid` in version 1 tokens, `azp` in version 2.
    pub appid: Option<String>,
    /// Delegated permissions.
    pub scp: Vec<String>,
    /// Application permissions; empty also when none was granted.
    pub roles: Vec<String>,
    pub exp: Option<Timestamp>,
    /// When it was issued, by Entra's clock.
    pub iat: Option<Timestamp>,
    /// The token's own id.
    pub uti: Option<String>,
    /// `app` or `user`, on Graph's tokens.
    pub idtyp: Option<String>,
}

#[derive(Deserialize)]
struct Wire {
    tid: Option<String>,
    oid: Option<String>,
    appid: Option<String>,
    azp: Option<String>,
    #[serde(default)]
    scp: String,
    #[serde(default)]
    roles: Vec<String>,
    exp: Option<i64>,
    iat: Option<i64>,
    uti: Option<String>,
    idtyp: Option<String>,
}

#[derive(Deserialize)]
struct Id {
    uti: Option<String>,
}

/// The id that a token has of its own. `None` when it cannot be read.
pub(crate) fn token_id(token: &str) -> Option<String> {
    let json = URL_SAFE_NO_PAD.decode(token.split('.').nth(1)?).ok()?;
    let id: Id = serde_json::from_slice(&json).ok()?;
    id.uti.filter(|uti| !uti.is_empty() && uti.len() <= 128)
}

/// A hint, and nothing more: **no signature is verified**, and Microsoft calls these tokens opaque. It comes straight from
/// the token endpoint and decides nothing but what is shown and which calls are worth trying. `None` when it cannot be read.
pub fn access_claims(token: &AccessToken) -> Option<AccessClaims> {
    let payload = token.expose().split('.').nth(1)?;
    let json = URL_SAFE_NO_PAD.decode(payload).ok()?;
    let wire: Wire = serde_json::from_slice(&json).ok()?;
    let instant = |seconds: Option<i64>| Timestamp::from_second(seconds?).ok();
    Some(AccessClaims {
        tid: wire.tid,
        oid: wire.oid,
        appid: wire.appid.or(wire.azp),
        scp: wire.scp.split_whitespace().map(str::to_owned).collect(),
        roles: wire.roles,
        exp: instant(wire.exp),
        iat: instant(wire.iat),
        uti: wire.uti,
        idtyp: wire.idtyp,
    })
}
