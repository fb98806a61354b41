//! Tables of codes: currencies, terms, units, taxes, dimensions.

use jiff::ToSpan;
use jiff::tz::TimeZone;
use serde_json::{Value, json};

use super::{Scene, chart};
use crate::books::TaxKind;
use crate::rules::taxes::RATES;

/// Code and what a US dollar buys of it, in hundredths.
const CURRENCIES: [(&str, &str, i64); 4] = [
    ("USD", "US dollar", 100),
    ("EUR", "Euro", 90),
    ("GBP", "Pound sterling", 80),
    ("DKK", "Danish krone", 680),
];

pub(super) fn fill(scene: &mut Scene<'_>) {
    simple(scene);
    currencies(scene);
    taxes(scene);
    dimensions(scene);
}

fn simple(scene: &mut Scene<'_>) {
    let named = |code: &str, name: &str| json!({ "code": code, "displayName": name });
    for (code, name) in [
        ("US", "United States"),
        ("DE", "Germany"),
        ("GB", "United Kingdom"),
        ("DK", "Denmark"),
        ("FR", "France"),
    ] {
        scene.create("countriesRegions", named(code, name));
    }
    for (code, days) in [
        ("COD", "0D"),
        ("14 DAYS", "14D"),
        ("30 DAYS", "30D"),
        ("CM", "CM"),
    ] {
        let mut terms = named(code, code);
        terms["dueDateCalculation"] = json!(days);
        scene.create("paymentTerms", terms);
    }
    for (code, name) in [
        ("BANK", "Bank transfer"),
        ("CASH", "Cash"),
        ("CARD", "Card"),
    ] {
        scene.create("paymentMethods", named(code, name));
    }
    for (code, name) in [
        ("EXW", "Ex warehouse"),
        ("DAP", "Delivered at place"),
        ("CIF", "Cost, insurance, freight"),
    ] {
        scene.create("shipmentMethods", named(code, name));
    }
    for (code, name, standard) in [
        ("PCS", "Piece", "EA"),
        ("HOUR", "Hour", "HUR"),
        ("BOX", "Box", "BX"),
    ] {
        let mut unit = named(code, name);
        unit["internationalStandardCode"] = json!(standard);
        scene.create("unitsOfMeasure", unit);
    }
    for (code, name) in [
        ("TABLE", "Tables"),
        ("CHAIR", "Chairs"),
        ("MISC", "Miscellaneous"),
    ] {
        scene.create("itemCategories", named(code, name));
    }
    for (code, name) in [("MAIN", "Main warehouse"), ("EAST", "East warehouse")] {
        scene.create("locations", named(code, name));
    }
    for (code, name) in [("WRONG", "Wrong item"), ("DAMAGED", "Damaged in transit")] {
        let reason = json!({ "code": code, "description": name });
        scene.create("customerReturnReasons", reason);
    }
    scene.create("disputeStatus", named("OPEN", "In dispute"));
    scene.create("fixedAssetLocations", named("HQ", "Headquarters"));
    for (code, name) in [("RETAIL", "Goods for resale"), ("SERVICES", "Services")] {
        scene.put(
            "generalProductPostingGroups",
            json!({ "code": code, "description": name }),
        );
    }
    scene.put(
        "inventoryPostingGroups",
        json!({ "code": "RESALE", "description": "Goods for resale" }),
    );
}

fn currencies(scene: &mut Scene<'_>) {
    let home = CURRENCIES
        .iter()
        .find(|(code, ..)| *code == scene.profile.currency)
        .map_or(100, |(_, _, rate)| *rate);
    let start = TimeZone::UTC.to_datetime(scene.now).date();
    let start = start
        .checked_sub(2.years())
        .unwrap_or(start)
        .first_of_year();
    for (code, name, rate) in CURRENCIES {
        scene.create(
            "currencies",
            json!({
                "code": code,
                "displayName": name,
                "symbol": chart::symbol(code),
                "amountDecimalPlaces": "2:2",
                "amountRoundingPrecision": 0.01,
            }),
        );
        if code != scene.profile.currency {
            scene.put(
                "currencyExchangeRates",
                json!({
                    "currencyCode": code,
                    "startingDate": start.to_string(),
                    "exchangeRateAmount": rate,
                    "relationalExchangeRateAmount": home,
                }),
            );
        }
    }
}

fn taxes(scene: &mut Scene<'_>) {
    let (full, reduced) = scene.profile.rates;
    let groups: &[(&str, &str)] = match scene.profile.tax {
        TaxKind::SalesTax => &[
            ("FURNITURE", "Taxable goods"),
            ("NONTAXABLE", "Not taxable"),
        ],
        TaxKind::Vat => &[
            ("STANDARD", "Full rate"),
            ("REDUCED", "Reduced rate"),
            ("ZERO", "No tax"),
        ],
    };
    for (code, name) in groups {
        scene.create("taxGroups", json!({ "code": code, "displayName": name }));
    }
    let areas: &[(&str, &str, Value)] = match scene.profile.tax {
        TaxKind::SalesTax => &[
            ("ATLANTA, GA", "Atlanta, GA", json!({ "FURNITURE": full })),
            ("CHICAGO, IL", "Chicago, IL", json!({ "FURNITURE": 10.25 })),
            ("MIAMI, FL", "Miami, FL", json!({ "FURNITURE": 7 })),
        ],
        TaxKind::Vat => &[
            (
                "DOMESTIC",
                "Domestic customers and vendors",
                json!({ "STANDARD": full, "REDUCED": reduced }),
            ),
            ("EU", "Customers and vendors in the EU", json!({})),
            ("EXPORT", "Other customers and vendors", json!({})),
        ],
    };
    let type_ = match scene.profile.tax {
        TaxKind::SalesTax => "",
        TaxKind::Vat => "VAT",
    };
    for (code, name, rates) in areas {
        let mut area = json!({ "code": code, "displayName": name, "taxType": type_ });
        area[RATES] = rates.clone();
        scene.put("taxAreas", area);
    }
}

fn dimensions(scene: &mut Scene<'_>) {
    let all = [
        (
            "DEPARTMENT",
            "Department",
            [
                ("SALES", "Sales"),
                ("ADM", "Administration"),
                ("PROD", "Production"),
            ],
        ),
        (
            "CUSTOMERGROUP",
            "Customer group",
            [("LARGE", "Large"), ("MEDIUM", "Medium"), ("SMALL", "Small")],
        ),
    ];
    for (code, name, values) in all {
        let id = scene.put("dimensions", json!({ "code": code, "displayName": name }));
        for (code, name) in values {
            let value = json!({ "code": code, "displayName": name });
            scene.put_below("dimensionValues", &id, value);
        }
    }
}
