//! Which service's limits a path is under.

/// A service with limits of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Place<'a> {
    /// Outlook; whose mailbox, as the path says it.
    Mailbox(&'a str),
    /// OneDrive and SharePoint.
    Files,
    Teams,
    /// People, groups, applications.
    Directory,
    Subscriptions,
    Elsewhere,
}

/// By its segments, in small letters.
pub(super) fn of<'a>(segments: &[&'a str]) -> Place<'a> {
    match segments {
        ["drives" | "sites" | "shares", ..] => Place::Files,
        ["teams" | "chats" | "teamwork", ..] => Place::Teams,
        ["subscriptions", ..] => Place::Subscriptions,
        ["me", below @ ..] => below_user("me", below),
        ["users", key, below @ ..] => below_user(key, below),
        ["groups", key, below @ ..] => below_group(key, below),
        ["search" | "communications" | "reports" | "places", ..] => Place::Elsewhere,
        _ => Place::Directory,
    }
}

fn below_user<'a>(key: &'a str, below: &[&str]) -> Place<'a> {
    match below.first().copied().unwrap_or_default() {
        "drive" | "drives" | "followedsites" => Place::Files,
        "joinedteams" | "chats" | "teamwork" => Place::Teams,
        "messages"
        | "mailfolders"
        | "sendmail"
        | "calendar"
        | "calendars"
        | "calendargroups"
        | "calendarview"
        | "events"
        | "contacts"
        | "contactfolders"
        | "mailboxsettings"
        | "outlook"
        | "inferenceclassification"
        | "findmeetingtimes"
        | "getmailtips"
        | "people"
        | "reminderview" => Place::Mailbox(key),
        "onlinemeetings" | "presence" | "photo" | "photos" => Place::Elsewhere,
        _ => Place::Directory,
    }
}

fn below_group<'a>(key: &'a str, below: &[&str]) -> Place<'a> {
    match below.first().copied().unwrap_or_default() {
        "drive" | "drives" | "sites" => Place::Files,
        "team" => Place::Teams,
        "calendar" | "calendarview" | "events" | "conversations" | "threads" => Place::Mailbox(key),
        _ => Place::Directory,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_path_is_under_the_limits_of_its_service() {
        for (path, place) in [
            ("me/messages", Place::Mailbox("me")),
            ("users/ana/calendar/events", Place::Mailbox("ana")),
            ("groups/g/threads", Place::Mailbox("g")),
            ("me/drive/root/children", Place::Files),
            ("sites/root/lists", Place::Files),
            ("groups/g/team", Place::Teams),
            ("me/joinedteams", Place::Teams),
            ("me", Place::Directory),
            ("users", Place::Directory),
            ("groups/g/members", Place::Directory),
            ("applications", Place::Directory),
            ("subscriptions/s", Place::Subscriptions),
            ("search/query", Place::Elsewhere),
        ] {
            assert_eq!(of(&path.split('/').collect::<Vec<_>>()), place, "{path}");
        }
    }
}
