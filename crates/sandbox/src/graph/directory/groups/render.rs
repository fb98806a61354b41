//! A group as Graph shows it.

use serde_json::json;
use uuid::Uuid;

use super::super::Row;
use crate::odata::schema::{EntityType, boolean, related, text, texts, time};
use crate::state::directory::group::Group;

pub(in crate::graph::directory) static GROUP: EntityType = EntityType {
    name: "microsoft.graph.group",
    properties: &[
        text("id"),
        text("displayName"),
        text("description"),
        text("mail"),
        text("mailNickname"),
        text("visibility"),
        text("classification"),
        text("preferredLanguage"),
        text("preferredDataLocation"),
        text("securityIdentifier"),
        text("membershipRule"),
        text("membershipRuleProcessingState"),
        text("theme"),
        text("uniqueName"),
        boolean("onPremisesSyncEnabled"),
        boolean("mailEnabled"),
        boolean("securityEnabled"),
        boolean("isAssignableToRole"),
        time("createdDateTime"),
        time("deletedDateTime"),
        time("expirationDateTime"),
        time("renewedDateTime"),
        texts("groupTypes"),
        texts("proxyAddresses"),
        texts("resourceBehaviorOptions"),
        texts("resourceProvisioningOptions"),
        related("members"),
        related("owners"),
    ],
};

/// Everything that comes without `$select`.
pub(in crate::graph::directory) fn group(group: &Group) -> Row {
    let proxies = group.mail.iter().map(|mail| format!("SMTP:{mail}"));
    let value = json!({
        "id": group.id,
        "deletedDateTime": null,
        "classification": group.classification,
        "createdDateTime": group.created_at,
        "description": group.description,
        "displayName": group.display_name,
        "expirationDateTime": null,
        "groupTypes": if group.is_unified { vec!["Unified"] } else { Vec::new() },
        "isAssignableToRole": group.is_assignable_to_role.then_some(true),
        "mail": group.mail,
        "mailEnabled": group.mail_enabled,
        "mailNickname": group.mail_nickname,
        "membershipRule": null,
        "membershipRuleProcessingState": null,
        "onPremisesDomainName": null,
        "onPremisesLastSyncDateTime": null,
        "onPremisesNetBiosName": null,
        "onPremisesSamAccountName": null,
        "onPremisesSecurityIdentifier": null,
        "onPremisesSyncEnabled": null,
        "preferredDataLocation": null,
        "preferredLanguage": group.preferred_language,
        "proxyAddresses": proxies.collect::<Vec<_>>(),
        "renewedDateTime": group.created_at,
        "resourceBehaviorOptions": group.resource_behavior_options,
        "resourceProvisioningOptions": if group.has_team { vec!["Team"] } else { Vec::new() },
        "securityEnabled": group.security_enabled,
        "securityIdentifier": security_identifier(&group.id),
        "theme": null,
        "uniqueName": null,
        "visibility": group.visibility,
        "onPremisesProvisioningErrors": [],
        "serviceProvisioningErrors": [],
    });
    value.as_object().cloned().unwrap_or_default()
}

/// The object id as Windows writes it: four numbers of 32 bits, low byte first.
fn security_identifier(id: &str) -> Option<String> {
    let bytes = Uuid::parse_str(id).ok()?.to_bytes_le();
    let numbers = bytes.chunks_exact(4).map(|chunk| {
        let mut word = [0; 4];
        word.copy_from_slice(chunk);
        u32::from_le_bytes(word).to_string()
    });
    Some(format!(
        "S-1-12-1-{}",
        numbers.collect::<Vec<_>>().join("-")
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_security_identifier_is_the_object_id_in_four_numbers() {
        assert_eq!(
            security_identifier("00000001-0002-0003-0400-000005000000").as_deref(),
            Some("S-1-12-1-1-196610-4-5")
        );
    }
}
