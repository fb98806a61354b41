//! What the tables of an environment mean: companies that are made and named, permission sets that users hold, extensions that are
//! installed, the job that looks for new people.
//!
//! Learnt from <https://learn.microsoft.com/dynamics365/business-central/dev-itpro/administration/itpro-introduction-to-automation-apis>
//! and from the published pages of the API, <https://github.com/microsoft/ALAppExtensions>, `Apps/W1/APIV2`.

use serde_json::{Map, Value, json};

use crate::books::{Books, Record, Work};
use crate::engine::input::Input;
use crate::engine::source::Parent;
use crate::fault::Fault;
use crate::model::EntitySet;

pub(crate) const USERS: &str = "users";
pub(crate) const PERMISSIONS: &str = "userPermissions";
pub(crate) const MEMBERS: &str = "securityGroupMembers";
pub(crate) const JOBS: &str = "scheduledJobs";
/// People who are not users yet; nobody sees them.
pub(crate) const NEWCOMERS: &str = "newcomers";
const COMPANIES: &str = "automationCompanies";
const SETS: &str = "permissionSets";
const DEPLOYMENTS: &str = "extensionDeploymentStatus";

/// Why permissions are not listed by themselves.
pub(crate) const NO_USER: &str = "You must specify a User Security ID to access user permissions.";
/// The permission set that allows everything.
const SUPER: &str = "SUPER";
/// What people have by their licence.
const LICENSED: &str = "D365 BUS FULL ACCESS";
/// Longest name of a company.
const LONGEST_NAME: usize = 30;
/// Longest name of a user.
const LONGEST_USER: usize = 50;

/// Checks and completes a new record.
pub(super) fn insert(
    work: &Work<'_>,
    set: &'static EntitySet,
    record: &mut Record,
    input: &Input,
) -> Result<(), Fault> {
    match set.name {
        COMPANIES => new_company(work, record),
        PERMISSIONS => permission(work, record, input),
        _ => Ok(()),
    }
}

/// Checks and completes a changed record.
pub(super) fn update(
    work: &Work<'_>,
    set: &'static EntitySet,
    record: &mut Record,
    input: &Input,
) -> Result<(), Fault> {
    match set.name {
        COMPANIES if record.text("displayName").is_empty() => Err(Fault::blank("displayName")),
        PERMISSIONS => permission(work, record, input),
        _ => Ok(()),
    }
}

/// Refuses to remove what the environment stands on.
pub(super) fn delete(
    work: &Work<'_>,
    set: &'static EntitySet,
    record: &Record,
) -> Result<(), Fault> {
    match set.name {
        COMPANIES if work.books.rows(COMPANIES).count() == 1 => Err(Fault::dialog(
            "The last company of an environment cannot be deleted.",
        )),
        PERMISSIONS if is_super(record) && !others_are_super(work.books, record) => {
            Err(Fault::dialog(
                "At least one user must be a member of the permission set 'SUPER' for all companies.",
            ))
        }
        _ => Ok(()),
    }
}

/// What a navigation of a user leads to although it does not hang below it.
pub(crate) fn below<'a>(
    books: &'a Books,
    set: &EntitySet,
    parent: &Parent,
) -> Option<Vec<&'a Record>> {
    if parent.set.name != USERS {
        return None;
    }
    let of_user = |row: &&Record| row.text("userSecurityId") == parent.record.id;
    match set.name {
        MEMBERS => Some(books.rows(MEMBERS).filter(of_user).collect()),
        JOBS => Some(books.rows(JOBS).collect()),
        _ => None,
    }
}

/// Runs a bound action; the set and id of what it made, if anything.
pub(crate) fn act(
    work: &mut Work<'_>,
    set: &'static EntitySet,
    record: &Record,
    name: &str,
) -> Result<Option<(&'static str, String)>, Fault> {
    match (set.name, name) {
        (USERS, "getNewUsersFromOffice365") => {
            must_be_free(work.books)?;
            take_in(work);
            Ok(None)
        }
        (USERS, _) => {
            must_be_free(work.books)?;
            Ok(Some((JOBS, begin_job(work))))
        }
        (_, "install") => install(work, record).map(|()| None),
        (_, "unpublish") => Err(Fault::dialog(format!(
            "The extension {} cannot be unpublished: only those of the tenant can.",
            record.text("displayName")
        ))),
        _ => uninstall(work, record).map(|()| None),
    }
}

fn new_company(work: &Work<'_>, record: &mut Record) -> Result<(), Fault> {
    let title = record.text("displayName").trim().to_owned();
    if title.is_empty() {
        return Err(Fault::blank("displayName"));
    }
    let name: String = title.chars().take(LONGEST_NAME).collect();
    if work.books.find(COMPANIES, "name", &name).is_some() {
        return Err(Fault::exists("Company", &name));
    }
    record.set("name", name);
    Ok(())
}

