//! Amounts that add up: lines, and the documents that they belong to.
//! Source: <https://learn.microsoft.com/power-apps/developer/data-platform/opportunity-entities>

use uuid::Uuid;

use super::Fields;
use crate::Dataverse;
use crate::cell::{Cell, Link};
use crate::schema::TableId;
use crate::store::Row;

/// The lines of each document.
const LINES: [(&str, &str, &str); 4] = [
    ("opportunity", "opportunityproduct", "opportunityid"),
    ("quote", "quotedetail", "quoteid"),
    ("salesorder", "salesorderdetail", "salesorderid"),
    ("invoice", "invoicedetail", "invoiceid"),
];

/// A line's amounts, its price from the price list where none was given.
pub(super) fn line(dataverse: &Dataverse, fields: &mut Fields<'_>) {
    let product = fields.link("productid");
    if let Some(row) = product.and_then(|link| dataverse.store.follow(link).map(|row| (link, row)))
    {
        let (link, row) = row;
        let name = dataverse.name_of(link.table, row.id).unwrap_or_default();
        fields.default("opportunityproductname", Cell::text(&name));
        for column in [
            "quotedetailname",
            "salesorderdetailname",
            "invoicedetailname",
            "productname",
        ] {
            fields.default(column, Cell::text(&name));
        }
        let price = dataverse.cell(link.table, row, "price").cloned();
        if let Some(price) = price {
            fields.default("priceperunit", price);
        }
        if let Some(unit) = dataverse.cell(link.table, row, "defaultuomid").cloned() {
            fields.default("uomid", unit);
        }
    } else if let Some(text) = fields.text("productdescription") {
        for column in [
            "opportunityproductname",
            "quotedetailname",
            "salesorderdetailname",
            "invoicedetailname",
        ] {
            fields.default(column, Cell::text(&text));
        }
        fields.set("isproductoverridden", Some(Cell::Flag(true)));
    }
    let of = |name: &str| fields.number(name).unwrap_or_default();
    let base = of("priceperunit") * of("quantity");
    let extended = base - of("manualdiscountamount") - of("volumediscountamount") + of("tax");
    fields.set("baseamount", Some(Cell::Number(base)));
    fields.set("extendedamount", Some(Cell::Number(extended)));
}

/// Adds up the document of a line that changed, or was deleted.
pub(super) fn of_parent(
    dataverse: &mut Dataverse,
    table: TableId,
    old: Option<&Row>,
    id: Uuid,
    column: &str,
) {
    let row = dataverse.store.get(table, id);
    let parents: Vec<Link> = [row, old]
        .into_iter()
        .flatten()
        .filter_map(|row| dataverse.cell(table, row, column)?.as_link())
        .collect();
    for parent in parents {
        of_document(dataverse, parent.table, parent.id);
    }
}

/// Adds up the lines of a document.
pub(super) fn of_document(dataverse: &mut Dataverse, table: TableId, id: Uuid) {
    let schema = dataverse.schema.clone();
    let name = schema.table(table).name.as_str();
    let Some((_, lines, column)) = LINES.iter().find(|(document, ..)| *document == name) else {
        return;
    };
    let Some(line_table) = schema.find(lines) else {
        return;
    };
    let Some(column) = schema.table(line_table).find(column) else {
        return;
    };
    let Some(row) = dataverse.store.get(table, id) else {
        return;
    };
    let of = |table, row: &Row, name: &str| {
        let cell = dataverse.cell(table, row, name);
        cell.and_then(Cell::as_number).unwrap_or_default()
    };
    let (mut base, mut line_discount, mut tax, mut count) = (0.0, 0.0, 0.0, 0);
    for line in dataverse.store.referring(line_table, column, id) {
        base += of(line_table, line, "baseamount");
        line_discount += of(line_table, line, "manualdiscountamount")
            + of(line_table, line, "volumediscountamount");
        tax += of(line_table, line, "tax");
        count += 1;
    }
    let items = base - line_discount;
    let percent = of(table, row, "discountpercentage");
    let discount = of(table, row, "discountamount") + items * percent / 100.0;
    let less_freight = items - discount;
    let total = less_freight + of(table, row, "freightamount") + tax;
    let is_calculated =
        dataverse.cell(table, row, "isrevenuesystemcalculated") == Some(&Cell::Flag(true));
    let money = |amount: f64| Some(Cell::Number(crate::write::cents(amount)));
    let mut values = vec![
        ("totallineitemamount", money(items)),
        ("totallineitemdiscountamount", money(line_discount)),
        ("totaldiscountamount", money(discount + line_discount)),
        ("totalamountlessfreight", money(less_freight)),
        ("totaltax", money(tax)),
        ("totalamount", money(total)),
    ];
    if is_calculated && count > 0 {
        values.push(("estimatedvalue", money(total)));
    }
    dataverse.change(table, id, values);
}
