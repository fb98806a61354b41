use std::collections::BTreeMap;
use std::sync::Arc;

use url::Url;

use super::{Cloud, built_in, host};
use crate::Error;

/// The clouds that this installation knows, by id. They come from the program and the server's configuration only.
#[derive(Debug, Clone, Default)]
pub struct Clouds(BTreeMap<String, Arc<Cloud>>);

impl Clouds {
    /// Microsoft's own: `global`, `usgov` (GCC High), `dod` and `china`. GCC is part of `global`.
    pub fn built_in() -> Self {
        let clouds = built_in::all();
        Self(
            clouds
                .into_iter()
                .map(|cloud| (cloud.id.clone(), Arc::new(cloud)))
                .collect(),
        )
    }

    /// These and `cloud`, which replaces one of the same id. [`Error::InvalidCloud`] unless each of its URLs is https,
    /// or http on this machine, without user info, query or fragment.
    pub fn with(mut self, cloud: Cloud) -> Result<Self, Error> {
        check(&cloud)?;
        self.0.insert(cloud.id.clone(), Arc::new(cloud));
        Ok(self)
    }

    pub fn get(&self, id: &str) -> Option<&Arc<Cloud>> {
        self.0.get(id)
    }

    /// Sorted.
    pub fn ids(&self) -> impl Iterator<Item = &str> {
        self.0.keys().map(String::as_str)
    }

    /// A local stand-in at `base_url` for the global cloud: every address is there, audiences stay Microsoft's.
    ///
    /// # Panics
    /// When `base_url` is no URL with a host: it is the address that the caller itself just bound.
    pub fn sandbox(base_url: &str) -> Cloud {
        let base: Url = base_url
            .parse()
            .expect("the sandbox's own address is a URL");
        built_in::sandbox(&base)
    }
}

fn check(cloud: &Cloud) -> Result<(), Error> {
    let invalid = |what, reason| Error::InvalidCloud {
        cloud: cloud.id.clone(),
        what,
        reason,
    };
    if cloud.id.is_empty() {
        return Err(invalid("id", "it is empty"));
    }
    let urls = [
        ("authority", Some(&cloud.authority)),
        ("Graph URL", Some(&cloud.graph_url)),
        ("Business Central URL", cloud.business_central_url.as_ref()),
        ("portal", Some(&cloud.portal)),
        ("Entra portal", Some(&cloud.entra_portal)),
    ];
    for (what, url) in urls {
        if let Some(reason) = url.and_then(flaw) {
            return Err(invalid(what, reason));
        }
    }
    if cloud.business_central_url.is_some() != cloud.business_central_audience.is_some() {
        return Err(invalid(
            "Business Central audience",
            "URL and audience come together",
        ));
    }
    Ok(())
}

fn flaw(url: &Url) -> Option<&'static str> {
    if !host::is_safe_scheme(url) {
        Some("it is neither https nor http on this machine")
    } else if !url.username().is_empty() || url.password().is_some() {
        Some("it holds user info")
    } else if url.query().is_some() || url.fragment().is_some() {
        Some("it has a query or fragment")
    } else {
        None
    }
}