/// A permission set by its name, and by its extension where several have that name; for one company, or for all.
fn permission(work: &Work<'_>, record: &mut Record, input: &Input) -> Result<(), Fault> {
    let role = record.text("roleId").to_owned();
    let fits = |set: &&Record| {
        let is_named = |name| !input.has(name) || set.text(name) == record.text(name);
        (role.is_empty() || set.text("id") == role) && is_named("appId") && is_named("scope")
    };
    let mut found = work.books.rows(SETS).filter(fits);
    let set = found.next().ok_or_else(no_set)?.clone();
    if found.next().is_some() {
        return Err(Fault::dialog(format!(
            "The permission set {role} is defined multiple times in this context."
        )));
    }
    let company = record.text("company");
    if !company.is_empty() && work.books.find(COMPANIES, "name", company).is_none() {
        return Err(Fault::relation(
            "Company Name",
            "Access Control",
            company,
            "Company",
        ));
    }
    let is_application = work
        .get(USERS, &record.parent)
        .is_some_and(|user| !user.text("clientId").is_empty());
    if is_application && role == SUPER {
        return Err(Fault::dialog(
            "Applications cannot be assigned the SUPER permission set.",
        ));
    }
    let is_other = |it: &Record| it.id != record.id && is_same(it, record, &role);
    if work
        .books
        .children(PERMISSIONS, &record.parent)
        .any(is_other)
    {
        return Err(Fault::exists("Access Control", &role));
    }
    describe(record, &set);
    Ok(())
}

fn no_set() -> Fault {
    Fault::new(
        http::StatusCode::NOT_FOUND,
        "Internal_RecordNotFound",
        "There is no Aggregate Permission Set within the filter.",
    )
}

fn is_same(held: &Record, record: &Record, role: &str) -> bool {
    held.text("roleId").eq_ignore_ascii_case(role) && held.text("company") == record.text("company")
}

fn describe(record: &mut Record, set: &Record) {
    record.copy(set, &["displayName", "appId", "extensionName", "scope"]);
    record.copy_as(set, "id", "roleId");
}

fn is_super(record: &Record) -> bool {
    record.text("roleId") == SUPER && record.text("company").is_empty()
}

fn others_are_super(books: &Books, record: &Record) -> bool {
    let is_enabled = |user: &str| {
        let user = books.get(USERS, user);
        user.is_some_and(|it| it.text("state") != "Disabled")
    };
    let mut rows = books.rows(PERMISSIONS);
    rows.any(|row| row.parent != record.parent && is_super(row) && is_enabled(&row.parent))
}

/// Makes users of those who wait to be.
pub(crate) fn take_in(work: &mut Work<'_>) {
    let newcomers: Vec<Record> = work.books.rows(NEWCOMERS).cloned().collect();
    for person in newcomers {
        let address = person.text("contactEmail");
        let name = address.split('@').next().unwrap_or(address);
        let fields = json!({
            "displayName": person.text("displayName"),
            "contactEmail": address,
            "objectId": person.text("objectId"),
        });
        let id = add_user(work, name, fields);
        let role = if person.is("isAdmin") {
            SUPER
        } else {
            LICENSED
        };
        grant(work, &id, role);
        work.remove(NEWCOMERS, &person.id);
    }
}

/// Adds a user; the id is answered.
pub(crate) fn add_user(work: &mut Work<'_>, name: &str, fields: Value) -> String {
    let mut user = work.blank();
    let own = user.id.clone();
    user.set("userSecurityId", own);
    let name: String = name.chars().take(LONGEST_USER).collect();
    user.set("userName", name.to_uppercase());
    let fields: Map<String, Value> = match fields {
        Value::Object(fields) => fields,
        _ => Map::new(),
    };
    for (name, value) in fields {
        user.set(&name, value);
    }
    work.insert(USERS, user)
}

/// Gives a user a permission set for all companies; one that nobody has described is given by its name alone.
pub(crate) fn grant(work: &mut Work<'_>, user: &str, role: &str) {
    let mut row = work.blank();
    user.clone_into(&mut row.parent);
    row.set("userSecurityId", user);
    row.set("roleId", role.to_uppercase());
    if let Some(set) = work.books.find(SETS, "id", role) {
        describe(&mut row, &set.clone());
    }
    work.insert(PERMISSIONS, row);
}

pub(crate) fn is_pending(job: &Record) -> bool {
    job.text("status") != "Finished"
}

fn must_be_free(books: &Books) -> Result<(), Fault> {
    if books.rows(JOBS).any(is_pending) {
        return Err(Fault::dialog(
            "You cannot get new users while a task is already in progress.",
        ));
    }
    Ok(())
}

fn begin_job(work: &mut Work<'_>) -> String {
    let mut job = work.blank();
    job.set("category", "APIUSERJOB");
    job.set("startDateTime", format!("{:.3}", work.now));
    job.set("status", "In Progress");
    job.set(
        "description",
        "Create new users from Microsoft Entra API job",
    );
    work.insert(JOBS, job)
}

fn install(work: &mut Work<'_>, record: &Record) -> Result<(), Fault> {
    let name = record.text("displayName").to_owned();
    if record.is("isInstalled") {
        return Err(Fault::dialog(format!(
            "The extension {name} is already installed."
        )));
    }
    work.update("extensions", &record.id, |it| it.set("isInstalled", true));
    let mut deployment = work.blank();
    deployment.set("name", name);
    deployment.copy(record, &["publisher"]);
    deployment.set("operationType", "Install");
    deployment.set("status", "Completed");
    deployment.set("schedule", "Immediate");
    deployment.set("appVersion", version(record));
    deployment.set("startedOn", format!("{:.3}", work.now));
    work.insert(DEPLOYMENTS, deployment);
    Ok(())
}

fn version(extension: &Record) -> String {
    let parts = ["Major", "Minor", "Build", "Revision"]
        .map(|part| extension.amount(&format!("version{part}")).to_string());
    parts.join(".")
}

fn uninstall(work: &mut Work<'_>, record: &Record) -> Result<(), Fault> {
    if !record.is("isInstalled") {
        return Err(Fault::dialog(format!(
            "The extension {} is not installed.",
            record.text("displayName")
        )));
    }
    work.update("extensions", &record.id, |it| it.set("isInstalled", false));
    Ok(())
}
