//! Consentry as the issuer of an application's federated credential.

use url::{Host, Url};

use crate::client::Client;
use crate::output;

/// The source of assertions that the server is itself.
pub(crate) const CONSENTRY: &str = "consentry";

/// Says it, before anything is set up, where Microsoft could not read the issuer's documents.
pub(crate) async fn warn(client: &Client) -> anyhow::Result<()> {
    let installation = client.get(client.url(["installation"])).await?;
    let issuer = installation["issuer_url"].as_str().unwrap_or_default();
    if !is_public(issuer) {
        output::note(format_args!(
            "Microsoft reads the issuer's keys by https, and cannot at `{issuer}`, which serves a sandbox on this machine only: start \
             the server with a public https address (`--public-url`), or publish its two documents elsewhere (`--issuer-url`)"
        ));
    }
    Ok(())
}

/// Whether others than this machine can fetch documents there, by https.
fn is_public(issuer: &str) -> bool {
    let Ok(url) = issuer.parse::<Url>() else {
        return false;
    };
    let is_here = match url.host() {
        Some(Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => true,
    };
    url.scheme() == "https" && !is_here
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_an_address_that_others_reach_by_https_is_public() {
        let cases = [
            ("https://consentry.contoso.com/", true),
            ("http://consentry.contoso.com/", false),
            ("https://localhost:8365/", false),
            ("https://127.0.0.1:8365/", false),
            ("", false),
        ];
        for (url, expected) in cases {
            assert_eq!(is_public(url), expected, "{url}");
        }
    }
}
