//! Tasks, calls, meetings, mails and notes about customers.

use super::companies::Company;
use super::{Seeder, link, text, whole};
use crate::cell::Cell;

const TASKS: [&str; 8] = [
    "Send the offer",
    "Prepare the demonstration",
    "Check the credit limit",
    "Call about the delivery date",
    "Update the contract",
    "Arrange a site visit",
    "Collect references",
    "Follow up on the quote",
];
const CALLS: [&str; 5] = [
    "Asked about the price of the C-900",
    "Confirmed the appointment",
    "Complaint about a late delivery",
    "Interested in a service contract",
    "Wants to postpone the decision",
];
const MEETINGS: [&str; 4] = [
    "Product demonstration",
    "Contract review",
    "Site inspection",
    "Quarterly business review",
];
const NOTES: [&str; 4] = [
    "Prefers to be called in the morning.",
    "Parking in the courtyard, ring at the back door.",
    "Decision is made by the works council.",
    "Has a spare machine in the basement.",
];

pub(super) fn fill(seeder: &mut Seeder<'_>, companies: &[Company]) {
    for (at, company) in companies.iter().enumerate() {
        let index = i64::try_from(at).unwrap_or_default();
        let about = link(company.account);
        for number in 0..2 {
            let due = index % 14 - 6 + number * 5;
            let is_done = due < -2;
            let values = vec![
                (
                    "subject",
                    text(
                        TASKS[(at * 2 + usize::try_from(number).unwrap_or_default()) % TASKS.len()],
                    ),
                ),
                ("regardingobjectid", about.clone()),
                ("scheduledend", seeder.time(due, 16)),
                ("prioritycode", whole(index % 3)),
                ("percentcomplete", whole(if is_done { 100 } else { 0 })),
                ("statecode", whole(i64::from(is_done))),
                ("statuscode", whole(if is_done { 5 } else { 2 })),
            ];
            seeder.add_owned("task", 10 - number * 3, at, values);
        }
        if at % 2 == 0 {
            let values = vec![
                ("subject", text(CALLS[at / 2 % CALLS.len()])),
                ("regardingobjectid", link(company.contact)),
                ("phonenumber", text(&format!("+351 21 555 {:02}", 10 + at))),
                ("directioncode", Some(Cell::Flag(at % 4 == 0))),
                ("actualdurationminutes", whole(5 + index)),
                ("statecode", whole(1)),
                ("statuscode", whole(2)),
            ];
            seeder.add_owned("phonecall", 20 - index / 2, at, values);
        } else {
            let day = index % 10 + 1;
            let values = vec![
                ("subject", text(MEETINGS[at / 2 % MEETINGS.len()])),
                ("regardingobjectid", about.clone()),
                ("location", text("At the customer's")),
                ("scheduledstart", seeder.time(day, 10)),
                ("scheduledend", seeder.time(day, 11)),
                ("statecode", whole(3)),
                ("statuscode", whole(5)),
            ];
            seeder.add_owned("appointment", 5, at, values);
        }
        if at % 3 == 0 {
            let values = vec![
                ("subject", text("Your request")),
                (
                    "description",
                    text(
                        "<p>Thank you for your message. We will come back to you within two days.</p>",
                    ),
                ),
                ("regardingobjectid", about.clone()),
                ("directioncode", Some(Cell::Flag(true))),
                ("statecode", whole(1)),
                ("statuscode", whole(3)),
            ];
            seeder.add_owned("email", 12 - index / 3, at, values);
        }
        if at % 4 == 1 {
            let values = vec![
                ("subject", text("Note")),
                ("notetext", text(NOTES[at / 4 % NOTES.len()])),
                ("objectid", about),
            ];
            seeder.add_owned("annotation", 30 - index, at, values);
        }
    }
}
