//! What the teams and chats of Contoso talk about, as data: one file a team.

mod chats;
mod customer_service;
mod everybody;
mod finance;
mod it_operations;
mod marketing;
mod meetings;
mod people;
mod rollout;
mod sales;

pub(super) use chats::{CHATS, SeededChat};
pub(super) use meetings::{MEETINGS, SeededMeeting};

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

pub(super) const TEAMS: [&SeededTeam; 8] = [
    &everybody::TEAM,
    &sales::TEAM,
    &finance::TEAM,
    &rollout::TEAM,
    &customer_service::TEAM,
    &people::TEAM,
    &marketing::TEAM,
    &it_operations::TEAM,
];
