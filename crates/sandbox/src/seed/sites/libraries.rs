//! What lies in the libraries: a tree of folders with small real documents.

use bytes::Bytes;
use jiff::Timestamp;
use serde_json::json;
use uuid::Uuid;

use super::days_after;
use crate::documents::{docx, pdf, png, xlsx};
use crate::state::State;
use crate::state::drive::item::Author;
use crate::state::drive::tree::{Change, Conflict};
use crate::state::sites::column::{Column, Kind};
use crate::state::sites::page::Page;

/// Site, folders and name, and the text. The ending of the name says of which kind it is.
const DOCUMENTS: [(&str, &str, &str); 16] = [
    ("", "Brand/Contoso logo.png", ""),
    (
        "",
        "Welcome.docx",
        "Welcome to Contoso\nEverything here is made up.",
    ),
    (
        "sites/hr",
        "Policies/Leave policy.docx",
        "Leave policy\nThirty days a year, and the day before a holiday is half a day.",
    ),
    (
        "sites/hr",
        "Policies/Travel policy.pdf",
        "Travel policy\nBook early, travel light, keep the receipts.",
    ),
    (
        "sites/hr",
        "Policies/Remote work.txt",
        "Three days at home, two at the office, and both count.",
    ),
    (
        "sites/hr",
        "Onboarding/First day.docx",
        "Your first day\nCome at nine, ask for your buddy, have lunch with the team.",
    ),
    ("sites/hr", "Onboarding/Organisation chart.png", ""),
    (
        "sites/hr",
        "Headcount.xlsx",
        "Department,People\nSales,7\nFinance,4\nDelivery,6\nCustomer Service,6",
    ),
    (
        "sites/finance",
        "Budget 2026.xlsx",
        "Department,Budget\nSales,420000\nDelivery,680000\nIT,250000\nHuman Resources,130000",
    ),
    (
        "sites/finance",
        "Reports/2026/Q1 report.pdf",
        "First quarter\nRevenue 1.84 million, costs 1.52 million.",
    ),
    (
        "sites/finance",
        "Reports/2026/Q2 report.pdf",
        "Second quarter\nRevenue 1.91 million, costs 1.57 million.",
    ),
    (
        "sites/finance",
        "Templates/Expense claim.xlsx",
        "Date,What,Amount\n2026-08-03,Train,84.50",
    ),
    (
        "sites/projects",
        "Handbook.docx",
        "How we run projects\nSmall steps, written decisions, one owner for each.",
    ),
    (
        "sites/projects",
        "Fabrikam rollout/Project plan.docx",
        "Fabrikam rollout\nPhase one: survey of two sites.\nPhase two: pilot with twenty people.\nPhase three: everyone.",
    ),
    (
        "sites/projects",
        "Fabrikam rollout/Costs.xlsx",
        "Item,Amount\nHardware,48200\nServices,31500\nTraining,7400",
    ),
    (
        "sites/projects/fabrikam",
        "Minutes/Kick-off.txt",
        "Present: Elena, Farid, Ana, Lena from Fabrikam.\nThe survey begins in August.",
    ),
];

/// Fills the default library of a site, and gives it its first page.
pub(super) fn fill(state: &mut State, site: Uuid, path: &str, owner: &Author, began: Timestamp) {
    let Some(library) = state.sites.site(site).map(|site| site.library) else {
        return;
    };
    let documents = DOCUMENTS.iter().filter(|(of, ..)| *of == path);
    for (day, (_, place, text)) in (2..).step_by(3).zip(documents) {
        let change = Change {
            author: owner.clone(),
            at: days_after(began, day),
        };
        put(state, library, place, text, &change);
    }
    if path == "sites/finance" {
        classify(state, site, library);
    }
    welcome(state, site, owner, began);
}

fn put(state: &mut State, library: Uuid, place: &str, text: &str, change: &Change) {
    let State { drives, ids, .. } = state;
    let Some((drive, files)) = drives.of_mut(&library.to_string()) else {
        return;
    };
    let mut names: Vec<&str> = place.split('/').collect();
    let Some(name) = names.pop() else {
        return;
    };
    let mut at = drive.root;
    for folder in names {
        if let Ok(there) = drive.add_folder(at, folder, Conflict::Replace, change, ids) {
            at = there;
        }
    }
    if let Ok(file) = files.store(Bytes::from(content(name, text))) {
        // Every name is there once.
        let _ = drive.put_file(at, name, file, Conflict::Fail, change, ids);
    }
}

fn content(name: &str, text: &str) -> Vec<u8> {
    let lines: Vec<&str> = text.lines().collect();
    match name.rsplit('.').next() {
        Some("docx") => docx(&lines),
        Some("pdf") => pdf(&lines),
        Some("png") => png(96, 64),
        Some("xlsx") => {
            let rows: Vec<Vec<&str>> = lines.iter().map(|line| line.split(',').collect()).collect();
            let rows: Vec<&[&str]> = rows.iter().map(Vec::as_slice).collect();
            xlsx("Sheet1", &rows)
        }
        _ => text.replace('\n', "\r\n").into_bytes(),
    }
}

/// Finance says of each document how secret it is.
fn classify(state: &mut State, site: Uuid, library: Uuid) {
    let State {
        sites, drives, ids, ..
    } = state;
    let list = sites.site_mut(site).and_then(|site| site.list_mut(library));
    if let Some(list) = list {
        let mut column = Column::new(ids.uuid(), "Confidentiality", Kind::Choice);
        let choices = json!(["Public", "Internal", "Confidential"]);
        column.facet.insert("choices".to_owned(), choices);
        list.columns.push(column);
    }
    if let Some((drive, _)) = drives.of_mut(&library.to_string()) {
        let budget = drive.child(drive.root, "Budget 2026.xlsx");
        if let Some(item) = budget.and_then(|unique| drive.item_mut(unique)) {
            let value = json!("Confidential");
            item.fields.insert("Confidentiality".to_owned(), value);
        }
    }
}

fn welcome(state: &mut State, site: Uuid, owner: &Author, began: Timestamp) {
    let (id, part) = (state.ids.uuid(), state.ids.uuid());
    let Some(site) = state.sites.site_mut(site) else {
        return;
    };
    let html = format!("<h2>{}</h2><p>{}</p>", site.display_name, site.description);
    let text =
        json!({"@odata.type": "#microsoft.graph.textWebPart", "id": part, "innerHtml": html});
    let column = json!({"id": "1", "width": 12, "webparts": [text]});
    let section =
        json!({"id": "1", "layout": "oneColumn", "emphasis": "none", "columns": [column]});
    let mut properties = serde_json::Map::new();
    properties.insert("pageLayout".to_owned(), json!("home"));
    site.pages.push(Page {
        id,
        name: "Home.aspx".to_owned(),
        title: site.display_name.clone(),
        description: site.description.clone(),
        created: began,
        created_by: owner.clone(),
        modified: began,
        modified_by: owner.clone(),
        revision: 1,
        version: (1, 0),
        properties,
        canvas: Some(json!({"horizontalSections": [section]})),
    });
}
