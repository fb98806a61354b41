//! The people of Contoso.

use super::{PASSWORD, TENANT_ID};
use crate::state::State;
use crate::state::directory::User;

/// Part of the address before the `@`, given name, surname, title, department, office.
type Person = (
    &'static str,
    &'static str,
    &'static str,
    &'static str,
    &'static str,
    &'static str,
);

const ADMINISTRATOR: Person = ("admin", "Marta", "Lindqvist", "IT Director", "IT", "Lisbon");

const PEOPLE: [Person; 10] = [
    (
        "ana.reis",
        "Ana",
        "Reis",
        "Sales Manager",
        "Sales",
        "Lisbon",
    ),
    (
        "ben.okafor",
        "Ben",
        "Okafor",
        "Account Executive",
        "Sales",
        "London",
    ),
    (
        "chiara.conti",
        "Chiara",
        "Conti",
        "Finance Lead",
        "Finance",
        "Milan",
    ),
    (
        "david.nguyen",
        "David",
        "Nguyen",
        "Controller",
        "Finance",
        "Lisbon",
    ),
    (
        "elena.petrova",
        "Elena",
        "Petrova",
        "Project Manager",
        "Delivery",
        "Berlin",
    ),
    (
        "farid.haddad",
        "Farid",
        "Haddad",
        "Solution Architect",
        "Delivery",
        "Berlin",
    ),
    (
        "grace.kim",
        "Grace",
        "Kim",
        "Support Lead",
        "Customer Service",
        "London",
    ),
    (
        "hugo.martin",
        "Hugo",
        "Martin",
        "Support Engineer",
        "Customer Service",
        "Lisbon",
    ),
    (
        "ines.silva",
        "Ines",
        "Silva",
        "Head of People",
        "Human Resources",
        "Lisbon",
    ),
    (
        "jonas.weber",
        "Jonas",
        "Weber",
        "Chief Executive Officer",
        "Executive",
        "Berlin",
    ),
];

/// The administrator, ten colleagues, and the mailbox that the support team shares.
pub(super) fn add(state: &mut State) {
    add_administrator(state);
    for (index, person) in PEOPLE.iter().enumerate() {
        let user = user(index + 2, person);
        state.directory.users.push(user);
    }
    // Nobody signs in to a shared mailbox: people open it with their own account.
    let shared = User {
        display_name: "Contoso Support".to_owned(),
        given_name: String::new(),
        surname: String::new(),
        job_title: None,
        department: Some("Customer Service".to_owned()),
        mobile_phone: None,
        business_phones: Vec::new(),
        disabled: true,
        ..user(
            PEOPLE.len() + 2,
            &("support", "Contoso", "Support", "", "", "Lisbon"),
        )
    };
    state.directory.users.push(shared);
}

pub(super) fn add_administrator(state: &mut State) {
    state.directory.users.push(User {
        is_admin: true,
        ..user(1, &ADMINISTRATOR)
    });
}

fn user(number: usize, person: &Person) -> User {
    let (alias, given_name, surname, title, department, office) = *person;
    let address = format!("{alias}@contoso.com");
    User {
        id: format!("c0a7050f-0000-4000-8000-{:012}", 100 + number),
        tenant_id: TENANT_ID.to_owned(),
        user_principal_name: address.clone(),
        mail: Some(address),
        display_name: format!("{given_name} {surname}"),
        given_name: given_name.to_owned(),
        surname: surname.to_owned(),
        job_title: Some(title.to_owned()),
        department: Some(department.to_owned()),
        office_location: Some(office.to_owned()),
        mobile_phone: Some(format!("+351 910 000 {:03}", 100 + number)),
        business_phones: vec![format!("+351 21 000 0{:03}", 100 + number)],
        password: PASSWORD.to_owned(),
        ..User::default()
    }
}
