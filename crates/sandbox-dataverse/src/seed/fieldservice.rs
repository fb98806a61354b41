//! Work orders in two cities, who does them, and when.

use super::companies::{CITIES, Company};
use super::pipeline::Catalogue;
use super::{Seeder, link, number, text, whole};
use crate::cell::{Cell, Link};

const RESOURCES: [(&str, usize); 8] = [
    ("Rui Fonseca", 0),
    ("Teresa Lobo", 0),
    ("Marco Dias", 0),
    ("Sara Guerra", 0),
    ("Klaus Neumann", 1),
    ("Petra Lange", 1),
    ("Jan Otto", 1),
    ("Sven Maurer", 1),
];
/// Name, `status`, `msdyn_fieldservicestatus`, colour.
const STATUSES: [(&str, i64, i64, &str); 6] = [
    ("Scheduled", 2, 690_970_000, "#0078D4"),
    ("Traveling", 2, 690_970_001, "#8764B8"),
    ("On Break", 2, 690_970_002, "#CA5010"),
    ("In Progress", 2, 690_970_003, "#107C10"),
    ("Completed", 2, 690_970_004, "#393939"),
    ("Canceled", 3, 690_970_005, "#A4262C"),
];
/// Name, minutes.
const INCIDENTS: [(&str, i64); 6] = [
    ("Machine does not start", 90),
    ("Leakage", 60),
    ("Preventive maintenance", 120),
    ("Installation of a new machine", 180),
    ("Grinder blocked", 45),
    ("Display or control board defective", 75),
];
const TASKS: [(&str, i64); 4] = [
    ("Visual inspection", 10),
    ("Replace part", 30),
    ("Test run", 15),
    ("Instruct the user", 10),
];

/// What work orders point at.
struct Ground {
    statuses: Vec<Link>,
    resources: Vec<(Link, usize)>,
    priorities: Vec<Link>,
    types: Vec<Link>,
    incidents: Vec<Link>,
    tasks: Vec<Link>,
    warehouses: Vec<Link>,
    assets: Vec<Link>,
}

pub(super) fn fill(seeder: &mut Seeder<'_>, companies: &[Company], catalogue: &Catalogue) {
    let ground = ground(seeder, companies, catalogue);
    for at in 0..60 {
        work_order(
            seeder,
            at,
            &companies[at % companies.len()],
            catalogue,
            &ground,
            at % companies.len(),
        );
    }
    for (at, company) in companies.iter().enumerate().take(4) {
        let values = vec![
            ("msdyn_serviceaccount", link(company.account)),
            ("msdyn_pricelist", link(catalogue.price_list)),
            ("msdyn_startdate", seeder.date(-200)),
            ("msdyn_enddate", seeder.date(165)),
            ("msdyn_systemstatus", whole(690_970_001)),
            ("msdyn_description", text("Maintenance twice a year")),
        ];
        seeder.add_owned("msdyn_agreement", 200, at, values);
    }
    let values = vec![
        ("msdyn_resource", link(ground.resources[0].0)),
        ("msdyn_starttime", seeder.time(20, 8)),
        ("msdyn_endtime", seeder.time(24, 17)),
        ("msdyn_description", text("Holidays")),
    ];
    seeder.add("msdyn_timeoffrequest", 8, values);
}

