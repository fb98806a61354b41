//! What the team Finance talks about.

use super::{SeededTeam, thread};

pub(super) const TEAM: SeededTeam = SeededTeam {
    name: "Finance",
    description: "Books, budgets and closing",
    is_private: true,
    people: &["chiara.conti", "david.nguyen", "rita.sousa", "samuel.koch"],
    channels: &[("Month end", false), ("Audit", true)],
    threads: &[
        thread(
            1,
            8,
            0,
            "Closing calendar",
            &[
                "Closing is on the third working day this month.",
                "Payables are ready by the second.",
                "Two receivables are still disputed.",
            ],
        ),
        thread(
            1,
            5,
            3,
            "Dunning",
            &[
                "Second reminders are out to seven customers.",
                "Leave Fabrikam out, they paid this morning.",
                "Done.",
            ],
        ),
        thread(
            2,
            18,
            1,
            "Samples",
            &[
                "The auditors want forty invoices by Monday.",
                "I have the first half.",
                "Uploading the rest tonight.",
            ],
        ),
    ],
    weekly: (
        "Anything open before closing?",
        &[
            "Three invoices wait for approval.",
            "The Milan rent was booked twice, reversed.",
            "Nothing from my side.",
        ],
    ),
};
