//! What everybody is told.

use super::{EVERYONE, PDF, Thread};

pub(super) const THREADS: &[Thread] = &[
    Thread {
        subject: "Welcome to the new intranet",
        days_ago: 58,
        people: EVERYONE,
        posts: &[(
            "admin",
            "The new intranet is open. Team pages moved over the weekend; old links redirect until the end of the quarter.",
        )],
        file: None,
    },
    Thread {
        subject: "Summer party photos",
        days_ago: 51,
        people: EVERYONE,
        posts: &[(
            "ines.silva",
            "Thank you all for a lovely afternoon by the river. The photos are in the shared album; please add yours.",
        )],
        file: None,
    },
    Thread {
        subject: "Travel policy update",
        days_ago: 44,
        people: EVERYONE,
        posts: &[(
            "ines.silva",
            "From next month trains come first for trips under five hours. Book through the travel portal and keep receipts for anything above 25 EUR.",
        )],
        file: Some(("travel-policy.pdf", PDF)),
    },
    Thread {
        subject: "Security training due this month",
        days_ago: 30,
        people: EVERYONE,
        posts: &[(
            "admin",
            "Please finish the twenty minute security training by Friday. It covers phishing, passwords and what to do with a lost phone.",
        )],
        file: None,
    },
    Thread {
        subject: "All hands on Thursday",
        days_ago: 16,
        people: EVERYONE,
        posts: &[(
            "jonas.weber",
            "We meet on Thursday at 15:00 UTC. Agenda: the quarter so far, the Fabrikam project, and your questions. Send them to me in advance if you like.",
        )],
        file: None,
    },
    Thread {
        subject: "Office closed on Monday",
        days_ago: 9,
        people: EVERYONE,
        posts: &[(
            "ines.silva",
            "The Lisbon office is closed on Monday for the public holiday. Support works as on a Sunday.",
        )],
        file: None,
    },
    Thread {
        subject: "Planned maintenance on Saturday night",
        days_ago: 3,
        people: EVERYONE,
        posts: &[(
            "admin",
            "Mail and files stay available. The time sheet and the travel portal are offline from 22:00 to 02:00 UTC.",
        )],
        file: None,
    },
];
