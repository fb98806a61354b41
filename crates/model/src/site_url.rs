use std::fmt::{self, Write};
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// The address of a SharePoint site: `https://contoso.sharepoint.com/sites/hr`, or that of a host's root site. Normalised, since
/// SharePoint's addresses know no case. Of letters beyond ASCII each stays itself: what SharePoint thinks of their case is not known.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct SiteUrl {
    host: String,
    /// Decoded, in lower case, without slashes at its ends; empty for the root site.
    path: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a site's address {0}, as a browser shows it: `https://…/sites/hr`")]
pub struct SiteUrlError(&'static str);

/// Folders of sites, which are none themselves.
const MANAGED: [&str; 4] = ["sites", "teams", "portals", "personal"];
const LONGEST: usize = 400;

impl SiteUrl {
    /// The site at a decoded path of `host`. The error when that cannot be a site's.
    pub fn at(host: &str, path: &str) -> Result<Self, SiteUrlError> {
        let host = host.to_ascii_lowercase();
        if !is_host(&host) {
            return Err(SiteUrlError("has the name of a host and no port or user"));
        }
        let path = path.trim_matches('/').to_ascii_lowercase();
        if path.len() > LONGEST {
            return Err(SiteUrlError("is shorter"));
        }
        let mut segments = path.split('/').filter(|_| !path.is_empty());
        if !segments.clone().all(is_name) {
            return Err(SiteUrlError(
                "has names between its slashes, encoded once at most",
            ));
        }
        if path
            .rsplit_once('.')
            .is_some_and(|(_, kind)| kind == "aspx")
        {
            return Err(SiteUrlError("leads to the site and not to a page in it"));
        }
        let managed = segments.next().is_some_and(|name| MANAGED.contains(&name));
        if managed && segments.next().is_none() {
            return Err(SiteUrlError("goes on with the site's own name"));
        }
        Ok(Self { host, path })
    }

    /// `contoso.sharepoint.com`
    pub fn host(&self) -> &str {
        &self.host
    }

    /// `sites/hr`, decoded; empty for the root site.
    pub fn path(&self) -> &str {
        &self.path
    }

    /// The path as it stands in a URL.
    fn encoded_path(&self) -> String {
        let mut encoded = String::with_capacity(self.path.len());
        for byte in self.path.bytes() {
            if byte.is_ascii_alphanumeric() || b"-._~/".contains(&byte) {
                encoded.push(char::from(byte));
            } else {
                let _ = write!(encoded, "%{byte:02X}");
            }
        }
        encoded
    }

    /// How Microsoft Graph takes it behind `/sites/`: `contoso.sharepoint.com:/sites/hr`.
    pub fn graph_key(&self) -> String {
        if self.is_root() {
            return self.host.clone();
        }
        format!("{}:/{}", self.host, self.encoded_path())
    }

    pub fn is_root(&self) -> bool {
        self.path.is_empty()
    }

    /// Whether it is somebody's OneDrive.
    pub fn is_personal(&self) -> bool {
        self.path.starts_with("personal/")
    }
}

/// Labels of letters, digits and hyphens, two at least.
fn is_host(host: &str) -> bool {
    let is_label = |label: &str| {
        !label.is_empty()
            && !label.starts_with('-')
            && !label.ends_with('-')
            && label
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || b == b'-')
    };
    host.contains('.') && host.len() <= 253 && host.split('.').all(is_label)
}

/// What SharePoint lets stand between two slashes, and nothing that somebody else might read as more.
fn is_name(name: &str) -> bool {
    !name.is_empty()
        && name != "."
        && name != ".."
        && name.trim() == name
        && !name.contains(['\\', ':', '*', '"', '<', '>', '|', '?', '#', '%'])
        && !name.contains(char::is_control)
}

