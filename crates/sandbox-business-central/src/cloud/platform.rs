//! What belongs to an environment rather than to one of its companies: which companies there are, users with their permission sets,
//! security groups, extensions, jobs. It is kept in tables of its own; what the rest of the environment says (companies, cards of
//! applications) is brought into them before each request, and what a request changed of it is taken over afterwards.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::Environment;
use super::access::Application;
use super::company::Company;
use crate::books::{Books, Change, Record, Work};
use crate::rules::platform::{self as rules, JOBS, MEMBERS, NEWCOMERS, PERMISSIONS, USERS};
use crate::seed;

/// How long the job that looks for new people takes.
const JOB_TAKES: SignedDuration = SignedDuration::from_secs(30);
const COMPANIES: &str = "automationCompanies";
const GROUPS: &str = "securityGroups";

/// People and groups of a tenant.
#[derive(Debug, Clone, Default)]
pub struct Directory {
    /// Those who may be users.
    pub people: Vec<Person>,
    /// Those that may be security groups.
    pub groups: Vec<Group>,
}

/// Somebody of the tenant.
#[derive(Debug, Clone)]
pub struct Person {
    /// `oid` of their tokens.
    pub object_id: String,
    /// What they sign in with.
    pub user_principal_name: String,
    /// As they are shown.
    pub display_name: String,
    /// Whether they administer the tenant.
    pub is_admin: bool,
}

/// A group of the tenant.
#[derive(Debug, Clone)]
pub struct Group {
    /// Its object id.
    pub id: String,
    /// As it is shown.
    pub name: String,
    /// Object ids.
    pub members: Vec<String>,
}

/// A group of the tenant that permission sets may be given to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct SecurityGroup {
    pub(crate) code: String,
    pub(crate) group_id: String,
}

impl Environment {
    /// Takes its tables out, as they are by now.
    pub(crate) fn open_platform(
        &mut self,
        directory: &Directory,
        unlicensed: &[String],
        now: Timestamp,
    ) -> Books {
        let is_new = self.platform.is_none();
        let made = || seed::platform::books(&self.name, now);
        let mut books = self.platform.take().unwrap_or_else(made);
        let mut work = Work::new(&mut books, now);
        bring_companies(&mut work, &self.companies);
        bring_people(&mut work, directory, unlicensed);
        if is_new {
            rules::take_in(&mut work);
        }
        finish_jobs(&mut work);
        bring_cards(&mut work, &self.applications);
        bring_groups(&mut work, &self.security_groups, directory);
        books
    }

    /// Puts them back, and does for the environment what was done in them.
    pub(crate) fn close_platform(&mut self, books: Books, changes: &[Change], now: Timestamp) {
        for change in changes {
            self.follow(&books, change, now);
        }
        for card in &mut self.applications {
            let Some(user) = user_of(&books, &card.client_id) else {
                continue;
            };
            card.is_enabled = user.text("state") != "Disabled";
            let rows = books.children(PERMISSIONS, &user.id);
            card.permission_sets = rows.map(|row| row.text("roleId").to_owned()).collect();
        }
        self.platform = Some(books);
    }

    fn follow(&mut self, books: &Books, change: &Change, now: Timestamp) {
        match change {
            Change::Inserted { set: COMPANIES, id } => {
                let Some(row) = books.get(COMPANIES, id) else {
                    return;
                };
                let mut company = Company::blank(id, row.text("name"), now);
                name(&mut company, row);
                self.companies.push(company);
            }
            Change::Updated {
                set: COMPANIES,
                before,
            } => {
                let mut companies = self.companies.iter_mut();
                let company = companies.find(|it| it.id == before.id);
                if let (Some(company), Some(row)) = (company, books.get(COMPANIES, &before.id)) {
                    name(company, row);
                }
            }
            Change::Removed {
                set: COMPANIES,
                before,
                ..
            } => {
                self.companies.retain(|it| it.id != before.id);
                self.subscriptions.retain(|it| it.company_id != before.id);
            }
            Change::Removed {
                set: GROUPS,
                before,
                ..
            } => self
                .security_groups
                .retain(|it| it.code != before.text("code")),
            _ => {}
        }
    }
}

fn name(company: &mut Company, row: &Record) {
    row.text("displayName")
        .clone_into(&mut company.display_name);
    row.text("businessProfileId")
        .clone_into(&mut company.business_profile_id);
}

fn user_of<'a>(books: &'a Books, client_id: &str) -> Option<&'a Record> {
    books.find(USERS, "clientId", client_id)
}

fn bring_companies(work: &mut Work<'_>, companies: &[Company]) {
    for company in companies {
        if work.get(COMPANIES, &company.id).is_some() {
            continue;
        }
        let mut row = Record::computed(company.id.as_str(), company.created).at_version(1);
        row.set("name", company.name.as_str());
        row.set("displayName", company.display_name.as_str());
        row.set("businessProfileId", company.business_profile_id.as_str());
        row.set("evaluationCompany", !company.is_blank);
        work.insert(COMPANIES, row);
    }
    remove_others(work, COMPANIES, |row| {
        companies.iter().any(|it| it.id == row.id)
    });
}

/// Those who are not users yet wait to be taken in.
fn bring_people(work: &mut Work<'_>, directory: &Directory, unlicensed: &[String]) {
    let may_come = |person: &&Person| !unlicensed.contains(&person.object_id);
    for person in directory.people.iter().filter(may_come) {
        let id = &person.object_id;
        let is_known = |set| work.books.find(set, "objectId", id).is_some();
        if is_known(USERS) || is_known(NEWCOMERS) {
            continue;
        }
        let mut row = work.blank();
        row.set("objectId", id.as_str());
        row.set("displayName", person.display_name.as_str());
        row.set("contactEmail", person.user_principal_name.as_str());
        row.set("isAdmin", person.is_admin);
        work.insert(NEWCOMERS, row);
    }
    remove_others(work, NEWCOMERS, |row| {
        let mut people = directory.people.iter().filter(may_come);
        people.any(|it| it.object_id == row.text("objectId"))
    });
}

