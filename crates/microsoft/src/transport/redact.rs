use url::Url;

/// `url` as it may be shown: without user info, query and fragment, where secrets travel.
pub fn redacted(url: &Url) -> String {
    format!("{}{}", origin(url), url.path())
}

/// For URLs whose path is a secret too: pre-authenticated uploads, downloads and monitors.
pub(super) fn origin_only(url: &Url) -> String {
    format!("{}/…", origin(url))
}

fn origin(url: &Url) -> String {
    let host = url.host_str().unwrap_or_default();
    match url.port() {
        Some(port) => format!("{}://{host}:{port}", url.scheme()),
        None => format!("{}://{host}", url.scheme()),
    }
}