fn ground(seeder: &mut Seeder<'_>, companies: &[Company], catalogue: &Catalogue) -> Ground {
    let statuses = STATUSES.map(|(name, status, stage, colour)| {
        let values = vec![
            ("name", text(name)),
            ("status", whole(status)),
            ("msdyn_fieldservicestatus", whole(stage)),
            ("msdyn_statuscolor", text(colour)),
            (
                "msdyn_committype",
                whole(if status == 3 {
                    192_350_004
                } else {
                    192_350_001
                }),
            ),
        ];
        seeder.add("bookingstatus", 690, values)
    });
    let units = [0, 1].map(|city| {
        let (name, _, latitude, longitude, ..) = CITIES[city];
        let values = vec![
            ("msdyn_name", text(name)),
            ("msdyn_latitude", number(latitude)),
            ("msdyn_longitude", number(longitude)),
        ];
        seeder.add("msdyn_organizationalunit", 690, values)
    });
    let warehouses = [0, 1].map(|city| {
        seeder.add(
            "msdyn_warehouse",
            690,
            vec![("msdyn_name", text(&format!("{} warehouse", CITIES[city].0)))],
        )
    });
    let resources = RESOURCES.map(|(name, city)| {
        let (_, _, latitude, longitude, ..) = CITIES[city];
        let values = vec![
            ("name", text(name)),
            ("resourcetype", whole(1)),
            ("timezone", whole(if city == 0 { 85 } else { 110 })),
            ("msdyn_startlocation", whole(690_970_001)),
            ("msdyn_endlocation", whole(690_970_001)),
            ("msdyn_organizationalunit", link(units[city])),
            ("msdyn_warehouse", link(warehouses[city])),
            ("msdyn_hourlyrate", number(42.0)),
            ("msdyn_latitude", number(latitude)),
            ("msdyn_longitude", number(longitude)),
        ];
        (seeder.add("bookableresource", 680, values), city)
    });
    for (at, name) in ["Coffee machines", "Electrical safety", "Plumbing"]
        .iter()
        .enumerate()
    {
        let skill = seeder.add(
            "characteristic",
            680,
            vec![
                ("name", text(name)),
                ("characteristictype", whole(i64::from(at == 1) + 1)),
            ],
        );
        for (resource, _) in resources.iter().skip(at).step_by(3) {
            let values = vec![
                ("name", text(name)),
                ("resource", link(*resource)),
                ("characteristic", link(skill)),
            ];
            seeder.add("bookableresourcecharacteristic", 680, values);
        }
    }
    for name in ["Technician", "Senior technician"] {
        seeder.add("bookableresourcecategory", 680, vec![("name", text(name))]);
    }
    let priorities = [("Low", 3), ("Normal", 5), ("High", 8)].map(|(name, level)| {
        seeder.add(
            "msdyn_priority",
            690,
            vec![
                ("msdyn_name", text(name)),
                ("msdyn_levelofimportance", whole(level)),
            ],
        )
    });
    for (name, status) in [
        ("Active", 690_970_000),
        ("Completed", 690_970_001),
        ("Canceled", 690_970_002),
    ] {
        seeder.add(
            "msdyn_requirementstatus",
            690,
            vec![("msdyn_name", text(name)), ("msdyn_status", whole(status))],
        );
    }
    let types = ["Repair", "Maintenance", "Installation"].map(|name| {
        let values = vec![
            ("msdyn_name", text(name)),
            ("msdyn_pricelist", link(catalogue.price_list)),
        ];
        seeder.add("msdyn_workordertype", 690, values)
    });
    let incidents = INCIDENTS.map(|(name, minutes)| {
        let values = vec![
            ("msdyn_name", text(name)),
            ("msdyn_estimatedduration", whole(minutes)),
            ("msdyn_defaultworkordertype", link(types[0])),
        ];
        seeder.add("msdyn_incidenttype", 690, values)
    });
    let tasks = TASKS.map(|(name, minutes)| {
        let values = vec![
            ("msdyn_name", text(name)),
            ("msdyn_estimatedduration", whole(minutes)),
        ];
        seeder.add("msdyn_servicetasktype", 690, values)
    });
    for (at, name) in ["Waiting for parts", "Customer not there"]
        .iter()
        .enumerate()
    {
        let values = vec![
            ("msdyn_name", text(name)),
            (
                "msdyn_systemstatus",
                whole(690_970_001 + i64::try_from(at).unwrap_or_default()),
            ),
        ];
        seeder.add("msdyn_workordersubstatus", 690, values);
    }
    let assets = companies.iter().enumerate().map(|(at, company)| {
        let product = catalogue.goods[at % 2];
        let name = seeder
            .dataverse
            .name_of(product.table, product.id)
            .unwrap_or_default();
        let values = vec![
            ("msdyn_name", text(&format!("{name} no. {}", 4711 + at))),
            ("msdyn_account", link(company.account)),
            ("msdyn_product", link(product)),
            (
                "msdyn_customerassettag",
                text(&format!("SN-{:06}", 310_000 + at * 37)),
            ),
        ];
        seeder.add("msdyn_customerasset", 400, values)
    });
    let assets = assets.collect();
    for (at, product) in catalogue.goods.iter().enumerate() {
        let stock = f64::from(u32::try_from(at).unwrap_or_default()) * 6.0 + 4.0;
        let values = vec![
            ("msdyn_product", link(*product)),
            ("msdyn_warehouse", link(warehouses[at % 2])),
            ("msdyn_qtyonhand", number(stock)),
            ("msdyn_qtyavailable", number(stock)),
        ];
        seeder.add("msdyn_productinventory", 300, values);
    }
    Ground {
        statuses: statuses.to_vec(),
        resources: resources.to_vec(),
        priorities: priorities.to_vec(),
        types: types.to_vec(),
        incidents: incidents.to_vec(),
        tasks: tasks.to_vec(),
        warehouses: warehouses.to_vec(),
        assets,
    }
}

