//! Meetings: invitations, answers, changes, cancellations.

use serde_json::{Value, json};

use crate::cloud::{ANA, BEN, Caller, Cloud, id};

const ALL: [&str; 4] = [
    "Calendars.ReadWrite",
    "Mail.ReadWrite",
    "Mail.Send",
    "User.Read",
];
const ROOM: &str = "room.tejo@contoso.com";
const INES: &str = "ines.silva@contoso.com";

fn at(hour: &str) -> Value {
    json!({"dateTime": format!("2027-04-06T{hour}:00:00"), "timeZone": "UTC"})
}

fn people(addresses: &[&str]) -> Value {
    let all = addresses
        .iter()
        .map(|address| json!({"emailAddress": {"address": address}, "type": "required"}));
    all.collect()
}

async fn meet(ana: &Caller<'_>, subject: &str, who: &[&str]) -> Value {
    let event = json!({"subject": subject, "start": at("10"), "end": at("11"), "attendees": people(who),
        "body": {"contentType": "html", "content": "<p>Agenda</p>"}, "location": {"displayName": "Tejo"}});
    let made = ana.post("/me/events", event).await;
    assert_eq!(made.status, 201, "{}", made.text);
    made.body
}

async fn copy(caller: &Caller<'_>, subject: &str) -> Value {
    caller
        .get(&format!("/me/events?$filter=subject eq '{subject}'"))
        .await
        .values()
        .remove(0)
}

