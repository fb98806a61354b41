//! Products, leads, opportunities in all stages, quotes and cases.

use super::companies::Company;
use super::{Seeder, link, number, text, whole};
use crate::cell::{Cell, Link};

/// What Contoso sells.
pub(super) struct Catalogue {
    pub(super) price_list: Link,
    pub(super) hour: Link,
    pub(super) goods: Vec<Link>,
    pub(super) services: Vec<Link>,
}

/// Name, number, price, cost.
const GOODS: [(&str, &str, f64, f64); 8] = [
    ("Coffee Machine C-300", "CM-300", 2_450.0, 1_480.0),
    ("Coffee Machine C-900 Pro", "CM-900", 6_900.0, 4_100.0),
    ("Grinder G-40", "GR-040", 780.0, 410.0),
    ("Water Filter Cartridge", "WF-001", 38.5, 14.2),
    ("Descaling Kit", "DK-010", 24.9, 9.5),
    ("Brew Group Assembly", "BG-210", 312.0, 168.0),
    ("Pump 15 bar", "PU-015", 96.0, 47.0),
    ("Control Board v4", "CB-004", 214.0, 120.0),
];
const SERVICES: [(&str, &str, f64, f64); 3] = [
    ("Installation", "SV-INS", 85.0, 42.0),
    ("Preventive Maintenance", "SV-MNT", 75.0, 38.0),
    ("Repair", "SV-REP", 95.0, 45.0),
];
const LEADS: [(&str, &str, &str, &str); 18] = [
    (
        "Coffee for the new canteen",
        "Ursula",
        "Brandt",
        "Tailspin Toys",
    ),
    (
        "Machines for twelve branches",
        "Miguel",
        "Antunes",
        "Woodgrove Bank",
    ),
    (
        "Asked for a brochure at the fair",
        "Greta",
        "Lindner",
        "Fincher Architects",
    ),
    ("Replacement of old machines", "Vasco", "Pinto", "VanArsdel"),
    (
        "Rental instead of purchase",
        "Nina",
        "Seidel",
        "Wingtip Toys",
    ),
    (
        "Coffee corner on every floor",
        "André",
        "Lopes",
        "Consolidated Messenger",
    ),
    (
        "Office move in spring",
        "Theo",
        "Albrecht",
        "First Up Consultants",
    ),
    (
        "Service contract for existing machines",
        "Carla",
        "Matos",
        "Nod Publishers",
    ),
    (
        "Hotel lobby and breakfast room",
        "Jonas",
        "Engel",
        "Tailwind Hotels",
    ),
    (
        "Two machines for the workshop",
        "Filipa",
        "Ramos",
        "The Phone Company",
    ),
    (
        "Comparison with the present supplier",
        "Ida",
        "Kuhn",
        "Terra Firma",
    ),
    (
        "Conference centre, 400 cups an hour",
        "Bruno",
        "Faria",
        "Olson Events",
    ),
    (
        "Sustainable coffee, asked by the works council",
        "Marie",
        "Vogel",
        "Parnell Aerospace",
    ),
    ("School cafeteria", "Telmo", "Cardoso", "Oak Elementary"),
    ("Start-up with eight people", "Oskar", "Haas", "Datum"),
    ("Grinder only", "Leonor", "Sá", "Baldwin Museum"),
    (
        "Bakery with three shops",
        "Anton",
        "Winkler",
        "Jackson Bakeries",
    ),
    ("Call back next year", "Inês", "Duarte", "Allure Bays"),
];
const DEALS: [&str; 10] = [
    "Coffee machines for headquarters",
    "Machines for the second floor",
    "Full service contract",
    "Replacement of eight machines",
    "Grinders and filters for a year",
    "Pilot with two C-900 Pro",
    "Canteen refurbishment",
    "Showroom equipment",
    "Maintenance for all sites",
    "Yearly supply of cartridges",
];
const CASES: [(&str, i64, i64); 12] = [
    ("Machine leaks at the brew group", 2, 1),
    ("Invoice shows the wrong address", 1, 2),
    ("Grinder blocked after change of beans", 2, 2),
    ("How to descale the C-300?", 1, 3),
    ("Display stays dark", 2, 1),
    ("Water filter does not fit", 2, 2),
    ("Technician did not come", 2, 1),
    ("Request for a second training", 3, 3),
    ("Error E07 since the update", 2, 1),
    ("Steam wand loses pressure", 2, 2),
    ("Contract duplicate needed", 3, 3),
    ("Noise from the pump", 2, 2),
];

