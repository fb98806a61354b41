//! Business Central: whether it knows the application, shows its companies, and lets it read one.

use serde_json::Value;

use super::{Asker, Probe};

pub(super) async fn run(asker: &mut Asker<'_>) {
    let Some(answer) = asker.enter(companies()).await else {
        return;
    };
    let ids: Vec<_> = answer["value"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(|company| company["id"].as_str())
        .collect();
    let chosen = asker.snapshot.connection.place.company_id.clone();
    let Some(company) = chosen.as_deref().or(ids.first().copied()) else {
        let none = "the environment shows the application no company";
        asker.note("company", false, none);
        return;
    };
    if !ids.iter().any(|id| id.eq_ignore_ascii_case(company)) {
        asker.note("company", false, not_there(company, &answer));
        return;
    }
    asker.ask(records(company)).await;
}

/// <https://learn.microsoft.com/dynamics365/business-central/dev-itpro/api-reference/v2.0/api/dynamics_company_get>
fn companies() -> Probe {
    Probe::new(
        "companies",
        "/companies?$select=id,name",
        "Business Central lists its companies",
    )
}

/// A table that every permission set for work opens: what it refuses, no company's records will be read.
///
/// <https://learn.microsoft.com/dynamics365/business-central/dev-itpro/administration/automation-apis-using-s2s-authentication>
fn records(company: &str) -> Probe {
    let path = format!("/companies({company})/customers?$top=1&$select=id");
    let works = "the permission sets let the application read records";
    Probe::new("permission sets", path, works).of(company)
}

fn not_there(chosen: &str, answer: &Value) -> String {
    let names: Vec<_> = answer["value"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(|company| company["name"].as_str())
        .collect();
    format!(
        "the environment has no company `{chosen}`, or hides it; there are {}",
        names.join(", ")
    )
}
