//! What the team Customer Service talks about.

use super::{SeededTeam, thread};

pub(super) const TEAM: SeededTeam = SeededTeam {
    name: "Customer Service",
    description: "Cases, field work and spare parts",
    is_private: false,
    people: &[
        "grace.kim",
        "hugo.martin",
        "xenia.marques",
        "yusuf.demir",
        "zoe.duarte",
        "andre.pinto",
    ],
    channels: &[("Field", false), ("Escalations", false)],
    threads: &[
        thread(
            1,
            2,
            3,
            "",
            &[
                "Pump at Alpine Ski House is out of order again, I need the seal kit.",
                "Berlin has two left.",
                "On its way with the noon van.",
                "Installed, runs.",
            ],
        ),
        thread(
            1,
            6,
            5,
            "Keys",
            &[
                "The building keys of Rua Augusta were not at the desk.",
                "They hang in the van of Zoe.",
                "Found, thanks.",
            ],
        ),
        thread(
            2,
            4,
            1,
            "Case 4711",
            &[
                "Customer waits for three days now.",
                "I take it over.",
                "Called them, solved on the phone.",
            ],
        ),
    ],
    weekly: (
        "How do we look this week?",
        &[
            "Twelve open cases, none above two days.",
            "All visits are planned until Friday.",
            "One technician short on Thursday.",
        ],
    ),
};
