//! Calendars of a mailbox, and the events in them.

pub(crate) mod event;
pub(crate) mod groups;
pub(crate) mod meeting;
pub(crate) mod occurrence;
pub(crate) mod recurrence;
pub(crate) mod zones;

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::mail::Mailbox;
use super::mail::gone::GoneItem;
use super::mail::item_id::ItemId;
use event::Event;
use groups::CalendarGroup;

/// Number of the calendar that everybody has, beside the numbers of the standard mail folders.
pub(crate) const DEFAULT: u32 = 20;

/// What a mailbox keeps of calendars.
#[derive(Debug, Default, Serialize, Deserialize)]
#[expect(
    clippy::struct_field_names,
    reason = "the calendars themselves are among what is kept"
)]
pub(crate) struct Calendars {
    /// By number; the default one is known without being here until it is changed.
    calendars: BTreeMap<u32, Calendar>,
    events: BTreeMap<u64, Event>,
    /// By number; the default one is known without being here until it is changed.
    #[serde(default)]
    groups: BTreeMap<u32, CalendarGroup>,
}

/// One calendar.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Calendar {
    pub(crate) name: String,
    /// As Graph names colours: `auto`, `lightBlue`.
    pub(crate) color: String,
    /// Number of the group that it is in.
    #[serde(default = "groups::mine")]
    pub(crate) group: u32,
    /// The mailbox's counter at its latest change.
    pub(crate) change: u64,
}

impl Default for Calendar {
    fn default() -> Self {
        Self {
            name: "Calendar".to_owned(),
            color: "auto".to_owned(),
            group: groups::MY_CALENDARS,
            change: 1,
        }
    }
}

/// What a change leaves to those who follow and to the other side of a meeting is done by [`meeting`]; here only the
/// mailbox itself changes, and every creation, change and removal of an event passes through these functions.
impl Mailbox {
    /// Calendars by number, the default one first.
    pub(crate) fn calendars(&self) -> Vec<(u32, Calendar)> {
        let mut all = vec![(DEFAULT, self.calendar(DEFAULT).unwrap_or_default())];
        let others = self
            .calendar
            .calendars
            .iter()
            .filter(|(number, _)| **number != DEFAULT);
        all.extend(others.map(|(number, calendar)| (*number, calendar.clone())));
        all
    }

    pub(crate) fn calendar(&self, number: u32) -> Option<Calendar> {
        let found = self.calendar.calendars.get(&number).cloned();
        found.or_else(|| (number == DEFAULT).then(Calendar::default))
    }

    /// Makes a calendar in a group and answers its number.
    pub(crate) fn add_calendar(&mut self, name: &str, color: &str, group: u32) -> u32 {
        let change = self.next();
        let number = u32::try_from(change).unwrap_or(u32::MAX);
        let calendar = Calendar {
            name: name.to_owned(),
            color: color.to_owned(),
            group,
            change,
        };
        self.calendar.calendars.insert(number, calendar);
        number
    }

    /// Changes a calendar's name and color.
    pub(crate) fn change_calendar(&mut self, number: u32, calendar: Calendar) {
        let change = self.next();
        self.calendar
            .calendars
            .insert(number, Calendar { change, ..calendar });
    }

    /// Removes a calendar with its events.
    pub(crate) fn remove_calendar(&mut self, number: u32) {
        let doomed: Vec<u64> = self
            .events()
            .filter(|event| event.calendar == number)
            .map(|event| event.key)
            .collect();
        for key in doomed {
            self.remove_event(key);
        }
        self.calendar.calendars.remove(&number);
    }

    /// All events in the order in which they came.
    pub(crate) fn events(&self) -> impl Iterator<Item = &Event> {
        self.calendar.events.values()
    }

    pub(crate) fn event(&self, key: u64) -> Option<&Event> {
        self.calendar.events.get(&key)
    }

    /// The copy of a meeting in this mailbox.
    pub(crate) fn event_by_uid(&self, uid: &str) -> Option<&Event> {
        self.events().find(|event| event.uid == uid)
    }

    /// The event that an id names, and the day of its series when it names one occurrence.
    pub(crate) fn find_event(&self, id: ItemId) -> Option<(u64, Option<i32>)> {
        let (key, calendar, day) = match id {
            ItemId::Placed { folder, item } => (item, Some(folder), None),
            ItemId::Occurrence { folder, item, day } => (item, Some(folder), Some(day)),
            ItemId::Immutable { key } => (key, None, None),
            ItemId::Folder { .. } => return None,
        };
        let event = self.event(key)?;
        let is_there = calendar.is_none_or(|calendar| event.calendar == calendar);
        is_there.then_some((key, day))
    }

    /// Stores an event and answers its key.
    pub(crate) fn add_event(&mut self, event: Event) -> u64 {
        let key = self.next();
        self.calendar.events.insert(
            key,
            Event {
                key,
                change: key,
                ..event
            },
        );
        key
    }

    /// Changes an event and its change key.
    pub(crate) fn change_event<T>(
        &mut self,
        key: u64,
        now: Timestamp,
        edit: impl FnOnce(&mut Event) -> T,
    ) -> Option<T> {
        let change = self.next();
        let event = self.calendar.events.get_mut(&key)?;
        let result = edit(event);
        event.change = change;
        event.modified = now;
        Some(result)
    }

    /// Removes an event for good.
    pub(crate) fn remove_event(&mut self, key: u64) -> Option<Event> {
        let event = self.calendar.events.remove(&key)?;
        self.leave(GoneItem::Event {
            calendar: event.calendar,
            key,
        });
        Some(event)
    }
}
