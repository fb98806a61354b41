//! What a company is set up with.

use serde::{Deserialize, Serialize};

/// Whose taxes a company charges.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum TaxKind {
    /// By area and group, for customers who are liable.
    #[default]
    SalesTax,
    /// By business group and product group, for everybody.
    Vat,
}

#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(crate) struct Setup {
    /// Local currency, `USD`.
    pub(crate) currency: String,
    pub(crate) tax: TaxKind,
}

/// Accounts that postings go to when nothing else names one.
pub(crate) mod accounts {
    pub(crate) const BANK: &str = "10100";
    pub(crate) const RECEIVABLES: &str = "10400";
    pub(crate) const INPUT_TAX: &str = "10500";
    pub(crate) const INVENTORY: &str = "10700";
    pub(crate) const PAYABLES: &str = "20100";
    pub(crate) const TAX_PAYABLE: &str = "20200";
    pub(crate) const RETAINED_EARNINGS: &str = "30200";
    pub(crate) const SALES: &str = "40100";
    pub(crate) const SERVICES: &str = "40200";
    pub(crate) const COST_OF_GOODS: &str = "50100";
    pub(crate) const INVENTORY_ADJUSTMENT: &str = "50300";
    pub(crate) const PURCHASED_SERVICES: &str = "60400";
}
