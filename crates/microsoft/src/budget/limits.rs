use std::collections::HashMap;
use std::fmt;
use std::time::Duration;

use http::Method;
use model::Api;
use url::Url;

use super::meter::Limit;

const SECOND: Duration = Duration::from_secs(1);
const TEN_SECONDS: Duration = Duration::from_secs(10);
const MINUTE: Duration = Duration::from_mins(1);
const FIVE_MINUTES: Duration = Duration::from_mins(5);
const TEN_MINUTES: Duration = Duration::from_mins(10);
const DAY: Duration = Duration::from_hours(24);
/// How many requests of one budget are under way at most where Microsoft publishes no number.
const USUAL_CONCURRENCY: u32 = 64;

/// On whose account a request goes.
#[derive(Debug, Clone, Copy)]
pub struct Account<'a> {
    pub api: Api,
    /// Client id of the application.
    pub app: &'a str,
    pub tenant: &'a str,
    /// Object id or sign-in name of whom `me` means, for a token of a user.
    pub user: Option<&'a str>,
}

/// What is counted together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Scope {
    /// One application in one mailbox.
    Mailbox,
    /// What one mailbox sends.
    MailboxSending,
    /// One application in one tenant's directory.
    Directory,
    DirectoryWrites,
    /// One application in one tenant's sites and drives, in resource units.
    Sites,
    /// One application in one tenant's Teams, by what is done.
    TeamsReads,
    TeamsMessages,
    TeamsMembers,
    TeamsWrites,
    TeamsDeletes,
    TeamsPosts,
    TeamsChatPosts,
    TeamsCreation,
    /// One team or channel.
    Team,
    /// What Graph serves beside these, for one application.
    Graph,
    /// One application user in one Dataverse environment.
    Dataverse,
    /// One application in one Business Central environment.
    BusinessCentral,
}

impl Scope {
    /// Microsoft's published limits. Where they depend on the tenant's size the smallest is taken; sites and drives tell
    /// theirs in their answers.
    /// Sources: <https://learn.microsoft.com/graph/throttling-limits>,
    /// <https://learn.microsoft.com/power-apps/developer/data-platform/api-limits>,
    /// <https://learn.microsoft.com/dynamics365/business-central/dev-itpro/administration/operational-limits-online>
    pub fn limits(self) -> &'static [Limit] {
        match self {
            Self::Mailbox => const { &[Limit::new(10_000, TEN_MINUTES)] },
            Self::MailboxSending => const { &[Limit::new(30, MINUTE)] },
            Self::Directory => const { &[Limit::new(3_500, TEN_SECONDS)] },
            Self::DirectoryWrites => const { &[Limit::new(3_000, Duration::from_secs(150))] },
            Self::Sites => const { &[Limit::new(1_250, MINUTE), Limit::new(1_200_000, DAY)] },
            Self::TeamsReads | Self::TeamsWrites => const { &[Limit::new(30, SECOND)] },
            Self::TeamsMessages | Self::TeamsChatPosts => const { &[Limit::new(20, SECOND)] },
            Self::TeamsMembers => const { &[Limit::new(60, SECOND)] },
            Self::TeamsDeletes => const { &[Limit::new(15, SECOND)] },
            Self::TeamsPosts => const { &[Limit::new(50, SECOND)] },
            Self::TeamsCreation => const { &[Limit::new(10, SECOND)] },
            Self::Team => const { &[Limit::new(4, SECOND)] },
            Self::Graph => const { &[Limit::new(130_000, TEN_SECONDS)] },
            Self::Dataverse | Self::BusinessCentral => const { &[Limit::new(6_000, FIVE_MINUTES)] },
        }
    }

    /// Requests under way at once.
    pub fn concurrency(self) -> u32 {
        match self {
            Self::Mailbox => 4,
            Self::Dataverse => 52,
            Self::BusinessCentral => 5,
            Self::Graph => u32::MAX,
            _ => USUAL_CONCURRENCY,
        }
    }

    fn words(self) -> &'static str {
        match self {
            Self::Mailbox => "requests to the mailbox",
            Self::MailboxSending => "messages sent from the mailbox",
            Self::Directory => "directory reads of the tenant",
            Self::DirectoryWrites => "directory writes of the tenant",
            Self::Sites => "SharePoint and OneDrive resource units of the tenant",
            Self::TeamsReads => "Teams reads of the tenant",
            Self::TeamsMessages => "message reads in Teams of the tenant",
            Self::TeamsMembers => "member and channel lists in Teams of the tenant",
            Self::TeamsWrites => "Teams changes of the tenant",
            Self::TeamsDeletes => "Teams deletions of the tenant",
            Self::TeamsPosts => "channel messages of the tenant",
            Self::TeamsChatPosts => "chat messages of the tenant",
            Self::TeamsCreation => "new teams of the tenant",
            Self::Team => "requests to the team",
            Self::Graph => "requests of the application",
            Self::Dataverse => "requests to the Dataverse environment",
            Self::BusinessCentral => "requests to the Business Central environment",
        }
    }
}

