//! Customers of Contoso in two cities, and the people there.

use super::{Seeder, link, number, text, whole};
use crate::cell::Link;

/// A customer and who is asked for there.
pub(super) struct Company {
    pub(super) account: Link,
    pub(super) contact: Link,
    pub(super) city: usize,
}

/// Name, country, latitude, longitude, first part of postal codes, telephone prefix.
pub(super) const CITIES: [(&str, &str, f64, f64, &str, &str); 2] = [
    ("Lisbon", "Portugal", 38.7223, -9.1393, "1", "+351 21 555 "),
    ("Berlin", "Germany", 52.5200, 13.4050, "10", "+49 30 5550 "),
];

const NAMES: [(&str, i64, &str); 24] = [
    ("Adventure Works", 12, "Rua do Ouro 12"),
    ("Alpine Ski House", 26, "Torstraße 140"),
    ("Bellows College", 15, "Avenida da Liberdade 245"),
    ("Best For You Organics", 13, "Kantstraße 33"),
    ("Blue Yonder Airlines", 30, "Rua Augusta 80"),
    ("City Power & Light", 31, "Alexanderplatz 7"),
    ("Coho Vineyard", 2, "Travessa das Flores 4"),
    ("Fabrikam", 12, "Chausseestraße 86"),
    ("Fourth Coffee", 13, "Rua da Prata 203"),
    ("Graphic Design Institute", 7, "Oranienstraße 25"),
    ("Humongous Insurance", 20, "Avenida de Roma 14"),
    ("Lamna Healthcare", 11, "Invalidenstraße 50"),
    ("Liberty's Delightful Sinful Bakery", 13, "Rua do Carmo 31"),
    ("Litware", 7, "Friedrichstraße 176"),
    ("Lucerne Publishing", 22, "Rua da Rosa 110"),
    ("Margie's Travel", 8, "Schönhauser Allee 9"),
    ("Munson's Pickles", 2, "Rua dos Fanqueiros 66"),
    ("Northwind Traders", 33, "Potsdamer Straße 58"),
    ("Proseware", 7, "Avenida Almirante Reis 19"),
    ("Relecloud", 5, "Karl-Marx-Allee 90"),
    ("School of Fine Art", 15, "Rua do Século 79"),
    ("Southridge Video", 9, "Bergmannstraße 102"),
    ("Trey Research", 6, "Rua de São Bento 327"),
    ("Wide World Importers", 33, "Hermannstraße 48"),
];
const FIRST: [&str; 16] = [
    "Beatriz", "Lukas", "Tiago", "Hannah", "Rita", "Felix", "Duarte", "Mia", "Joana", "Paul",
    "Nuno", "Clara", "Sofia", "Emil", "Pedro", "Lea",
];
const LAST: [&str; 12] = [
    "Almeida",
    "Schneider",
    "Carvalho",
    "Fischer",
    "Teixeira",
    "Wagner",
    "Moreira",
    "Becker",
    "Nogueira",
    "Hoffmann",
    "Barros",
    "Krause",
];
const TITLES: [&str; 6] = [
    "Purchasing Manager",
    "Facility Manager",
    "Chief Executive Officer",
    "Head of Operations",
    "IT Manager",
    "Office Manager",
];

pub(super) fn fill(seeder: &mut Seeder<'_>) -> Vec<Company> {
    let territories =
        [0, 1].map(|city| seeder.add("territory", 700, vec![("name", text(CITIES[city].0))]));
    let mut companies = Vec::new();
    for (number, (name, industry, street)) in NAMES.iter().enumerate() {
        let city = number % 2;
        companies.push(company(
            seeder,
            number,
            (name, *industry, street),
            city,
            territories[city],
        ));
    }
    companies
}

