//! Work orders, bookings, resources.

use serde_json::{Value, json};

use crate::environment::Environment;

/// A new work order, a resource, and the id of a booking status by its name.
fn work_order(at: &mut Environment) -> (String, String, impl Fn(&str) -> String + use<>) {
    let account = at.rows("accounts?$top=1")[0]["accountid"]
        .as_str()
        .unwrap()
        .to_owned();
    let incident =
        at.rows("msdyn_incidenttypes?$filter=msdyn_name eq 'Leakage'")[0]["msdyn_incidenttypeid"]
            .as_str()
            .unwrap()
            .to_owned();
    let order = at.create("msdyn_workorders", json!({
        "msdyn_serviceaccount@odata.bind": format!("/accounts({account})"), "msdyn_primaryincidenttype@odata.bind": format!("/msdyn_incidenttypes({incident})"),
    }));
    let resource = at.rows("bookableresources?$top=1")[0]["bookableresourceid"]
        .as_str()
        .unwrap()
        .to_owned();
    let statuses = at.rows("bookingstatuses?$select=name");
    let find = move |name: &str| {
        let row = statuses.iter().find(|row| row["name"] == name).unwrap();
        row["bookingstatusid"].as_str().unwrap().to_owned()
    };
    (order, resource, find)
}

fn status(at: &mut Environment, order: &str) -> i64 {
    at.get(&format!("msdyn_workorders({order})/msdyn_systemstatus"))
        .body["value"]
        .as_i64()
        .unwrap()
}

#[test]
fn a_work_order_is_completed_by_its_account_and_incident() {
    let mut at = Environment::contoso();
    at.post("msdyn_workorders", json!({}))
        .refused(400, "0x80040265");
    let (order, ..) = work_order(&mut at);
    let row = at.get(&format!("msdyn_workorders({order})")).body;
    assert_eq!(row["msdyn_name"], "00061");
    assert_eq!(
        row["_msdyn_billingaccount_value"],
        row["_msdyn_serviceaccount_value"]
    );
    assert!(row["msdyn_city"].is_string() && row["msdyn_latitude"].is_number());
    let requirements = at.rows(&format!(
        "msdyn_workorders({order})/msdyn_msdyn_workorder_msdyn_resourcerequirement_WorkOrder"
    ));
    assert_eq!(
        (requirements.len(), &requirements[0]["msdyn_duration"]),
        (1, &json!(60))
    );
    let incidents = at.rows(&format!(
        "msdyn_workorderincidents?$filter=_msdyn_workorder_value eq {order}"
    ));
    assert_eq!(incidents[0]["msdyn_name"], "Leakage");
}

#[test]
fn bookings_move_their_work_order_along() {
    let mut at = Environment::contoso();
    let (order, resource, of) = work_order(&mut at);
    assert_eq!(status(&mut at, &order), 690_970_000);
    let bind = |name: &str| json!(format!("/bookingstatuses({})", of(name)));
    let booking = at.create("bookableresourcebookings", json!({
        "starttime": "2026-10-05T08:00:00Z", "endtime": "2026-10-05T09:30:00Z", "duration": 90, "bookingtype": 1,
        "Resource@odata.bind": format!("/bookableresources({resource})"), "BookingStatus@odata.bind": bind("Scheduled"),
        "msdyn_workorder@odata.bind": format!("/msdyn_workorders({order})"),
    }));
    assert_eq!(status(&mut at, &order), 690_970_001);
    let path = format!("bookableresourcebookings({booking})");
    for (name, wanted) in [
        ("In Progress", 690_970_002),
        ("Completed", 690_970_003),
        ("Canceled", 690_970_000),
    ] {
        at.patch(&path, json!({ "BookingStatus@odata.bind": bind(name) }))
            .ok();
        assert_eq!(status(&mut at, &order), wanted, "{name}");
    }
    at.patch(
        &path,
        json!({ "BookingStatus@odata.bind": bind("Scheduled") }),
    )
    .ok();
    at.delete(&path).ok();
    assert_eq!(status(&mut at, &order), 690_970_000);
    let without = at.post("bookableresourcebookings", json!({ "starttime": "2026-10-05T08:00:00Z", "endtime": "2026-10-05T09:00:00Z", "bookingtype": 1 }));
    without.refused(400, "0x80040265");
}

