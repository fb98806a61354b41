//! What the owner of a mailbox has set: <https://learn.microsoft.com/graph/api/resources/mailboxsettings>

use std::collections::BTreeSet;

use jiff::Timestamp;
use jiff::civil::{Time, time};
use serde::{Deserialize, Serialize};

use uuid::Uuid;

use super::message::{Address, Inference, ZonedText};
use crate::state::calendar::recurrence::Day;

/// Time zone, language, hours and automatic replies.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Settings {
    pub(crate) time_zone: String,
    pub(crate) locale: String,
    pub(crate) date_format: String,
    pub(crate) time_format: String,
    /// Who gets what is about meetings when there are delegates.
    pub(crate) delegate_delivery: String,
    pub(crate) hours: WorkingHours,
    pub(crate) automatic: AutomaticReplies,
}

/// When somebody works.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct WorkingHours {
    pub(crate) days: Vec<Day>,
    pub(crate) start: Time,
    pub(crate) end: Time,
    pub(crate) zone: String,
}

/// What is answered while somebody is away.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct AutomaticReplies {
    /// `disabled`, `alwaysEnabled` or `scheduled`
    pub(crate) status: String,
    pub(crate) external_audience: String,
    pub(crate) internal_message: String,
    pub(crate) external_message: String,
    pub(crate) start: Option<(ZonedText, Timestamp)>,
    pub(crate) end: Option<(ZonedText, Timestamp)>,
    /// Addresses that had their answer since the replies were switched on: nobody gets a second one.
    pub(crate) answered: BTreeSet<String>,
}

/// `outlookCategory`
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Category {
    pub(crate) id: Uuid,
    pub(crate) display_name: String,
    /// `none`, or `preset0` to `preset24`.
    pub(crate) color: String,
}

/// `inferenceClassificationOverride`
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Override {
    pub(crate) id: Uuid,
    pub(crate) inference: Inference,
    pub(crate) sender: Address,
}

/// The six that every mailbox begins with.
pub(super) fn standard_categories() -> Vec<Category> {
    let colors = [
        ("Red", 0),
        ("Orange", 1),
        ("Yellow", 3),
        ("Green", 4),
        ("Blue", 7),
        ("Purple", 8),
    ];
    let all = colors.into_iter().map(|(name, preset)| Category {
        id: Uuid::from_u128(0x4b1d_7f00_0000_4000_8000_0000_0000_0000 + preset),
        display_name: format!("{name} category"),
        color: format!("preset{preset}"),
    });
    all.collect()
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            time_zone: "UTC".to_owned(),
            locale: "en-US".to_owned(),
            date_format: "M/d/yyyy".to_owned(),
            time_format: "h:mm tt".to_owned(),
            delegate_delivery: "sendToDelegateOnly".to_owned(),
            hours: WorkingHours::default(),
            automatic: AutomaticReplies::default(),
        }
    }
}

impl Default for WorkingHours {
    fn default() -> Self {
        Self {
            days: vec![
                Day::Monday,
                Day::Tuesday,
                Day::Wednesday,
                Day::Thursday,
                Day::Friday,
            ],
            start: time(8, 0, 0, 0),
            end: time(17, 0, 0, 0),
            zone: "UTC".to_owned(),
        }
    }
}

impl Default for AutomaticReplies {
    fn default() -> Self {
        Self {
            status: "disabled".to_owned(),
            external_audience: "all".to_owned(),
            internal_message: String::new(),
            external_message: String::new(),
            start: None,
            end: None,
            answered: BTreeSet::new(),
        }
    }
}

impl AutomaticReplies {
    /// Whether answers go out now.
    pub(crate) fn is_active(&self, now: Timestamp) -> bool {
        match self.status.as_str() {
            "alwaysEnabled" => true,
            "scheduled" => {
                let begun = self.start.as_ref().is_none_or(|(_, at)| *at <= now);
                begun && self.end.as_ref().is_none_or(|(_, at)| *at > now)
            }
            _ => false,
        }
    }
}
