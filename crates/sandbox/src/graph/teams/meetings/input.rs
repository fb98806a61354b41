//! Making and changing a meeting: <https://learn.microsoft.com/graph/api/application-post-onlinemeetings>

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use jiff::SignedDuration;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::json;

use crate::graph::call::Call;
use crate::graph::fault::Fault;
use crate::graph::route::find_user;
use crate::graph::teams::fields::{self, Body};
use crate::state::State;
use crate::state::directory::User;
use crate::state::teams::meeting::{Attendee, Meeting};
use crate::state::teams::{Chat, ChatKind, Member};

const TYPE: &str = "microsoft.graph.onlineMeeting";
/// A meeting that says nothing of its time is now and lasts an hour.
const USUAL_LENGTH: SignedDuration = SignedDuration::from_hours(1);
const SWITCHES: [&str; 13] = [
    "allowAttendeeToEnableCamera",
    "allowAttendeeToEnableMic",
    "allowBreakoutRooms",
    "allowCopyingAndSharingMeetingContent",
    "allowParticipantsToChangeName",
    "allowPowerPointSharing",
    "allowRecording",
    "allowTeamworkReactions",
    "allowTranscription",
    "allowWhiteboard",
    "isEndToEndEncryptionEnabled",
    "isEntryExitAnnounced",
    "recordAutomatically",
];
/// Choices of one word each.
const CHOICES: [(&str, &[&str]); 4] = [
    (
        "allowedPresenters",
        &["everyone", "organization", "roleIsPresenter", "organizer"],
    ),
    ("allowMeetingChat", &["enabled", "disabled", "limited"]),
    ("allowLiveShare", &["enabled", "disabled"]),
    ("shareMeetingChatHistoryDefault", &["none", "all"]),
];

pub(super) fn create(call: &Call, organizer: &User, body: &Body) -> Result<Meeting, Fault> {
    check_names(body)?;
    let starts_at = fields::time(body, "startDateTime")?.unwrap_or(call.now);
    let usual_end = starts_at.saturating_add(USUAL_LENGTH).unwrap_or(starts_at);
    let ends_at = fields::time(body, "endDateTime")?.unwrap_or(usual_end);
    let mut meeting = Meeting {
        tenant_id: call.caller.tenant_id().to_owned(),
        organizer_id: organizer.id.clone(),
        created_at: call.now,
        starts_at,
        ends_at,
        external_id: fields::text(body, "externalId")?,
        ..Meeting::default()
    };
    apply(call, &mut meeting, body)?;
    Ok(call.shared.write(|state| {
        identify(state, &mut meeting);
        open_chat(state, &meeting);
        state.teams.meetings.push(meeting.clone());
        meeting
    }))
}

/// Gives a meeting its ids and addresses.
pub(crate) fn identify(state: &mut State, meeting: &mut Meeting) {
    let unique = state.ids.uuid();
    meeting.chat_id = format!(
        "19:meeting_{}@thread.v2",
        URL_SAFE_NO_PAD.encode(unique.simple().to_string())
    );
    meeting.id = STANDARD.encode(format!("1*{}*0**{}", meeting.organizer_id, meeting.chat_id));
    let context = json!({ "Tid": meeting.tenant_id, "Oid": meeting.organizer_id }).to_string();
    meeting.join_url = format!(
        "https://teams.microsoft.com/l/meetup-join/{}/0?context={}",
        utf8_percent_encode(&meeting.chat_id, NON_ALPHANUMERIC),
        utf8_percent_encode(&context, NON_ALPHANUMERIC)
    );
    meeting.join_id = state
        .ids
        .between(200_000_000_000, 499_999_999_999)
        .to_string();
    meeting.passcode = Some(
        URL_SAFE_NO_PAD
            .encode(&state.ids.bytes()[..6])
            .chars()
            .take(6)
            .collect(),
    );
}

/// Every meeting has a chat of its own.
pub(crate) fn open_chat(state: &mut State, meeting: &Meeting) {
    let organizer = Member {
        user_id: meeting.organizer_id.clone(),
        is_owner: true,
        sees_from: None,
    };
    let others = meeting.attendees.iter().filter_map(|it| it.user_id.clone());
    let others = others
        .filter(|id| *id != meeting.organizer_id)
        .map(|user_id| Member {
            user_id,
            ..Member::default()
        });
    let chat = Chat {
        id: meeting.chat_id.clone(),
        tenant_id: meeting.tenant_id.clone(),
        kind: ChatKind::Meeting,
        topic: meeting.subject.clone(),
        created_at: meeting.created_at,
        updated_at: meeting.created_at,
        members: [organizer].into_iter().chain(others).collect(),
        meeting_id: Some(meeting.id.clone()),
        ..Chat::default()
    };
    state.teams.chats.insert(chat.id.clone(), chat);
}

