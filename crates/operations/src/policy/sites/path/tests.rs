use super::{Reach, SiteName, of_path};
use model::SiteUrl;

const ID: &str = "contoso.sharepoint.com,00000000-0000-0000-0000-000000000001,00000000-0000-0000-0000-000000000002";

fn at(url: &str) -> Reach {
    Reach::Site(SiteName::At(url.parse::<SiteUrl>().unwrap()))
}

fn drive(id: &str) -> Reach {
    Reach::Drive(id.to_owned())
}

#[test]
fn a_site_is_told_by_each_of_its_names() {
    let hr = at("https://contoso.sharepoint.com/sites/hr");
    let id = Reach::Site(SiteName::Id(ID.to_owned()));
    let cases = [
        ("sites/contoso.sharepoint.com:/sites/hr", vec![hr.clone()]),
        (
            "sites/contoso.sharepoint.com:/sites/hr:/lists",
            vec![hr.clone()],
        ),
        (
            "Sites/CONTOSO.sharepoint.com:/Sites/HR:/drive/root",
            vec![hr.clone()],
        ),
        (
            "sites/contoso.sharepoint.com:/sites/hr:/drives/b",
            vec![hr, drive("b")],
        ),
        (&format!("sites/{ID}/lists/x/items"), vec![id.clone()]),
        (&format!("sites('{ID}')"), vec![id.clone()]),
        (
            &format!("sites/{ID}/sites/{ID}/lists"),
            vec![id.clone(), id],
        ),
        ("sites/root/lists", vec![Reach::Site(SiteName::Root)]),
        (
            "sites/contoso.sharepoint.com",
            vec![at("https://contoso.sharepoint.com")],
        ),
    ];
    for (path, expected) in cases {
        assert_eq!(of_path(path), expected, "{path}");
    }
}

#[test]
fn half_a_name_is_no_name() {
    for path in [
        "sites/00000000-0000-0000-0000-000000000001",
        "sites/00000000-0000-0000-0000-000000000001,00000000-0000-0000-0000-000000000002",
        "sites/contoso.sharepoint.com,x,y",
        "sites/root:/sites/hr",
        "sites/contoso.sharepoint.com:",
        "sites/contoso.sharepoint.com:/sites",
    ] {
        let found = of_path(path);
        assert!(
            matches!(found.as_slice(), [Reach::Site(SiteName::Unclear(_))]),
            "{path}: {found:?}"
        );
    }
}

#[test]
fn what_may_be_read_in_two_ways_is_read_in_none() {
    for path in [
        "drives/b/../c/root",
        "drives/b/%2e%2e/c",
        "drives/b%2F..%2Fc/root",
        "drives/b%5C..%5Cc/root",
        "drives/%2562/root",
        "drives//b/root",
        "drives/b%00/root",
        "sites/contoso.sharepoint.com:/sites/%252e%252e/hr",
    ] {
        let found = of_path(path);
        assert!(
            matches!(found.as_slice(), [Reach::Beyond(_)]),
            "{path}: {found:?}"
        );
    }
}

#[test]
fn lists_of_sites_and_of_drives_reach_further() {
    for path in [
        "sites",
        "sites/getAllSites",
        "sites/delta",
        "sites/delta(token='x')",
        "me/followedSites",
        "me/drives",
        "users/ben/drives",
        "search/query",
        "drives",
        "groups/g/drive",
        "groups/g/sites/root",
        "me/onenote/notebooks",
        "me/insights/shared",
        "drive/root",
        "teams/t/primaryChannel/filesFolder",
        "somethingNew/x",
    ] {
        let found = of_path(path);
        assert!(
            matches!(found.as_slice(), [Reach::Beyond(_)]),
            "{path}: {found:?}"
        );
    }
    for path in [
        "drives/b/sharedWithMe",
        "drives/b/recent",
        "drives/b/following",
        "drives/b/search(q='x')",
        "shares/u!x/site",
        "shares/u!x",
    ] {
        let found = of_path(path);
        assert!(
            found.iter().any(|reach| matches!(reach, Reach::Beyond(_))),
            "{path}: {found:?}"
        );
    }
    let below = of_path(&format!("sites/{ID}/sites"));
    assert!(below.iter().any(|reach| matches!(reach, Reach::Beyond(_))));
}

#[test]
fn mail_and_chats_reach_none() {
    for path in [
        "me/messages",
        "users/ana@contoso.com/mailFolders/inbox/messages",
        "me",
        "users",
        "chats/19:x/messages",
        "teams/t/channels/c/messages",
        "subscriptions",
        "groups/g/members",
    ] {
        assert_eq!(of_path(path), [], "{path}");
    }
    assert_eq!(
        of_path("users/b%40c/drive/root"),
        [Reach::OwnDrive("users/b@c".to_owned())]
    );
    let folder = "/teams/t/channels/19%3Ax/filesFolder".to_owned();
    assert_eq!(
        of_path("teams/t/channels/19:x/filesFolder"),
        [Reach::FilesFolder { path: folder }]
    );
}