fn finish_jobs(work: &mut Work<'_>) {
    let now = work.now;
    let is_over = |row: &&Record| {
        let over = row.created.saturating_add(JOB_TAKES);
        rules::is_pending(row) && over.is_ok_and(|over| over <= now)
    };
    let rows = work.books.rows(JOBS).filter(is_over);
    let over: Vec<String> = rows.map(|row| row.id.clone()).collect();
    for id in over {
        rules::take_in(work);
        work.update(JOBS, &id, |job| job.set("status", "Finished"));
    }
}

/// An application on a card is a user too.
fn bring_cards(work: &mut Work<'_>, cards: &[Application]) {
    for card in cards {
        let known = user_of(work.books, &card.client_id).map(|user| user.id.clone());
        let id = known.unwrap_or_else(|| add_application(work, card));
        let state = if card.is_enabled {
            "Enabled"
        } else {
            "Disabled"
        };
        let is_right = |user: &Record| (user.text("state") == "Disabled") != card.is_enabled;
        if !work.get(USERS, &id).is_some_and(is_right) {
            work.update(USERS, &id, |user| user.set("state", state));
        }
        let held = work.books.children(PERMISSIONS, &id);
        let held: Vec<(String, String)> = held
            .map(|row| (row.id.clone(), row.text("roleId").to_owned()))
            .collect();
        for (row, _) in held.iter().filter(|(_, role)| !has(card, role)) {
            work.remove(PERMISSIONS, row);
        }
        for role in &card.permission_sets {
            if !held.iter().any(|(_, it)| it.eq_ignore_ascii_case(role)) {
                rules::grant(work, &id, role);
            }
        }
    }
    let is_on_a_card = |row: &Record| {
        let mut all = cards.iter();
        let client_id = row.text("clientId");
        client_id.is_empty() || all.any(|it| it.client_id.eq_ignore_ascii_case(client_id))
    };
    remove_others(work, USERS, is_on_a_card);
}

fn has(card: &Application, role: &str) -> bool {
    let mut sets = card.permission_sets.iter();
    sets.any(|set| set.eq_ignore_ascii_case(role))
}

fn add_application(work: &mut Work<'_>, card: &Application) -> String {
    let title = match card.description.as_str() {
        "" => card.client_id.as_str(),
        text => text,
    };
    rules::add_user(
        work,
        title,
        json!({ "displayName": title, "clientId": card.client_id }),
    )
}

fn bring_groups(work: &mut Work<'_>, groups: &[SecurityGroup], directory: &Directory) {
    for group in groups {
        let known = directory.groups.iter().find(|it| it.id == group.group_id);
        let id = group_row(work, group, known);
        bring_members(work, &id, group, known);
    }
    remove_others(work, GROUPS, |row| {
        groups.iter().any(|it| it.code == row.text("code"))
    });
}

fn group_row(work: &mut Work<'_>, group: &SecurityGroup, known: Option<&Group>) -> String {
    let row = work.books.find(GROUPS, "code", &group.code);
    let row = row.map(|row| row.id.clone());
    let id = row.unwrap_or_else(|| {
        let mut row = work.blank();
        let own = row.id.clone();
        row.set("groupUserSecurityId", own);
        row.set("code", group.code.as_str());
        work.insert(GROUPS, row)
    });
    work.update(GROUPS, &id, |row| {
        row.set("id", group.group_id.as_str());
        row.set("groupId", group.group_id.as_str());
        row.set("groupName", known.map_or("", |it| it.name.as_str()));
        row.set("retrievedSuccessfully", known.is_some());
    });
    id
}

/// Members are those of the tenant's group who are users.
fn bring_members(work: &mut Work<'_>, id: &str, group: &SecurityGroup, known: Option<&Group>) {
    let members = known.map(|it| it.members.as_slice()).unwrap_or_default();
    let users: Vec<Record> = members
        .iter()
        .filter_map(|member| work.books.find(USERS, "objectId", member).cloned())
        .collect();
    for user in &users {
        let is_user = |row: &Record| row.text("userSecurityId") == user.id;
        if work.books.children(MEMBERS, id).any(is_user) {
            continue;
        }
        let mut row = work.blank();
        id.clone_into(&mut row.parent);
        row.set("userSecurityId", user.id.as_str());
        row.set("securityGroupCode", group.code.as_str());
        row.set("securityGroupName", known.map_or("", |it| it.name.as_str()));
        row.copy(user, &["userName"]);
        row.copy_as(user, "displayName", "userFullName");
        work.insert(MEMBERS, row);
    }
    remove_others(work, MEMBERS, |row| {
        row.parent != id || users.iter().any(|it| it.id == row.text("userSecurityId"))
    });
}

/// Removes rows that are not to be kept, and what hangs below them.
fn remove_others(work: &mut Work<'_>, set: &'static str, is_kept: impl Fn(&Record) -> bool) {
    let rows = work.books.rows(set).filter(|row| !is_kept(row));
    let gone: Vec<String> = rows.map(|row| row.id.clone()).collect();
    for id in gone {
        for below in [PERMISSIONS, MEMBERS] {
            let rows = work.books.children(below, &id);
            let rows: Vec<String> = rows.map(|row| row.id.clone()).collect();
            for row in rows {
                work.remove(below, &row);
            }
        }
        work.remove(set, &id);
    }
}
