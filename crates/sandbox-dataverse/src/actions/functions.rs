//! Functions, which change nothing.

use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::{answer, sharing};
use crate::Dataverse;
use crate::call::{Call, Segment};
use crate::fault::Fault;
use crate::metadata;
use crate::reply::Reply;
use crate::security::{Access, Depth, Grants, privilege_id, privilege_name};

/// The build that the environment says it is of.
pub(crate) const VERSION: &str = "9.2.26103.00182";

/// `None` for what is no function.
pub(super) fn unbound(
    dataverse: &Dataverse,
    call: &Call,
    segment: &Segment,
    name: &str,
) -> Option<Result<Reply, Fault>> {
    let parameters = || call.parameters(segment);
    Some(match name {
        "WhoAmI" => Ok(answer(
            call,
            "WhoAmIResponse",
            json!({
                "BusinessUnitId": call.who.business_unit.to_string(),
                "UserId": call.who.user.to_string(),
                "OrganizationId": dataverse.organisation.id().to_string(),
            }),
        )),
        "RetrieveVersion" => Ok(answer(
            call,
            "RetrieveVersionResponse",
            json!({ "Version": VERSION }),
        )),
        "RetrieveCurrentOrganization" => Ok(organization(dataverse, call)),
        "RetrieveTotalRecordCount" => parameters().and_then(|it| totals(dataverse, call, &it)),
        "RetrieveTimestamp" => Ok(answer(
            call,
            "RetrieveTimestampResponse",
            json!({ "Timestamp": dataverse.metadata_version.to_string() }),
        )),
        "RetrieveProvisionedLanguages" => Ok(answer(
            call,
            "RetrieveProvisionedLanguagesResponse",
            json!({ "RetrieveProvisionedLanguages": [1033] }),
        )),
        "RetrieveAvailableLanguages" => Ok(answer(
            call,
            "RetrieveAvailableLanguagesResponse",
            json!({ "LocaleIds": [1033] }),
        )),
        "RetrieveMetadataChanges" => parameters().and_then(|it| {
            metadata::retrieve_changes(dataverse, call, it.get("Query").unwrap_or(&Value::Null))
        }),
        "RetrieveSharedPrincipalsAndAccess" => {
            parameters().and_then(|it| sharing::shared_with(dataverse, call, &it))
        }
        _ => return None,
    })
}

fn organization(dataverse: &Dataverse, call: &Call) -> Reply {
    let organisation = &dataverse.organisation;
    let id = organisation.id().to_string();
    let endpoints = json!({
        "Count": 2, "IsReadOnly": false,
        "Keys": ["WebApplication", "OrganizationService", "OrganizationDataService"],
        "Values": [
            format!("{}/", organisation.url),
            format!("{}/XRMServices/2011/Organization.svc", organisation.api_url),
            format!("{}/XRMServices/2011/OrganizationData.svc", organisation.api_url),
        ],
    });
    answer(
        call,
        "RetrieveCurrentOrganizationResponse",
        json!({ "Detail": {
            "OrganizationId": id,
            "FriendlyName": organisation.friendly_name,
            "OrganizationVersion": VERSION,
            "EnvironmentId": id,
            "DatacenterId": "00000000-0000-0000-0000-000000000000",
            "Geo": "EMEA",
            "TenantId": organisation.tenant_id,
            "UrlName": organisation.url_name,
            "UniqueName": format!("unq{}", id.replace('-', "")),
            "State": "Enabled",
            "SchemaType": "Full",
            "OrganizationType": "Developer",
            "Endpoints": endpoints,
        } }),
    )
}