#[test]
fn lines_add_up_and_a_posted_work_order_is_closed() {
    let mut at = Environment::contoso();
    let (order, ..) = work_order(&mut at);
    let product = at.rows("products?$filter=productnumber eq 'PU-015'")[0]["productid"]
        .as_str()
        .unwrap()
        .to_owned();
    at.create("msdyn_workorderproducts", json!({
        "msdyn_workorder@odata.bind": format!("/msdyn_workorders({order})"), "msdyn_product@odata.bind": format!("/products({product})"),
        "msdyn_estimatequantity": 2, "msdyn_quantity": 3, "msdyn_linestatus": 690_970_001,
    }));
    let row = at.get(&format!("msdyn_workorders({order})")).body;
    assert_eq!(
        (
            &row["msdyn_estimatesubtotalamount"],
            &row["msdyn_totalamount"]
        ),
        (&json!(192.0), &json!(288.0))
    );
    at.patch(
        &format!("msdyn_workorders({order})"),
        json!({ "msdyn_systemstatus": 690_970_004 }),
    )
    .ok();
    assert!(
        at.get(&format!("msdyn_workorders({order})/msdyn_timeclosed"))
            .body["value"]
            .is_string()
    );
    at.patch(
        &format!("msdyn_workorders({order})"),
        json!({ "msdyn_systemstatus": 690_970_000 }),
    )
    .refused(400, "0x80040265");
}

#[test]
fn sixty_work_orders_lie_on_a_map_of_two_cities() {
    let mut at = Environment::contoso();
    let rows = at.rows(
        "msdyn_workorders?$select=msdyn_city,msdyn_latitude,msdyn_longitude,msdyn_systemstatus",
    );
    assert_eq!(rows.len(), 60);
    let near = |row: &Value, latitude: f64, longitude: f64| {
        (row["msdyn_latitude"].as_f64().unwrap() - latitude).abs() < 0.06
            && (row["msdyn_longitude"].as_f64().unwrap() - longitude).abs() < 0.06
    };
    assert!(rows.iter().all(|row| if row["msdyn_city"] == "Lisbon" {
        near(row, 38.7223, -9.1393)
    } else {
        near(row, 52.52, 13.405)
    }));
    let mut statuses: Vec<i64> = rows
        .iter()
        .map(|row| row["msdyn_systemstatus"].as_i64().unwrap())
        .collect();
    statuses.sort_unstable();
    statuses.dedup();
    assert_eq!(statuses.len(), 6);
    assert!(at.rows("bookableresourcebookings").len() > 40);
}

#[test]
fn free_time_lies_between_bookings() {
    let mut at = Environment::contoso();
    let requirement = json!({ "msdyn_fromdate": "2026-10-05T00:00:00Z", "msdyn_todate": "2026-10-06T00:00:00Z", "msdyn_duration": 60 });
    let answer = at
        .post(
            "msdyn_SearchResourceAvailability",
            json!({ "Version": "3", "Requirement": requirement }),
        )
        .ok();
    let slots = answer.body["TimeSlots"].as_array().unwrap();
    assert!(slots.len() >= 8 && slots[0]["Resource"]["Name"].is_string());
    at.post(
        "msdyn_SearchResourceAvailability",
        json!({ "Requirement": {} }),
    )
    .refused(400, "0x80040203");
}

#[test]
fn time_off_has_a_length() {
    let mut at = Environment::contoso();
    let (_, resource, _) = work_order(&mut at);
    let body = |end: &str| json!({ "msdyn_starttime": "2026-11-02T08:00:00Z", "msdyn_endtime": end, "msdyn_resource@odata.bind": format!("/bookableresources({resource})") });
    let id = at.create("msdyn_timeoffrequests", body("2026-11-02T12:00:00Z"));
    assert_eq!(
        at.get(&format!("msdyn_timeoffrequests({id})/msdyn_duration"))
            .body["value"],
        240
    );
    at.post("msdyn_timeoffrequests", body("2026-11-01T12:00:00Z"))
        .refused(400, "0x80040265");
}
