//! Teams: requests in a second, by kind of request, of an application in a tenant and in all of them.
//! Source: <https://learn.microsoft.com/graph/throttling-limits#microsoft-teams-service-limits>

use axum::http::Method;

use super::{Admission, Asked, held, too_many};
use crate::shared::Shared;

/// Requests of an application in a second on one team.
const ON_A_TEAM: u64 = 4;

/// Name of a kind of request, and how many of it an application may make in a second: in one tenant, in all.
type Kind = (&'static str, u64, u64);

pub(super) fn admit(asked: &Asked<'_>, shared: &Shared) -> Admission {
    let (name, in_tenant, in_all) = kind(asked.method, asked.segments);
    let mut limits = vec![
        asked.limit_in_tenant(&format!("teams/{name}"), in_tenant, 1, 1),
        asked.limit(&format!("teams/{name}"), in_all, 1, 1),
    ];
    if let ["teams", team, ..] = asked.segments {
        limits.push(asked.limit_in_tenant(&format!("team/{team}"), ON_A_TEAM, 1, 1));
    }
    held(
        shared,
        limits,
        too_many("TooManyRequests", "Too Many Requests"),
    )
}

fn kind(method: &Method, segments: &[&str]) -> Kind {
    let last = segments.last().copied().unwrap_or_default();
    let is_on_messages = segments.contains(&"messages");
    let is_chat = segments.contains(&"chats");
    match *method {
        Method::GET if is_on_messages && is_chat => ("read chat messages", 20, 200),
        Method::GET if is_on_messages => ("read channel messages", 20, 200),
        Method::GET if ["members", "channels"].contains(&last) => ("list", 60, 1_200),
        Method::GET if last == "joinedteams" || matches!(segments, ["teams", _]) => {
            ("read a team", 30, 300)
        }
        Method::GET
            if ["channels", "tabs", "installedapps"]
                .iter()
                .any(|part| segments.contains(part)) =>
        {
            ("read parts", 30, 600)
        }
        Method::GET => ("read", 30, 1_500),
        Method::DELETE => ("delete", 15, 150),
        Method::POST if is_on_messages && is_chat => ("write chat messages", 20, 200),
        Method::POST if is_on_messages => ("write channel messages", 50, 500),
        Method::POST if segments == ["teams"] => ("make a team", 10, 100),
        _ if last == "clone" || last == "team" => ("make a team of something", 6, 150),
        _ => ("write", 30, 300),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_kind_of_request_has_its_own_rate() {
        for (method, path, rate) in [
            (Method::GET, "teams/t", 30),
            (Method::GET, "teams/t/channels", 60),
            (Method::GET, "teams/t/channels/c/messages", 20),
            (Method::POST, "teams/t/channels/c/messages", 50),
            (Method::POST, "me/chats/c/messages", 20),
            (Method::POST, "teams", 10),
            (Method::PUT, "groups/g/team", 6),
            (Method::DELETE, "teams/t/channels/c", 15),
            (Method::PATCH, "teams/t", 30),
        ] {
            let segments: Vec<&str> = path.split('/').collect();
            assert_eq!(kind(&method, &segments).1, rate, "{method} {path}");
        }
    }
}