fn totals(
    dataverse: &Dataverse,
    call: &Call,
    parameters: &Map<String, Value>,
) -> Result<Reply, Fault> {
    let names = parameters.get("EntityNames").and_then(Value::as_array);
    let names = names.ok_or_else(|| Fault::bad_query("The parameter EntityNames is missing."))?;
    let (mut keys, mut values) = (Vec::new(), Vec::new());
    for name in names.iter().filter_map(Value::as_str) {
        let table = dataverse
            .schema
            .find(name)
            .ok_or_else(|| Fault::unknown_table(name))?;
        dataverse.need(&call.who, Access::Read, table)?;
        keys.push(name);
        values.push(dataverse.store.len(table));
    }
    Ok(answer(
        call,
        "RetrieveTotalRecordCountResponse",
        json!({ "EntityRecordCountCollection": {
            "Count": keys.len(), "IsReadOnly": false, "Keys": keys, "Values": values,
        } }),
    ))
}

/// Every privilege that grants hold, by name.
fn listed(dataverse: &Dataverse, grants: &[&Grants]) -> Vec<(String, Depth)> {
    let mut list: Vec<(String, Depth)> = Vec::new();
    let mut add = |name: &str, depth: Depth| match list.iter_mut().find(|(known, _)| known == name)
    {
        Some((_, held)) => *held = depth.max(*held),
        None => list.push((name.to_owned(), depth)),
    };
    for grants in grants {
        for (name, depth) in &grants.by_name {
            add(name, *depth);
        }
    }
    if grants.iter().any(|grants| grants.everything) {
        let mut words: Vec<&str> = dataverse
            .schema
            .tables()
            .map(|(_, table)| table.privilege.as_str())
            .collect();
        words.sort_unstable();
        words.dedup();
        let all = words
            .into_iter()
            .flat_map(|word| Access::ALL.map(|access| privilege_name(access, word)));
        let special = crate::seed::SPECIAL_PRIVILEGES
            .iter()
            .map(|name| (*name).to_owned());
        return all
            .chain(special)
            .map(|name| (name, Depth::Global))
            .collect();
    }
    list
}

fn shown(dataverse: &Dataverse, list: Vec<(String, Depth)>) -> Value {
    let unit = dataverse.root_unit().to_string();
    let list: Vec<Value> = list
        .into_iter()
        .map(|(name, depth)| {
            json!({
                "Depth": depth.name(), "PrivilegeId": privilege_id(&name).to_string(), "BusinessUnitId": unit,
                "PrivilegeName": name, "RecordFilterId": Uuid::nil().to_string(), "RecordFilterUniqueName": null,
            })
        })
        .collect();
    json!(list)
}

pub(super) fn user_privileges(dataverse: &Dataverse, call: &Call, user: Uuid) -> Reply {
    let principal = dataverse.principal(user);
    let grants: Vec<&Grants> = principal
        .roles
        .iter()
        .filter_map(|role| dataverse.security.roles.get(role))
        .collect();
    let list = listed(dataverse, &grants);
    answer(
        call,
        "RetrieveUserPrivilegesResponse",
        json!({ "RolePrivileges": shown(dataverse, list) }),
    )
}

pub(super) fn privilege_by_name(
    dataverse: &Dataverse,
    call: &Call,
    user: Uuid,
    parameters: &Map<String, Value>,
) -> Result<Reply, Fault> {
    let name = parameters.get("PrivilegeName").and_then(Value::as_str);
    let name = name.ok_or_else(|| Fault::bad_query("The parameter PrivilegeName is missing."))?;
    let held = dataverse.depth(&dataverse.principal(user), name);
    let list = held
        .into_iter()
        .map(|depth| (name.to_owned(), depth))
        .collect();
    Ok(answer(
        call,
        "RetrieveUserPrivilegeByPrivilegeNameResponse",
        json!({ "RolePrivileges": shown(dataverse, list) }),
    ))
}

pub(super) fn role_privileges(dataverse: &Dataverse, call: &Call, role: Uuid) -> Reply {
    let grants: Vec<&Grants> = dataverse.security.roles.get(&role).into_iter().collect();
    let list = listed(dataverse, &grants);
    answer(
        call,
        "RetrieveRolePrivilegesRoleResponse",
        json!({ "RolePrivileges": shown(dataverse, list) }),
    )
}
