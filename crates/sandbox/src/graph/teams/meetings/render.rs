//! A meeting as Graph shows it.

use serde_json::{Value, json};

use crate::graph::call::Call;
use crate::graph::teams::rows::Row;
use crate::state::State;
use crate::state::teams::meeting::Meeting;

pub(super) fn meeting(call: &Call, meeting: &Meeting) -> Row {
    call.shared.read(|state| render(state, meeting))
}

fn render(state: &State, meeting: &Meeting) -> Row {
    let setting = |name: &str, usual: Value| meeting.settings.get(name).cloned().unwrap_or(usual);
    let attendees = meeting.attendees.iter().map(|it| {
        json!({
            "upn": it.upn,
            "role": it.role,
            "identity": it.user_id.as_ref().map(|id| identity(state, id)),
        })
    });
    let organizer = state.directory.user(&meeting.organizer_id);
    let value = json!({
        "id": meeting.id,
        "creationDateTime": meeting.created_at,
        "startDateTime": meeting.starts_at,
        "endDateTime": meeting.ends_at,
        "subject": meeting.subject,
        "externalId": meeting.external_id,
        "joinWebUrl": meeting.join_url,
        "joinMeetingIdSettings": {
            "isPasscodeRequired": meeting.passcode.is_some(),
            "joinMeetingId": meeting.join_id,
            "passcode": meeting.passcode,
        },
        "chatInfo": {
            "threadId": meeting.chat_id,
            "messageId": "0",
            "replyChainMessageId": null,
        },
        "participants": {
            "organizer": {
                "upn": organizer.map(|it| it.user_principal_name.clone()),
                "role": "presenter",
                "identity": identity(state, &meeting.organizer_id),
            },
            "attendees": attendees.collect::<Vec<_>>(),
        },
        "isBroadcast": false,
        "broadcastSettings": null,
        "videoTeleconferenceId": null,
        "audioConferencing": null,
        "meetingTemplateId": null,
        "allowedPresenters": setting("allowedPresenters", json!("everyone")),
        "allowMeetingChat": setting("allowMeetingChat", json!("enabled")),
        "allowLiveShare": setting("allowLiveShare", json!("enabled")),
        "shareMeetingChatHistoryDefault": setting("shareMeetingChatHistoryDefault", json!("none")),
        "allowAttendeeToEnableCamera": setting("allowAttendeeToEnableCamera", json!(true)),
        "allowAttendeeToEnableMic": setting("allowAttendeeToEnableMic", json!(true)),
        "allowBreakoutRooms": setting("allowBreakoutRooms", json!(true)),
        "allowCopyingAndSharingMeetingContent": setting("allowCopyingAndSharingMeetingContent", json!(true)),
        "allowParticipantsToChangeName": setting("allowParticipantsToChangeName", json!(false)),
        "allowPowerPointSharing": setting("allowPowerPointSharing", json!(true)),
        "allowRecording": setting("allowRecording", json!(true)),
        "allowTeamworkReactions": setting("allowTeamworkReactions", json!(true)),
        "allowTranscription": setting("allowTranscription", json!(true)),
        "allowWhiteboard": setting("allowWhiteboard", json!(true)),
        "isEndToEndEncryptionEnabled": setting("isEndToEndEncryptionEnabled", json!(false)),
        "isEntryExitAnnounced": setting("isEntryExitAnnounced", json!(false)),
        "recordAutomatically": setting("recordAutomatically", json!(false)),
        "lobbyBypassSettings": setting(
            "lobbyBypassSettings",
            json!({ "scope": "organization", "isDialInBypassEnabled": false }),
        ),
    });
    value.as_object().cloned().unwrap_or_default()
}

/// Somebody as meetings name them.
pub(super) fn identity(state: &State, user_id: &str) -> Value {
    let name = state
        .directory
        .user(user_id)
        .map(|it| it.display_name.clone());
    json!({
        "application": null,
        "device": null,
        "user": { "id": user_id, "displayName": name },
    })
}
