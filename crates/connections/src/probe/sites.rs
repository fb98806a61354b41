//! Each site that a connection is limited to: whether it is there, and whether the application was granted it.
//!
//! Source: <https://learn.microsoft.com/graph/api/site-getbypath>.

use super::{Asker, Probe};

pub(super) async fn run(asker: &mut Asker<'_>) {
    let listed = asker.snapshot.connection.policy.sites.as_ref();
    for site in listed.into_iter().flatten() {
        let path = format!("/sites/{}?$select=id", site.graph_key());
        let probe = Probe::new("site", path, format!("`{site}` can be reached"));
        asker.ask(probe.of(&site.to_string())).await;
    }
}
