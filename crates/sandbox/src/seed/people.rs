//! The people of Contoso, its guests, shared mailboxes and rooms.

use super::{PASSWORD, TENANT_ID};
use crate::state::State;
use crate::state::directory::{Room, User};

/// Address before the `@`, given name, surname, title, department, office, and whom they report to. The order is that of
/// the object ids, so new people come last.
const PEOPLE: &str = "\
admin|Marta|Lindqvist|IT Director|IT|Lisbon|jonas.weber
ana.reis|Ana|Reis|Sales Manager|Sales|Lisbon|jonas.weber
ben.okafor|Ben|Okafor|Account Executive|Sales|London|ana.reis
chiara.conti|Chiara|Conti|Finance Lead|Finance|Milan|jonas.weber
david.nguyen|David|Nguyen|Controller|Finance|Lisbon|chiara.conti
elena.petrova|Elena|Petrova|Project Manager|Delivery|Berlin|jonas.weber
farid.haddad|Farid|Haddad|Solution Architect|Delivery|Berlin|elena.petrova
grace.kim|Grace|Kim|Support Lead|Customer Service|London|jonas.weber
hugo.martin|Hugo|Martin|Support Engineer|Customer Service|Lisbon|grace.kim
ines.silva|Ines|Silva|Head of People|Human Resources|Lisbon|jonas.weber
jonas.weber|Jonas|Weber|Chief Executive Officer|Executive|Berlin|";

/// As [`PEOPLE`]; their object ids follow that of the mailbox `support`.
const MORE_PEOPLE: &str = "\
karin.berg|Karin|Berg|Account Executive|Sales|Berlin|ana.reis
luis.ferreira|Luis|Ferreira|Account Executive|Sales|Lisbon|ana.reis
maria.costa|Maria|Costa|Inside Sales Representative|Sales|Lisbon|ana.reis
nils.hansen|Nils|Hansen|Presales Engineer|Sales|Berlin|ana.reis
olivia.brandt|Olivia|Brandt|Marketing Manager|Marketing|Berlin|jonas.weber
pedro.almeida|Pedro|Almeida|Content Designer|Marketing|Lisbon|olivia.brandt
rita.sousa|Rita|Sousa|Accounts Payable Specialist|Finance|Lisbon|david.nguyen
samuel.koch|Samuel|Koch|Accounts Receivable Specialist|Finance|Berlin|david.nguyen
teresa.lopes|Teresa|Lopes|Developer|Delivery|Lisbon|farid.haddad
uwe.krause|Uwe|Krause|Developer|Delivery|Berlin|farid.haddad
vera.novak|Vera|Novak|Business Analyst|Delivery|Berlin|elena.petrova
walter.braun|Walter|Braun|Test Engineer|Delivery|Berlin|elena.petrova
xenia.marques|Xenia|Marques|Service Coordinator|Customer Service|Lisbon|grace.kim
yusuf.demir|Yusuf|Demir|Field Technician|Customer Service|Berlin|xenia.marques
zoe.duarte|Zoe|Duarte|Field Technician|Customer Service|Lisbon|xenia.marques
andre.pinto|Andre|Pinto|Field Technician|Customer Service|Lisbon|xenia.marques
bianca.vogel|Bianca|Vogel|Recruiter|Human Resources|Berlin|ines.silva
carlos.mendes|Carlos|Mendes|Systems Administrator|IT|Lisbon|admin
dora.lang|Dora|Lang|Office Manager|Facilities|Berlin|ines.silva";

/// Name of the account, of the address, and the organisation of people from outside.
const GUESTS: [(&str, &str, &str, &str); 3] = [
    ("Lena", "Fischer", "lena.fischer@fabrikam.com", "Fabrikam"),
    (
        "Omar",
        "Saleh",
        "omar.saleh@northwindtraders.com",
        "Northwind Traders",
    ),
    (
        "Priya",
        "Nair",
        "priya.nair@tailspintoys.com",
        "Tailspin Toys",
    ),
];

/// Address before the `@`, name, city, floor, seats.
const ROOMS: [(&str, &str, &str, i32, i32); 6] = [
    ("room.tejo", "Tejo", "Lisbon", 1, 12),
    ("room.alfama", "Alfama", "Lisbon", 1, 6),
    ("room.belem", "Belem", "Lisbon", 2, 20),
    ("room.spree", "Spree", "Berlin", 3, 10),
    ("room.havel", "Havel", "Berlin", 3, 4),
    ("room.wannsee", "Wannsee", "Berlin", 4, 24),
];

/// Object ids of people count from here.
const FIRST_PERSON: usize = 101;
const FIRST_GUEST: usize = 180;
const FIRST_ROOM: usize = 190;

