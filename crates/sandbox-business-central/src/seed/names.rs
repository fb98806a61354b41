//! Customers, vendors, items, and the people of a company.

use serde_json::json;

use super::Scene;
use crate::books::TaxKind;

const CUSTOMERS: [(&str, &str); 12] = [
    ("Adatum Corporation", "robert.townes@adatum.example.com"),
    ("Trey Research", "helen.ray@treyresearch.example.com"),
    ("School of Fine Art", "meagan.bond@fineart.example.com"),
    ("Alpine Ski House", "ian.deberry@alpineskihouse.example.com"),
    ("Relecloud", "jesse.homer@relecloud.example.com"),
    ("Northwind Traders", "orders@northwind.example.com"),
    ("Tailspin Toys", "purchasing@tailspin.example.com"),
    ("Wide World Importers", "ap@wideworld.example.com"),
    ("Litware, Inc.", "office@litware.example.com"),
    ("Proseware, Inc.", "accounts@proseware.example.com"),
    ("Fourth Coffee", "hello@fourthcoffee.example.com"),
    ("Woodgrove Bank", "facilities@woodgrove.example.com"),
];
const VENDORS: [(&str, &str); 5] = [
    ("Fabrikam, Inc.", "krystal.york@fabrikam.example.com"),
    ("First Up Consultants", "evan.mcintosh@firstup.example.com"),
    (
        "Graphic Design Institute",
        "bryce.jasso@graphicdesign.example.com",
    ),
    ("World Importers", "toby.rhode@worldimporters.example.com"),
    (
        "Nod Publishers",
        "raymond.hillard@nodpublishers.example.com",
    ),
];
/// Number, name, category, price and cost in cents of a dollar.
const ITEMS: [(&str, &str, &str, u32, u32); 12] = [
    ("1896-S", "ATHENS Desk", "TABLE", 100_080, 78_070),
    (
        "1900-S",
        "PARIS Guest Chair, black",
        "CHAIR",
        19_280,
        15_040,
    ),
    ("1906-S", "ATHENS Mobile Pedestal", "TABLE", 43_190, 33_680),
    (
        "1908-S",
        "LONDON Swivel Chair, blue",
        "CHAIR",
        19_010,
        14_830,
    ),
    (
        "1920-S",
        "ANTWERP Conference Table",
        "TABLE",
        63_040,
        49_170,
    ),
    ("1925-W", "Conference Bundle 1-6", "MISC", 18_860, 14_700),
    ("1928-S", "AMSTERDAM Lamp", "MISC", 5_430, 4_230),
    (
        "1936-S",
        "BERLIN Guest Chair, yellow",
        "CHAIR",
        19_280,
        15_040,
    ),
    ("1953-W", "Guest Section 1", "MISC", 12_660, 9_870),
    ("1960-S", "ROME Guest Chair, green", "CHAIR", 19_280, 15_040),
    ("1964-S", "TOKYO Guest Chair, blue", "CHAIR", 19_280, 15_040),
    ("1965-W", "Conference Bundle 2-8", "MISC", 29_470, 22_980),
];
const SERVICES: [(&str, &str, u32, u32); 2] = [
    ("SV-INSTALL", "Installation", 8_500, 6_000),
    ("SV-DESIGN", "Room design", 12_000, 8_000),
];
const EMPLOYEES: [(&str, &str, &str); 6] = [
    ("Ester", "Henderson", "Sales Manager"),
    ("Oscar", "Greenwood", "Secretary"),
    ("Robin", "Bettencourt", "Purchaser"),
    ("Lina", "Townsend", "Designer"),
    ("Otto", "Roland", "Production Assistant"),
    ("Terry", "Dodds", "Accountant"),
];

pub(super) fn fill(scene: &mut Scene<'_>) {
    people(scene);
    customers(scene);
    vendors(scene);
    items(scene);
    scene.create(
        "bankAccounts",
        json!({ "number": "CHECKING", "displayName": "World Wide Bank", "bankAccountNumber": "99-99-888" }),
    );
    for (number, name) in [
        ("PR00110", "Meeting room setup"),
        ("PR00120", "Guest area refit"),
    ] {
        scene.create("projects", json!({ "number": number, "displayName": name }));
    }
}

fn people(scene: &mut Scene<'_>) {
    for (code, name) in [("EH", "Ester Henderson"), ("OF", "Otis Falls")] {
        let person = json!({ "code": code, "displayName": name, "commisionPercent": 5 });
        scene.create("salespeoplePurchasers", person);
    }
    for (given, surname, title) in EMPLOYEES {
        scene.create(
            "employees",
            json!({
                "number": given.to_uppercase(),
                "givenName": given,
                "surname": surname,
                "jobTitle": title,
                "employmentDate": "2020-01-01",
                "email": format!("{}@contoso.com", given.to_lowercase()),
            }),
        );
    }
    scene.create(
        "fixedAssets",
        json!({ "number": "FA000010", "displayName": "Delivery van", "fixedAssetLocationCode": "HQ", "employeeNumber": "OTTO" }),
    );
}

