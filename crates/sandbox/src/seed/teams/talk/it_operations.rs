//! What the team IT Operations talks about.

use super::{SeededTeam, thread};

pub(super) const TEAM: SeededTeam = SeededTeam {
    name: "IT Operations",
    description: "Systems, accounts and changes",
    is_private: true,
    people: &["admin", "carlos.mendes", "farid.haddad"],
    channels: &[("Changes", false), ("Alerts", false)],
    threads: &[
        thread(
            1,
            5,
            1,
            "Change 88",
            &[
                "Patch of the file servers on Saturday at ten.",
                "Approved.",
                "Done, all back within twenty minutes.",
            ],
        ),
        thread(
            2,
            1,
            1,
            "",
            &[
                "Certificate of the portal ends in three weeks.",
                "Please renew it now.",
                "Renewed.",
            ],
        ),
        thread(
            2,
            16,
            0,
            "Backup",
            &[
                "Last night's backup took twice as long.",
                "New library of Delivery, 40 GB.",
                "Then that is it.",
            ],
        ),
    ],
    weekly: (
        "Changes and alerts?",
        &["Two changes, none failed.", "No alert above yellow."],
    ),
};
