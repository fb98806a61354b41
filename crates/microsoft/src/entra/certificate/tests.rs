use rcgen::{
    CertificateParams, KeyPair, PKCS_ECDSA_P256_SHA256, PKCS_RSA_SHA256, SignatureAlgorithm,
};
use secrecy::{ExposeSecret, SecretString};

use super::*;

fn made(algorithm: &'static SignatureAlgorithm) -> (String, String) {
    let pair = KeyPair::generate_for(algorithm).expect("a key");
    let certificate = CertificateParams::default()
        .self_signed(&pair)
        .expect("a certificate");
    (certificate.pem(), pair.serialize_pem())
}

fn read(parts: &[&str]) -> Result<ClientCertificate, CertificateError> {
    ClientCertificate::from_pem(&SecretString::from(parts.concat()))
}

#[test]
fn a_certificate_and_its_key_are_read_in_either_order_and_from_a_chain() {
    let (certificate, key) = made(&PKCS_RSA_SHA256);
    let (other, _) = made(&PKCS_RSA_SHA256);
    let plain = read(&[&certificate, &key]).expect("a pair");
    assert_eq!(plain.thumbprint().len(), 40);
    let chained = read(&[&key, &other, &certificate]).expect("a chain");
    assert_eq!(chained.thumbprint(), plain.thumbprint());
}

#[test]
fn what_cannot_sign_in_is_refused_with_its_reason() {
    let (certificate, key) = made(&PKCS_RSA_SHA256);
    let (other, _) = made(&PKCS_RSA_SHA256);
    let (curve, curve_key) = made(&PKCS_ECDSA_P256_SHA256);
    let encrypted =
        "-----BEGIN ENCRYPTED PRIVATE KEY-----\nAAAA\n-----END ENCRYPTED PRIVATE KEY-----\n";
    let cases: [(&[&str], CertificateError); 7] = [
        (&["nothing"], CertificateError::NotPem),
        (&[&certificate], CertificateError::NoKey),
        (&[&key], CertificateError::NoCertificate),
        (&[&other, &key], CertificateError::Mismatch),
        (&[&curve, &curve_key], CertificateError::NotRsa),
        (&[&certificate, encrypted], CertificateError::Encrypted),
        (&[&"x".repeat(70_000)], CertificateError::Large),
    ];
    for (parts, wanted) in cases {
        assert_eq!(read(parts).expect_err("refused"), wanted);
    }
}

#[test]
fn what_is_sealed_reads_back_and_debug_shows_the_thumbprint_only() {
    let starts = "2026-01-01T00:00:00Z".parse().expect("a time");
    let ends = "2027-01-01T00:00:00Z".parse().expect("a time");
    let made = ClientCertificate::generate("Consentry for Contoso", starts, ends).expect("a pair");
    assert_eq!((made.starts_at(), made.expires_at()), (starts, ends));
    assert!(made.subject().contains("Consentry for Contoso"));
    let sealed = made.to_pem().expect("text");
    let back = ClientCertificate::from_pem(&sealed).expect("the same");
    assert_eq!(back.thumbprint(), made.thumbprint());
    assert!(!made.public_pem().contains("PRIVATE"));
    let shown = format!("{made:?}");
    assert_eq!(shown, format!("ClientCertificate({})", made.thumbprint()));
    assert!(!sealed.expose_secret().contains(&shown));
}

#[test]
fn a_pfx_file_opens_by_its_password_only() {
    let starts = "2026-01-01T00:00:00Z".parse().expect("a time");
    let ends = "2027-01-01T00:00:00Z".parse().expect("a time");
    let made = ClientCertificate::generate("pfx", starts, ends).expect("a pair");
    let bytes = pfx(&made, "pa55 wörd");
    let read = ClientCertificate::from_pfx(&bytes, &"pa55 wörd".into()).expect("the same");
    assert_eq!(read.thumbprint(), made.thumbprint());
    for (bytes, password) in [
        (&bytes[..], "other"),
        (&bytes[..40], "pa55 wörd"),
        (b"no", ""),
    ] {
        let refused = ClientCertificate::from_pfx(bytes, &password.into());
        assert_eq!(refused.expect_err("refused"), CertificateError::Pfx);
    }
}

/// One key in files that OpenSSL wrote: as Windows did for long (RC2 and 3DES), as it does now (AES) with the issuer's
/// certificate beside, and without a password.
#[test]
fn a_pfx_file_is_read_however_it_was_written() {
    let files: [(&[u8], &str); 3] = [
        (include_bytes!("samples/legacy.pfx"), "pä€x"),
        (include_bytes!("samples/chain.pfx"), "pä€x"),
        (include_bytes!("samples/empty.pfx"), ""),
    ];
    for (bytes, password) in files {
        let read = ClientCertificate::from_pfx(bytes, &password.into()).expect("a pair");
        assert_eq!(read.subject(), "CN=leaf", "{password}");
    }
    let curve = ClientCertificate::from_pfx(include_bytes!("samples/curve.pfx"), &"x".into());
    assert_eq!(curve.expect_err("refused"), CertificateError::NotRsa);
    let bare = ClientCertificate::from_pfx(include_bytes!("samples/certificate.pfx"), &"x".into());
    assert_eq!(bare.expect_err("refused"), CertificateError::NoKey);
}

/// As Windows and OpenSSL write it.
fn pfx(certificate: &ClientCertificate, password: &str) -> Vec<u8> {
    use p12_keystore::{Certificate, KeyStore, KeyStoreEntry, PrivateKey, PrivateKeyChain};
    let key = certificate.key().to_pkcs8().expect("a key");
    let key = PrivateKey::from_der(key.expose_secret()).expect("a key");
    let leaf = Certificate::from_der(&certificate.der).expect("a certificate");
    let mut store = KeyStore::new();
    let chain = PrivateKeyChain::new("it", key, [leaf]);
    store.add_entry("it", KeyStoreEntry::PrivateKeyChain(chain));
    store.writer(password).write().expect("a file")
}

#[test]
fn a_proof_of_possession_names_the_registration_and_ends_after_ten_minutes() {
    let now: Timestamp = "2026-06-01T00:00:00Z".parse().expect("a time");
    let day = jiff::SignedDuration::from_hours(24);
    let made = ClientCertificate::generate("rolls", now - day, now + day).expect("a pair");
    let proof = made.prove_possession("object", now).expect("a proof");
    let parts: Vec<_> = proof.expose_secret().split('.').collect();
    let read = |part: &str| -> serde_json::Value {
        let bytes = URL_SAFE_NO_PAD
            .decode(part)
            .expect("Base64 without padding");
        serde_json::from_slice(&bytes).expect("an object")
    };
    let (header, claims) = (read(parts[0]), read(parts[1]));
    assert_eq!(header["alg"], "RS256");
    assert_eq!(header["kid"], made.thumbprint());
    assert_eq!(claims["aud"], "00000002-0000-0000-c000-000000000000");
    assert_eq!(claims["iss"], "object");
    let second = |claim: &str| claims[claim].as_i64().expect("a time");
    assert_eq!(second("exp") - second("nbf"), 600);
    assert!(second("nbf") < now.as_second() && now.as_second() < second("exp"));
}
