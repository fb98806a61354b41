//! What the team Sales talks about.

use super::{SeededTeam, thread};

pub(super) const TEAM: SeededTeam = SeededTeam {
    name: "Sales",
    description: "Pipeline, offers and customers",
    is_private: true,
    people: &[
        "ana.reis",
        "ben.okafor",
        "karin.berg",
        "luis.ferreira",
        "maria.costa",
        "nils.hansen",
    ],
    channels: &[
        ("Pipeline", false),
        ("Offers", false),
        ("Quarter close", true),
    ],
    threads: &[
        thread(
            1,
            6,
            1,
            "Fabrikam",
            &[
                "Fabrikam wants the roll-out in two steps, Lisbon first.",
                "Fine with me if the second date is in the contract.",
                "I will put it into the draft today.",
                "Draft is in the files of this channel.",
            ],
        ),
        thread(
            1,
            15,
            3,
            "Northwind Traders",
            &[
                "They compare us with two others. Who has a reference in retail?",
                "Tailspin would talk to them.",
                "Calling them tomorrow, thanks.",
            ],
        ),
        thread(
            2,
            9,
            2,
            "Discounts",
            &[
                "What is the most that I may give without asking?",
                "Eight percent. Anything above goes through me.",
                "Noted.",
            ],
        ),
        thread(
            3,
            4,
            0,
            "Forecast",
            &[
                "I need your commits by Thursday evening.",
                "Mine is in.",
                "Two deals moved to next month, the rest stands.",
            ],
        ),
        thread(
            0,
            2,
            4,
            "",
            &[
                "The new price list has a typo on page three.",
                "Corrected, please reload.",
            ],
        ),
    ],
    weekly: (
        "Pipeline review: what moved?",
        &[
            "Fabrikam is at the contract stage.",
            "Two new leads from the fair.",
            "Lost Wide World on price.",
            "Demo for Tailspin went well.",
        ],
    ),
};
