//! What people of several departments write to each other.

use super::Thread;

pub(super) const THREADS: &[Thread] = &[
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
