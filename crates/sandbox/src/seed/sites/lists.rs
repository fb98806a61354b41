//! Lists with columns of every common type, and their items.

use jiff::Timestamp;
use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::{author, days_after};
use crate::state::State;
use crate::state::drive::item::Author;
use crate::state::drive::tree::Change;
use crate::state::sites::column::{Column, Kind};
use crate::state::sites::item::ListItem;
use crate::state::sites::list::{List, Template};
use crate::state::sites::{self};

/// A list of a site: columns as `name|kind|facet`, items as values in the order of the columns, `Title` first.
struct Seeded {
    site: &'static str,
    title: &'static str,
    description: &'static str,
    columns: &'static [&'static str],
    items: &'static str,
}

const LISTS: [Seeded; 7] = [
    Seeded {
        site: "",
        title: "Links",
        description: "Where to find things",
        columns: &["Address|hyperlinkOrPicture|{}"],
        items: "\
Human Resources|https://contoso.sharepoint.com/sites/hr
Finance|https://contoso.sharepoint.com/sites/finance
Projects|https://contoso.sharepoint.com/sites/projects",
    },
    Seeded {
        site: "sites/hr",
        title: "Onboarding",
        description: "New colleagues and what is done for them",
        columns: &[
            r#"Department|choice|{"choices": ["Sales", "Finance", "Delivery", "IT"]}"#,
            r#"StartDate|dateTime|{"format": "dateOnly"}"#,
            "Buddy|personOrGroup|{}",
            "LaptopReady|boolean|{}",
            r#"Notes|text|{"allowMultipleLines": true}"#,
        ],
        items: "\
Karin Berg|Sales|2026-06-01|ana.reis|true|Desk next to Ben
Teresa Lopes|Delivery|2026-07-15|farid.haddad|true|Needs a second screen
Rita Sousa|Finance|2026-08-01|david.nguyen|true|
Walter Braun|Delivery|2026-09-01|vera.novak|false|Starts in Berlin
Carlos Mendes|IT|2026-09-15|admin|false|",
    },
    Seeded {
        site: "sites/hr",
        title: "Leave requests",
        description: "Holidays and other absence",
        columns: &[
            "Person|personOrGroup|{}",
            r#"From|dateTime|{"format": "dateOnly"}"#,
            r#"Days|number|{"minimum": 0, "maximum": 60}"#,
            r#"Status|choice|{"choices": ["Requested", "Approved", "Declined"]}"#,
        ],
        items: "\
Summer holidays|ana.reis|2026-08-10|10|Approved
Moving house|ben.okafor|2026-09-21|1|Approved
Parental leave|david.nguyen|2026-10-05|40|Requested
Autumn break|grace.kim|2026-10-26|5|Requested",
    },
    Seeded {
        site: "sites/finance",
        title: "Cost centres",
        description: "Who spends what",
        columns: &[
            "Code|text|unique",
            "Budget|currency|{}",
            "Owner|personOrGroup|{}",
        ],
        items: "\
Sales|CC-100|420000|ana.reis
Delivery|CC-200|680000|elena.petrova
IT|CC-300|250000|admin
Human Resources|CC-400|130000|ines.silva",
    },
    Seeded {
        site: "sites/finance",
        title: "Purchase approvals",
        description: "What is to be bought",
        columns: &[
            "CostCentre|lookup|Cost centres",
            "Price|currency|{}",
            "Quantity|number|{}",
            r#"Total|calculated|{"formula": "=[Price]*[Quantity]", "outputType": "currency"}"#,
            r#"Status|choice|{"choices": ["Open", "Approved", "Rejected"]}"#,
            "Offer|hyperlinkOrPicture|{}",
        ],
        items: "\
Laptops|3|1290|12|Open|https://www.northwindtraders.com/offers/4711
Trade fair stand|1|8400|1|Approved|https://www.tailspintoys.com/offers/88
Training|2|950|6|Open|https://www.fabrikam.com/offers/training",
    },
    Seeded {
        site: "sites/projects",
        title: "Risks",
        description: "What may go wrong, and what is done about it",
        columns: &[
            r#"Severity|choice|{"choices": ["Low", "Medium", "High"]}"#,
            "AssignedTo|personOrGroup|{}",
            r#"Due|dateTime|{"format": "dateTime"}"#,
            "Probability|number|indexed",
        ],
        items: "\
Supplier is late|High|farid.haddad|2026-10-12T09:00:00Z|0.4
Key people leave|Medium|elena.petrova|2026-11-02T09:00:00Z|0.1
Site has no power|High|farid.haddad|2026-09-28T09:00:00Z|0.2
Users resist|Low|vera.novak|2026-12-01T09:00:00Z|0.6
Licences run out|Medium|ana.reis|2026-12-31T12:00:00Z|0.3",
    },
    Seeded {
        site: "sites/projects/fabrikam",
        title: "Milestones",
        description: "Dates that were promised",
        columns: &[r#"Date|dateTime|{"format": "dateOnly"}"#, "Done|boolean|{}"],
        items: "\
Survey finished|2026-08-31|true
Pilot begins|2026-10-15|false
Everyone is connected|2027-02-28|false",
    },
];

/// Makes the lists of a site, and the hidden one that tells people's numbers.
pub(super) fn fill(state: &mut State, site: Uuid, path: &str, owner: &Author, began: Timestamp) {
    let id = state.ids.uuid();
    let mut people = List::new(
        id,
        "users",
        "User Information List",
        Template::UserInformation,
        owner,
        began,
        &mut state.ids,
    );
    people.is_hidden = true;
    people.is_system = true;
    sites::add_list(state, site, people, owner, began);
    for seeded in LISTS.iter().filter(|seeded| seeded.site == path) {
        add(state, site, seeded, owner, began);
    }
}

fn add(state: &mut State, site: Uuid, seeded: &Seeded, owner: &Author, began: Timestamp) {
    let id = state.ids.uuid();
    let mut list = List::new(
        id,
        seeded.title,
        seeded.title,
        Template::GenericList,
        owner,
        began,
        &mut state.ids,
    );
    seeded.description.clone_into(&mut list.description);
    for line in seeded.columns {
        let column = column(state, site, line);
        list.columns.push(column);
    }
    let content_type = list.content_types.first().map(|known| known.id.clone());
    let content_type = content_type.unwrap_or_default();
    for (day, line) in (1..).zip(seeded.items.lines()) {
        let change = Change {
            author: owner.clone(),
            at: days_after(began, 7 * day),
        };
        let fields = fields(state, &list, line);
        let unique = state.ids.uuid();
        list.add(ListItem::new(unique, content_type.clone(), fields, &change));
    }
    sites::add_list(state, site, list, owner, began);
}

fn column(state: &mut State, site: Uuid, line: &str) -> Column {
    let mut parts = line.splitn(3, '|');
    let mut part = || parts.next().unwrap_or_default();
    let (name, kind, facet) = (part(), part(), part());
    let kind = Kind::parse(kind).unwrap_or(Kind::Text);
    let mut column = Column::new(state.ids.uuid(), name, kind);
    column.is_unique = facet == "unique";
    column.is_indexed = column.is_unique || facet == "indexed";
    if kind == Kind::Lookup {
        let target = state
            .sites
            .site(site)
            .and_then(|site| site.find_list(facet));
        let target = target.map(|list| list.id.to_string());
        column.facet.insert("listId".to_owned(), json!(target));
    }
    if let Ok(Value::Object(facet)) = serde_json::from_str(facet) {
        column.facet.extend(facet);
    }
    column
}

/// The values of a line, as lists keep them.
fn fields(state: &mut State, list: &List, line: &str) -> Map<String, Value> {
    let mut fields = Map::new();
    let written = list
        .columns
        .iter()
        .filter(|column| column.kind != Kind::Calculated);
    for (column, text) in written.zip(line.split('|')) {
        if text.is_empty() {
            continue;
        }
        let number = || text.parse::<f64>().map_or(Value::Null, whole);
        let value = match column.kind {
            Kind::Number | Kind::Currency | Kind::Lookup => number(),
            Kind::Boolean => json!(text == "true"),
            Kind::DateTime if text.len() == 10 => json!(format!("{text}T00:00:00Z")),
            Kind::PersonOrGroup => {
                let Some(person) = author(state, text) else {
                    continue;
                };
                json!(state.sites.number_of(&person.id))
            }
            Kind::HyperlinkOrPicture => json!({"Description": text, "Url": text}),
            _ => json!(text),
        };
        fields.insert(column.name.clone(), value);
    }
    fields
}

/// A number without a fraction that it does not have.
#[expect(
    clippy::cast_possible_truncation,
    reason = "only where nothing is lost"
)]
fn whole(number: f64) -> Value {
    if number.fract() == 0.0 {
        json!(number as i64)
    } else {
        json!(number)
    }
}
