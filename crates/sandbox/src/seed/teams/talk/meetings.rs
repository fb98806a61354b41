//! What was said in meetings.

/// A meeting that is over: subject, organizer, others, days ago, and who said what.
pub(in crate::seed::teams) type SeededMeeting = (
    &'static str,
    &'static str,
    &'static [&'static str],
    i64,
    &'static [(&'static str, &'static str)],
);

pub(in crate::seed::teams) const MEETINGS: &[SeededMeeting] = &[
    (
        "Fabrikam steering",
        "elena.petrova",
        &["ana.reis", "farid.haddad", "jonas.weber"],
        7,
        &[
            (
                "elena.petrova",
                "Thank you all for coming. We are on time for the go-live.",
            ),
            (
                "farid.haddad",
                "Billing is the last open item, we expect it on Friday.",
            ),
            ("ana.reis", "The customer asks for a second training day."),
            ("jonas.weber", "Let us give them that one."),
        ],
    ),
    (
        "Pipeline review",
        "ana.reis",
        &["ben.okafor", "karin.berg", "luis.ferreira"],
        4,
        &[
            (
                "ana.reis",
                "Let us go through the deals above fifty thousand.",
            ),
            ("ben.okafor", "Fabrikam is at the contract stage."),
            ("karin.berg", "Northwind wants another demo next week."),
        ],
    ),
    (
        "Service stand-up",
        "grace.kim",
        &["hugo.martin", "xenia.marques"],
        1,
        &[
            ("grace.kim", "Good morning. What is open?"),
            ("hugo.martin", "Twelve cases, none of them urgent."),
            ("xenia.marques", "All visits are planned."),
        ],
    ),
];
