use model::{Permission, PermissionSet, Service};

use super::{APPLICATION, OAUTH, the};
use crate::permissions::{default_for, describe, least_for, satisfies};

fn set(names: &[&str]) -> PermissionSet {
    names.iter().map(|name| Permission::new(*name)).collect()
}

#[test]
fn a_higher_permission_includes_a_lower_one_and_not_the_reverse() {
    let table = [
        ("Mail.ReadBasic", "Mail.ReadWrite"),
        ("Mail.ReadBasic.All", "Mail.Read"),
        ("Mail.Read", "Mail.ReadWrite"),
        ("Mail.Read.Shared", "Mail.ReadWrite.Shared"),
        ("MailboxSettings.Read", "MailboxSettings.ReadWrite"),
        ("Calendars.ReadBasic", "Calendars.ReadWrite"),
        ("Contacts.Read", "Contacts.ReadWrite"),
        ("Files.Read", "Files.Read.All"),
        ("Files.Read", "Sites.Read.All"),
        ("Files.ReadWrite", "Files.ReadWrite.All"),
        ("Files.ReadWrite.All", "Sites.ReadWrite.All"),
        ("Sites.Read.All", "Sites.FullControl.All"),
        ("Sites.ReadWrite.All", "Sites.Manage.All"),
        ("Team.ReadBasic.All", "TeamSettings.ReadWrite.All"),
        ("Channel.ReadBasic.All", "ChannelSettings.Read.All"),
        (
            "TeamMember.ReadWriteNonOwnerRole.All",
            "TeamMember.ReadWrite.All",
        ),
        ("ChannelMember.Read.All", "ChannelMember.ReadWrite.All"),
        ("Chat.ReadBasic", "Chat.ReadWrite"),
        ("ChatMessage.Send", "Chat.ReadWrite"),
        ("Chat.Create", "Chat.ReadWrite"),
        ("Chat.ReadBasic.All", "Chat.ReadWrite.All"),
        ("OnlineMeetings.Read", "OnlineMeetings.ReadWrite"),
        ("Presence.Read", "Presence.Read.All"),
    ];
    for (lower, higher) in table {
        let [lower, higher] = [lower, higher].map(Permission::new);
        assert!(satisfies(&higher, &lower), "{higher} includes {lower}");
        assert!(
            !satisfies(&lower, &higher),
            "{lower} does not include {higher}"
        );
        assert!(satisfies(&lower, &lower));
    }
}

#[test]
fn what_stands_alone_is_included_by_nothing_else() {
    for (held, wanted) in [
        ("Mail.ReadWrite", "Mail.Send"),
        ("Mail.Send", "Mail.ReadWrite"),
        ("Mail.Read", "Mail.Read.Shared"),
        ("ChannelMessage.ReadWrite", "ChannelMessage.Send"),
        ("ChannelSettings.ReadWrite.All", "Channel.Create"),
        ("Files.ReadWrite.All", "Sites.Read.All"),
        ("Sites.ReadWrite.All", "Sites.Manage.All"),
        ("Sites.Selected", "Sites.Read.All"),
        ("Chat.ReadWrite.All", "ChatMessage.Send"),
    ] {
        let [held, wanted] = [held, wanted].map(Permission::new);
        assert!(
            !satisfies(&held, &wanted),
            "{held} does not include {wanted}"
        );
    }
}

#[test]
fn an_operation_is_covered_by_what_is_listed_and_by_what_includes_it() {
    let get = the("outlook.messages.get");
    for held in ["Mail.ReadBasic", "Mail.Read", "Mail.ReadWrite"] {
        assert!(get.satisfied_by(OAUTH, &set(&[held])), "{held}");
    }
    assert!(get.satisfied_by(APPLICATION, &set(&["Mail.ReadBasic.All"])));
    assert!(!get.satisfied_by(OAUTH, &set(&["Mail.Send", "User.Read"])));
    assert!(!get.satisfied_by(OAUTH, &set(&[])));
    assert!(!the("outlook.drafts.send").satisfied_by(OAUTH, &set(&["Mail.ReadWrite"])));
}

#[test]
fn ids_are_those_of_microsofts_reference() {
    let send = describe("Mail.Send").unwrap();
    assert_eq!(
        send.delegated_id,
        Some("e383f46e-2787-4529-855e-0e479a3ffac0")
    );
    assert_eq!(
        send.application_id,
        Some("b633e1c5-b582-4048-a93e-9f11b44c7e96")
    );
    assert!(!send.needs_admin_consent);
    let post = describe("ChannelMessage.Send").unwrap();
    assert!(post.delegated_id.is_some() && post.application_id.is_none());
    assert!(
        describe("Sites.FullControl.All")
            .unwrap()
            .needs_admin_consent
    );
    assert!(describe("Mail.Sned").is_none());
}

#[test]
fn the_least_for_some_operations_covers_them_and_can_lose_nothing() {
    let least = |ids: &[&str]| {
        let operations: Vec<_> = ids.iter().map(|id| the(id)).collect();
        least_for(Service::Outlook, OAUTH, &operations)
    };
    assert_eq!(least(&["outlook.messages.list"]), set(&["Mail.ReadBasic"]));
    assert_eq!(
        least(&["outlook.messages.list", "outlook.messages.search"]),
        set(&["Mail.Read"])
    );
    assert_eq!(
        least(&[
            "outlook.messages.get",
            "outlook.messages.move",
            "outlook.messages.send"
        ]),
        set(&["Mail.ReadWrite", "Mail.Send"])
    );
    let elsewhere = least_for(Service::Crm, APPLICATION, &[the("outlook.messages.get")]);
    assert!(elsewhere.is_empty());
}

#[test]
fn a_new_connection_asks_for_what_the_product_lists() {
    let mail = set(&["Mail.Read", "Mail.ReadWrite", "Mail.Send"]);
    assert_eq!(default_for(Service::Outlook, OAUTH), mail);
    assert_eq!(default_for(Service::Outlook, APPLICATION), mail);
    assert!(default_for(Service::Teams, OAUTH).contains(&Permission::new("ChannelMessage.Send")));
    assert!(
        !default_for(Service::Teams, APPLICATION).contains(&Permission::new("ChannelMessage.Send"))
    );
    assert!(default_for(Service::Crm, APPLICATION).is_empty());
    assert!(default_for(Service::Crm, OAUTH).is_empty());
    assert_eq!(
        default_for(Service::BusinessCentral, APPLICATION),
        set(&["API.ReadWrite.All"])
    );
}
