//! Columns that many tables have.

use super::super::column::TextFormat;
use super::Link;
use super::line::Named;
use crate::schema::{Cascade, Choice, Kind, Ownership, Table};

/// What people and programs most often do something about.
const REGARDING: [(&str, &str); 12] = [
    ("account", "Account"),
    ("contact", "Contact"),
    ("lead", "Lead"),
    ("opportunity", "Opportunity"),
    ("quote", "Quote"),
    ("salesorder", "SalesOrder"),
    ("invoice", "Invoice"),
    ("incident", "Incident"),
    ("msdyn_workorder", "msdyn_workorder"),
    ("msdyn_agreement", "msdyn_agreement"),
    ("msdyn_customerasset", "msdyn_customerasset"),
    ("bookableresourcebooking", "BookableResourceBooking"),
];

/// The kind that one word names.
pub(super) fn simple(word: &str) -> Option<Kind> {
    Some(match word {
        "whole" => Kind::Whole {
            min: i64::from(i32::MIN),
            max: i64::from(i32::MAX),
        },
        "big" => Kind::Big,
        "decimal" => Kind::Decimal { precision: 10 },
        "double" => Kind::Double { precision: 5 },
        "money" => Kind::Money { precision: 2 },
        "flag" => Kind::Flag {
            labels: ["No".to_owned(), "Yes".to_owned()],
        },
        "time" => Kind::Time,
        "date" => Kind::Date,
        "guid" => Kind::Guid,
        "image" => Kind::Image,
        "party" => Kind::Party,
        _ => return None,
    })
}

/// Adds a column; an amount of money comes with its twin in the organisation's currency.
pub(super) fn add_one(table: &mut Table, named: Named, kind: Kind) {
    let base = matches!(kind, Kind::Money { .. }).then(|| format!("{}_Base-", named.schema_name));
    table.add_column(named.column(kind));
    if let Some(base) = base {
        table.add_column(Named::parse(&base).column(Kind::MoneyBase));
    }
}

fn all(table: &mut Table, kind: &Kind, names: &str) {
    for name in names.split_whitespace() {
        add_one(table, Named::parse(name), kind.clone());
    }
}

fn text(max: u32) -> Kind {
    Kind::Text {
        max,
        format: TextFormat::Text,
    }
}

fn link(table: &mut Table, links: &mut Vec<Link>, word: &str, target: &str, inverse: &str) {
    let named = Named::parse(word);
    let column = named.schema_name.to_ascii_lowercase();
    links.push(Link {
        table: table.name.clone(),
        navigation: column.clone(),
        column,
        target: target.to_owned(),
        inverse: inverse.to_owned(),
        on_delete: Cascade::RemoveLink,
    });
    table.add_column(named.column(Kind::Lookup {
        targets: vec![target.to_owned()],
    }));
}

fn whole() -> Kind {
    simple("whole").unwrap_or(Kind::Big)
}

fn flag() -> Kind {
    simple("flag").unwrap_or(Kind::Big)
}

/// A line that stands for several columns.
pub(super) fn add(table: &mut Table, words: &[&str], links: &mut Vec<Link>) -> Option<()> {
    match words {
        ["addresses", count] => (1..=count.parse().ok()?).for_each(|number| address(table, number)),
        ["process"] => {
            all(table, &Kind::Guid, "ProcessId StageId");
            all(table, &text(1250), "TraversedPath");
        }
        ["sla"] => {
            for name in ["SLAId", "SLAInvokedId-"] {
                let targets = vec!["sla".to_owned()];
                table.add_column(Named::parse(name).column(Kind::Lookup { targets }));
            }
            all(table, &whole(), "OnHoldTime-");
            all(table, &Kind::Time, "LastOnHoldTime");
        }
        ["currency"] => currency(table, links),
        ["activity"] => activity(table, links),
        ["pointer"] => activity_columns(table, links),
        ["regarding", "*"] => regarding(table, links),
        ["regarding", target] => {
            let targets = vec![(*target).to_owned()];
            table.add_column(Named::parse("RegardingObjectId").column(Kind::Lookup { targets }));
        }
        ["document"] => document(table, links),
        ["line"] => order_line(table, links),
        _ => return None,
    }
    Some(())
}

fn currency(table: &mut Table, links: &mut Vec<Link>) {
    let inverse = format!("transactioncurrency_{}", table.name);
    link(
        table,
        links,
        "TransactionCurrencyId",
        "transactioncurrency",
        &inverse,
    );
    all(table, &Kind::Decimal { precision: 10 }, "ExchangeRate-");
}

