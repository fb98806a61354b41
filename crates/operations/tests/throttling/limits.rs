//! The limits that the sandbox enforces, each with a request that draws on it before any other.

use model::Api;

/// A request that is made again and again.
pub(crate) struct Row {
    pub(crate) name: &'static str,
    pub(crate) api: Api,
    pub(crate) method: &'static str,
    /// Below the host. `{n}` counts up, so that narrower limits are not in the way.
    pub(crate) path: &'static str,
    pub(crate) body: Option<&'static str>,
    /// Units of each request, as Microsoft's page counts them.
    pub(crate) units: u64,
    /// The limit: units in a period.
    pub(crate) limit: u64,
    pub(crate) period_secs: u64,
    /// How long an answer takes. Budgets count a request from when it leaves until a period after its answer, so that of a
    /// limit by the second a part is lost that is as large as this is of a second.
    pub(crate) answer_ms: u64,
}

const GRAPH: Row = Row {
    name: "",
    api: Api::Graph,
    method: "GET",
    path: "",
    body: None,
    units: 1,
    limit: 0,
    period_secs: 1,
    answer_ms: 30,
};

pub(crate) const ALL: &[Row] = &[
    Row {
        name: "a mailbox, by an application",
        path: "/v1.0/users/ana.reis@contoso.com/messages/none",
        limit: 10_000,
        period_secs: 600,
        answer_ms: 100,
        ..GRAPH
    },
    Row {
        name: "units of sites and drives in a tenant",
        path: "/v1.0/drives/none/items/none/permissions",
        units: 5,
        limit: 1_250,
        period_secs: 60,
        answer_ms: 100,
        ..GRAPH
    },
    Row {
        name: "units of a directory",
        path: "/v1.0/groups/none/transitiveMembers",
        units: 5,
        limit: 3_500,
        period_secs: 10,
        answer_ms: 60,
        ..GRAPH
    },
    Row {
        name: "writes to a directory",
        method: "PATCH",
        path: "/v1.0/groups/none",
        body: Some("{}"),
        limit: 3_000,
        period_secs: 150,
        answer_ms: 100,
        ..GRAPH
    },
    Row {
        name: "a team",
        path: "/v1.0/teams/none/channels/none",
        limit: 4,
        ..GRAPH
    },
    Row {
        name: "Teams: reads",
        path: "/v1.0/chats/none{n}",
        limit: 30,
        ..GRAPH
    },
    Row {
        name: "Teams: reads of messages",
        path: "/v1.0/chats/none{n}/messages",
        limit: 20,
        ..GRAPH
    },
    Row {
        name: "Teams: members and channels",
        path: "/v1.0/chats/none{n}/members",
        limit: 60,
        ..GRAPH
    },
    Row {
        name: "Teams: changes",
        method: "PATCH",
        path: "/v1.0/chats/none{n}",
        body: Some("{}"),
        limit: 30,
        ..GRAPH
    },
    Row {
        name: "Teams: deletions",
        method: "DELETE",
        path: "/v1.0/chats/none{n}/members/none",
        limit: 15,
        ..GRAPH
    },
    Row {
        name: "Teams: channel messages",
        method: "POST",
        path: "/v1.0/teams/none{n}/channels/none/messages",
        body: Some("{}"),
        limit: 50,
        ..GRAPH
    },
    Row {
        name: "Teams: chat messages",
        method: "POST",
        path: "/v1.0/chats/none{n}/messages",
        body: Some("{}"),
        limit: 20,
        ..GRAPH
    },
    Row {
        name: "Teams: new teams",
        method: "POST",
        path: "/v1.0/teams",
        body: Some("{}"),
        limit: 10,
        ..GRAPH
    },
    Row {
        name: "an environment of Dataverse",
        api: Api::Dataverse,
        path: "/api/data/v9.2/WhoAmI",
        limit: 6_000,
        period_secs: 300,
        // The sandbox takes a request to work for fifty.
        answer_ms: 60,
        ..GRAPH
    },
    Row {
        name: "an environment of Business Central",
        api: Api::BusinessCentral,
        path: "/v2.0/{tenant}/Production/api/v2.0/companies",
        limit: 6_000,
        period_secs: 300,
        answer_ms: 60,
        ..GRAPH
    },
];
