//! How the companies differ.

use crate::books::TaxKind;

pub(super) struct Profile {
    pub(super) name: &'static str,
    pub(super) currency: &'static str,
    pub(super) tax: TaxKind,
    pub(super) country: &'static str,
    pub(super) address: &'static str,
    pub(super) city: &'static str,
    pub(super) state: &'static str,
    pub(super) postal_code: &'static str,
    pub(super) tax_number: &'static str,
    /// Percent that goods bear by default, and the reduced rate.
    pub(super) rates: (u32, u32),
    /// What a US dollar's price is multiplied with, in hundredths.
    pub(super) price_level: u32,
    /// City, state, postal code, where customers are.
    pub(super) cities: [(&'static str, &'static str, &'static str); 4],
}

pub(super) const PROFILES: [Profile; 3] = [
    Profile {
        name: "CRONUS USA, Inc.",
        currency: "USD",
        tax: TaxKind::SalesTax,
        country: "US",
        address: "7122 South Ashford Street",
        city: "Atlanta",
        state: "GA",
        postal_code: "31772",
        tax_number: "58-1234567",
        rates: (6, 0),
        price_level: 100,
        cities: [
            ("Atlanta", "GA", "31772"),
            ("Chicago", "IL", "61236"),
            ("Miami", "FL", "37125"),
            ("Portland", "OR", "97201"),
        ],
    },
    Profile {
        name: "Contoso Deutschland GmbH",
        currency: "EUR",
        tax: TaxKind::Vat,
        country: "DE",
        address: "Hafenstraße 12",
        city: "Hamburg",
        state: "",
        postal_code: "20457",
        tax_number: "DE 123456789",
        rates: (19, 7),
        price_level: 95,
        cities: [
            ("Hamburg", "", "20095"),
            ("München", "", "80331"),
            ("Köln", "", "50667"),
            ("Leipzig", "", "04109"),
        ],
    },
    Profile {
        name: "Contoso UK Ltd.",
        currency: "GBP",
        tax: TaxKind::Vat,
        country: "GB",
        address: "5 The Ring",
        city: "London",
        state: "",
        postal_code: "W2 8HG",
        tax_number: "GB 777777777",
        rates: (20, 5),
        price_level: 80,
        cities: [
            ("London", "", "W1 3AL"),
            ("Manchester", "", "M1 1AE"),
            ("Bristol", "", "BS1 4DJ"),
            ("Edinburgh", "", "EH1 1YZ"),
        ],
    },
];