fn address(table: &mut Table, number: usize) {
    let of = |names: &str| -> String {
        let full: Vec<String> = names
            .split_whitespace()
            .map(|name| format!("Address{number}_{name}"))
            .collect();
        full.join(" ")
    };
    // The user's address has more room than a customer's.
    let is_user = table.name == "systemuser";
    let pick = |customer: u32, user: u32| text(if is_user { user } else { customer });
    all(table, &Kind::Guid, &of("AddressId"));
    for name in of("AddressTypeCode=1 ShippingMethodCode=1 FreightTermsCode=1").split_whitespace() {
        let choice = Choice {
            value: 1,
            label: "Default Value".to_owned(),
            state: None,
        };
        table.add_column(Named::parse(name).column(Kind::Choice(vec![choice])));
    }
    all(table, &Kind::Memo { max: 1000 }, &of("Composite-"));
    all(
        table,
        &text(if table.name == "account" || table.name == "contact" {
            200
        } else {
            100
        }),
        &of("Name"),
    );
    all(table, &pick(250, 1024), &of("Line1 Line2 Line3"));
    all(table, &pick(80, 128), &of("City Country"));
    all(table, &pick(50, 128), &of("StateOrProvince County"));
    all(table, &pick(20, 40), &of("PostalCode PostOfficeBox"));
    all(table, &text(4), &of("UPSZone"));
    all(table, &text(100), &of("PrimaryContactName"));
    let phone = |max| Kind::Text {
        max,
        format: TextFormat::Phone,
    };
    let first = if is_user && number == 1 { 64 } else { 50 };
    all(table, &phone(first), &of("Telephone1"));
    all(table, &phone(50), &of("Telephone2 Telephone3"));
    all(table, &text(first), &of("Fax"));
    all(
        table,
        &Kind::Double { precision: 5 },
        &of("Latitude Longitude"),
    );
    all(table, &whole(), &of("UTCOffset"));
}

fn activity(table: &mut Table, links: &mut Vec<Link>) {
    table.is_activity = true;
    "Activity".clone_into(&mut table.privilege);
    activity_columns(table, links);
    all(table, &text(100), "ActivityTypeCode-");
}

fn activity_columns(table: &mut Table, links: &mut Vec<Link>) {
    table.add_column(Named::parse("ActivityId").column(Kind::Key));
    let required = if table.name == "task" {
        "Subject!"
    } else {
        "Subject*"
    };
    all(table, &text(200), required);
    let is_long = matches!(table.name.as_str(), "appointment" | "email");
    let max = if is_long { 1_048_576 } else { 2000 };
    all(table, &Kind::Memo { max }, "Description");
    all(
        table,
        &Kind::Time,
        "ScheduledStart ScheduledEnd ActualStart ActualEnd SortDate DeliveryLastAttemptedOn- SentOn- SenderMailboxSentOn-",
    );
    all(
        table,
        &whole(),
        "ScheduledDurationMinutes- ActualDurationMinutes OnHoldTime-",
    );
    all(table, &Kind::Time, "LastOnHoldTime");
    all(
        table,
        &flag(),
        "IsBilled IsMapiPrivate IsRegularActivity- IsWorkflowCreated- LeftVoiceMail",
    );
    all(
        table,
        &Kind::Memo { max: 8192 },
        "ActivityAdditionalParams ExchangeWebLink",
    );
    all(table, &text(1250), "TraversedPath");
    all(table, &text(200), "ExchangeItemId-");
    all(table, &Kind::Guid, "ProcessId StageId SeriesId");
    let priorities = ["Low", "Normal", "High"];
    let options = priorities.iter().zip(0..).map(|(label, value)| Choice {
        value,
        label: (*label).to_owned(),
        state: None,
    });
    table.add_column(Named::parse("PriorityCode=1").column(Kind::Choice(options.collect())));
    for (name, target) in [
        ("SLAId", "sla"),
        ("SLAInvokedId-", "sla"),
        ("ServiceId", "service"),
    ] {
        let targets = vec![target.to_owned()];
        table.add_column(Named::parse(name).column(Kind::Lookup { targets }));
    }
    all(table, &Kind::Party, "AllParties");
    currency(table, links);
}

fn regarding(table: &mut Table, links: &mut Vec<Link>) {
    table.add_column(
        Named::parse("RegardingObjectId").column(Kind::Lookup {
            targets: REGARDING
                .iter()
                .map(|(name, _)| (*name).to_owned())
                .collect(),
        }),
    );
    let suffix = match table.name.as_str() {
        "activitypointer" => String::new(),
        name => format!("_{name}"),
    };
    let many = match table.name.as_str() {
        "activitypointer" => "ActivityPointers",
        "phonecall" => "Phonecalls",
        "task" => "Tasks",
        "email" => "Emails",
        _ => "Appointments",
    };
    for (target, spelling) in REGARDING {
        links.push(Link {
            table: table.name.clone(),
            column: "regardingobjectid".to_owned(),
            target: target.to_owned(),
            navigation: format!("regardingobjectid_{target}{suffix}"),
            inverse: format!("{spelling}_{many}"),
            on_delete: Cascade::Delete,
        });
    }
}

