//! The variables that no option stands for. Those with one are read by the definition of the command line.

use std::env;
use std::ffi::OsString;
use std::path::PathBuf;

use secrecy::SecretString;

/// The key in `CONSENTRY_API_KEY`. There is no option for it: other users of the machine can read command lines.
pub(crate) fn api_key() -> Option<SecretString> {
    let text = variable("CONSENTRY_API_KEY")?.into_string().ok()?;
    Some(text.into())
}

/// The data directory in `CONSENTRY_DATA`: of a server and its clients. A demonstration or a sandbox must not be led
/// into it, so the option for theirs does not read it.
pub(crate) fn data_directory() -> Option<PathBuf> {
    variable("CONSENTRY_DATA").map(PathBuf::from)
}

/// The proxy that requests of this scheme go through, without what it is told in secret.
pub(crate) fn proxy(scheme: &str) -> Option<String> {
    let names = match scheme {
        "https" => ["HTTPS_PROXY", "https_proxy", "ALL_PROXY"],
        _ => ["http_proxy", "all_proxy", "ALL_PROXY"],
    };
    let set = names.into_iter().find_map(variable)?;
    let url = url::Url::parse(&set.into_string().ok()?).ok()?;
    Some(url.origin().ascii_serialization())
}

/// Whether colour is unwelcome; see no-color.org.
pub(crate) fn refuses_colour() -> bool {
    variable("NO_COLOR").is_some()
}

/// A variable that is set and not empty.
#[expect(
    clippy::disallowed_methods,
    reason = "the one place of the command line that reads the environment"
)]
fn variable(name: &str) -> Option<OsString> {
    env::var_os(name).filter(|value| !value.is_empty())
}
