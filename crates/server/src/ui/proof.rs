//! How an application proves itself, as forms ask for it.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use connections::{AppView, NewCertificate, NewFederated, NewProof, NewSecret};
use model::{Proof, ProofKind, ProofState};
use secrecy::{ExposeSecret, SecretSlice, SecretString};
use zeroize::Zeroizing;

use super::form::{Fields, Form};
use super::words::Moment;
use crate::App;
use crate::problem::Problem;

const SECRET: &str = "client_secret";
const CERTIFICATE: &str = "certificate";
const GENERATE: &str = "generate";
const FEDERATED: &str = "federated";
const MANAGED_IDENTITY: &str = "managed_identity";

/// Days that a certificate made here is good for unless somebody says otherwise.
const USUAL_DAYS: u16 = 365;

/// Which proofs a form may take.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Offer {
    /// Those too that Entra has to be told of before they work.
    All,
    /// Those that can be tried at once.
    Tried,
}

/// What a form asks of a proof.
pub(crate) struct ProofFields {
    pub(crate) choices: Vec<ProofChoice>,
    /// Where assertions may come from.
    pub(crate) sources: Vec<SourceChoice>,
    pub(crate) issuer: String,
    /// Microsoft cannot fetch the issuer's keys from where they are.
    pub(crate) issuer_is_private: bool,
    pub(crate) days: String,
}

pub(crate) struct ProofChoice {
    pub(crate) value: &'static str,
    pub(crate) label: &'static str,
    pub(crate) hint: &'static str,
    pub(crate) is_checked: bool,
}

pub(crate) struct SourceChoice {
    pub(crate) value: String,
    pub(crate) label: String,
    pub(crate) is_selected: bool,
}

/// What has to be entered in Entra before a stored proof works.
pub(crate) struct Left {
    pub(crate) app_id: String,
    pub(crate) proof_id: String,
    pub(crate) certificate: Option<LeftCertificate>,
    pub(crate) trust: Option<LeftTrust>,
    /// The registration's page, in a cloud that has a portal.
    pub(crate) portal: Option<String>,
}

pub(crate) struct LeftCertificate {
    pub(crate) thumbprint: String,
    pub(crate) ends: Option<Moment>,
}

pub(crate) struct LeftTrust {
    pub(crate) issuer: String,
    pub(crate) subject: String,
    pub(crate) audience: String,
}

const CHOICES: [(&str, &str, &str); 5] = [
    (
        SECRET,
        "Client secret",
        "A password of the application’s; it ends after two years at most.",
    ),
    (
        CERTIFICATE,
        "Certificate that you have",
        "With its private key, as PEM or PFX. Its public part is uploaded in Entra.",
    ),
    (
        GENERATE,
        "Certificate made here",
        "The key never leaves this server. You upload the public part in Entra.",
    ),
    (
        FEDERATED,
        "Federated credential",
        "No secret at all: Entra trusts tokens of an issuer, such as Consentry itself.",
    ),
    (
        MANAGED_IDENTITY,
        "Managed identity",
        "For a server that runs in Azure: the machine’s own identity is the application.",
    ),
];

impl ProofFields {
    pub(crate) fn new(app: &App, form: &Form, offer: Offer) -> Self {
        let chosen = match form.value("proof") {
            "" => SECRET,
            chosen => chosen,
        };
        let context = app.context();
        let issuer = context.issuer_url();
        Self {
            choices: CHOICES
                .into_iter()
                .filter(|(value, _, _)| offer == Offer::All || *value != GENERATE)
                .map(|(value, label, hint)| ProofChoice {
                    value,
                    label,
                    hint,
                    is_checked: value == chosen,
                })
                .collect(),
            sources: sources(app, form.value("source")),
            issuer_is_private: !issuer.starts_with("https:"),
            issuer,
            days: match form.value("days") {
                "" => USUAL_DAYS.to_string(),
                days => days.to_owned(),
            },
        }
    }
}

fn sources(app: &App, chosen: &str) -> Vec<SourceChoice> {
    let names = app.context().federation.names();
    names
        .into_iter()
        .filter(|name| *name != connections::MANAGED_IDENTITY)
        .map(|name| SourceChoice {
            value: name.to_owned(),
            label: if name == connections::CONSENTRY {
                "Consentry itself".to_owned()
            } else {
                format!("{name} (of the server’s configuration)")
            },
            is_selected: name == chosen,
        })
        .collect()
}

/// The proof that a form describes.
pub(crate) fn given(fields: &Fields) -> Result<NewProof, Problem> {
    let identity = Some(fields.get("identity_client_id").to_owned()).filter(|id| !id.is_empty());
    match fields.get("proof") {
        "" | SECRET => secret(fields),
        CERTIFICATE => certificate(fields),
        GENERATE => Ok(NewProof::Certificate(NewCertificate::Generate {
            days: days(fields.get("days"))?,
        })),
        FEDERATED => Ok(NewProof::Federated(NewFederated {
            source: fields.get("source").to_owned(),
            identity_client_id: None,
        })),
        MANAGED_IDENTITY => Ok(NewProof::ManagedIdentity {
            client_id: identity,
        }),
        _ => Err(Problem::invalid("proof", "choose a proof")),
    }
}

