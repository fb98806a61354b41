//! What the team Marketing talks about.

use super::{SeededTeam, thread};

pub(super) const TEAM: SeededTeam = SeededTeam {
    name: "Marketing",
    description: "Campaigns, website and events",
    is_private: false,
    people: &["olivia.brandt", "pedro.almeida", "maria.costa", "ana.reis"],
    channels: &[("Website", false), ("Events", false)],
    threads: &[
        thread(
            1,
            9,
            1,
            "Case study",
            &[
                "The Tailspin story is written, pictures are missing.",
                "I have some from the visit.",
                "Perfect, online tomorrow.",
            ],
        ),
        thread(
            2,
            14,
            0,
            "Autumn fair",
            &[
                "Stand B12 is ours. Who comes along?",
                "I do, both days.",
                "Me on the second day.",
            ],
        ),
    ],
    weekly: (
        "Numbers of the week?",
        &[
            "1,840 visits, 31 contacts.",
            "The newsletter was opened by 38 percent.",
        ],
    ),
};
