//! Groups of calendars, as Outlook lists them. Every calendar is in one.
//! Source: <https://learn.microsoft.com/graph/api/resources/calendargroup>

use serde::{Deserialize, Serialize};

use crate::state::mail::Mailbox;

/// Number of the group that everybody has, beside the numbers of the default calendar and the default folder of contacts.
pub(crate) const MY_CALENDARS: u32 = 22;
/// `classId` of that group, the same in every mailbox.
const CLASS_OF_MINE: &str = "0006f0b7-0000-0000-c000-000000000046";

/// One group.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct CalendarGroup {
    pub(crate) name: String,
    /// A GUID, for good.
    pub(crate) class_id: String,
    /// The mailbox's counter at its latest change.
    pub(crate) change: u64,
}

impl Default for CalendarGroup {
    fn default() -> Self {
        Self {
            name: "My Calendars".to_owned(),
            class_id: CLASS_OF_MINE.to_owned(),
            change: 1,
        }
    }
}

/// What calendars that were made before there were groups belong to.
pub(super) fn mine() -> u32 {
    MY_CALENDARS
}

impl Mailbox {
    /// Groups by number, the default one first.
    pub(crate) fn calendar_groups(&self) -> Vec<(u32, CalendarGroup)> {
        let mut all = vec![(
            MY_CALENDARS,
            self.calendar_group(MY_CALENDARS).unwrap_or_default(),
        )];
        let others = self.calendar.groups.iter();
        let others = others.filter(|(number, _)| **number != MY_CALENDARS);
        all.extend(others.map(|(number, group)| (*number, group.clone())));
        all
    }

    pub(crate) fn calendar_group(&self, number: u32) -> Option<CalendarGroup> {
        let found = self.calendar.groups.get(&number).cloned();
        found.or_else(|| (number == MY_CALENDARS).then(CalendarGroup::default))
    }

    /// Makes a group and answers its number.
    pub(crate) fn add_calendar_group(&mut self, name: &str, class_id: String) -> u32 {
        let change = self.next();
        let number = u32::try_from(change).unwrap_or(u32::MAX);
        let group = CalendarGroup {
            name: name.to_owned(),
            class_id,
            change,
        };
        self.calendar.groups.insert(number, group);
        number
    }

    pub(crate) fn rename_calendar_group(&mut self, number: u32, name: &str) {
        let change = self.next();
        let group = self.calendar_group(number).unwrap_or_default();
        let group = CalendarGroup {
            name: name.to_owned(),
            change,
            ..group
        };
        self.calendar.groups.insert(number, group);
    }

    pub(crate) fn remove_calendar_group(&mut self, number: u32) {
        self.calendar.groups.remove(&number);
    }
}
