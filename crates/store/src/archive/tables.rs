/// A table that a backup holds. Its name is one of ours, and never input.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Table(pub(crate) &'static str);

impl Table {
    pub(crate) const DELETIONS: Self = Self("deletions");
    pub(crate) const REMOVALS: Self = Self("removals");
    /// Left out, and goes before what it belongs to: members stay where a set-up of theirs does.
    pub(crate) const BOOTSTRAPS: Self = Self("bootstraps");

    pub fn name(self) -> &'static str {
        self.0
    }

    pub(crate) fn find(name: &str) -> Option<Self> {
        tables().iter().copied().find(|table| table.0 == name)
    }
}

/// In the order in which rows can be put back: what is referred to comes first.
const TABLES: [Table; 23] = [
    Table("meta"),
    Table("workspaces"),
    Table("members"),
    Table("api_keys"),
    Table("data_keys"),
    Table("app_registrations"),
    Table("proofs"),
    Table("issuer_keys"),
    Table("connections"),
    Table::DELETIONS,
    Table::REMOVALS,
    Table("refresh_tokens"),
    Table("consent_requests"),
    Table("idempotency"),
    Table("cursors"),
    Table("events"),
    Table("event_positions"),
    Table("webhooks"),
    Table("deliveries"),
    Table("activities"),
    Table("open_intents"),
    Table("chain_heads"),
    Table("checkpoints"),
];

/// Of no use an hour later, or a risk: who was signed in, consents and set-ups under way, access tokens (made anew when asked for), and which
/// processes ran.
const LEFT_OUT: [&str; 8] = [
    "_sqlx_migrations",
    "access_tokens",
    "attempts",
    "bootstraps",
    "job_leases",
    "sessions",
    "sign_in_links",
    "writers",
];

pub fn tables() -> &'static [Table] {
    &TABLES
}

/// Tables that no backup holds.
pub fn left_out() -> &'static [&'static str] {
    &LEFT_OUT
}
