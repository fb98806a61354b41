//! Whom the people of Contoso know outside.

use jiff::Timestamp;
use serde_json::{Map, Value, json};

use crate::state::State;
use crate::state::contacts::DEFAULT;

/// Given name, surname, company, title, address, city.
const KNOWN: [(&str, &str, &str, &str, &str, &str); 14] = [
    (
        "Lena",
        "Fischer",
        "Fabrikam",
        "Head of IT",
        "lena.fischer@fabrikam.com",
        "Hamburg",
    ),
    (
        "Omar",
        "Saleh",
        "Northwind Traders",
        "Purchasing Manager",
        "omar.saleh@northwindtraders.com",
        "London",
    ),
    (
        "Priya",
        "Nair",
        "Tailspin Toys",
        "Service Manager",
        "priya.nair@tailspintoys.com",
        "Dublin",
    ),
    (
        "Julien",
        "Roux",
        "Litware",
        "Product Owner",
        "julien.roux@litware.com",
        "Lyon",
    ),
    (
        "Sofia",
        "Ricci",
        "Woodgrove Bank",
        "Head of Operations",
        "sofia.ricci@woodgrovebank.com",
        "Milan",
    ),
    (
        "Mats",
        "Nilsson",
        "Adventure Works",
        "Plant Manager",
        "mats.nilsson@adventure-works.com",
        "Malmo",
    ),
    (
        "Eva",
        "Horvath",
        "Wide World Importers",
        "Warehouse Lead",
        "eva.horvath@wideworldimporters.com",
        "Vienna",
    ),
    (
        "Tom",
        "Baker",
        "Fourth Coffee",
        "Accounts",
        "tom.baker@fourthcoffee.com",
        "Bristol",
    ),
    (
        "Ida",
        "Holm",
        "A. Datum",
        "Event Manager",
        "ida.holm@adatum.com",
        "Copenhagen",
    ),
    (
        "Rui",
        "Tavares",
        "City Power & Light",
        "Key Account",
        "rui.tavares@cpandl.com",
        "Lisbon",
    ),
    (
        "Nora",
        "Vogt",
        "Trey Research",
        "Analyst",
        "nora.vogt@treyresearch.net",
        "Zurich",
    ),
    (
        "Leo",
        "Marin",
        "Alpine Ski House",
        "Sales",
        "leo.marin@alpineskihouse.com",
        "Innsbruck",
    ),
    (
        "Amy",
        "Clark",
        "Margie's Travel",
        "Travel Agent",
        "amy.clark@margiestravel.com",
        "London",
    ),
    (
        "Pavel",
        "Dvorak",
        "Wingtip Toys",
        "Logistics",
        "pavel.dvorak@wingtiptoys.com",
        "Prague",
    ),
];
/// How many of them one person knows.
const EACH: usize = 8;

/// Fills everybody's address book.
pub(super) fn fill(state: &mut State, now: Timestamp) {
    let people = state
        .directory
        .users
        .iter()
        .filter(|user| user.has_mailbox() && !user.disabled);
    let people: Vec<String> = people.map(|user| user.id.clone()).collect();
    for (turn, user_id) in people.iter().enumerate() {
        let State { mail, ids, .. } = state;
        let mailbox = mail.open(user_id, ids);
        for index in 0..EACH {
            let known = &KNOWN[(turn + index) % KNOWN.len()];
            mailbox.add_contact(DEFAULT, properties(known), now);
        }
    }
}

fn properties(
    (given, surname, company, title, address, city): &(&str, &str, &str, &str, &str, &str),
) -> Map<String, Value> {
    let name = format!("{given} {surname}");
    let value = json!({
        "givenName": given,
        "surname": surname,
        "displayName": name,
        "fileAs": format!("{surname}, {given}"),
        "companyName": company,
        "jobTitle": title,
        "emailAddresses": [{"name": name, "address": address}],
        "businessAddress": {"city": city},
    });
    match value {
        Value::Object(map) => map,
        _ => Map::new(),
    }
}
