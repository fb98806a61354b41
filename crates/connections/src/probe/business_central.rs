//! Business Central: whether it knows the application, shows its companies, and lets it read one.

use model::{Act, CompanyName, Diagnosis, Evidence, Group, RemedyStep};
use serde_json::Value;
use url::form_urlencoded;

use super::{Asker, Probe};
use crate::diagnosis::remedy;

pub(super) async fn run(asker: &mut Asker<'_>) {
    if let Some(listed) = &asker.snapshot.connection.policy.companies {
        for company in listed {
            one(asker, company).await;
        }
        return;
    }
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
        closed(
            asker,
            "the environment shows the application no company",
            HIDDEN,
        );
        return;
    };
    if !ids.iter().any(|id| id.eq_ignore_ascii_case(company)) {
        closed(asker, &not_there(company, &answer), RENAMED);
        return;
    }
    asker.ask(records(company)).await;
}

/// A company that the connection is limited to; no other is asked for.
async fn one(asker: &mut Asker<'_>, listed: &CompanyName) {
    let path = match listed {
        CompanyName::Id(id) => format!("/companies({id})?$select=id,name"),
        CompanyName::Named(name) => {
            let text = name.replace('\'', "''");
            let text: String = form_urlencoded::byte_serialize(text.as_bytes()).collect();
            let text = text.replace('+', "%20");
            format!("/companies?$select=id,name&$filter=name%20eq%20'{text}'")
        }
    };
    let probe = Probe::new("company", path, format!("`{listed}` was asked for"));
    let Some(answer) = asker.enter(probe.of(&listed.to_string())).await else {
        return;
    };
    let id = match listed {
        CompanyName::Id(_) => answer["id"].as_str(),
        CompanyName::Named(name) => {
            let mut rows = answer["value"].as_array().into_iter().flatten();
            let row = rows.find(|company| company["name"].as_str() == Some(name));
            row.and_then(|company| company["id"].as_str())
        }
    };
    if let Some(id) = id {
        asker.ask(records(id)).await;
        return;
    }
    let diagnosis = unknown(asker, listed);
    asker.note("company", false, diagnosis.cause.clone());
    asker.findings.diagnosis.get_or_insert(diagnosis);
}

fn unknown(asker: &Asker<'_>, company: &CompanyName) -> Diagnosis {
    let name = &asker.snapshot.connection.name;
    Diagnosis {
        group: Group::ConnectionFailed,
        cause: format!(
            "`{name}` is limited to some companies, and the environment has no `{company}` or hides it"
        ),
        act: Act::Administrator,
        remedy: vec![RemedyStep {
            text: "correct the list: a company's name is not its display name, and its id stays when it is renamed"
                .to_owned(),
            link: None,
            command: Some(format!("consentry connections policy {name} --company …")),
        }],
        evidence: Evidence {
            code: "company_missing".to_owned(),
            message: format!("no company `{company}`"),
            ..Evidence::default()
        },
        known: true,
    }
}

const HIDDEN: &str = "give the application permission sets that hold for a company, on the page Microsoft Entra Applications of \
     Business Central";
const RENAMED: &str = "connect it again with the id of one that is there, or let somebody give the application permission sets in \
     that company, on the page Microsoft Entra Applications of Business Central";

/// Notes that nothing can be read for want of a company.
fn closed(asker: &mut Asker<'_>, cause: &str, advice: &str) {
    asker.note("company", false, cause);
    let page = "https://learn.microsoft.com/dynamics365/business-central/dev-itpro/administration/automation-apis-using-s2s-authentication";
    let diagnosis = Diagnosis {
        group: Group::ConnectionFailed,
        cause: cause.to_owned(),
        act: Act::Administrator,
        remedy: vec![
            RemedyStep {
                text: advice.to_owned(),
                link: Some(page.to_owned()),
                command: None,
            },
            remedy::command("look again", "test", asker.snapshot),
        ],
        evidence: Evidence {
            code: "company_missing".to_owned(),
            message: cause.to_owned(),
            ..Evidence::default()
        },
        known: true,
    };
    asker.findings.diagnosis.get_or_insert(diagnosis);
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
