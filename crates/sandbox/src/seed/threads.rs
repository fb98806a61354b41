//! What the people of Contoso write to each other, as data.

/// A conversation among colleagues: the first writer opens it to all others, each next one answers everyone.
pub(super) struct Thread {
    pub(super) subject: &'static str,
    pub(super) days_ago: i64,
    /// Parts of addresses before the `@`; `["*"]` is everyone.
    pub(super) people: &'static [&'static str],
    /// Writer and text, in order.
    pub(super) posts: &'static [(&'static str, &'static str)],
    /// Of the first post: name and text content.
    pub(super) file: Option<(&'static str, &'static str)>,
}

pub(super) const EVERYONE: &[&str] = &["*"];
const SALES: &[&str] = &["ana.reis", "ben.okafor", "jonas.weber"];
const FINANCE: &[&str] = &["chiara.conti", "david.nguyen", "jonas.weber"];
const DELIVERY: &[&str] = &["elena.petrova", "farid.haddad", "ana.reis"];
const SERVICE: &[&str] = &["grace.kim", "hugo.martin", "support"];

/// The smallest file that a reader opens as one empty page.
pub(super) const PDF: &str = "%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj\n\
                   3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 300 144]>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n";

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
    Thread {
        subject: "Q4 planning",
        days_ago: 40,
        people: SALES,
        posts: &[
            (
                "jonas.weber",
                "Let us agree on the Q4 targets this week. Ana, could you share the pipeline by region?",
            ),
            (
                "ana.reis",
                "Here is the pipeline. Iberia is ahead, the UK is behind by about 8 %; Ben has two large deals that may close in November.",
            ),
            (
                "ben.okafor",
                "Both are with legal. I expect Northwind to sign first, Tailspin two weeks later.",
            ),
            (
                "jonas.weber",
                "Good. Then we plan with Northwind and treat Tailspin as upside.",
            ),
        ],
        file: None,
    },
    Thread {
        subject: "Northwind renewal",
        days_ago: 12,
        people: SALES,
        posts: &[
            (
                "ben.okafor",
                "Northwind asks for a three-year renewal with 6 % off. The draft offer is attached.",
            ),
            (
                "ana.reis",
                "Three years are fine. I would give 4 % and the premium support for the first year.",
            ),
            ("ben.okafor", "They accept. I send the contract today."),
        ],
        file: Some((
            "northwind-offer.csv",
            "item,quantity,unit price\nPlatform licence,120,48.00\nPremium support,1,5400.00\n",
        )),
    },
    Thread {
        subject: "Quarterly sales review",
        days_ago: 5,
        people: &["ana.reis", "ben.okafor", "chiara.conti"],
        posts: &[
            (
                "ana.reis",
                "Please have your numbers in the sheet by Tuesday noon. We go through them region by region.",
            ),
            (
                "ben.okafor",
                "UK and Ireland are in. Two orders are still waiting for a purchase order number.",
            ),
            (
                "chiara.conti",
                "I checked them against the ledger: they match but for the Fabrikam credit note.",
            ),
        ],
        file: None,
    },
    Thread {
        subject: "Month-end close",
        days_ago: 25,
        people: FINANCE,
        posts: &[
            (
                "chiara.conti",
                "The books close on the third working day. Open points: travel accruals and the Fabrikam credit note.",
            ),
            (
                "david.nguyen",
                "Accruals are posted. The credit note needs an approval by Jonas.",
            ),
            ("jonas.weber", "Approved."),
        ],
        file: Some((
            "accruals.csv",
            "account,amount\n6420,1830.50\n6430,412.00\n",
        )),
    },
    Thread {
        subject: "Budget 2027, first draft",
        days_ago: 7,
        people: FINANCE,
        posts: &[
            (
                "david.nguyen",
                "The first draft is attached. Headcount is the open question; everything else follows the plan.",
            ),
            (
                "chiara.conti",
                "I moved the licence costs to delivery. Otherwise fine with me.",
            ),
        ],
        file: Some((
            "budget-2027.csv",
            "department,budget\nSales,420000\nDelivery,610000\nCustomer Service,280000\n",
        )),
    },
    Thread {
        subject: "Fabrikam rollout",
        days_ago: 33,
        people: DELIVERY,
        posts: &[
            (
                "elena.petrova",
                "Kick-off is on Wednesday. Farid, can you bring the architecture on one page?",
            ),
            (
                "farid.haddad",
                "Yes. The only risk I see is the old identity provider; we need a decision before the pilot.",
            ),
            (
                "ana.reis",
                "Fabrikam decided yesterday: they move to the new one in November.",
            ),
            (
                "elena.petrova",
                "Then the pilot stays on the first of December.",
            ),
        ],
        file: None,
    },
    Thread {
        subject: "Fabrikam pilot: open points",
        days_ago: 4,
        people: DELIVERY,
        posts: &[
            (
                "farid.haddad",
                "Three points are left: single sign-on for contractors, the export of old tickets, and the training dates.",
            ),
            (
                "elena.petrova",
                "Training is fixed: 2 and 3 December. I take the export, you take sign-on.",
            ),
        ],
        file: Some((
            "open-points.txt",
            "1. single sign-on for contractors (Farid)\n2. export of old tickets (Elena)\n3. training dates (done)\n",
        )),
    },
    Thread {
        subject: "On-call rota for the next quarter",
        days_ago: 21,
        people: SERVICE,
        posts: &[
            (
                "grace.kim",
                "The rota is in the calendar. Hugo, please check the two weeks around the holidays.",
            ),
            (
                "hugo.martin",
                "I can take the first, but would like to swap the second.",
            ),
            ("grace.kim", "Swapped with me."),
        ],
        file: None,
    },
    Thread {
        subject: "Response times in October",
        days_ago: 14,
        people: SERVICE,
        posts: &[
            (
                "grace.kim",
                "Median first response was 38 minutes, down from 52. Thank you both.",
            ),
            (
                "hugo.martin",
                "The new templates help a lot. The printer cases are still the slowest.",
            ),
        ],
        file: Some((
            "response-times.csv",
            "week,median minutes\n40,44\n41,39\n42,36\n43,33\n",
        )),
    },
    Thread {
        subject: "Laptop replacement",
        days_ago: 18,
        people: &["admin", "hugo.martin", "ines.silva", "farid.haddad"],
        posts: &[
            (
                "admin",
                "Your laptops are four years old. Please choose between the 13 and the 15 inch model by Friday.",
            ),
            (
                "farid.haddad",
                "The 15 inch one, please, with the English keyboard.",
            ),
            ("hugo.martin", "13 inch for me."),
            ("ines.silva", "13 inch, and thank you."),
        ],
        file: None,
    },
    Thread {
        subject: "Interview schedule: support engineer",
        days_ago: 11,
        people: &["ines.silva", "grace.kim", "hugo.martin"],
        posts: &[
            (
                "ines.silva",
                "We have three candidates on Tuesday. Could you both take an hour in the morning?",
            ),
            (
                "grace.kim",
                "Yes, 9:30 works. I send the practical exercise to the candidates today.",
            ),
            ("hugo.martin", "10:30 for me."),
        ],
        file: None,
    },
    Thread {
        subject: "Board meeting slides",
        days_ago: 6,
        people: &[
            "jonas.weber",
            "chiara.conti",
            "ines.silva",
            "elena.petrova",
            "admin",
        ],
        posts: &[
            (
                "jonas.weber",
                "Please send me two slides each until Thursday evening: results, and what you need from the board.",
            ),
            (
                "chiara.conti",
                "Finance is done. The cash forecast is on the second slide.",
            ),
            ("elena.petrova", "Delivery follows tomorrow morning."),
            ("ines.silva", "People: two slides, attrition and hiring."),
        ],
        file: None,
    },
    Thread {
        subject: "Licence count for the renewal",
        days_ago: 27,
        people: &["admin", "david.nguyen", "chiara.conti"],
        posts: &[
            (
                "david.nguyen",
                "How many seats do we need next year? The supplier wants the number by Friday.",
            ),
            (
                "admin",
                "118 today, 126 with the planned hires. I would renew 130.",
            ),
            ("david.nguyen", "130 it is."),
        ],
        file: None,
    },
    Thread {
        subject: "Trip to London",
        days_ago: 20,
        people: &["ana.reis", "ben.okafor", "elena.petrova"],
        posts: &[
            (
                "ana.reis",
                "I am in London from Tuesday to Thursday. Dinner with Northwind is on Wednesday, will you both join?",
            ),
            ("ben.okafor", "Of course. I booked a table for six."),
            (
                "elena.petrova",
                "I join by train from Brussels and am there at seven.",
            ),
        ],
        file: None,
    },
    Thread {
        subject: "Sign-in trouble at Tailspin",
        days_ago: 8,
        people: &["support", "hugo.martin", "grace.kim", "farid.haddad"],
        posts: &[
            (
                "support",
                "Tailspin reports that single sign-on fails for new accounts since this morning.",
            ),
            (
                "farid.haddad",
                "Their certificate was rotated yesterday. The new one has to be uploaded in the portal.",
            ),
            (
                "hugo.martin",
                "Done with their administrator on the phone. Sign-in works again.",
            ),
        ],
        file: None,
    },
    Thread {
        subject: "Service visits in week 40",
        days_ago: 23,
        people: &[
            "xenia.marques",
            "yusuf.demir",
            "zoe.duarte",
            "andre.pinto",
            "grace.kim",
        ],
        posts: &[
            (
                "xenia.marques",
                "The visits of next week are planned: eleven in Lisbon, six in Berlin. Zoe, the pump in Alcantara needs two people.",
            ),
            (
                "zoe.duarte",
                "Andre comes with me. We need the spare seal from the van in Belem.",
            ),
            ("andre.pinto", "It is packed. I start at eight."),
            (
                "yusuf.demir",
                "Berlin is fine with six. The visit in Spandau takes the whole morning.",
            ),
        ],
        file: Some(("visits.csv", "city,visits\nLisbon,11\nBerlin,6\n")),
    },
    Thread {
        subject: "Sprint 41: what is left",
        days_ago: 13,
        people: &[
            "farid.haddad",
            "teresa.lopes",
            "uwe.krause",
            "walter.braun",
            "vera.novak",
        ],
        posts: &[
            (
                "farid.haddad",
                "Two stories are open. Uwe, can the import be done by Thursday?",
            ),
            (
                "uwe.krause",
                "The import works; the dates of old records are still off by a day.",
            ),
            (
                "walter.braun",
                "I found the same in the tests: it is the time zone of the export.",
            ),
            (
                "teresa.lopes",
                "Fixed this morning. Please run the tests again.",
            ),
        ],
        file: None,
    },
    Thread {
        subject: "Autumn campaign",
        days_ago: 29,
        people: &[
            "olivia.brandt",
            "pedro.almeida",
            "ana.reis",
            "karin.berg",
            "luis.ferreira",
        ],
        posts: &[
            (
                "olivia.brandt",
                "The autumn campaign starts in two weeks. Pedro, when can we see the first pages?",
            ),
            (
                "pedro.almeida",
                "Drafts are ready on Monday. I need two customer quotes.",
            ),
            (
                "karin.berg",
                "Litware agreed to be quoted. I send you the contact.",
            ),
            (
                "luis.ferreira",
                "And Woodgrove will, if they see the text before.",
            ),
        ],
        file: None,
    },
    Thread {
        subject: "Invoices without a purchase order",
        days_ago: 17,
        people: &["rita.sousa", "samuel.koch", "david.nguyen", "dora.lang"],
        posts: &[
            (
                "rita.sousa",
                "Four invoices came without an order number, three of them for the Berlin office.",
            ),
            (
                "dora.lang",
                "Those are the new chairs. I send you the numbers today.",
            ),
            (
                "samuel.koch",
                "The fourth belongs to the trade fair in Hanover.",
            ),
        ],
        file: Some((
            "open-invoices.csv",
            "supplier,amount\nFourth Coffee,1284.00\nTrey Research,640.00\n",
        )),
    },
    Thread {
        subject: "Candidates for the Berlin office",
        days_ago: 10,
        people: &["bianca.vogel", "ines.silva", "elena.petrova", "vera.novak"],
        posts: &[
            (
                "bianca.vogel",
                "Two strong candidates for the analyst position. Interviews could be on Wednesday.",
            ),
            (
                "elena.petrova",
                "Wednesday after ten works. Vera, would you join?",
            ),
            ("vera.novak", "Gladly."),
        ],
        file: None,
    },
    Thread {
        subject: "New firewall in Lisbon",
        days_ago: 15,
        people: &["carlos.mendes", "admin", "dora.lang", "nils.hansen"],
        posts: &[
            (
                "carlos.mendes",
                "The new firewall goes in on Saturday. The guest network is off from nine to eleven.",
            ),
            ("admin", "Please keep the old one on the shelf for a week."),
            (
                "nils.hansen",
                "The demo environment needs port 8443, as before.",
            ),
        ],
        file: None,
    },
    Thread {
        subject: "Demo for Woodgrove Bank",
        days_ago: 6,
        people: &["nils.hansen", "luis.ferreira", "maria.costa", "ana.reis"],
        posts: &[
            (
                "luis.ferreira",
                "Woodgrove wants to see the approval flow and the reports. Nils, is an hour enough?",
            ),
            (
                "nils.hansen",
                "An hour is fine. I prepare their own numbers.",
            ),
            (
                "maria.costa",
                "The room is booked, and the invitation is out.",
            ),
        ],
        file: None,
    },
];
