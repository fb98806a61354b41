//! What a connection may do at most.

use std::fmt::Write;

use clap::Args;
use model::{CompanyName, MailAddress, OperationKind, SiteUrl, TableName};
use serde_json::{Map, Value, json};

use crate::client::Client;
use crate::exit::Exit;
use crate::explain;
use crate::output::{self, Output};

#[derive(Debug, Args)]
#[expect(clippy::struct_excessive_bools, reason = "each is an option by itself")]
pub(crate) struct Change {
    #[command(flatten)]
    named: super::Named,
    /// Kinds of operation that are allowed: read, write, delete, action. In place of those before.
    #[arg(long, value_name = "KINDS", value_delimiter = ',')]
    kinds: Vec<OperationKind>,
    /// Allow every kind.
    #[arg(long, conflicts_with = "kinds")]
    all_kinds: bool,
    /// Permissions that may be used, by Microsoft's names, whatever else was granted. In place of those before.
    #[arg(long, value_name = "NAMES", value_delimiter = ',')]
    permissions: Vec<String>,
    /// Allow whatever was granted.
    #[arg(long, conflicts_with = "permissions")]
    all_permissions: bool,
    /// Let requests pass that match no operation. Not where permissions or places are limited: nothing could hold them to that.
    #[arg(long)]
    raw: bool,
    /// Refuse what matches no operation, as it is at first.
    #[arg(long, conflicts_with = "raw")]
    no_raw: bool,
    #[command(flatten)]
    places: Places,
    /// Allow every site that Microsoft lets it reach.
    #[arg(long, conflicts_with_all = ["sites", "sites_selected"])]
    all_sites: bool,
    /// Allow every mailbox that Microsoft lets it reach.
    #[arg(long, conflicts_with = "mailboxes")]
    all_mailboxes: bool,
    /// Allow every table of Dataverse that its security roles open.
    #[arg(long, conflicts_with = "tables")]
    all_tables: bool,
    /// Allow every company of the environment.
    #[arg(long, conflicts_with = "companies")]
    all_companies: bool,
    /// Let those who may use it have its access token itself: `connections token`. Not together with any limit.
    #[arg(long)]
    tokens: bool,
    /// Let no token leave any more; those that left last until they end.
    #[arg(long, conflicts_with = "tokens")]
    no_tokens: bool,
}

/// The places that it may reach.
#[derive(Debug, Args)]
pub(crate) struct Places {
    /// An allowed site, `https://contoso.sharepoint.com/sites/hr`; may be repeated, and all together replace those before. Drives
    /// are held to them too.
    #[arg(long = "site", value_name = "URL")]
    sites: Vec<SiteUrl>,
    /// The application has the permission `Sites.Selected` and sees no site but those given with `--site`.
    #[arg(long, requires = "sites")]
    sites_selected: bool,
    /// An allowed mailbox, `support@contoso.com`; may be repeated, and all together replace those before. Mail, calendars,
    /// contacts, tasks and settings are held to them.
    #[arg(long = "mailbox", value_name = "ADDRESS")]
    mailboxes: Vec<MailAddress>,
    /// An allowed table of Dataverse by its logical name, `account`; may be repeated, and all together replace those before.
    #[arg(long = "table", value_name = "NAME")]
    tables: Vec<TableName>,
    /// An allowed company of Business Central by its id or name; may be repeated, and all together replace those before.
    #[arg(long = "company", value_name = "ID")]
    companies: Vec<CompanyName>,
}

impl Places {
    /// The policy of a new connection; `None` where nothing is limited.
    pub(crate) fn policy(&self) -> Option<Value> {
        let mut policy = Map::new();
        self.apply(&mut policy);
        if policy.is_empty() {
            return None;
        }
        policy.insert("raw".to_owned(), json!(false));
        Some(policy.into())
    }

    fn are_given(&self) -> bool {
        let Self {
            sites,
            sites_selected: _,
            mailboxes,
            tables,
            companies,
        } = self;
        !(sites.is_empty() && mailboxes.is_empty() && tables.is_empty() && companies.is_empty())
    }

    /// Those that are given take the place of those before.
    fn apply(&self, policy: &mut Map<String, Value>) {
        if !self.sites.is_empty() {
            policy.insert("sites".to_owned(), json!(self.sites));
        }
        if self.sites_selected {
            policy.insert("sites_selected".to_owned(), json!(true));
        }
        if !self.mailboxes.is_empty() {
            policy.insert("mailboxes".to_owned(), json!(self.mailboxes));
        }
        if !self.tables.is_empty() {
            policy.insert("tables".to_owned(), json!(self.tables));
        }
        if !self.companies.is_empty() {
            policy.insert("companies".to_owned(), json!(self.companies));
        }
    }
}

impl Change {
    pub(super) async fn run(&self, client: &Client, output: Output) -> anyhow::Result<Exit> {
        let url = client.url(["connections", &self.named.connection]);
        let mut connection = client.get(url.clone()).await?;
        let mut policy = connection["policy"].clone();
        if self.apply(&mut policy) {
            connection = client.patch(url, &json!({ "policy": policy })).await?;
            if self.places.are_given() {
                output::note(format_args!(
                    "look whether each is there: `consentry connections test {}`",
                    connection["name"].as_str().unwrap_or_default()
                ));
            }
        }
        output.show(&connection["policy"], || told(&connection))?;
        Ok(Exit::Success)
    }

    /// Whether anything changes.
    fn apply(&self, policy: &mut Value) -> bool {
        let before = policy.clone();
        let fields = policy.as_object_mut();
        let Some(fields) = fields else {
            return false;
        };
        if self.all_kinds {
            fields.remove("kinds");
        } else if !self.kinds.is_empty() {
            fields.insert("kinds".to_owned(), json!(self.kinds));
        }
        if !self.permissions.is_empty() {
            fields.insert("permissions".to_owned(), json!(self.permissions));
        }
        if self.raw || self.no_raw {
            fields.insert("raw".to_owned(), json!(self.raw));
        }
        for (is_open, names) in [
            (self.all_permissions, &["permissions"][..]),
            (self.all_sites, &["sites", "sites_selected"]),
            (self.all_mailboxes, &["mailboxes"]),
            (self.all_tables, &["tables"]),
            (self.all_companies, &["companies"]),
        ] {
            if is_open {
                fields.retain(|name, _| !names.contains(&name.as_str()));
            }
        }
        self.places.apply(fields);
        if self.tokens {
            fields.insert("tokens".to_owned(), json!(true));
        } else if self.no_tokens {
            fields.remove("tokens");
        }
        *policy != before
    }
}

/// As lines, with the places that the service has; limits that are absent do not limit.
fn told(connection: &Value) -> String {
    let policy = &connection["policy"];
    let places: &[&str] = match connection["service"].as_str().unwrap_or_default() {
        "crm" | "fieldservice" => &["tables"],
        "businesscentral" => &["companies"],
        _ => &["sites", "mailboxes"],
    };
    let mut lines = String::new();
    let names = |value: &Value| {
        if value.is_null() {
            "all".to_owned()
        } else {
            explain::names(value)
        }
    };
    for field in ["kinds", "permissions"].iter().chain(places) {
        let _ = writeln!(lines, "{field:<16}{}", names(&policy[*field]));
    }
    let is = |field: &str| policy[field].as_bool().unwrap_or(false);
    if places.contains(&"sites") {
        let _ = writeln!(lines, "{:<16}{}", "sites selected", is("sites_selected"));
    }
    let _ = writeln!(lines, "{:<16}{}", "raw", is("raw"));
    let _ = write!(lines, "{:<16}{}", "tokens", is("tokens"));
    lines
}