fn work_order(
    seeder: &mut Seeder<'_>,
    at: usize,
    company: &Company,
    catalogue: &Catalogue,
    ground: &Ground,
    asset: usize,
) {
    let index = i64::try_from(at).unwrap_or_default();
    // Two thirds lie behind us, the rest ahead.
    let day = index - 40;
    let incident = at % ground.incidents.len();
    let order = seeder.add_owned(
        "msdyn_workorder",
        (8 - day).max(1),
        at,
        vec![
            ("msdyn_serviceaccount", link(company.account)),
            ("msdyn_reportedbycontact", link(company.contact)),
            (
                "msdyn_workordertype",
                link(
                    ground.types[match incident {
                        2 => 1,
                        3 => 2,
                        _ => 0,
                    }],
                ),
            ),
            ("msdyn_pricelist", link(catalogue.price_list)),
            (
                "msdyn_primaryincidenttype",
                link(ground.incidents[incident]),
            ),
            ("msdyn_priority", link(ground.priorities[at % 3])),
            ("msdyn_customerasset", link(ground.assets[asset])),
            ("msdyn_workordersummary", text(INCIDENTS[incident].0)),
            (
                "msdyn_instructions",
                text("Ask for the facility manager at the front desk."),
            ),
            ("msdyn_datewindowstart", seeder.time(day - 1, 8)),
            ("msdyn_datewindowend", seeder.time(day + 2, 17)),
            ("msdyn_timefrompromised", seeder.time(day, 8)),
            ("msdyn_timetopromised", seeder.time(day, 17)),
        ],
    );
    lines(seeder, at, order, catalogue, ground, company.city, day < 0);
    for (number, task) in ground.tasks.iter().enumerate().take(2 + at % 3) {
        let values = vec![
            ("msdyn_name", text(TASKS[number].0)),
            ("msdyn_workorder", link(order)),
            ("msdyn_tasktype", link(*task)),
            ("msdyn_estimatedduration", whole(TASKS[number].1)),
            (
                "msdyn_lineorder",
                whole(i64::try_from(number + 1).unwrap_or(1)),
            ),
            (
                "msdyn_percentcomplete",
                super::number(if day < 0 { 100.0 } else { 0.0 }),
            ),
        ];
        seeder.add("msdyn_workorderservicetask", (8 - day).max(1), values);
    }
    if day < 12 {
        book(seeder, at, order, ground, company.city, day);
    }
    if day < -20 {
        seeder.dataverse.change(
            order.table,
            order.id,
            vec![
                ("msdyn_systemstatus", whole(690_970_004)),
                ("msdyn_timeclosed", seeder.time(day + 3, 12)),
            ],
        );
    } else if at % 17 == 16 {
        seeder.dataverse.change(
            order.table,
            order.id,
            vec![("msdyn_systemstatus", whole(690_970_005))],
        );
    }
}

