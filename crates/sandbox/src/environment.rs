//! What a client's environment has to say so that it finds and trusts a sandbox under Microsoft's names.

use std::path::Path;

/// Variables that HTTP clients read certificates from: OpenSSL and Go, Python's requests, curl, Node.
const TRUST: [&str; 4] = [
    "SSL_CERT_FILE",
    "REQUESTS_CA_BUNDLE",
    "CURL_CA_BUNDLE",
    "NODE_EXTRA_CA_CERTS",
];

/// For a client beside a sandbox that is its proxy: `url` is the sandbox's, `ca` a file with its certificate.
pub fn through_proxy(url: &str, ca: &Path) -> Vec<(&'static str, String)> {
    let mut variables = through_namespace(ca);
    for name in ["HTTPS_PROXY", "https_proxy"] {
        variables.push((name, url.to_owned()));
    }
    for name in ["NO_PROXY", "no_proxy"] {
        variables.push((name, "localhost,127.0.0.1".to_owned()));
    }
    // The metadata service speaks plain HTTP at a link-local address, which no proxy is asked for.
    variables.push(("AZURE_POD_IDENTITY_AUTHORITY_HOST", url.to_owned()));
    variables
}

/// For a client inside the sandbox's namespace, where names lead to it already.
pub fn through_namespace(ca: &Path) -> Vec<(&'static str, String)> {
    let ca = ca.display().to_string();
    TRUST.map(|name| (name, ca.clone())).into()
}
