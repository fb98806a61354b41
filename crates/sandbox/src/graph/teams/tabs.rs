//! Tabs of a channel: <https://learn.microsoft.com/graph/api/resources/teamstab>

use std::collections::BTreeMap;

use axum::http::Method;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::json;

use super::access::{self, Permissions};
use super::fields::{self, Body};
use super::rows::{self, Row, Sizes};
use crate::graph::call::Call;
use crate::graph::fault::Fault;
use crate::graph::reply::Reply;
use crate::odata::schema::{EntityType, text};
use crate::state::teams::{Channel, Tab};

const TYPE: &str = "microsoft.graph.teamsTab";
const READ: Permissions = Permissions {
    delegated: &[
        "TeamsTab.Read.All",
        "TeamsTab.ReadWriteForTeam",
        "TeamsTab.ReadWriteSelfForTeam",
        "TeamsTab.ReadWrite.All",
        "Directory.Read.All",
        "Group.Read.All",
        "Directory.ReadWrite.All",
        "Group.ReadWrite.All",
    ],
    application: &[
        "TeamsTab.Read.All",
        "TeamsTab.ReadWrite.All",
        "TeamsTab.ReadWriteForTeam.All",
        "TeamsTab.ReadWriteSelfForTeam.All",
        "Directory.Read.All",
        "Group.Read.All",
        "Directory.ReadWrite.All",
        "Group.ReadWrite.All",
    ],
};
const WRITE: Permissions = Permissions {
    delegated: &[
        "TeamsTab.ReadWriteForTeam",
        "TeamsTab.ReadWrite.All",
        "Directory.ReadWrite.All",
        "Group.ReadWrite.All",
    ],
    application: &[
        "TeamsTab.ReadWriteForTeam.All",
        "TeamsTab.ReadWrite.All",
        "Directory.ReadWrite.All",
        "Group.ReadWrite.All",
    ],
};
const SIZES: Sizes = Sizes {
    usual: 999,
    most: 999,
};
const CONFIGURATION: [&str; 4] = ["entityId", "contentUrl", "websiteUrl", "removeUrl"];

static TAB: EntityType = EntityType {
    name: TYPE,
    properties: &[text("id"), text("displayName"), text("webUrl")],
};

pub(super) fn dispatch(
    call: &Call,
    team: &str,
    channel: &str,
    below: &[&str],
) -> Result<Reply, Fault> {
    if call.method == Method::GET {
        READ
    } else {
        WRITE
    }
    .require(call)?;
    let (known, channel) = access::channel(call, team, channel)?;
    let place = (known.team.id.as_str(), &channel);
    let set = format!("teams('{}')/channels('{}')/tabs", place.0, channel.id);
    match (&call.method, below) {
        (&Method::GET, []) => {
            let rows = channel
                .tabs
                .iter()
                .map(|it| render(call, place, it))
                .collect();
            rows::list(call, &set, &TAB, rows, SIZES)
        }
        (&Method::GET, [id]) => {
            let tab = find(&channel, id)?;
            Ok(rows::one(call, &set, render(call, place, tab)))
        }
        (&Method::POST, []) => {
            let tab = read(call, &call.json()?)?;
            change(call, place, |tabs| tabs.push(tab.clone()));
            Ok(rows::created(call, &set, render(call, place, &tab)))
        }
        (&Method::PATCH, [id]) => {
            let mut tab = find(&channel, id)?.clone();
            let body = call.json()?;
            fields::known(&body, &["displayName", "configuration"], TYPE)?;
            if body.contains_key("displayName") {
                tab.display_name = fields::required(&body, "displayName")?;
            }
            if let Some(configuration) = body.get("configuration") {
                tab.configuration = configured(fields::object(configuration, "configuration")?)?;
            }
            let row = render(call, place, &tab);
            change(call, place, |tabs| {
                tabs.iter_mut()
                    .filter(|it| it.id == tab.id)
                    .for_each(|it| *it = tab.clone());
            });
            Ok(rows::one(call, &set, row))
        }
        (&Method::DELETE, [id]) => {
            let gone = find(&channel, id)?.id.clone();
            change(call, place, |tabs| tabs.retain(|it| it.id != gone));
            Ok(Reply::no_content())
        }
        _ => Err(Fault::method_not_allowed()),
    }
}

fn find<'a>(channel: &'a Channel, id: &str) -> Result<&'a Tab, Fault> {
    let mut tabs = channel.tabs.iter();
    tabs.find(|it| it.id.eq_ignore_ascii_case(id))
        .ok_or_else(|| access::not_found("The tab was not found."))
}

fn change(call: &Call, (team, channel): (&str, &Channel), change: impl FnOnce(&mut Vec<Tab>)) {
    call.shared.write(|state| {
        let team = state.teams.teams.get_mut(team);
        if let Some(channel) = team.and_then(|it| it.channel_mut(&channel.id)) {
            change(&mut channel.tabs);
        }
    });
}

fn read(call: &Call, body: &Body) -> Result<Tab, Fault> {
    fields::known(body, &["displayName", "configuration"], TYPE)?;
    let app_id = fields::bound(body, "teamsApp@odata.bind")?
        .ok_or_else(|| Fault::bad_request("Invalid bind property name teamsApp in request."))?;
    let configuration = match body.get("configuration") {
        Some(value) => configured(fields::object(value, "configuration")?)?,
        None => BTreeMap::new(),
    };
    Ok(Tab {
        id: call.shared.write(|state| state.ids.uuid().to_string()),
        display_name: fields::required(body, "displayName")?,
        app_id,
        configuration,
    })
}

fn configured(body: &Body) -> Result<BTreeMap<String, Option<String>>, Fault> {
    fields::known(
        body,
        &CONFIGURATION,
        "microsoft.graph.teamsTabConfiguration",
    )?;
    CONFIGURATION
        .into_iter()
        .map(|name| Ok((name.to_owned(), fields::text(body, name)?)))
        .collect()
}

fn render(call: &Call, (team, channel): (&str, &Channel), tab: &Tab) -> Row {
    let thread = utf8_percent_encode(&channel.id, NON_ALPHANUMERIC);
    let configuration = |name: &str| tab.configuration.get(name).cloned().flatten();
    let mut value = json!({
        "id": tab.id,
        "displayName": tab.display_name,
        "webUrl": format!(
            "https://teams.microsoft.com/l/entity/{}/{}?groupId={team}&channelId={thread}",
            tab.app_id, tab.id
        ),
        "configuration": {
            "entityId": configuration("entityId"),
            "contentUrl": configuration("contentUrl"),
            "websiteUrl": configuration("websiteUrl"),
            "removeUrl": configuration("removeUrl"),
        },
    });
    let mut expands = call.options.expand.iter();
    if expands.any(|it| it.path.eq_ignore_ascii_case("teamsApp")) {
        value["teamsApp"] = json!({
            "id": tab.app_id,
            "externalId": null,
            "displayName": tab.app_id.rsplit('.').next(),
            "distributionMethod": "store",
        });
    }
    value.as_object().cloned().unwrap_or_default()
}
