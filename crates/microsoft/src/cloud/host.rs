//! Questions about hosts and origins. Comparisons are exact: a suffix is matched by whole labels only.

use url::{Host, Url};

/// Whether the host is this machine itself: `localhost`, `127.0.0.0/8` or `::1`.
pub(crate) fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}

/// Whether the host is an address that no router passes on: 169.254.0.0/16. Platforms serve their machines there.
pub(crate) fn is_link_local(url: &Url) -> bool {
    matches!(url.host(), Some(Host::Ipv4(address)) if address.is_link_local())
}

/// Plain http is for this machine only.
pub(crate) fn is_safe_scheme(url: &Url) -> bool {
    url.scheme() == "https" || (url.scheme() == "http" && is_loopback(url))
}

pub(super) fn same_origin(a: &Url, b: &Url) -> bool {
    a.origin().is_tuple() && a.origin() == b.origin()
}

pub(super) fn origin(url: &Url) -> String {
    url.origin().ascii_serialization()
}

/// `contoso.crm4.dynamics.com` and `contoso.api.crm4.dynamics.com` are organisations of `crm4.dynamics.com`.
pub(super) fn is_organisation_of(host: &str, suffix: &str) -> bool {
    let Some(labels) = host
        .strip_suffix(suffix)
        .and_then(|rest| rest.strip_suffix('.'))
    else {
        return false;
    };
    let name = labels.strip_suffix(".api").unwrap_or(labels);
    !name.is_empty() && !name.contains('.')
}

/// `contoso-my.sharepoint.com` is below `sharepoint.com`; `evilsharepoint.com` is not.
pub(super) fn is_at_or_below(host: &str, suffix: &str) -> bool {
    host.strip_suffix(suffix)
        .is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
}

/// `path` below `base`, with one slash between them.
pub(crate) fn append(base: &Url, path: &str) -> Url {
    let mut url = base.clone();
    url.set_path(&format!("{}/{path}", base.path().trim_end_matches('/')));
    url
}
