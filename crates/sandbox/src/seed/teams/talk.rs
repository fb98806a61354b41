//! What the teams and chats of Contoso talk about, as data.

/// A team; everybody by the part of their address before the `@`, the owner first.
pub(super) struct SeededTeam {
    pub(super) name: &'static str,
    pub(super) description: &'static str,
    pub(super) is_private: bool,
    pub(super) people: &'static [&'static str],
    /// Besides General: name, and whether only the first three people of the team are in it.
    pub(super) channels: &'static [(&'static str, bool)],
    pub(super) threads: &'static [Thread],
    /// What the owner asks every week, and what is answered.
    pub(super) weekly: (&'static str, &'static [&'static str]),
}

/// A conversation: the first text by the team's people in turn, beginning with `starts`.
pub(super) struct Thread {
    /// 0 is General.
    pub(super) channel: usize,
    pub(super) days_ago: i64,
    pub(super) starts: usize,
    pub(super) subject: Option<&'static str>,
    pub(super) posts: &'static [&'static str],
}

const fn thread(
    channel: usize,
    days_ago: i64,
    starts: usize,
    subject: &'static str,
    posts: &'static [&'static str],
) -> Thread {
    Thread {
        channel,
        days_ago,
        starts,
        subject: if subject.is_empty() {
            None
        } else {
            Some(subject)
        },
        posts,
    }
}

pub(super) const TEAMS: &[SeededTeam] = &[
    SeededTeam {
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
    },
    SeededTeam {
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
    },
    SeededTeam {
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
    },
    SeededTeam {
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
    },
    SeededTeam {
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
    },
    SeededTeam {
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
    },
    SeededTeam {
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
    },
    SeededTeam {
        name: "IT Operations",
        description: "Systems, accounts and changes",
        is_private: true,
        people: &["admin", "carlos.mendes", "farid.haddad"],
        channels: &[("Changes", false), ("Alerts", false)],
        threads: &[
            thread(
                1,
                5,
                1,
                "Change 88",
                &[
                    "Patch of the file servers on Saturday at ten.",
                    "Approved.",
                    "Done, all back within twenty minutes.",
                ],
            ),
            thread(
                2,
                1,
                1,
                "",
                &[
                    "Certificate of the portal ends in three weeks.",
                    "Please renew it now.",
                    "Renewed.",
                ],
            ),
            thread(
                2,
                16,
                0,
                "Backup",
                &[
                    "Last night's backup took twice as long.",
                    "New library of Delivery, 40 GB.",
                    "Then that is it.",
                ],
            ),
        ],
        weekly: (
            "Changes and alerts?",
            &["Two changes, none failed.", "No alert above yellow."],
        ),
    },
];

/// A chat: its topic, its people, how many days ago it began, and what they said in turn.
pub(super) type SeededChat = (
    Option<&'static str>,
    &'static [&'static str],
    i64,
    &'static [&'static str],
);

pub(super) const CHATS: &[SeededChat] = &[
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

/// A meeting that is over: subject, organizer, others, days ago, and who said what.
pub(super) type SeededMeeting = (
    &'static str,
    &'static str,
    &'static [&'static str],
    i64,
    &'static [(&'static str, &'static str)],
);

pub(super) const MEETINGS: &[SeededMeeting] = &[
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
