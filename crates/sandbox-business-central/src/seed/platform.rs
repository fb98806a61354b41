//! What every environment has before anybody does anything: permission sets and extensions of Microsoft's.

use jiff::Timestamp;

use crate::books::{Books, Setup, Work, guid};

/// The application that permission sets of companies belong to.
const BASE: (&str, &str) = ("437dbf0e-84ff-417a-965d-ed2bb9650972", "Base Application");
/// Where ids begin that belong to no company.
const SEED: u64 = 0xA07;

/// Name, what it is called, and whether it is the Base Application's.
const PERMISSION_SETS: [(&str, &str, bool); 16] = [
    ("SUPER", "This role has all permissions.", false),
    ("SUPER (DATA)", "Superuser of data", false),
    ("SECURITY", "Assign permissions to users", false),
    ("D365 AUTOMATION", "Dyn. 365 Automation", true),
    ("D365 BASIC", "Dynamics 365 Basic access", true),
    ("D365 BUS FULL ACCESS", "Dyn. 365 Full Business Acc.", true),
    ("D365 BUS PREMIUM", "Dyn. 365 Prem. Business Acc.", true),
    ("D365 FULL ACCESS", "Dynamics 365 Full access", true),
    ("D365 PREMIUM", "Dynamics 365 Premium access", true),
    ("D365 READ", "Dynamics 365 Read access", true),
    (
        "D365 SALES DOC, EDIT",
        "Dynamics 365 Create sales doc.",
        true,
    ),
    ("D365 SALES DOC, POST", "Dynamics 365 Post sales doc.", true),
    ("D365 SECURITY", "Dynamics 365 Security", true),
    ("D365 TEAM MEMBER", "Dynamics 365 Team Member", true),
    ("EXTEN. MGT. - ADMIN", "Extension Management - Admin", false),
    ("LOGIN", "Minimum login", true),
];

/// Name, publisher, and whether it is installed.
const EXTENSIONS: [(&str, &str, bool); 7] = [
    ("Base Application", "Microsoft", true),
    ("Company Hub", "Microsoft", true),
    ("Late Payment Prediction", "Microsoft", true),
    ("PayPal Payments Standard", "Microsoft", true),
    ("Sales and Inventory Forecast", "Microsoft", false),
    ("Shopify Connector", "Microsoft", false),
    ("System Application", "Microsoft", true),
];

/// The tables of an environment of this name.
pub(crate) fn books(environment: &str, now: Timestamp) -> Books {
    let number = environment
        .bytes()
        .fold(SEED, |sum, byte| sum.wrapping_mul(31) + u64::from(byte));
    let mut books = Books::new(Setup::default(), number);
    let mut work = Work::new(&mut books, now);
    for (name, title, is_base) in PERMISSION_SETS {
        let mut row = work.blank();
        row.set("id", name);
        row.set("displayName", title);
        if is_base {
            row.set("appId", BASE.0);
            row.set("extensionName", BASE.1);
        }
        row.set("scope", "System");
        work.insert("permissionSets", row);
    }
    for ((name, publisher, is_installed), number) in EXTENSIONS.into_iter().zip(1..) {
        let mut row = work.blank();
        let package = row.id.clone();
        row.set("packageId", package);
        row.set(
            "id",
            if name == BASE.1 {
                BASE.0.to_owned()
            } else {
                guid(SEED, number)
            },
        );
        row.set("displayName", name);
        row.set("publisher", publisher);
        row.set("versionMajor", 27);
        row.set("versionBuild", 38_460);
        row.set("isInstalled", is_installed);
        work.insert("extensions", row);
    }
    books
}