fn customers(scene: &mut Scene<'_>) {
    let terms =
        ["14 DAYS", "30 DAYS", "CM", "30 DAYS"].map(|code| scene.id("paymentTerms", "code", code));
    let areas: Vec<String> = scene
        .books
        .rows("taxAreas")
        .map(|row| row.id.clone())
        .collect();
    let method = scene.id("paymentMethods", "code", "BANK");
    let shipment = scene.id("shipmentMethods", "code", "EXW");
    for (at, (name, email)) in CUSTOMERS.into_iter().enumerate() {
        let (city, state, postal_code) = scene.profile.cities[at % 4];
        // The last one buys in another currency.
        let is_abroad = at == CUSTOMERS.len() - 1;
        let mut customer = json!({
            "number": (at + 1) * 10_000,
            "displayName": name,
            "type": "Company",
            "addressLine1": format!("{} Main Street", 10 + at * 7),
            "city": city,
            "state": state,
            "postalCode": postal_code,
            "country": scene.profile.country,
            "phoneNumber": format!("+1 425 555 01{at:02}"),
            "email": email,
            "website": email.rsplit('@').next().unwrap_or_default(),
            "salespersonCode": if at % 2 == 0 { "EH" } else { "OF" },
            "creditLimit": 50_000,
            "taxLiable": scene.profile.tax == TaxKind::SalesTax && at % 4 != 3,
            "paymentTermsId": terms[at % 4],
            "paymentMethodId": method,
            "shipmentMethodId": shipment,
        });
        customer["number"] = json!(((at + 1) * 10_000).to_string());
        if scene.profile.tax == TaxKind::SalesTax && at % 4 != 3 {
            customer["taxAreaId"] = json!(areas[at % areas.len()]);
        }
        if is_abroad {
            customer["country"] = json!("DK");
            customer["currencyCode"] = json!("DKK");
        }
        scene.create("customers", customer);
        let contact = json!({
            "type": "Person",
            "displayName": person(email),
            "companyNumber": ((at + 1) * 10_000).to_string(),
            "companyName": name,
            "email": email,
            "contactBusinessRelation": "Customer",
        });
        scene.create("contacts", contact);
    }
    let first = scene
        .books
        .rows("contacts")
        .next()
        .map(|row| row.text("number").to_owned());
    for description in ["Furniture for the new office", "Conference rooms"] {
        let opportunity = json!({
            "contactNumber": first,
            "salespersonCode": "EH",
            "description": description,
        });
        scene.create("opportunities", opportunity);
    }
}

/// `robert.townes@…` is Robert Townes.
fn person(email: &str) -> String {
    let name = email.split('@').next().unwrap_or_default();
    let capital = |word: &str| {
        let mut letters = word.chars();
        let first = letters.next().map(|it| it.to_ascii_uppercase());
        first.into_iter().chain(letters).collect::<String>()
    };
    name.split('.').map(capital).collect::<Vec<_>>().join(" ")
}

fn vendors(scene: &mut Scene<'_>) {
    let terms = scene.id("paymentTerms", "code", "30 DAYS");
    let method = scene.id("paymentMethods", "code", "BANK");
    for (at, (name, email)) in VENDORS.into_iter().enumerate() {
        let (city, state, postal_code) = scene.profile.cities[(at + 1) % 4];
        scene.create(
            "vendors",
            json!({
                "number": ((at + 1) * 10_000).to_string(),
                "displayName": name,
                "addressLine1": format!("{} North Lake Avenue", 10 + at * 3),
                "city": city,
                "state": state,
                "postalCode": postal_code,
                "country": scene.profile.country,
                "email": email,
                "paymentTermsId": terms,
                "paymentMethodId": method,
            }),
        );
    }
}

fn items(scene: &mut Scene<'_>) {
    let level = scene.profile.price_level;
    let price = |cents: u32| f64::from(cents * level / 1000) / 10.0;
    let (goods, work) = match scene.profile.tax {
        TaxKind::SalesTax => ("FURNITURE", "NONTAXABLE"),
        TaxKind::Vat => ("STANDARD", "STANDARD"),
    };
    for (at, (number, name, category, sale, cost)) in ITEMS.into_iter().enumerate() {
        let group = match scene.profile.tax {
            TaxKind::Vat if at == 6 => "REDUCED",
            _ => goods,
        };
        scene.create(
            "items",
            json!({
                "number": number,
                "displayName": name,
                "type": "Inventory",
                "itemCategoryCode": category,
                "unitPrice": price(sale),
                "unitCost": price(cost),
                "taxGroupCode": group,
                "baseUnitOfMeasureCode": "PCS",
                "gtin": format!("40{:011}", 12_345_678 + at),
            }),
        );
    }
    for (number, name, sale, cost) in SERVICES {
        scene.create(
            "items",
            json!({
                "number": number,
                "displayName": name,
                "type": "Service",
                "unitPrice": price(sale),
                "unitCost": price(cost),
                "taxGroupCode": work,
                "baseUnitOfMeasureCode": "HOUR",
            }),
        );
    }
    let chair = scene.id("items", "number", "1900-S");
    for description in ["Leather", "Fabric"] {
        scene.create_below(
            "itemVariants",
            Some(("items", &chair)),
            json!({ "description": description }),
        );
    }
}
