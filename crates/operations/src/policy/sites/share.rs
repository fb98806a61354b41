//! What a link says about itself. `u!` and the address in base64url is how `/shares/` takes one.
//!
//! Source: <https://learn.microsoft.com/graph/api/shares-get>. Sharing links, `https://contoso.sharepoint.com/:w:/s/hr/Eabc`, name the
//! kind of site behind the kind of file: `s` for `/sites`, `t` for `/teams`, `p` for `/personal`, `g` for any address, `r` for the
//! whole address of the file.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use model::SiteUrl;

use super::super::path;

/// What a link claims to be.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Link {
    /// The address of a file or folder, decoded.
    File {
        host: String,
        path: String,
        /// Whether there is no more in it that might say otherwise.
        is_plain: bool,
    },
    /// A link that was made for sharing, in a site.
    Sharing { site: SiteUrl },
}

/// `None` for what does not tell where it leads, such as the token of a link without its address.
pub(super) fn read(token: &str) -> Option<Link> {
    let encoded = token.strip_prefix("u!")?;
    let bytes = URL_SAFE_NO_PAD.decode(encoded.trim_end_matches('=')).ok()?;
    let url = String::from_utf8(bytes).ok()?;
    let rest = url.strip_prefix("https://")?;
    let (host, rest) = rest.split_once('/')?;
    let (path, more) = match rest.find(['?', '#']) {
        Some(at) => rest.split_at(at),
        None => (rest, ""),
    };
    // The host is checked as that of a site is.
    SiteUrl::at(host, "").ok()?;
    let segments = path::segments(path)?;
    let texts: Vec<&str> = segments.iter().map(String::as_str).collect();
    let file = |path: &[&str]| Link::File {
        host: host.to_ascii_lowercase(),
        path: path.join("/"),
        is_plain: more.is_empty(),
    };
    match texts.as_slice() {
        [kind, form, inside @ .., last] if kind.starts_with(':') => {
            let folder = match *form {
                "s" => "sites/",
                "t" => "teams/",
                "p" => "personal/",
                "g" => "",
                "r" => {
                    let whole: Vec<&str> = inside.iter().chain([last]).copied().collect();
                    return Some(file(&whole));
                }
                _ => return None,
            };
            let path = match inside {
                [] => String::new(),
                inside => format!("{folder}{}", inside.join("/")),
            };
            let site = SiteUrl::at(host, &path).ok()?;
            Some(Link::Sharing { site })
        }
        [kind, ..] if kind.starts_with(':') => None,
        all => Some(file(all)),
    }
}

#[cfg(test)]
mod tests {
    use base64::Engine;
    use base64::engine::general_purpose::URL_SAFE_NO_PAD;

    use super::{Link, read};

    fn of(url: &str) -> Option<Link> {
        read(&format!("u!{}", URL_SAFE_NO_PAD.encode(url)))
    }

    fn site(url: &str) -> Link {
        Link::Sharing {
            site: url.parse().unwrap(),
        }
    }

    #[test]
    fn a_sharing_link_says_which_site_it_is_of() {
        let host = "https://contoso.sharepoint.com";
        let cases = [
            (":w:/s/hr/Eabc?e=x", "/sites/hr"),
            (":f:/t/hr/Eabc", "/teams/hr"),
            (":x:/s/projects/fabrikam/Eabc", "/sites/projects/fabrikam"),
            (
                ":x:/g/personal/ana_contoso_com/Eabc",
                "/personal/ana_contoso_com",
            ),
            (":x:/g/Eabc", ""),
        ];
        for (link, path) in cases {
            assert_eq!(
                of(&format!("{host}/{link}")),
                Some(site(&format!("{host}{path}"))),
                "{link}"
            );
        }
    }

    #[test]
    fn the_address_of_a_file_is_decoded_once() {
        let file = |path: &str, is_plain| Link::File {
            host: "contoso.sharepoint.com".to_owned(),
            path: path.to_owned(),
            is_plain,
        };
        let host = "https://Contoso.sharepoint.com";
        assert_eq!(
            of(&format!("{host}/sites/hr/Shared%20Documents/a.txt")),
            Some(file("sites/hr/Shared Documents/a.txt", true))
        );
        assert_eq!(
            of(&format!("{host}/:w:/r/sites/hr/Docs/a.docx?d=w1")),
            Some(file("sites/hr/Docs/a.docx", false))
        );
    }

    #[test]
    fn what_could_be_read_in_two_ways_is_not_read() {
        for url in [
            "https://contoso.sharepoint.com/sites/hr/../secret/a.txt",
            "https://contoso.sharepoint.com/sites/hr/%2e%2e/secret/a.txt",
            "https://contoso.sharepoint.com/sites/hr%2F..%2Fsecret/a.txt",
            "https://contoso.sharepoint.com/sites/hr/%252e%252e/secret",
            "https://contoso.sharepoint.com\\@evil.example/sites/hr/a",
            "https://user@contoso.sharepoint.com/sites/hr/a",
            "https://contoso.sharepoint.com:444/sites/hr/a",
            "http://contoso.sharepoint.com/sites/hr/a",
            "https://contoso.sharepoint.com/:w:/z/hr/Eabc",
            "https://contoso.sharepoint.com/:w:",
        ] {
            assert_eq!(of(url), None, "{url}");
        }
        assert_eq!(read("s!Eabc"), None);
        assert_eq!(read("u!%%%"), None);
    }
}
