//! Notifications that bring the changed thing along, encrypted for the subscriber.
//!
//! The thing is encrypted with a fresh AES-256 key in CBC mode (its first sixteen bytes are the initialisation vector) and
//! signed with HMAC-SHA256 by the same key; the key travels under the subscriber's certificate, RSA with OAEP.
//! Source: <https://learn.microsoft.com/graph/change-notifications-with-resource-data>

use aws_lc_rs::cipher::{AES_256, EncryptionContext, PaddedBlockEncryptingKey, UnboundCipherKey};
use aws_lc_rs::digest;
use aws_lc_rs::hmac;
use aws_lc_rs::iv::FixedLength;
use aws_lc_rs::rand;
use aws_lc_rs::rsa::{OAEP_SHA1_MGF1SHA1, OaepPublicEncryptingKey, PublicEncryptingKey};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::Serialize;
use serde_json::{Value, json};

use super::words;
use crate::entra::{der, tokens};
use crate::graph;
use crate::shared::Shared;
use crate::state::changes::{Change, ChangeKind};
use crate::state::subscriptions::Subscription;

/// The application that sends change notifications, by which a client knows that the token is Microsoft's.
const PUBLISHER: &str = "0bf30f3b-4a52-48df-9a82-234910c4a086";
const TOKEN_LIFETIME_SECS: i64 = 3600;

/// The encrypted thing; none when it is no longer there or the certificate is of no use.
pub(super) fn content(
    shared: &Shared,
    subscription: &Subscription,
    change: &Change,
) -> Option<Value> {
    let path = words::name(&change.what).path?;
    let thing = if change.kind == ChangeKind::Deleted {
        json!({ "@odata.id": path })
    } else {
        let options = subscription.resource.split_once('?');
        let options = options.map(|(_, options)| format!("?{options}"));
        let address = format!("{path}{}", options.unwrap_or_default());
        graph::look(shared, &subscription.tenant_id, &address)?
    };
    let certificate = STANDARD.decode(subscription.certificate.as_ref()?).ok()?;
    let sealed = seal(thing.to_string().as_bytes(), &certificate)?;
    Some(json!({
        "data": STANDARD.encode(sealed.data),
        "dataKey": STANDARD.encode(sealed.key),
        "dataSignature": STANDARD.encode(sealed.signature),
        "encryptionCertificateId": subscription.certificate_id,
        "encryptionCertificateThumbprint": thumbprint(&certificate),
    }))
}

struct Sealed {
    data: Vec<u8>,
    key: Vec<u8>,
    signature: Vec<u8>,
}

fn seal(plain: &[u8], certificate: &[u8]) -> Option<Sealed> {
    let mut key = [0; 32];
    rand::fill(&mut key).ok()?;
    let mut vector = [0; 16];
    vector.copy_from_slice(&key[..16]);
    let mut data = plain.to_vec();
    let cipher = UnboundCipherKey::new(&AES_256, &key).ok()?;
    let cipher = PaddedBlockEncryptingKey::cbc_pkcs7(cipher).ok()?;
    let context = EncryptionContext::Iv128(FixedLength::from(vector));
    cipher.less_safe_encrypt(&mut data, context).ok()?;
    let signature = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, &key), &data);
    let public = public_key(certificate)?;
    let mut sealed = vec![0; public.ciphertext_size()];
    let wrapped = public.encrypt(&OAEP_SHA1_MGF1SHA1, &key, &mut sealed, None);
    let wrapped = wrapped.ok()?.to_vec();
    Some(Sealed {
        data,
        key: wrapped,
        signature: signature.as_ref().to_vec(),
    })
}

/// The RSA key of a certificate in DER; none for anything else.
pub(crate) fn public_key(certificate: &[u8]) -> Option<OaepPublicEncryptingKey> {
    let certificate = der::Certificate::read(certificate)?;
    let key = PublicEncryptingKey::from_der(certificate.public_key).ok()?;
    OaepPublicEncryptingKey::new(key).ok()
}

fn thumbprint(certificate: &[u8]) -> String {
    let hash = digest::digest(&digest::SHA1_FOR_LEGACY_USE_ONLY, certificate);
    let pairs = hash
        .as_ref()
        .iter()
        .flat_map(|byte| [byte >> 4, byte & 0xf]);
    pairs
        .map(|digit| char::from(b"0123456789ABCDEF"[usize::from(digit)]))
        .collect()
}

#[derive(Serialize)]
struct Claims<'a> {
    aud: &'a str,
    iss: String,
    iat: i64,
    nbf: i64,
    exp: i64,
    appid: &'static str,
    appidacr: &'static str,
    idp: String,
    tid: &'a str,
    ver: &'static str,
}

/// Proof that the notification is Microsoft's, for the subscriber's application.
pub(super) fn validation_token(shared: &Shared, subscription: &Subscription) -> String {
    let now = shared.now().as_second();
    let issuer = format!("https://sts.windows.net/{}/", subscription.tenant_id);
    tokens::sign(
        shared,
        &Claims {
            aud: &subscription.client_id,
            iss: issuer.clone(),
            iat: now,
            nbf: now,
            exp: now + TOKEN_LIFETIME_SECS,
            appid: PUBLISHER,
            appidacr: "2",
            idp: issuer,
            tid: &subscription.tenant_id,
            ver: "1.0",
        },
    )
}