/// The text, decoded once.
fn decoded(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        if byte != b'%' {
            bytes.push(byte);
            continue;
        }
        let mut digit = || char::from(rest.next()?).to_digit(16);
        let value = digit()? * 16 + digit()?;
        // A slash that was encoded is none between two names.
        bytes.push(u8::try_from(value).ok().filter(|byte| *byte != b'/')?);
    }
    String::from_utf8(bytes).ok()
}

impl FromStr for SiteUrl {
    type Err = SiteUrlError;

    fn from_str(text: &str) -> Result<Self, SiteUrlError> {
        let text = text.trim();
        let rest = text
            .get(..8)
            .filter(|scheme| scheme.eq_ignore_ascii_case("https://"))
            .and_then(|_| text.get(8..))
            .ok_or(SiteUrlError("begins with `https://`"))?;
        if rest.contains(['?', '#']) {
            return Err(SiteUrlError("has nothing behind `?` or `#`"));
        }
        let (host, path) = rest.split_once('/').unwrap_or((rest, ""));
        let path = decoded(path).ok_or(SiteUrlError("is well encoded"))?;
        Self::at(host, &path)
    }
}

impl fmt::Display for SiteUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "https://{}", self.host)?;
        if self.is_root() {
            return Ok(());
        }
        write!(f, "/{}", self.encoded_path())
    }
}

impl TryFrom<String> for SiteUrl {
    type Error = SiteUrlError;

    fn try_from(text: String) -> Result<Self, SiteUrlError> {
        text.parse()
    }
}

impl From<SiteUrl> for String {
    fn from(url: SiteUrl) -> Self {
        url.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::SiteUrl;

    fn normal(text: &str) -> Option<String> {
        text.parse::<SiteUrl>().ok().map(String::from)
    }

    #[test]
    fn what_means_one_site_becomes_one_address() {
        for text in [
            "https://contoso.sharepoint.com/sites/hr",
            " HTTPS://Contoso.SharePoint.com/Sites/HR/ ",
            "https://contoso.sharepoint.com/%73ites/hr",
        ] {
            assert_eq!(
                normal(text).as_deref(),
                Some("https://contoso.sharepoint.com/sites/hr")
            );
        }
        let root = Some("https://contoso.sharepoint.com".to_owned());
        assert_eq!(normal("https://contoso.sharepoint.com/"), root);
        assert_eq!(
            normal("https://contoso.sharepoint.com/teams/a%20b/sub").as_deref(),
            Some("https://contoso.sharepoint.com/teams/a%20b/sub")
        );
    }

    #[test]
    fn letters_that_only_look_alike_stay_apart() {
        let kelvin = normal("https://contoso.sharepoint.com/sites/\u{212a}pi");
        assert_ne!(kelvin, normal("https://contoso.sharepoint.com/sites/kpi"));
        assert!(kelvin.is_some());
    }

    #[test]
    fn what_is_no_sites_address_is_refused() {
        for text in [
            "",
            "contoso.sharepoint.com/sites/hr",
            "http://contoso.sharepoint.com/sites/hr",
            "https://user@contoso.sharepoint.com/sites/hr",
            "https://contoso.sharepoint.com:443/sites/hr",
            "https://contoso.sharepoint.com./sites/hr",
            "https://localhost/sites/hr",
            "https://contoso.sharepoint.com/sites",
            "https://contoso.sharepoint.com/sites/hr?x=1",
            "https://contoso.sharepoint.com/sites/hr#x",
            "https://contoso.sharepoint.com/sites/../hr",
            "https://contoso.sharepoint.com/sites/%2e%2e/hr",
            "https://contoso.sharepoint.com/sites%2Fhr",
            "https://contoso.sharepoint.com/sites/%2568r",
            "https://contoso.sharepoint.com/sites//hr",
            "https://contoso.sharepoint.com/sites\\hr",
            "https://contoso.sharepoint.com/:f:/s/hr/Eabc",
            "https://contoso.sharepoint.com/sites/hr/SitePages/Home.aspx",
            "https://cöntoso.sharepoint.com/sites/hr",
        ] {
            assert_eq!(normal(text), None, "{text}");
        }
    }
}