/// One budget.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Key {
    pub scope: Scope,
    /// Application and tenant, and what the scope adds to them.
    pub of: String,
}

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let limit = self.scope.limits()[0];
        let (units, secs) = (limit.units, limit.period.as_secs());
        write!(f, "{} ({units} in {secs} s)", self.scope.words())
    }
}

/// What a request draws from one budget.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Charge {
    pub key: Key,
    pub units: u64,
}

/// What a request draws on, the most particular budget first.
pub fn charges(account: Account<'_>, method: &Method, url: &Url) -> Vec<Charge> {
    let charge = |scope, part: &str, units| Charge {
        key: Key {
            scope,
            of: [account.app, account.tenant, part].join("/"),
        },
        units,
    };
    let host = url.host_str().unwrap_or_default();
    match account.api {
        Api::Dataverse => vec![charge(Scope::Dataverse, host, 1)],
        Api::BusinessCentral => vec![charge(Scope::BusinessCentral, environment(url), 1)],
        Api::Graph => {
            let mut drawn = graph(&charge, account, method, url);
            drawn.push(charge(Scope::Graph, "", 1));
            drawn
        }
    }
}

/// What a batch at `url` draws on: all that its requests would draw, each budget once. Dataverse counts the batch as one, and
/// the time that its requests take besides.
/// Sources: <https://learn.microsoft.com/graph/throttling>,
/// <https://learn.microsoft.com/power-apps/developer/data-platform/api-limits>
pub fn charges_of_all(account: Account<'_>, inner: &[(Method, Url)], url: &Url) -> Vec<Charge> {
    if account.api == Api::Dataverse {
        return charges(account, &Method::POST, url);
    }
    let mut places: HashMap<Key, usize> = HashMap::new();
    let mut together: Vec<Charge> = Vec::new();
    for charge in inner
        .iter()
        .flat_map(|(method, url)| charges(account, method, url))
    {
        if let Some(place) = places.get(&charge.key) {
            together[*place].units += charge.units;
        } else {
            places.insert(charge.key.clone(), together.len());
            together.push(charge);
        }
    }
    together
}

/// `production` of `/v2.0/{tenant}/production/api/v2.0/…`
fn environment(url: &Url) -> &str {
    url.path().split('/').nth(3).unwrap_or_default()
}

fn graph(
    charge: &dyn Fn(Scope, &str, u64) -> Charge,
    account: Account<'_>,
    method: &Method,
    url: &Url,
) -> Vec<Charge> {
    let path = url.path().to_ascii_lowercase();
    let mut segments = path.split('/').skip(2).filter(|part| !part.is_empty());
    let first = segments.next().unwrap_or_default();
    let rest: Vec<&str> = segments.collect();
    let (owner, below) = match first {
        "me" => (account.user.unwrap_or("me"), rest.as_slice()),
        "users" => match rest.split_first() {
            Some((owner, below)) => (*owner, below),
            None => ("", &[][..]),
        },
        _ => ("", rest.as_slice()),
    };
    let is_read = matches!(*method, Method::GET | Method::HEAD);
    let resource = match first {
        "me" | "users" => below.first().copied().unwrap_or_default(),
        other => other,
    };
    match resource {
        "drive" | "drives" | "sites" | "shares" | "followedsites" => {
            vec![charge(Scope::Sites, "", resource_units(is_read, &path))]
        }
        "teams" | "chats" | "joinedteams" | "onlinemeetings" | "communications" | "presence" => {
            teams(charge, method, first, &rest)
        }
        "messages"
        | "mailfolders"
        | "sendmail"
        | "events"
        | "calendar"
        | "calendars"
        | "calendarview"
        | "calendargroups"
        | "contacts"
        | "contactfolders"
        | "outlook"
        | "mailboxsettings"
        | "inferenceclassification"
        | "findmeetingtimes"
        | "getmailtips" => mailbox(charge, owner, is_read, &path),
        _ => directory(charge, is_read, &rest, url),
    }
}