/// Thirty people, two shared mailboxes, guests and rooms.
pub(super) fn add(state: &mut State) {
    let users = &mut state.directory.users;
    users.extend(numbered(FIRST_PERSON, PEOPLE));
    let support = FIRST_PERSON + users.len();
    users.push(shared_mailbox(
        support,
        "support",
        "Contoso Support",
        "Customer Service",
    ));
    users.extend(numbered(support + 1, MORE_PEOPLE));
    let invoices = FIRST_PERSON + users.len();
    users.push(shared_mailbox(
        invoices,
        "invoices",
        "Contoso Invoices",
        "Finance",
    ));
    appoint_managers(state);
    for (index, guest) in GUESTS.iter().enumerate() {
        state
            .directory
            .users
            .push(self::guest(FIRST_GUEST + index, guest));
    }
    for (index, room) in ROOMS.iter().enumerate() {
        add_room(state, FIRST_ROOM + index, room);
    }
}

pub(super) fn add_administrator(state: &mut State) {
    let line = PEOPLE.lines().next().unwrap_or_default();
    state.directory.users.push(person(FIRST_PERSON, line));
}

fn numbered(first: usize, lines: &str) -> impl Iterator<Item = User> {
    let lines = lines.lines().enumerate();
    lines.map(move |(index, line)| person(first + index, line))
}

fn object_id(number: usize) -> String {
    format!("c0a7050f-0000-4000-8000-{number:012}")
}

fn person(number: usize, line: &str) -> User {
    let mut fields = line.split('|').map(str::to_owned);
    let mut field = || fields.next().unwrap_or_default();
    let (alias, given_name, surname) = (field(), field(), field());
    let (title, department, office) = (field(), field(), field());
    let address = format!("{alias}@contoso.com");
    User {
        id: object_id(number),
        tenant_id: TENANT_ID.to_owned(),
        user_principal_name: address.clone(),
        mail: Some(address),
        display_name: format!("{given_name} {surname}"),
        given_name,
        surname,
        job_title: Some(title),
        department: Some(department),
        city: Some(office.clone()),
        country: country(&office),
        company_name: Some("Contoso".to_owned()),
        office_location: Some(office),
        mobile_phone: Some(format!("+351 910 000 {number:03}")),
        business_phones: vec![format!("+351 21 000 0{number:03}")],
        password: PASSWORD.to_owned(),
        is_admin: alias == "admin",
        ..User::default()
    }
}

fn country(city: &str) -> Option<String> {
    let country = match city {
        "Lisbon" => "Portugal",
        "Berlin" => "Germany",
        "London" => "United Kingdom",
        "Milan" => "Italy",
        _ => return None,
    };
    Some(country.to_owned())
}

/// Reporting lines, once everyone has an id.
fn appoint_managers(state: &mut State) {
    for line in PEOPLE.lines().chain(MORE_PEOPLE.lines()) {
        let mut fields = line.split('|');
        let alias = fields.next().unwrap_or_default();
        let manager = fields.next_back().unwrap_or_default();
        let manager = state.directory.user(&format!("{manager}@contoso.com"));
        let manager = manager.map(|user| user.id.clone());
        if let Some(user) = state.directory.user_mut(&format!("{alias}@contoso.com")) {
            user.manager = manager;
        }
    }
}

/// Nobody signs in to a shared mailbox: people open it with their own account.
fn shared_mailbox(number: usize, alias: &str, display_name: &str, department: &str) -> User {
    User {
        department: Some(department.to_owned()),
        office_location: Some("Lisbon".to_owned()),
        ..resource(number, alias, display_name)
    }
}

fn resource(number: usize, alias: &str, display_name: &str) -> User {
    let address = format!("{alias}@contoso.com");
    User {
        id: object_id(number),
        tenant_id: TENANT_ID.to_owned(),
        user_principal_name: address.clone(),
        mail: Some(address),
        display_name: display_name.to_owned(),
        password: PASSWORD.to_owned(),
        disabled: true,
        ..User::default()
    }
}

fn guest(
    number: usize,
    (given_name, surname, address, company): &(&str, &str, &str, &str),
) -> User {
    let outside = address.replace('@', "_");
    User {
        id: object_id(number),
        tenant_id: TENANT_ID.to_owned(),
        user_principal_name: format!("{outside}#EXT#@contoso.onmicrosoft.com"),
        mail: Some((*address).to_owned()),
        display_name: format!("{given_name} {surname}"),
        given_name: (*given_name).to_owned(),
        surname: (*surname).to_owned(),
        company_name: Some((*company).to_owned()),
        password: PASSWORD.to_owned(),
        is_guest: true,
        ..User::default()
    }
}

fn add_room(state: &mut State, number: usize, room: &(&str, &str, &str, i32, i32)) {
    let (alias, name, city, floor, capacity) = *room;
    let user = User {
        office_location: Some(city.to_owned()),
        city: Some(city.to_owned()),
        country: country(city),
        ..resource(number, alias, &format!("Conf Room {name}"))
    };
    state.directory.rooms.push(Room {
        id: object_id(number + 100),
        user_id: user.id.clone(),
        building: format!("Contoso {city}"),
        floor,
        capacity,
    });
    state.directory.users.push(user);
}
