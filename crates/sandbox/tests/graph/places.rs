//! Rooms.

use crate::cloud::{ANA, Cloud};

#[tokio::test]
async fn rooms_are_listed_filtered_and_found_by_address() {
    let cloud = Cloud::start().await;
    let ana = cloud.user(ANA, &["Place.Read.All"]);
    let rooms = ana.get("/places/microsoft.graph.room?$count=true").await;
    assert_eq!(rooms.body["@odata.count"], 6);
    let large = ana
        .get("/places/microsoft.graph.room?$filter=capacity ge 20&$select=displayName,capacity")
        .await
        .values();
    assert_eq!(large.len(), 2);
    let tejo = ana.get("/places/room.tejo@contoso.com").await;
    assert_eq!(tejo.body["displayName"], "Conf Room Tejo");
    assert_eq!(tejo.body["@odata.type"], "#microsoft.graph.room");
    let application = cloud.application(&["Place.Read.All"]);
    assert_eq!(
        application
            .get(&format!("/places/{}", tejo.id()))
            .await
            .status,
        200
    );
}

#[tokio::test]
async fn rooms_need_their_permission_and_an_unknown_one_is_not_found() {
    let cloud = Cloud::start().await;
    cloud
        .user(ANA, &["Calendars.Read"])
        .get("/places/microsoft.graph.room")
        .await
        .assert_refused(403, "ErrorAccessDenied");
    let ana = cloud.user(ANA, &["Place.Read.All"]);
    ana.get("/places/nowhere@contoso.com")
        .await
        .assert_refused(404, "ErrorItemNotFound");
    ana.get("/places/microsoft.graph.room?$filter=nonsense eq 1")
        .await
        .assert_refused(400, "RequestBroker--ParseUri");
}
