//! How much of Microsoft's schema is served: a walk over what its types hold, asked of the sandbox, written into a report.

mod walk;

use std::fmt::Write as _;
use std::fs;
use std::io::{self, Write as _};
use std::path::Path;

use crate::cloud::Cloud;
use crate::schema;
use walk::{Served, Walk};

/// The types of the services that the sandbox is for, each with an address; `*` is the first item of the collection before
/// it.
const PLACES: [&str; 31] = [
    "me",
    "users/*",
    "me/messages/*",
    "me/messages/*/attachments/*",
    "me/mailFolders/*",
    "me/mailFolders/inbox/messageRules/*",
    "me/calendar",
    "me/calendars/*",
    "me/events/*",
    "me/contacts/*",
    "me/contactFolders/*",
    "me/onlineMeetings/*",
    "me/chats/*",
    "me/chats/*/messages/*",
    "groups/*",
    "teams/*",
    "teams/*/channels/*",
    "teams/*/channels/*/messages/*",
    "drives/*",
    "me/drive",
    "me/drive/root",
    "sites/root",
    "sites/root/lists/*",
    "sites/root/lists/*/items/*",
    "sites/root/pages/*",
    "sites/root/permissions/*",
    "subscriptions/*",
    "applications/*",
    "servicePrincipals/*",
    "oauth2PermissionGrants/*",
    "organization/*",
];

#[tokio::test]
async fn what_is_served_of_microsofts_schema_is_listed_and_nothing_of_it_is_unknown() {
    let Some(model) = schema::model() else { return };
    let cloud = Cloud::start().await;
    let mut walk = Walk::new(&cloud, model);
    for place in PLACES {
        walk.visit(place).await;
    }
    let count = |served: Served| walk.found.iter().filter(|it| it.served == served).count();
    let summary = format!(
        "of {} operations that Microsoft's schema has at {} places, {} are served, {} say that they are not, {} are denied",
        walk.found.len(),
        PLACES.len(),
        count(Served::Yes),
        count(Served::NotYet),
        count(Served::Denied),
    );
    let mut report = format!("{summary}\n");
    for it in &walk.found {
        let _ = writeln!(report, "{}\t{} {}", it.served.word(), it.method, it.path);
    }
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join("graph-coverage.txt");
    fs::write(&path, report).unwrap();
    let _ = writeln!(io::stdout(), "{summary}: {}", path.display());
    assert_eq!(walk.broken, Vec::<String>::new());
    assert_eq!(walk.unknown, Vec::<String>::new(), "Microsoft has these");
}