pub(super) fn change(call: &Call, meeting: &Meeting, body: &Body) -> Result<Meeting, Fault> {
    check_names(body)?;
    let mut changed = meeting.clone();
    if let Some(at) = fields::time(body, "startDateTime")? {
        changed.starts_at = at;
    }
    if let Some(at) = fields::time(body, "endDateTime")? {
        changed.ends_at = at;
    }
    apply(call, &mut changed, body)?;
    call.shared.write(|state| {
        let mut meetings = state.teams.meetings.iter_mut();
        if let Some(kept) = meetings.find(|it| it.id == meeting.id) {
            *kept = changed.clone();
        }
        if let Some(chat) = state.teams.chats.get_mut(&meeting.chat_id) {
            chat.topic.clone_from(&changed.subject);
        }
    });
    Ok(changed)
}

fn check_names(body: &Body) -> Result<(), Fault> {
    let mut names = vec![
        "subject",
        "startDateTime",
        "endDateTime",
        "externalId",
        "participants",
        "lobbyBypassSettings",
        "joinMeetingIdSettings",
        "watermarkProtection",
        "chatInfo",
        "meetingSpokenLanguageTag",
        "isBroadcast",
        "allowedLobbyAdmitters",
    ];
    names.extend(SWITCHES);
    names.extend(CHOICES.map(|(name, _)| name));
    fields::known(body, &names, TYPE)?;
    for name in [
        "chatInfo",
        "watermarkProtection",
        "allowedLobbyAdmitters",
        "isBroadcast",
        "meetingSpokenLanguageTag",
    ] {
        if body
            .get(name)
            .is_some_and(|it| !it.is_null() && *it != json!(false))
        {
            return Err(Fault::not_implemented(&format!(
                "{name} of online meetings"
            )));
        }
    }
    Ok(())
}

fn apply(call: &Call, meeting: &mut Meeting, body: &Body) -> Result<(), Fault> {
    if body.contains_key("subject") {
        meeting.subject = fields::text(body, "subject")?;
    }
    if meeting.ends_at <= meeting.starts_at {
        return Err(Fault::bad_request(
            "The end of a meeting has to be after its start.",
        ));
    }
    for name in SWITCHES {
        if let Some(value) = fields::boolean(body, name)? {
            meeting.settings.insert(name.to_owned(), json!(value));
        }
    }
    for (name, words) in CHOICES {
        if let Some(value) = fields::word(body, name, words)? {
            meeting.settings.insert(name.to_owned(), json!(value));
        }
    }
    if let Some(value) = body.get("lobbyBypassSettings").filter(|it| !it.is_null()) {
        let wanted = fields::object(value, "lobbyBypassSettings")?;
        fields::known(
            wanted,
            &["scope", "isDialInBypassEnabled"],
            "microsoft.graph.lobbyBypassSettings",
        )?;
        let scopes = [
            "organizer",
            "organization",
            "organizationAndFederated",
            "everyone",
            "organizationExcludingGuests",
            "invited",
        ];
        let scope = fields::word(wanted, "scope", &scopes)?;
        let dial_in = fields::boolean(wanted, "isDialInBypassEnabled")?.unwrap_or(false);
        let kept = json!({ "scope": scope, "isDialInBypassEnabled": dial_in });
        meeting
            .settings
            .insert("lobbyBypassSettings".to_owned(), kept);
    }
    if let Some(value) = body.get("joinMeetingIdSettings").filter(|it| !it.is_null()) {
        let wanted = fields::object(value, "joinMeetingIdSettings")?;
        let is_required = fields::boolean(wanted, "isPasscodeRequired")?.unwrap_or(false);
        if !is_required {
            meeting.passcode = None;
        }
    }
    if let Some(value) = body.get("participants").filter(|it| !it.is_null()) {
        meeting.attendees = attendees(call, fields::object(value, "participants")?)?;
    }
    Ok(())
}

fn attendees(call: &Call, participants: &Body) -> Result<Vec<Attendee>, Fault> {
    let mut found = Vec::new();
    for attendee in fields::list(participants, "attendees")? {
        let attendee = fields::object(attendee, "attendees")?;
        fields::known(
            attendee,
            &["identity", "upn", "role"],
            "microsoft.graph.meetingParticipantInfo",
        )?;
        let id = attendee
            .get("identity")
            .and_then(|it| it["user"]["id"].as_str());
        let upn = fields::text(attendee, "upn")?;
        let key = id.or(upn.as_deref()).unwrap_or_default();
        let user = find_user(call, key);
        if id.is_some() && user.is_none() {
            return Err(Fault::bad_request(format!(
                "The attendee '{key}' was not found."
            )));
        }
        let roles = ["attendee", "presenter", "coorganizer"];
        found.push(Attendee {
            upn: user.as_ref().map_or_else(
                || upn.unwrap_or_default(),
                |it| it.user_principal_name.clone(),
            ),
            user_id: user.map(|it| it.id),
            role: fields::word(attendee, "role", &roles)?.unwrap_or_else(|| "attendee".to_owned()),
        });
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_meetings_have_two_addresses() {
        let mut state = State::default();
        let (mut one, mut two) = (Meeting::default(), Meeting::default());
        identify(&mut state, &mut one);
        identify(&mut state, &mut two);
        assert_ne!(one.join_url, two.join_url);
        assert_ne!(one.id, two.id);
        assert!(one.join_id.len() == 12 && one.passcode.is_some_and(|it| it.len() == 6));
    }
}