async fn status(ana: &Caller<'_>, event: &Value, who: &str) -> String {
    let event = ana.get(&format!("/me/events/{}", id(event))).await.body;
    let all = event["attendees"].as_array().unwrap();
    let found = all
        .iter()
        .find(|attendee| attendee["emailAddress"]["address"] == who)
        .unwrap();
    found["status"]["response"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn who_is_invited_gets_a_message_and_a_tentative_event() {
    let cloud = Cloud::start().await;
    let (ana, ben) = (cloud.user(ANA, &ALL), cloud.user(BEN, &ALL));
    let event = meet(&ana, "Kick-off", &[BEN]).await;
    let request = ben.find("inbox", "Kick-off").await.remove(0);
    assert_eq!(
        request["@odata.type"],
        "#microsoft.graph.eventMessageRequest"
    );
    assert_eq!(
        (
            request["meetingMessageType"].as_str(),
            request["meetingRequestType"].as_str()
        ),
        (Some("meetingRequest"), Some("newMeetingRequest"))
    );
    let expanded = ben
        .get(&format!(
            "/me/messages/{}?$expand=microsoft.graph.eventMessage/event",
            id(&request)
        ))
        .await;
    let copy = copy(&ben, "Kick-off").await;
    assert_eq!(
        expanded.body["event"]["id"], copy["id"],
        "{}",
        expanded.text
    );
    assert_eq!(
        (
            copy["showAs"].as_str(),
            copy["responseStatus"]["response"].as_str()
        ),
        (Some("tentative"), Some("notResponded"))
    );
    assert_eq!(
        (&copy["isOrganizer"], &copy["iCalUId"]),
        (&json!(false), &event["iCalUId"])
    );
    assert_eq!(ana.find("sentitems", "Kick-off").await.len(), 1);
}

#[tokio::test]
async fn answers_reach_the_organizer_when_they_are_sent() {
    let cloud = Cloud::start().await;
    let (ana, ben, ines) = (
        cloud.user(ANA, &ALL),
        cloud.user(BEN, &ALL),
        cloud.user(INES, &ALL),
    );
    let event = meet(&ana, "Money", &[BEN, INES]).await;
    let own = id(&copy(&ben, "Money").await);
    let accepted = ben
        .post(
            &format!("/me/events/{own}/accept"),
            json!({"comment": "Gladly"}),
        )
        .await;
    assert_eq!((accepted.status, accepted.text.as_str()), (202, ""));
    assert_eq!(status(&ana, &event, BEN).await, "accepted");
    let answer = ana.find("inbox", "Accepted: Money").await.remove(0);
    assert_eq!(
        (
            answer["@odata.type"].as_str(),
            answer["responseType"].as_str()
        ),
        (
            Some("#microsoft.graph.eventMessageResponse"),
            Some("accepted")
        )
    );
    assert_eq!(copy(&ben, "Money").await["showAs"], "busy");
    let theirs = id(&copy(&ines, "Money").await);
    let silent = json!({"sendResponse": false});
    assert_eq!(
        ines.post(&format!("/me/events/{theirs}/decline"), silent)
            .await
            .status,
        202
    );
    assert!(
        ines.get("/me/events?$filter=subject eq 'Money'")
            .await
            .values()
            .is_empty()
    );
    assert_eq!(status(&ana, &event, INES).await, "none");
    ana.post(&format!("/me/events/{}/accept", id(&event)), json!({}))
        .await
        .assert_refused(400, "ErrorInvalidRequest");
    ben.post(&format!("/me/events/{own}/cancel"), json!({}))
        .await
        .assert_refused(400, "ErrorInvalidRequest");
    ben.post(&format!("/me/events/{own}/wave"), json!({}))
        .await
        .assert_refused(400, "BadRequest");
    cloud
        .user(BEN, &["Calendars.Read"])
        .post(&format!("/me/events/{own}/accept"), json!({}))
        .await
        .assert_refused(403, "ErrorAccessDenied");
}

#[tokio::test]
async fn another_time_is_proposed_with_a_tentative_answer() {
    let cloud = Cloud::start().await;
    let (ana, ben) = (cloud.user(ANA, &ALL), cloud.user(BEN, &ALL));
    let event = meet(&ana, "Plan", &[BEN]).await;
    let own = id(&copy(&ben, "Plan").await);
    let proposal =
        json!({"sendResponse": true, "proposedNewTime": {"start": at("14"), "end": at("15")}});
    assert_eq!(
        ben.post(
            &format!("/me/events/{own}/tentativelyAccept"),
            proposal.clone()
        )
        .await
        .status,
        202
    );
    let answer = ana.find("inbox", "Tentative: Plan").await.remove(0);
    assert_eq!(
        answer["proposedNewTime"]["start"]["dateTime"],
        "2027-04-06T14:00:00.0000000"
    );
    assert_eq!(status(&ana, &event, BEN).await, "tentativelyAccepted");
    ben.post(&format!("/me/events/{own}/accept"), proposal)
        .await
        .assert_refused(400, "BadRequest");
}

#[tokio::test]
async fn a_new_time_asks_everybody_again() {
    let cloud = Cloud::start().await;
    let (ana, ben) = (cloud.user(ANA, &ALL), cloud.user(BEN, &ALL));
    let event = meet(&ana, "Move me", &[BEN]).await;
    let own = id(&copy(&ben, "Move me").await);
    ben.post(&format!("/me/events/{own}/accept"), json!({}))
        .await;
    ana.patch(
        &format!("/me/events/{}", id(&event)),
        json!({"start": at("15"), "end": at("16")}),
    )
    .await;
    assert_eq!(status(&ana, &event, BEN).await, "none");
    let moved = copy(&ben, "Move me").await;
    assert_eq!(
        (moved["id"].as_str(), moved["start"]["dateTime"].as_str()),
        (Some(own.as_str()), Some("2027-04-06T15:00:00.0000000"))
    );
    assert_eq!(moved["responseStatus"]["response"], "notResponded");
    let updates = ben.find("inbox", "Move me").await;
    assert_eq!(updates.len(), 2);
    assert!(
        updates
            .iter()
            .any(|update| update["meetingRequestType"] == "fullUpdate")
    );
}

#[tokio::test]
async fn attendees_who_are_added_and_removed_hear_of_it() {
    let cloud = Cloud::start().await;
    let (ana, ben, ines) = (
        cloud.user(ANA, &ALL),
        cloud.user(BEN, &ALL),
        cloud.user(INES, &ALL),
    );
    let event = meet(&ana, "Swap", &[BEN]).await;
    ana.patch(
        &format!("/me/events/{}", id(&event)),
        json!({"attendees": people(&[INES])}),
    )
    .await;
    assert_eq!(ben.find("inbox", "Canceled: Swap").await.len(), 1);
    assert_eq!(
        ben.get("/me/events?$filter=isCancelled eq true")
            .await
            .values()
            .len(),
        1
    );
    assert_eq!(
        copy(&ines, "Swap").await["responseStatus"]["response"],
        "notResponded"
    );
    assert_eq!(ines.find("inbox", "Swap").await.len(), 1);
}

#[tokio::test]
async fn a_cancelled_meeting_is_off_for_everybody() {
    let cloud = Cloud::start().await;
    let (ana, ben) = (cloud.user(ANA, &ALL), cloud.user(BEN, &ALL));
    let event = meet(&ana, "Off", &[BEN]).await;
    let path = format!("/me/events/{}", id(&event));
    assert_eq!(
        ana.post(&format!("{path}/cancel"), json!({"comment": "Not needed"}))
            .await
            .status,
        202
    );
    ana.get(&path)
        .await
        .assert_refused(404, "ErrorItemNotFound");
    let notice = ben.find("inbox", "Canceled: Off").await.remove(0);
    assert_eq!(notice["meetingMessageType"], "meetingCancelled");
    assert_eq!(notice["bodyPreview"], "Not needed");
    let own = copy(&ben, "Canceled: Off").await;
    assert_eq!(
        (&own["isCancelled"], own["showAs"].as_str()),
        (&json!(true), Some("free"))
    );
    let deleted = meet(&ana, "Deleted", &[BEN]).await;
    assert_eq!(
        ana.delete(&format!("/me/events/{}", id(&deleted)))
            .await
            .status,
        204
    );
    assert_eq!(ben.find("inbox", "Canceled: Deleted").await.len(), 1);
}

#[tokio::test]
async fn a_meeting_is_forwarded_and_its_organizer_knows() {
    let cloud = Cloud::start().await;
    let (ana, ben, ines) = (
        cloud.user(ANA, &ALL),
        cloud.user(BEN, &ALL),
        cloud.user(INES, &ALL),
    );
    let event = meet(&ana, "Wider", &[BEN]).await;
    let own = id(&copy(&ben, "Wider").await);
    let to = json!({"comment": "You should come", "toRecipients": [{"emailAddress": {"address": INES}}]});
    assert_eq!(
        ben.post(&format!("/me/events/{own}/forward"), to)
            .await
            .status,
        202
    );
    assert_eq!(ines.find("inbox", "FW: Wider").await.len(), 1);
    assert_eq!(
        copy(&ines, "Wider").await["organizer"]["emailAddress"]["address"],
        ANA
    );
    assert_eq!(
        ana.find("inbox", "Meeting Forward Notification: Wider")
            .await
            .len(),
        1
    );
    assert_eq!(status(&ana, &event, INES).await, "none");
}

#[tokio::test]
async fn a_room_answers_by_itself() {
    let cloud = Cloud::start().await;
    let (ana, ben) = (cloud.user(ANA, &ALL), cloud.user(BEN, &ALL));
    let first = meet(&ana, "In Tejo", &[ROOM]).await;
    assert_eq!(status(&ana, &first, ROOM).await, "accepted");
    let second = meet(&ben, "Also in Tejo", &[ROOM]).await;
    assert_eq!(status(&ben, &second, ROOM).await, "declined");
    assert_eq!(ben.find("inbox", "Declined: Also in Tejo").await.len(), 1);
}
