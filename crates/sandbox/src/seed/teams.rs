//! Teams of Contoso with what was said in them, its chats, and its meetings of late.

mod meetings;
mod talk;

use jiff::{SignedDuration, Timestamp};

use super::TENANT_ID;
use crate::graph::usual_team_settings;
use crate::state::State;
use crate::state::directory::group::Group;
use crate::state::teams::conversation::{Message, Reaction};
use crate::state::teams::{
    Channel, Chat, ChatKind, Member, Membership, Team, channel_id, group_chat_id, one_on_one_id,
};
use serde_json::{Value, json};
use talk::{CHATS, SeededTeam, TEAMS};

/// Weeks for which there is a round in General.
const WEEKS: i64 = 9;
/// Kinds of reaction, in turn.
const REACTIONS: [&str; 4] = ["👍", "❤", "😆", "👏"];

/// Fills Teams with what happened before `now`.
pub(super) fn fill(state: &mut State, now: Timestamp) {
    for (number, seeded) in (0..).zip(TEAMS) {
        team(state, seeded, number, now);
    }
    for (number, chat) in (0..).zip(CHATS) {
        chat_of(state, chat, number, now);
    }
    meetings::fill(state, now);
}

/// So many minutes before; the past of a sandbox may not come before time itself.
fn before(now: Timestamp, minutes: i64) -> Timestamp {
    now.saturating_sub(SignedDuration::from_mins(minutes))
        .unwrap_or(now)
}

fn days(count: i64) -> i64 {
    count * 24 * 60
}

/// The object id of a person; none of a name that Contoso has not.
fn id_of(state: &State, alias: &str) -> Option<String> {
    let user = state.directory.user(&format!("{alias}@contoso.com"));
    user.map(|it| it.id.clone())
}

fn ids_of(state: &State, aliases: &[&str]) -> Vec<String> {
    aliases
        .iter()
        .filter_map(|alias| id_of(state, alias))
        .collect()
}

fn team(state: &mut State, seeded: &SeededTeam, number: i64, now: Timestamp) {
    let people = ids_of(state, seeded.people);
    let Some(owner) = people.first().cloned() else {
        return;
    };
    let began = before(now, days(150) - number * 37);
    let nickname: String = seeded
        .name
        .chars()
        .filter(char::is_ascii_alphanumeric)
        .collect();
    let id = state.ids.uuid().to_string();
    state.directory.groups.push(Group {
        id: id.clone(),
        tenant_id: TENANT_ID.to_owned(),
        display_name: seeded.name.to_owned(),
        description: Some(seeded.description.to_owned()),
        mail: Some(format!("{nickname}@contoso.com")),
        mail_nickname: nickname,
        is_unified: true,
        mail_enabled: true,
        visibility: Some(
            if seeded.is_private {
                "Private"
            } else {
                "Public"
            }
            .to_owned(),
        ),
        has_team: true,
        created_at: began,
        members: people.clone(),
        owners: vec![owner],
        ..Group::default()
    });
    let mut channels = vec![channel(state, "General", false, &people, began)];
    for (name, is_private) in seeded.channels {
        channels.push(channel(state, name, *is_private, &people, began));
    }
    talk_in(state, seeded, number, &people, &mut channels, now);
    state.teams.teams.insert(
        id.clone(),
        Team {
            id,
            tenant_id: TENANT_ID.to_owned(),
            created_at: began,
            specialization: "none".to_owned(),
            settings: usual_team_settings(),
            channels,
            ..Team::default()
        },
    );
}

fn channel(
    state: &mut State,
    name: &str,
    is_private: bool,
    people: &[String],
    began: Timestamp,
) -> Channel {
    let chosen = people.iter().take(if is_private { 3 } else { 0 });
    let members = (0..).zip(chosen).map(|(place, id)| Member {
        user_id: id.clone(),
        is_owner: place == 0,
        sees_from: None,
    });
    Channel {
        id: channel_id(&mut state.ids),
        display_name: name.to_owned(),
        membership: if is_private {
            Membership::Private
        } else {
            Membership::Standard
        },
        created_at: began,
        members: members.collect(),
        ..Channel::default()
    }
}

fn talk_in(
    state: &mut State,
    seeded: &SeededTeam,
    number: i64,
    people: &[String],
    channels: &mut [Channel],
    now: Timestamp,
) {
    let in_turn = |place: usize| people[place % people.len()].clone();
    for week in (1..=WEEKS).rev() {
        let (question, answers) = seeded.weekly;
        let at = before(now, days(7 * week) - number * 11);
        let root = say(state, &mut channels[0], None, in_turn(0), question, at);
        let turn = usize::try_from(week).unwrap_or_default();
        for (place, answer) in answers.iter().cycle().skip(turn).take(2).enumerate() {
            let writer = in_turn(1 + turn + place);
            let minutes = 12 + 9 * i64::try_from(place).unwrap_or_default();
            say(
                state,
                &mut channels[0],
                Some(root),
                writer,
                answer,
                later(at, minutes),
            );
        }
        if week % 2 == 0 {
            react(&mut channels[0], root, in_turn(turn), turn, later(at, 40));
        }
    }
    for thread in seeded.threads {
        let at = before(now, days(thread.days_ago) - number * 23);
        let private = channels[thread.channel].membership == Membership::Private;
        let reach = if private { 3 } else { people.len() };
        let writer = |place: usize| in_turn((thread.starts + place) % reach.max(1));
        let channel = &mut channels[thread.channel];
        let mut root = None;
        for (place, text) in thread.posts.iter().enumerate() {
            let minutes = 7 * i64::try_from(place).unwrap_or_default();
            let said = say(
                state,
                channel,
                root,
                writer(place),
                text,
                later(at, minutes),
            );
            if place == 0 {
                if let Some(message) = channel.conversation.get_mut(said) {
                    message.subject = thread.subject.map(str::to_owned);
                }
            } else if place == 1 {
                mention(state, channel, said, &writer(0));
            }
            root = root.or(Some(said));
        }
        if let Some(root) = root {
            react(channel, root, writer(2), thread.starts, later(at, 30));
        }
    }
}

