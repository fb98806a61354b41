use super::super::reach::Reach;
use super::of_path;

const ID: &str = "00000000-0000-0000-0000-000000000001";

fn named(name: &str) -> Reach {
    Reach::Named(name.to_owned())
}

#[test]
fn below_a_person_everything_is_their_mailbox() {
    for below in [
        "messages",
        "mailFolders/inbox/messages/delta",
        "sendMail",
        "calendar/getSchedule",
        "calendars/x/events",
        "calendarView",
        "events/x/attachments",
        "contactFolders/x/contacts",
        "mailboxSettings",
        "mailFolders/inbox/messageRules",
        "outlook/masterCategories",
        "todo/lists/x/tasks",
        "onenote/notebooks",
        "inferenceClassification/overrides",
        "people",
        "insights/shared",
        "photo/$value",
        "somethingNew/x",
    ] {
        assert_eq!(of_path(&format!("me/{below}")), [Reach::Own], "{below}");
        for path in [
            format!("users/ana@contoso.com/{below}"),
            format!("Users/ana%40contoso.com/{below}/"),
            format!("users('ana@contoso.com')/{below}"),
        ] {
            assert_eq!(of_path(&path), [named("ana@contoso.com")], "{path}");
        }
        let by_id = format!("users/{ID}/{below}");
        assert_eq!(of_path(&by_id), [named(ID)], "{by_id}");
    }
    assert_eq!(of_path("users/me/messages"), [Reach::Own]);
    assert_eq!(of_path("users/delta/messages"), [named("delta")]);
}

#[test]
fn what_is_no_mail_reaches_none() {
    for path in [
        "me",
        "users",
        "users/ana@contoso.com",
        "users/delta",
        "users/ana@contoso.com/manager/$ref",
        "me/chats/x/messages",
        "users/ana@contoso.com/drive/root:/Members/2026/a.txt",
        "me/onlineMeetings/x/transcripts",
        "me/memberOf/microsoft.graph.group",
        "chats/x/members/y",
        "teams/t/channels/c/messages/m/replies",
        "sites/contoso.sharepoint.com:/sites/hr:/lists/Events/items",
        "drives/b/root:/calendar/messages:/content",
        "places/microsoft.graph.room",
        "groups/g/members",
        "subscriptions",
        "directoryObjects/x",
    ] {
        assert_eq!(of_path(path), [], "{path}");
    }
    let subscription = Reach::Subscription("s".to_owned());
    assert_eq!(of_path("subscriptions/s/reauthorize"), [subscription]);
}

#[test]
fn what_leads_on_or_is_not_known_is_closed() {
    for path in [
        "groups/g/conversations",
        "groups/g/threads/t/posts",
        "groups/g/calendar/events",
        "groups/g/members/x/microsoft.graph.user/messages",
        "teams/t/group/events/x",
        "chats/x/members/y/user/messages",
        "me/manager/microsoft.graph.user/messages",
        "drives/b/items/i/createdByUser/mailFolders/inbox",
        "directoryObjects/x/microsoft.graph.user/messages",
        "servicePrincipals/s/owners/x/microsoft.graph.user/messages",
        "reports/getEmailActivityUserDetail(period='D7')",
        "admin/exchange/mailboxes/x/folders",
        "solutions/bookingBusinesses/x/appointments",
        "security/alerts",
        "somethingNew",
        "users/ana@contoso.com/../ben@contoso.com/messages",
        "users/ana%2540contoso.com/messages",
        "users/ana%2F..%2Fben/messages",
        "users//messages",
    ] {
        let found = of_path(path);
        assert!(
            found.iter().any(|reach| matches!(reach, Reach::Beyond(_))),
            "{path}: {found:?}"
        );
    }
}