fn company(
    seeder: &mut Seeder<'_>,
    at: usize,
    (name, industry, street): (&str, i64, &str),
    city: usize,
    territory: Link,
) -> Company {
    let (city_name, country, latitude, longitude, postal, phone) = CITIES[city];
    let day = 640 - i64::try_from(at).unwrap_or_default() * 20;
    // A few kilometres around the middle of the city.
    let offset = |seeder: &mut Seeder<'_>| {
        let step = u32::try_from(seeder.below(1_001)).unwrap_or_default();
        (f64::from(step) - 500.0) / 500.0 * 0.045
    };
    let (latitude, longitude) = (latitude + offset(seeder), longitude + offset(seeder));
    let domain = name
        .to_lowercase()
        .replace(|c: char| !c.is_ascii_alphanumeric(), "");
    let revenue = f64::from(u32::try_from(seeder.below(90) + 4).unwrap_or(4)) * 250_000.0;
    let staff = i64::try_from(seeder.below(900) + 12).unwrap_or(12);
    let account = seeder.add_owned(
        "account",
        day,
        at,
        vec![
            ("name", text(name)),
            ("accountnumber", text(&format!("CT-{:04}", 1001 + at))),
            ("industrycode", whole(industry)),
            ("customertypecode", whole(if at % 5 == 4 { 8 } else { 3 })),
            (
                "accountcategorycode",
                whole(if at.is_multiple_of(4) { 1 } else { 2 }),
            ),
            ("paymenttermscode", whole(1)),
            ("revenue", number(revenue)),
            ("numberofemployees", whole(staff)),
            ("creditlimit", number(50_000.0)),
            ("telephone1", text(&format!("{phone}{:02}", 10 + at))),
            ("emailaddress1", text(&format!("info@{domain}.com"))),
            ("websiteurl", text(&format!("https://www.{domain}.com"))),
            ("address1_line1", text(street)),
            ("address1_city", text(city_name)),
            ("address1_country", text(country)),
            (
                "address1_postalcode",
                text(&format!("{postal}{:03}", 100 + at * 7)),
            ),
            (
                "address1_latitude",
                super::number((latitude * 1e5).round() / 1e5),
            ),
            (
                "address1_longitude",
                super::number((longitude * 1e5).round() / 1e5),
            ),
            ("msdyn_serviceterritory", link(territory)),
        ],
    );
    let mut first_contact = None;
    for person in 0..=(at % 2) {
        let contact = person_of(seeder, at, person, day, account, &domain, city);
        first_contact.get_or_insert(contact);
    }
    let contact = first_contact.unwrap_or(account);
    seeder.dataverse.change(
        account.table,
        account.id,
        vec![("primarycontactid", link(contact))],
    );
    Company {
        account,
        contact,
        city,
    }
}

fn person_of(
    seeder: &mut Seeder<'_>,
    at: usize,
    person: usize,
    day: i64,
    account: Link,
    domain: &str,
    city: usize,
) -> Link {
    let first = FIRST[(at * 2 + person * 7 + city) % FIRST.len()];
    let last = LAST[(at + person * 5) % LAST.len()];
    let (city_name, country, .., phone) = CITIES[city];
    let address = format!(
        "{}.{}@{domain}.com",
        first.to_lowercase(),
        last.to_lowercase()
    );
    seeder.add_owned(
        "contact",
        day - 1,
        at,
        vec![
            ("firstname", text(first)),
            ("lastname", text(last)),
            ("jobtitle", text(TITLES[(at + person) % TITLES.len()])),
            ("emailaddress1", text(&address)),
            ("telephone1", text(&format!("{phone}{:02}", 50 + at))),
            (
                "mobilephone",
                text(&format!("+351 910 555 {:03}", 100 + at * 3 + person)),
            ),
            ("address1_city", text(city_name)),
            ("address1_country", text(country)),
            (
                "preferredcontactmethodcode",
                whole(if person == 0 { 2 } else { 3 }),
            ),
            ("parentcustomerid", link(account)),
        ],
    )
}
