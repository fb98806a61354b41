//! TLS with an authority of the sandbox's own, for clients that will speak nothing else.

use std::fs;
use std::io;
use std::path::Path;
use std::sync::Arc;

use rcgen::{
    BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair, KeyUsagePurpose, SanType,
};
use rustls::ServerConfig;
use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;

use super::names;
use crate::Error;
use crate::entra::keys::write_private;

/// First byte of every TLS connection, and of no HTTP request.
pub(super) const HANDSHAKE: u8 = 0x16;

const CA_FILE: &str = "ca.pem";
const CA_KEY_FILE: &str = "ca-key.pem";
/// Names of a sandbox that is not reached by Microsoft's.
const OWN_NAMES: [&str; 3] = ["localhost", "127.0.0.1", "::1"];

/// Accepts connections under every name that the sandbox has.
#[derive(Clone)]
pub(crate) struct Tls {
    acceptor: TlsAcceptor,
    ca_certificate: Arc<str>,
}

impl Tls {
    /// With the authority of a data directory, made on first use; or with one that ends with this sandbox.
    pub(crate) fn open(data: Option<&Path>) -> Result<Self, Error> {
        let authority = match data {
            Some(directory) => Authority::in_directory(directory)?,
            None => Authority::new().map_err(unmade)?,
        };
        Self::of(&authority).map_err(unmade)
    }

    fn of(authority: &Authority) -> Result<Self, Failure> {
        let key = KeyPair::generate()?;
        let mut params = CertificateParams::new(names().collect::<Vec<_>>())?;
        params
            .distinguished_name
            .push(DnType::CommonName, "sandbox");
        params
            .subject_alt_names
            .push(SanType::IpAddress(names::INSTANCE_METADATA.parse()?));
        params.use_authority_key_identifier_extension = true;
        let signer = KeyPair::from_pem(&authority.key)?;
        let authority_params = Authority::params()?;
        let issuer = Issuer::from_params(&authority_params, &signer);
        let certificate = params.signed_by(&key, &issuer)?;
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let mut config = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()?
            .with_no_client_auth()
            .with_single_cert(
                vec![certificate.der().clone()],
                PrivateKeyDer::from(PrivatePkcs8KeyDer::from(key.serialize_der())),
            )?;
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
        Ok(Self {
            acceptor: TlsAcceptor::from(Arc::new(config)),
            ca_certificate: authority.certificate.as_str().into(),
        })
    }

    /// In PEM, for clients to trust.
    pub(crate) fn ca_certificate(&self) -> &str {
        &self.ca_certificate
    }

    pub(super) async fn accept<S>(&self, stream: S) -> io::Result<TlsStream<S>>
    where
        S: AsyncRead + AsyncWrite + Unpin,
    {
        self.acceptor.accept(stream).await
    }
}

type Failure = Box<dyn std::error::Error + Send + Sync>;

fn unmade(failure: Failure) -> Error {
    Error::Certificates(failure)
}

fn names() -> impl Iterator<Item = String> {
    OWN_NAMES.into_iter().chain(names::all()).map(str::to_owned)
}

/// Certificate and key of the authority, both in PEM.
struct Authority {
    certificate: String,
    key: String,
}

impl Authority {
    fn new() -> Result<Self, Failure> {
        let key = KeyPair::generate()?;
        Ok(Self {
            certificate: Self::params()?.self_signed(&key)?.pem(),
            key: key.serialize_pem(),
        })
    }

    /// The same for every sandbox; only the key differs.
    fn params() -> Result<CertificateParams, Failure> {
        let mut params = CertificateParams::new(Vec::new())?;
        params
            .distinguished_name
            .push(DnType::CommonName, "sandbox certificate authority");
        // No authority can be made below it.
        params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
        Ok(params)
    }

    fn in_directory(directory: &Path) -> Result<Self, Error> {
        let (certificate, key) = (directory.join(CA_FILE), directory.join(CA_KEY_FILE));
        if let (Some(certificate), Some(key)) = (read(&certificate)?, read(&key)?) {
            return Ok(Self { certificate, key });
        }
        let authority = Self::new().map_err(unmade)?;
        write(&key, &authority.key)?;
        write(&certificate, &authority.certificate)?;
        Ok(authority)
    }
}

fn read(path: &Path) -> Result<Option<String>, Error> {
    match fs::read_to_string(path) {
        Ok(text) => Ok(Some(text)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(source) => Err(Error::Data {
            path: path.to_owned(),
            source,
        }),
    }
}

fn write(path: &Path, text: &str) -> Result<(), Error> {
    write_private(path, text.as_bytes()).map_err(|source| Error::Data {
        path: path.to_owned(),
        source,
    })
}
