//! The ways to name a site: <https://learn.microsoft.com/graph/api/site-get>,
//! <https://learn.microsoft.com/graph/api/site-getbypath>

use uuid::Uuid;

use super::place::Place;
use super::{fault, host_of};
use crate::graph::call::Call;
use crate::graph::fault::Fault;
use crate::state::sites::Sites;

/// The site that a key and what follows it name, and the segments below.
pub(super) fn open(call: &Call, key: &str, rest: &[&str]) -> Result<(Place, Vec<String>), Fault> {
    let (bare, path, below) = split(key, rest);
    let id = call.shared.read(|state| {
        let tenant = call.caller.tenant_id();
        let host = host_of(state, tenant, "");
        if path.is_empty() {
            return Ok(by_id(bare, &host)?.find(&state.sites, tenant));
        }
        if !bare.eq_ignore_ascii_case("root") && !is_host(bare, &host)? {
            return Err(fault::invalid(
                "A path may only follow the name of a host or 'root'.",
            ));
        }
        Ok(state.sites.at(tenant, &path.join("/")).map(|site| site.id))
    })?;
    let place = Place::open(call, id.ok_or_else(fault::no_such_site)?)?;
    Ok((place, below))
}

/// A site by what its id is made of.
enum Key {
    Root,
    Collection(Uuid),
    Web { collection: Uuid, web: Uuid },
}

impl Key {
    fn find(&self, sites: &Sites, tenant_id: &str) -> Option<Uuid> {
        let mut known = sites.all().filter(|site| site.tenant_id == tenant_id);
        let found = match self {
            Self::Root => known.find(|site| site.is_root()),
            Self::Collection(id) => {
                known.find(|site| site.collection == *id && site.parent.is_none())
            }
            Self::Web { collection, web } => {
                known.find(|site| site.collection == *collection && site.id == *web)
            }
        };
        found.map(|site| site.id)
    }
}

/// A key without a path: `root`, a host, `host,guid,guid`, or the id of a collection.
fn by_id(key: &str, host: &str) -> Result<Key, Fault> {
    let guid = |text: &str| text.parse::<Uuid>().map_err(|_| malformed());
    let parts: Vec<&str> = key.split(',').collect();
    Ok(match parts.as_slice() {
        [root] if root.eq_ignore_ascii_case("root") => Key::Root,
        [collection] if collection.parse::<Uuid>().is_ok() => Key::Collection(guid(collection)?),
        [name] if is_host(name, host)? => Key::Root,
        [name, collection, web] if is_host(name, host)? => Key::Web {
            collection: guid(collection)?,
            web: guid(web)?,
        },
        _ => return Err(malformed()),
    })
}

/// Whether this is the tenant's host; a refusal for the host of another one.
fn is_host(name: &str, host: &str) -> Result<bool, Fault> {
    if name.eq_ignore_ascii_case(host) {
        return Ok(true);
    }
    if name.contains('.') {
        return Err(fault::invalid("Invalid hostname for this tenancy"));
    }
    Ok(false)
}

fn malformed() -> Fault {
    fault::invalid("Provided site ID is not valid.")
}

/// Cuts `host:`, `sites`, `hr:`, `lists` into the key, the path and what is below.
fn split<'a>(key: &'a str, rest: &[&str]) -> (&'a str, Vec<String>, Vec<String>) {
    let owned = |segments: &[&str]| segments.iter().map(|&segment| segment.to_owned()).collect();
    let Some(bare) = key.strip_suffix(':') else {
        return (key, Vec::new(), owned(rest));
    };
    let end = rest.iter().position(|segment| segment.ends_with(':'));
    let (path, below) = match end {
        Some(end) => (&rest[..=end], &rest[end + 1..]),
        None => (rest, &rest[rest.len()..]),
    };
    let names = path
        .iter()
        .map(|name| name.trim_end_matches(':').to_owned());
    let names = names.filter(|name| !name.is_empty()).collect();
    (bare, names, owned(below))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_lies_between_two_colons() {
        let parts = |key, rest: &[&str]| {
            let (bare, path, below) = split(key, rest);
            format!("{bare}|{}|{}", path.join("/"), below.join("/"))
        };
        assert_eq!(parts("a.b", &["lists"]), "a.b||lists");
        assert_eq!(parts("a.b:", &["sites", "hr"]), "a.b|sites/hr|");
        assert_eq!(
            parts("a.b:", &["sites", "hr:", "lists", "x"]),
            "a.b|sites/hr|lists/x"
        );
        assert_eq!(parts("root:", &[":", "drive"]), "root||drive");
    }
}