pub(super) fn products(seeder: &mut Seeder<'_>) -> Catalogue {
    let group = seeder.add(
        "uomschedule",
        720,
        vec![
            ("name", text("Default Unit")),
            ("baseuomname", text("Piece")),
        ],
    );
    let unit = |seeder: &mut Seeder<'_>, name: &str| {
        let values = vec![
            ("name", text(name)),
            ("quantity", number(1.0)),
            ("uomscheduleid", link(group)),
        ];
        seeder.add("uom", 720, values)
    };
    let (piece, hour) = (unit(seeder, "Piece"), unit(seeder, "Hour"));
    let price_list = seeder.add(
        "pricelevel",
        720,
        vec![("name", text("Standard")), ("begindate", seeder.date(-720))],
    );
    let mut add = |(name, code, price, cost): &(&str, &str, f64, f64),
                   unit: Link,
                   kind: i64,
                   field_service: i64| {
        let product = seeder.add(
            "product",
            700,
            vec![
                ("name", text(name)),
                ("productnumber", text(code)),
                ("price", number(*price)),
                ("currentcost", number(*cost)),
                ("standardcost", number(*cost)),
                ("quantitydecimal", whole(2)),
                ("producttypecode", whole(kind)),
                ("msdyn_fieldserviceproducttype", whole(field_service)),
                ("defaultuomid", link(unit)),
                ("defaultuomscheduleid", link(group)),
                ("pricelevelid", link(price_list)),
                ("statecode", whole(0)),
                ("statuscode", whole(1)),
            ],
        );
        let values = vec![
            ("pricelevelid", link(price_list)),
            ("productid", link(product)),
            ("uomid", link(unit)),
            ("amount", number(*price)),
        ];
        seeder.add("productpricelevel", 700, values);
        product
    };
    let goods = GOODS
        .iter()
        .map(|it| add(it, piece, 1, 690_970_000))
        .collect();
    let services = SERVICES
        .iter()
        .map(|it| add(it, hour, 3, 690_970_002))
        .collect();
    Catalogue {
        price_list,
        hour,
        goods,
        services,
    }
}

pub(super) fn leads(seeder: &mut Seeder<'_>) {
    for (at, (subject, first, last, company)) in LEADS.iter().enumerate() {
        let (state, status) = match at % 6 {
            4 => (2, 4 + i64::try_from(at % 4).unwrap_or_default()),
            1 | 3 => (0, 2),
            _ => (0, 1),
        };
        let day = 90 - i64::try_from(at * 4).unwrap_or_default();
        let domain = company
            .to_lowercase()
            .replace(|c: char| !c.is_ascii_alphanumeric(), "");
        let amount = f64::from(u32::try_from(seeder.below(40) + 3).unwrap_or(3)) * 500.0;
        let values = vec![
            ("subject", text(subject)),
            ("firstname", text(first)),
            ("lastname", text(last)),
            ("companyname", text(company)),
            (
                "emailaddress1",
                text(&format!("{}@{domain}.com", last.to_lowercase())),
            ),
            (
                "leadsourcecode",
                whole(i64::try_from(at % 10 + 1).unwrap_or(1)),
            ),
            (
                "leadqualitycode",
                whole(i64::try_from(at % 3 + 1).unwrap_or(1)),
            ),
            ("estimatedamount", number(amount)),
            (
                "address1_city",
                text(if at % 2 == 0 { "Berlin" } else { "Lisbon" }),
            ),
            ("statecode", whole(state)),
            ("statuscode", whole(status)),
        ];
        seeder.add_owned("lead", day, at, values);
    }
}