/// Whether Entra has to be told of the proof that a form describes before it can work.
pub(crate) fn waits_for_entra(fields: &Fields) -> bool {
    match fields.get("proof") {
        GENERATE => true,
        FEDERATED => fields.get("source") == connections::CONSENTRY,
        _ => false,
    }
}

fn secret(fields: &Fields) -> Result<NewProof, Problem> {
    let value = fields.secret(SECRET);
    if value.expose_secret().is_empty() {
        return Err(Problem::invalid(
            SECRET,
            "paste the value of the client secret",
        ));
    }
    let expires_at = fields.day("expires_at")?;
    Ok(NewSecret { value, expires_at }.into())
}

/// PEM says what it is; anything else is taken for a PFX file in base64.
fn certificate(fields: &Fields) -> Result<NewProof, Problem> {
    let text = fields.secret(CERTIFICATE);
    if text.expose_secret().is_empty() {
        return Err(Problem::invalid(
            CERTIFICATE,
            "choose the file, or paste its content",
        ));
    }
    if text.expose_secret().contains("-----BEGIN ") {
        return Ok(NewProof::Certificate(NewCertificate::Pem(text)));
    }
    Ok(NewProof::Certificate(NewCertificate::Pfx {
        file: from_base64(&text)?,
        password: fields.password("pfx_password"),
    }))
}

fn from_base64(text: &SecretString) -> Result<SecretSlice<u8>, Problem> {
    let bytes = text.expose_secret().bytes();
    let bytes: Vec<u8> = bytes.filter(|byte| !byte.is_ascii_whitespace()).collect();
    STANDARD
        .decode(Zeroizing::new(bytes).as_slice())
        .map(SecretSlice::from)
        .map_err(|_| Problem::invalid(CERTIFICATE, "has to be PEM text, or a PFX file in base64"))
}

fn days(text: &str) -> Result<u16, Problem> {
    match text {
        "" => Ok(USUAL_DAYS),
        text => text
            .parse()
            .map_err(|_| Problem::invalid("days", "must be a number of days")),
    }
}

/// What is left to be done for the newest proof that waits for Entra.
pub(crate) fn left(view: &AppView, portal: Option<String>) -> Option<Left> {
    let waits = |proof: &&Proof| proof.state == ProofState::Pending;
    let proof = view
        .proofs
        .iter()
        .filter(waits)
        .max_by_key(|proof| proof.generation)?;
    let is_certificate = proof.kind == ProofKind::Certificate;
    let details = &proof.details;
    let trust = details.issuer.clone().zip(details.subject.clone());
    Some(Left {
        app_id: view.app.id.to_string(),
        proof_id: proof.id.to_string(),
        certificate: is_certificate.then(|| LeftCertificate {
            thumbprint: details.thumbprint.clone().unwrap_or_default(),
            ends: proof.expires_at.map(Moment::from),
        }),
        trust: trust.map(|(issuer, subject)| LeftTrust {
            issuer,
            subject,
            audience: details.audience.clone().unwrap_or_default(),
        }),
        portal,
    })
}

/// What kind of proof it is, for people.
pub(crate) fn kind(kind: ProofKind) -> &'static str {
    match kind {
        ProofKind::ClientSecret => "Client secret",
        ProofKind::Certificate => "Certificate",
        ProofKind::FederatedCredential => "Federated credential",
        ProofKind::ManagedIdentity => "Managed identity",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fields(pairs: &[(&str, &str)]) -> Fields {
        pairs
            .iter()
            .fold(Fields::default(), |fields, (name, value)| {
                fields.with(name, value)
            })
    }

    #[test]
    fn a_form_without_a_choice_means_a_client_secret() {
        let proof = given(&fields(&[("client_secret", "s")])).unwrap();
        assert!(matches!(proof, NewProof::Secret(_)));
        let empty = given(&fields(&[])).unwrap_err();
        assert_eq!(empty.field_name(), Some("client_secret"));
    }

    #[test]
    fn pem_is_told_from_a_pfx_file() {
        let pem = fields(&[
            ("proof", "certificate"),
            ("certificate", "-----BEGIN CERTIFICATE-----"),
        ]);
        let pfx = fields(&[("proof", "certificate"), ("certificate", "MII\nB")]);
        let neither = fields(&[("proof", "certificate"), ("certificate", "?")]);
        let is_pem =
            |proof: &NewProof| matches!(proof, NewProof::Certificate(NewCertificate::Pem(_)));
        assert!(is_pem(&given(&pem).unwrap()));
        assert!(!is_pem(&given(&pfx).unwrap()));
        assert_eq!(
            given(&neither).unwrap_err().field_name(),
            Some("certificate")
        );
    }

    #[test]
    fn what_is_made_here_waits_for_entra() {
        assert!(waits_for_entra(&fields(&[("proof", "generate")])));
        assert!(waits_for_entra(&fields(&[
            ("proof", "federated"),
            ("source", "consentry")
        ])));
        assert!(!waits_for_entra(&fields(&[
            ("proof", "federated"),
            ("source", "kubernetes")
        ])));
        assert!(!waits_for_entra(&fields(&[("proof", "certificate")])));
    }
}
