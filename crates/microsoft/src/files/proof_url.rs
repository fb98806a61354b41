use std::fmt;

use http::Method;
use url::Url;

use crate::cloud::is_safe_scheme;
use crate::{Cloud, Outgoing, Repeat};

/// An address of a file's bytes that needs no token. It is a secret: whoever has it has the file.
#[derive(Clone)]
pub struct ProofUrl(Url);

impl ProofUrl {
    /// `None` unless it is an address of the cloud's own files: nothing else is followed, wherever an answer points.
    pub fn of(cloud: &Cloud, url: &str) -> Option<Self> {
        let url = Url::parse(url).ok()?;
        (is_safe_scheme(&url) && cloud.owns_files(&url)).then_some(Self(url))
    }

    /// Asks for what is there: the state of a job.
    pub fn get(&self) -> Outgoing {
        self.request(Method::GET, Repeat::Safe)
    }

    pub(super) fn request(&self, method: Method, repeat: Repeat) -> Outgoing {
        Outgoing::new(method, self.0.clone(), repeat).sensitive()
    }

    /// To be sealed where it has to outlive this process.
    pub fn expose(&self) -> &str {
        self.0.as_str()
    }
}

impl fmt::Debug for ProofUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ProofUrl(…)")
    }
}