fn mailbox(
    charge: &dyn Fn(Scope, &str, u64) -> Charge,
    owner: &str,
    is_read: bool,
    path: &str,
) -> Vec<Charge> {
    let mut drawn = vec![charge(Scope::Mailbox, owner, 1)];
    let last = path.trim_end_matches('/').rsplit('/').next();
    if !is_read
        && matches!(
            last,
            Some("sendmail" | "send" | "reply" | "replyall" | "forward")
        )
    {
        drawn.push(charge(Scope::MailboxSending, owner, 1));
    }
    drawn
}

/// One for a single item, a download or a delta that goes on; two for lists and changes; five for permissions.
fn resource_units(is_read: bool, path: &str) -> u64 {
    let permissions = ["/permissions", "/createlink", "/invite", "/grant"];
    if permissions.iter().any(|part| path.contains(part)) {
        return 5;
    }
    let last = path
        .trim_end_matches('/')
        .rsplit('/')
        .next()
        .unwrap_or_default();
    let is_list = matches!(
        last,
        "children"
            | "items"
            | "lists"
            | "drives"
            | "sites"
            | "versions"
            | "columns"
            | "pages"
            | "delta"
    ) || last.starts_with("search(")
        || last == "query";
    if is_read && !is_list { 1 } else { 2 }
}

fn teams(
    charge: &dyn Fn(Scope, &str, u64) -> Charge,
    method: &Method,
    first: &str,
    rest: &[&str],
) -> Vec<Charge> {
    let last = rest.last().copied().unwrap_or_default();
    let has = |name: &str| rest.contains(&name);
    let scope = match *method {
        Method::GET | Method::HEAD if has("messages") => Scope::TeamsMessages,
        Method::GET | Method::HEAD if matches!(last, "members" | "channels") => Scope::TeamsMembers,
        Method::GET | Method::HEAD => Scope::TeamsReads,
        Method::DELETE => Scope::TeamsDeletes,
        Method::POST if first == "teams" && rest.is_empty() => Scope::TeamsCreation,
        Method::POST if has("messages") && first == "chats" => Scope::TeamsChatPosts,
        Method::POST if has("messages") => Scope::TeamsPosts,
        _ => Scope::TeamsWrites,
    };
    let mut drawn = Vec::with_capacity(3);
    if let ("teams", Some(team)) = (first, rest.first()) {
        drawn.push(charge(Scope::Team, team, 1));
    }
    drawn.push(charge(scope, "", 1));
    drawn
}

/// Resource units: one for an object, two for a list, three for members, five for those of groups in groups; one less with
/// `$select`, one more with `$expand`.
fn directory(
    charge: &dyn Fn(Scope, &str, u64) -> Charge,
    is_read: bool,
    rest: &[&str],
    url: &Url,
) -> Vec<Charge> {
    if !is_read {
        return vec![
            charge(Scope::DirectoryWrites, "", 1),
            charge(Scope::Directory, "", 1),
        ];
    }
    let base: i64 = match rest.last().copied().unwrap_or_default() {
        "transitivemembers" | "transitivememberof" => 5,
        "members" | "memberof" => 3,
        _ if rest.is_empty() => 2,
        _ => 1,
    };
    let mut units = base;
    for (name, value) in url.query_pairs() {
        match name.as_ref() {
            "$select" => units -= 1,
            "$expand" => units += 1,
            "$top" if value.parse::<u32>().is_ok_and(|top| top < 20) => units -= 1,
            _ => {}
        }
    }
    vec![charge(
        Scope::Directory,
        "",
        u64::try_from(units.max(1)).unwrap_or(1),
    )]
}
