//! The seven kinds of documents, and how they differ.

/// Who is on the other side.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Side {
    Sales,
    Purchase,
}

/// What a document is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Quote,
    Order,
    Invoice,
    CreditMemo,
}

/// One kind of document.
#[derive(Debug)]
pub(crate) struct Family {
    pub(crate) set: &'static str,
    pub(crate) lines: &'static str,
    pub(crate) side: Side,
    pub(crate) kind: Kind,
    /// The field with the document's own date.
    pub(crate) date: &'static str,
    /// The line's field with what one unit costs.
    pub(crate) price: &'static str,
    /// Prefix of numbers of drafts, and the number before the first.
    pub(crate) series: (&'static str, u64),
    /// Prefix of numbers of what is posted from it.
    pub(crate) posted: (&'static str, u64),
    /// "invoice"
    pub(crate) title: &'static str,
}

const FAMILIES: [Family; 7] = [
    Family {
        set: "salesQuotes",
        lines: "salesQuoteLines",
        side: Side::Sales,
        kind: Kind::Quote,
        date: "documentDate",
        price: "unitPrice",
        series: ("S-QUO", 1000),
        posted: ("S-QUO", 1000),
        title: "quote",
    },
    Family {
        set: "salesOrders",
        lines: "salesOrderLines",
        side: Side::Sales,
        kind: Kind::Order,
        date: "orderDate",
        price: "unitPrice",
        series: ("S-ORD", 101_000),
        posted: ("PS-INV", 103_000),
        title: "order",
    },
    Family {
        set: "salesInvoices",
        lines: "salesInvoiceLines",
        side: Side::Sales,
        kind: Kind::Invoice,
        date: "invoiceDate",
        price: "unitPrice",
        series: ("S-INV", 102_000),
        posted: ("PS-INV", 103_000),
        title: "invoice",
    },
    Family {
        set: "salesCreditMemos",
        lines: "salesCreditMemoLines",
        side: Side::Sales,
        kind: Kind::CreditMemo,
        date: "creditMemoDate",
        price: "unitPrice",
        series: ("S-CR", 1000),
        posted: ("PS-CR", 104_000),
        title: "credit memo",
    },
    Family {
        set: "purchaseOrders",
        lines: "purchaseOrderLines",
        side: Side::Purchase,
        kind: Kind::Order,
        date: "orderDate",
        price: "directUnitCost",
        series: ("P-ORD", 106_000),
        posted: ("PP-INV", 108_000),
        title: "order",
    },
    Family {
        set: "purchaseInvoices",
        lines: "purchaseInvoiceLines",
        side: Side::Purchase,
        kind: Kind::Invoice,
        date: "invoiceDate",
        price: "unitCost",
        series: ("P-INV", 107_000),
        posted: ("PP-INV", 108_000),
        title: "invoice",
    },
    Family {
        set: "purchaseCreditMemos",
        lines: "purchaseCreditMemoLines",
        side: Side::Purchase,
        kind: Kind::CreditMemo,
        date: "creditMemoDate",
        price: "unitCost",
        series: ("P-CR", 1000),
        posted: ("PP-CR", 109_000),
        title: "credit memo",
    },
];

impl Family {
    /// By the name of its documents' set.
    pub(crate) fn of(set: &str) -> Option<&'static Self> {
        FAMILIES.iter().find(|family| family.set == set)
    }

    /// By the name of its lines' set.
    pub(crate) fn of_lines(lines: &str) -> Option<&'static Self> {
        FAMILIES.iter().find(|family| family.lines == lines)
    }

    /// `customer` or `vendor`
    pub(crate) fn party(&self) -> &'static str {
        match self.side {
            Side::Sales => "customer",
            Side::Purchase => "vendor",
        }
    }

    /// Set of the parties.
    pub(crate) fn parties(&self) -> &'static str {
        match self.side {
            Side::Sales => "customers",
            Side::Purchase => "vendors",
        }
    }

    /// The document's field with the party's id.
    pub(crate) fn party_id(&self) -> &'static str {
        match self.side {
            Side::Sales => "customerId",
            Side::Purchase => "vendorId",
        }
    }

    /// Prefixes of the addresses: whom it is with, who pays.
    pub(crate) fn prefixes(&self) -> [&'static str; 2] {
        match self.side {
            Side::Sales => ["sellTo", "billTo"],
            Side::Purchase => ["buyFrom", "payTo"],
        }
    }

    /// The line's field with what has been delivered, where there is one.
    pub(crate) fn delivered(&self) -> Option<&'static str> {
        match (self.kind, self.side) {
            (Kind::Order, Side::Sales) => Some("shippedQuantity"),
            (Kind::Order, Side::Purchase) => Some("receivedQuantity"),
            _ => None,
        }
    }

    /// The line's field with what is to be delivered next, where there is one.
    pub(crate) fn to_deliver(&self) -> Option<&'static str> {
        match (self.kind, self.side) {
            (Kind::Order, Side::Sales) => Some("shipQuantity"),
            (Kind::Order, Side::Purchase) => Some("receiveQuantity"),
            _ => None,
        }
    }
}
