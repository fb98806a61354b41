//! The documents themselves, each a valid file of its kind.

use crate::documents::{docx, pdf, png, xlsx};
use crate::state::directory::User;

/// A document and the folder that it lies in.
pub(super) struct Document {
    pub(super) folder: &'static [&'static str],
    pub(super) name: &'static str,
    pub(super) bytes: Vec<u8>,
}

const ROLLOUT: &[&str] = &["Projects", "Fabrikam rollout"];
const DESIGN: &[&str] = &["Projects", "Fabrikam rollout", "Design"];

/// What a person keeps.
pub(super) fn of(person: &User) -> Vec<Document> {
    let name = &person.display_name;
    let department = person.department.as_deref().unwrap_or("Contoso");
    let document = |folder, name, bytes| Document {
        folder,
        name,
        bytes,
    };
    vec![
        document(&[], "Getting started.txt", format!("Welcome to your OneDrive, {name}.\r\nEverything here is made up.\r\n").into_bytes()),
        document(&["Documents"], "Meeting notes.txt", format!("Notes of {department}\r\n\r\n- Fabrikam wants the rollout before the summer\r\n- Prices stay until the end of the quarter\r\n- {name} calls the supplier\r\n").into_bytes()),
        document(&["Documents"], "Expenses.csv", expenses(name).into_bytes()),
        document(&["Documents"], "Travel policy.pdf", pdf(&["Contoso travel policy", "Book early, travel light, keep the receipts."])),
        document(ROLLOUT, "Project plan.docx", docx(&["Fabrikam rollout", "Phase one: survey of two sites.", "Phase two: pilot with twenty people.", "Phase three: everyone."])),
        document(ROLLOUT, "Budget.xlsx", xlsx("Budget", &[&["Item", "Amount"], &["Hardware", "48200"], &["Services", "31500"], &["Training", "7400"]])),
        document(DESIGN, "Floor plan.png", png(96, 64)),
        document(&["Pictures"], "Contoso logo.png", png(64, 64)),
    ]
}

fn expenses(name: &str) -> String {
    format!(
        "Date,Who,What,Amount\r\n2026-08-03,{name},Train,84.50\r\n2026-08-04,{name},Hotel,132.00\r\n2026-08-21,{name},Lunch with Fabrikam,58.20\r\n"
    )
}
