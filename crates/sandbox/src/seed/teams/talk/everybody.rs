//! What the team Contoso talks about.

use super::{SeededTeam, thread};

pub(super) const TEAM: SeededTeam = SeededTeam {
    name: "Contoso",
    description: "Everybody at Contoso",
    is_private: false,
    people: &[
        "jonas.weber",
        "admin",
        "ana.reis",
        "ben.okafor",
        "chiara.conti",
        "david.nguyen",
        "elena.petrova",
        "farid.haddad",
        "grace.kim",
        "hugo.martin",
        "ines.silva",
        "karin.berg",
        "olivia.brandt",
        "pedro.almeida",
        "teresa.lopes",
        "uwe.krause",
        "xenia.marques",
        "dora.lang",
    ],
    channels: &[("Announcements", false), ("Lunch", false)],
    threads: &[
        thread(
            1,
            40,
            0,
            "Half-year results",
            &[
                "Our best half-year so far: the numbers are on the intranet. Thank you all.",
                "Great to see service growing too.",
                "Congratulations to everybody!",
            ],
        ),
        thread(
            1,
            12,
            10,
            "New colleagues",
            &[
                "Please welcome the three field technicians who joined in Lisbon and Berlin this month.",
                "Welcome! Ask me anything about the vans.",
                "Happy to have you here.",
            ],
        ),
        thread(
            2,
            3,
            13,
            "",
            &[
                "Who is in for soup at the corner today?",
                "Me, at half past twelve.",
                "Count me in.",
            ],
        ),
        thread(
            0,
            20,
            1,
            "Phishing exercise",
            &[
                "There was a test mail this morning. 41 of you reported it: well done.",
                "I nearly clicked. The logo was good.",
            ],
        ),
    ],
    weekly: (
        "What should everybody know this week?",
        &[
            "The Berlin lift is being repaired on Thursday.",
            "Time sheets close on Friday at noon.",
            "Town hall on Wednesday at four.",
        ],
    ),
};