pub(super) fn opportunities(seeder: &mut Seeder<'_>, companies: &[Company], catalogue: &Catalogue) {
    for at in 0..36 {
        let company = &companies[(at * 5) % companies.len()];
        let index = i64::try_from(at).unwrap_or_default();
        let phase = index % 4;
        let (state, status, days_ago) = match at % 6 {
            0 | 3 => (1, 3, 200 - index * 3),
            5 => (2, 4 + index % 2, 180 - index * 3),
            4 if at % 12 == 4 => (0, 2, 60 - index),
            _ => (0, 1, 75 - index),
        };
        let close = if state == 0 {
            10 + index * 3
        } else {
            30 - days_ago
        };
        let names = ["1-Qualify", "2-Develop", "3-Propose", "4-Close"];
        let probability = if state == 1 {
            100
        } else if state == 2 {
            0
        } else {
            20 + phase * 20
        };
        let opportunity = seeder.add_owned(
            "opportunity",
            days_ago,
            at,
            vec![
                (
                    "name",
                    text(&format!(
                        "{} {}",
                        DEALS[at % DEALS.len()],
                        2026 - i32::from(state != 0 && at < 12)
                    )),
                ),
                ("parentaccountid", link(company.account)),
                ("parentcontactid", link(company.contact)),
                ("pricelevelid", link(catalogue.price_list)),
                ("closeprobability", whole(probability)),
                ("opportunityratingcode", whole(index % 3 + 1)),
                ("salesstage", whole(phase)),
                ("stepname", text(names[at % 4])),
                ("estimatedclosedate", seeder.date(close)),
                ("purchasetimeframe", whole(index % 5)),
            ],
        );
        for line in 0..=(at % 3) {
            let quantity = f64::from(u32::try_from(seeder.below(8) + 1).unwrap_or(1));
            let values = vec![
                ("opportunityid", link(opportunity)),
                (
                    "productid",
                    link(catalogue.goods[(at + line) % catalogue.goods.len()]),
                ),
                ("quantity", number(quantity)),
                (
                    "lineitemnumber",
                    whole(i64::try_from(line + 1).unwrap_or(1)),
                ),
            ];
            seeder.add("opportunityproduct", days_ago, values);
        }
        if state != 0 {
            closed(seeder, opportunity, state, status, close);
        }
    }
}

fn closed(seeder: &mut Seeder<'_>, opportunity: Link, state: i64, status: i64, close: i64) {
    let row = seeder.dataverse.store.follow(opportunity);
    let value = row.and_then(|row| {
        seeder
            .dataverse
            .cell(opportunity.table, row, "estimatedvalue")
            .cloned()
    });
    let actual = if state == 1 { value } else { number(0.0) };
    let values = vec![
        ("statecode", whole(state)),
        ("statuscode", whole(status)),
        ("actualvalue", actual.clone()),
        ("actualclosedate", seeder.date(close)),
    ];
    seeder
        .dataverse
        .change(opportunity.table, opportunity.id, values);
    let values = vec![
        ("subject", text(if state == 1 { "Won" } else { "Lost" })),
        ("opportunityid", link(opportunity)),
        ("regardingobjectid", link(opportunity)),
        ("actualrevenue", actual),
        ("statecode", whole(1)),
        ("statuscode", whole(2)),
    ];
    seeder.add("opportunityclose", -close, values);
}

pub(super) fn cases(seeder: &mut Seeder<'_>, companies: &[Company]) {
    for (at, (title, kind, priority)) in CASES.iter().enumerate() {
        let company = &companies[(at * 7 + 3) % companies.len()];
        let is_solved = at % 3 == 1;
        let values = vec![
            ("title", text(title)),
            ("customerid", link(company.account)),
            ("primarycontactid", link(company.contact)),
            ("casetypecode", whole(*kind)),
            ("prioritycode", whole(*priority)),
            (
                "caseorigincode",
                whole(i64::try_from(at % 3 + 1).unwrap_or(1)),
            ),
            ("statecode", Some(Cell::Whole(i64::from(is_solved)))),
            ("statuscode", whole(if is_solved { 5 } else { 1 })),
        ];
        seeder.add_owned(
            "incident",
            40 - i64::try_from(at * 3).unwrap_or_default(),
            at,
            values,
        );
    }
}
