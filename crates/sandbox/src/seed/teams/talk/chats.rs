//! What is said in chats.

/// A chat: its topic, its people, how many days ago it began, and what they said in turn.
pub(in crate::seed::teams) type SeededChat = (
    Option<&'static str>,
    &'static [&'static str],
    i64,
    &'static [&'static str],
);

pub(in crate::seed::teams) const CHATS: &[SeededChat] = &[
    (
        None,
        &["ana.reis", "ben.okafor"],
        2,
        &[
            "Do you have five minutes for Fabrikam?",
            "In ten. My place?",
            "Coming over.",
            "Thanks, that helped a lot.",
        ],
    ),
    (
        None,
        &["ana.reis", "jonas.weber"],
        5,
        &[
            "The contract is signed.",
            "Excellent! Tell the team.",
            "Just did.",
        ],
    ),
    (
        None,
        &["chiara.conti", "david.nguyen"],
        3,
        &[
            "Can you look at the accrual for Milan?",
            "It is for two months, so correct.",
            "Thanks.",
        ],
    ),
    (
        None,
        &["elena.petrova", "farid.haddad"],
        1,
        &[
            "Is the freeze still on Wednesday?",
            "Yes, unless billing fails again.",
            "It will not. I hope.",
        ],
    ),
    (
        None,
        &["grace.kim", "hugo.martin"],
        1,
        &["Can you cover the hotline until two?", "Sure."],
    ),
    (
        None,
        &["admin", "carlos.mendes"],
        6,
        &[
            "I raised the quota of the Delivery library.",
            "Great, closing the ticket.",
        ],
    ),
    (
        Some("Fabrikam go-live"),
        &["elena.petrova", "ana.reis", "farid.haddad", "grace.kim"],
        8,
        &[
            "Who is on call on the first weekend?",
            "I take Saturday.",
            "Then I have Sunday.",
            "The customer knows both numbers.",
        ],
    ),
    (
        Some("Summer party"),
        &["dora.lang", "ines.silva", "olivia.brandt", "pedro.almeida"],
        9,
        &[
            "The terrace is booked.",
            "Music?",
            "Pedro's band.",
            "We started rehearsing!",
        ],
    ),
    (
        Some("Quarter close"),
        &["chiara.conti", "ana.reis", "jonas.weber"],
        4,
        &[
            "Two orders are missing for the quarter.",
            "One will be in by noon.",
            "And the other tomorrow.",
        ],
    ),
];
