//! What the people of one department write to each other.

use super::Thread;

const SALES: &[&str] = &["ana.reis", "ben.okafor", "jonas.weber"];
const FINANCE: &[&str] = &["chiara.conti", "david.nguyen", "jonas.weber"];
const DELIVERY: &[&str] = &["elena.petrova", "farid.haddad", "ana.reis"];
const SERVICE: &[&str] = &["grace.kim", "hugo.martin", "support"];

pub(super) const THREADS: &[Thread] = &[
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
];