/// Quote, order and invoice have the same head.
fn document(table: &mut Table, links: &mut Vec<Link>) {
    all(table, &text(300), "Name!");
    all(table, &Kind::Memo { max: 2000 }, "Description");
    all(
        table,
        &Kind::Money { precision: 2 },
        "TotalAmount- TotalAmountLessFreight- TotalDiscountAmount- TotalLineItemAmount- TotalLineItemDiscountAmount- TotalTax- DiscountAmount FreightAmount",
    );
    all(
        table,
        &Kind::Decimal { precision: 10 },
        "DiscountPercentage",
    );
    all(
        table,
        &text(250),
        "BillTo_Line1 BillTo_Line2 BillTo_Line3 ShipTo_Line1 ShipTo_Line2 ShipTo_Line3",
    );
    all(
        table,
        &text(80),
        "BillTo_City BillTo_Country ShipTo_City ShipTo_Country",
    );
    all(
        table,
        &text(50),
        "BillTo_StateOrProvince ShipTo_StateOrProvince",
    );
    all(table, &text(20), "BillTo_PostalCode ShipTo_PostalCode");
    all(table, &text(200), "BillTo_Name ShipTo_Name");
    all(table, &flag(), "WillCall");
    let inverse = format!("price_level_{}s", table.name);
    link(table, links, "PriceLevelId", "pricelevel", &inverse);
    table.add_column(Named::parse("CustomerId!").column(Kind::Lookup {
        targets: vec!["account".to_owned(), "contact".to_owned()],
    }));
    let stem = if table.name == "salesorder" {
        "order"
    } else {
        &table.name
    }
    .to_owned();
    for (target, plural) in [("account", "accounts"), ("contact", "contacts")] {
        links.push(Link {
            table: table.name.clone(),
            column: "customerid".to_owned(),
            target: target.to_owned(),
            navigation: format!("customerid_{target}"),
            inverse: format!("{stem}_customer_{plural}"),
            on_delete: Cascade::RemoveLink,
        });
    }
    currency(table, links);
}

/// A line of such a document.
fn order_line(table: &mut Table, links: &mut Vec<Link>) {
    all(table, &Kind::Decimal { precision: 10 }, "Quantity");
    all(
        table,
        &Kind::Money { precision: 2 },
        "PricePerUnit BaseAmount- ExtendedAmount- ManualDiscountAmount Tax VolumeDiscountAmount-",
    );
    all(table, &text(500), "ProductDescription ProductName");
    all(table, &Kind::Memo { max: 2000 }, "Description");
    all(table, &whole(), "LineItemNumber SequenceNumber");
    all(table, &flag(), "IsPriceOverridden IsProductOverridden");
    currency(table, links);
}

/// The columns that the platform gives every table, its key first.
pub(super) fn system(table: &mut Table, links: &mut Vec<Link>) {
    let own = std::mem::replace(table, Table::new("x", "x", 0, Ownership::None));
    let mut whole_table = own.emptied();
    let key = match own.find("activityid") {
        Some(_) if own.is_activity || own.name == "activitypointer" => "ActivityId".to_owned(),
        _ => format!("{}Id", own.schema_name),
    };
    whole_table.add_column(Named::parse(&format!("{key}!!+")).column(Kind::Key));
    for (_, column) in own.columns() {
        whole_table.add_column(column.clone());
    }
    *table = whole_table;
    all(table, &Kind::Time, "CreatedOn- ModifiedOn-");
    for name in [
        "CreatedBy-",
        "ModifiedBy-",
        "CreatedOnBehalfBy-",
        "ModifiedOnBehalfBy-",
    ] {
        let bare = name.trim_end_matches('-').to_ascii_lowercase();
        let inverse = format!("lk_{}_{bare}", table.name);
        link(table, links, name, "systemuser", &inverse);
    }
    match table.ownership {
        Ownership::User => {
            table.add_column(Named::parse("OwnerId!!").column(Kind::Owner));
            let name = table.name.clone();
            link(
                table,
                links,
                "OwningUser-",
                "systemuser",
                &format!("user_{name}"),
            );
            link(table, links, "OwningTeam-", "team", &format!("team_{name}"));
            link(
                table,
                links,
                "OwningBusinessUnit-",
                "businessunit",
                &format!("business_unit_{name}"),
            );
        }
        Ownership::Organization => {
            let inverse = format!("organization_{}", table.name);
            link(table, links, "OrganizationId-", "organization", &inverse);
        }
        Ownership::None => {}
    }
    all(
        table,
        &whole(),
        "ImportSequenceNumber+ TimeZoneRuleVersionNumber UTCConversionTimeZoneCode",
    );
    all(table, &Kind::Time, "OverriddenCreatedOn+");
    all(table, &Kind::Big, "VersionNumber-");
}