fn later(at: Timestamp, minutes: i64) -> Timestamp {
    at.saturating_add(SignedDuration::from_mins(minutes))
        .unwrap_or(at)
}

fn say(
    state: &mut State,
    channel: &mut Channel,
    thread: Option<u64>,
    writer: String,
    text: &str,
    at: Timestamp,
) -> u64 {
    let message = message(state, thread, writer, text, at);
    channel.conversation.add(message)
}

fn message(
    state: &mut State,
    thread: Option<u64>,
    writer: String,
    text: &str,
    at: Timestamp,
) -> Message {
    Message {
        thread,
        change: state.teams.next_change(),
        created_at: at,
        modified_at: at,
        user_id: writer,
        is_html: true,
        content: format!("<p>{text}</p>"),
        importance: "normal".to_owned(),
        ..Message::default()
    }
}

/// The answer names whom it answers.
fn mention(state: &State, channel: &mut Channel, number: u64, user_id: &str) {
    let name = state
        .directory
        .user(user_id)
        .map(|it| it.display_name.clone());
    let name = name.unwrap_or_default();
    if let Some(message) = channel.conversation.get_mut(number) {
        let text = message.content.trim_start_matches("<p>").to_owned();
        message.content = format!("<p><at id=\"0\">{name}</at> {text}");
        message.mentions = vec![json!({
            "id": 0,
            "mentionText": name,
            "mentioned": {
                "application": Value::Null,
                "device": Value::Null,
                "conversation": Value::Null,
                "user": {
                    "@odata.type": "#microsoft.graph.teamworkUserIdentity",
                    "id": user_id,
                    "displayName": name,
                    "userIdentityType": "aadUser",
                },
            },
        })];
    }
}

fn react(channel: &mut Channel, number: u64, user_id: String, turn: usize, at: Timestamp) {
    if let Some(message) = channel.conversation.get_mut(number) {
        message.reactions.push(Reaction {
            kind: REACTIONS[turn % REACTIONS.len()].to_owned(),
            user_id,
            at,
        });
    }
}

fn chat_of(state: &mut State, chat: &talk::SeededChat, number: i64, now: Timestamp) {
    let (topic, aliases, days_ago, texts) = *chat;
    let people = ids_of(state, aliases);
    let at = before(now, days(days_ago) - number * 19);
    let (kind, id) = match people.as_slice() {
        [] | [_] => return,
        [one, other] => (ChatKind::OneOnOne, one_on_one_id(one, other)),
        _ => (ChatKind::Group, group_chat_id(&mut state.ids)),
    };
    let members = people.iter().map(|id| Member {
        user_id: id.clone(),
        is_owner: true,
        sees_from: None,
    });
    let mut chat = Chat {
        id: id.clone(),
        tenant_id: TENANT_ID.to_owned(),
        kind,
        topic: topic.map(str::to_owned),
        created_at: at,
        updated_at: at,
        members: members.collect(),
        ..Chat::default()
    };
    for (place, text) in texts.iter().enumerate() {
        let writer = people[place % people.len()].clone();
        let minutes = 4 * i64::try_from(place).unwrap_or_default();
        chat.updated_at = later(at, minutes);
        let message = message(state, None, writer, text, chat.updated_at);
        chat.conversation.add(message);
    }
    state.teams.chats.insert(id, chat);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sandbox::{Scale, Seed};

    #[test]
    fn there_are_eight_teams_with_a_few_hundred_messages_and_nobody_is_missing() {
        let now = Timestamp::from_second(1_795_000_000).unwrap_or_default();
        let state = super::super::state(Seed::Contoso, Scale::Small, now);
        assert_eq!(state.teams.teams.len(), 8);
        let channels = || state.teams.teams.values().flat_map(|team| &team.channels);
        let messages = || channels().flat_map(|channel| channel.conversation.all());
        assert!(
            (250..500).contains(&messages().count()),
            "{}",
            messages().count()
        );
        assert!(messages().all(|it| it.created_at < now));
        assert!(messages().any(|it| !it.mentions.is_empty()));
        assert!(messages().any(|it| !it.reactions.is_empty()));
        for (team, seeded) in TEAMS.iter().map(|it| (it.name, it.people.len())) {
            let mut groups = state.directory.groups.iter();
            let group = groups.find(|it| it.display_name == team);
            assert_eq!(group.map(|it| it.members.len()), Some(seeded), "{team}");
        }
        assert!(state.teams.meetings.iter().all(|it| !it.reports.is_empty()));
        assert_eq!(state.teams.meetings.len(), 3);
    }
}
