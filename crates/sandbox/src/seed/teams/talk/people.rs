//! What the team People talks about.

use super::{SeededTeam, thread};

pub(super) const TEAM: SeededTeam = SeededTeam {
    name: "People",
    description: "Hiring, onboarding and policies",
    is_private: true,
    people: &["ines.silva", "bianca.vogel", "dora.lang"],
    channels: &[("Hiring", false), ("Onboarding", false)],
    threads: &[
        thread(
            1,
            11,
            1,
            "Developer, Lisbon",
            &[
                "Nine applications, four worth a talk.",
                "Take the two with service experience first.",
                "Invitations are out.",
            ],
        ),
        thread(
            2,
            7,
            2,
            "First day",
            &[
                "Laptops for Monday are here.",
                "Badges too.",
                "Then we are ready.",
            ],
        ),
    ],
    weekly: (
        "Who starts, who leaves?",
        &["One starter in Berlin.", "No change this week."],
    ),
};
