//! What the team Fabrikam rollout talks about.

use super::{SeededTeam, thread};

pub(super) const TEAM: SeededTeam = SeededTeam {
    name: "Fabrikam rollout",
    description: "Delivery of the Fabrikam project",
    is_private: true,
    people: &[
        "elena.petrova",
        "farid.haddad",
        "teresa.lopes",
        "uwe.krause",
        "vera.novak",
        "walter.braun",
    ],
    channels: &[("Design", false), ("Build", false), ("Test", false)],
    threads: &[
        thread(
            1,
            22,
            1,
            "Interfaces",
            &[
                "Version two of the interface description is up for review.",
                "Section four contradicts the data model.",
                "Right, corrected in the new version.",
                "Looks good to me now.",
            ],
        ),
        thread(
            2,
            7,
            3,
            "Nightly build",
            &[
                "The build broke on the import job.",
                "My change. Fixed in a minute.",
                "Green again.",
            ],
        ),
        thread(
            2,
            3,
            2,
            "Performance",
            &[
                "Import of a hundred thousand rows takes nine minutes.",
                "What does it spend them on?",
                "Lookups. With the index it is forty seconds.",
                "Ship it.",
            ],
        ),
        thread(
            3,
            5,
            5,
            "Test report",
            &[
                "Run 14: 212 passed, 3 failed, all in billing.",
                "Two are known, the third is new.",
                "Ticket is written.",
            ],
        ),
        thread(
            0,
            10,
            0,
            "Go-live",
            &[
                "Fabrikam confirmed the date: the first Monday of next month.",
                "Then freeze is on Wednesday before.",
                "Agreed.",
            ],
        ),
    ],
    weekly: (
        "Status: done, next, blocked?",
        &[
            "Done: import. Next: reports.",
            "Blocked by the test data of the customer.",
            "Design review on Tuesday.",
            "Regression is through.",
        ],
    ),
};