fn lines(
    seeder: &mut Seeder<'_>,
    at: usize,
    order: Link,
    catalogue: &Catalogue,
    ground: &Ground,
    city: usize,
    is_done: bool,
) {
    let status = whole(if is_done { 690_970_001 } else { 690_970_000 });
    let pieces = f64::from(u32::try_from(at % 2 + 1).unwrap_or(1));
    let values = vec![
        ("msdyn_workorder", link(order)),
        ("msdyn_product", link(catalogue.goods[3 + at % 5])),
        ("msdyn_warehouse", link(ground.warehouses[city])),
        ("msdyn_pricelist", link(catalogue.price_list)),
        ("msdyn_estimatequantity", number(pieces)),
        ("msdyn_quantity", number(if is_done { pieces } else { 0.0 })),
        ("msdyn_linestatus", status.clone()),
    ];
    seeder.add("msdyn_workorderproduct", 5, values);
    let minutes = INCIDENTS[at % INCIDENTS.len()].1;
    let service = match at % INCIDENTS.len() {
        2 => 1,
        3 => 0,
        _ => 2,
    };
    let values = vec![
        ("msdyn_workorder", link(order)),
        ("msdyn_service", link(catalogue.services[service])),
        ("msdyn_unit", link(catalogue.hour)),
        ("msdyn_pricelist", link(catalogue.price_list)),
        ("msdyn_estimateduration", whole(minutes)),
        (
            "msdyn_duration",
            whole(if is_done { minutes + 15 } else { 0 }),
        ),
        ("msdyn_linestatus", status),
    ];
    seeder.add("msdyn_workorderservice", 5, values);
}

fn book(seeder: &mut Seeder<'_>, at: usize, order: Link, ground: &Ground, city: usize, day: i64) {
    let own: Vec<Link> = ground
        .resources
        .iter()
        .filter(|(_, home)| *home == city)
        .map(|(resource, _)| *resource)
        .collect();
    let status = match day {
        ..0 => 4,
        0 => 3,
        _ => 0,
    };
    let minutes = INCIDENTS[at % INCIDENTS.len()].1;
    let start = seeder.day(day, 8 + i64::try_from(at % 3 * 3).unwrap_or_default());
    let end = start
        .checked_add(jiff::SignedDuration::from_mins(minutes))
        .unwrap_or(start);
    let requirements = seeder.table("msdyn_resourcerequirement");
    let column = seeder
        .dataverse
        .schema
        .table(requirements)
        .find("msdyn_workorder")
        .unwrap_or_default();
    let requirement = seeder
        .dataverse
        .store
        .referring(requirements, column, order.id)
        .next()
        .map(|row| row.id);
    let values = vec![
        ("resource", link(own[at / 2 % own.len()])),
        ("bookingstatus", link(ground.statuses[status])),
        ("msdyn_workorder", link(order)),
        (
            "msdyn_resourcerequirement",
            requirement.map(|id| Cell::link(requirements, id)),
        ),
        ("starttime", Some(Cell::Time(start))),
        ("endtime", Some(Cell::Time(end))),
        ("duration", whole(minutes)),
        ("bookingtype", whole(1)),
        (
            "msdyn_estimatedtravelduration",
            whole(15 + i64::try_from(at % 4 * 5).unwrap_or_default()),
        ),
        ("msdyn_bookingmethod", whole(690_970_001)),
    ];
    seeder.add("bookableresourcebooking", (5 - day).max(0), values);
}
