use model::{Api, ConnectionMethod, Service};
use serde_json::json;

use super::{APPLICATION, OAUTH, the};
use crate::manifest::{Manifest, Naming, Wanted, manifest, resource_app_id};
use crate::operations;

const NAMING: Naming<'_> = Naming {
    name: "Ana's ${mail} \"job\"",
    redirect_uri: Some("http://localhost:8365/oauth/callback"),
};

fn of(services: &[Service], method: ConnectionMethod, ids: &[&str]) -> Manifest {
    let operations: Vec<_> = ids.iter().map(|id| the(id)).collect();
    manifest(&Wanted {
        services,
        method,
        operations: &operations,
    })
}

fn names(manifest: &Manifest) -> Vec<&str> {
    manifest
        .permissions
        .iter()
        .map(|entry| entry.name)
        .collect()
}

#[test]
fn the_smallest_set_is_asked_for_under_microsofts_ids() {
    let ids = [
        "outlook.messages.list",
        "outlook.messages.move",
        "outlook.messages.send",
    ];
    let manifest = of(&[Service::Outlook], APPLICATION, &ids);
    assert_eq!(names(&manifest), ["Mail.ReadWrite", "Mail.Send"]);
    assert_eq!(
        manifest.required_resource_access(),
        json!([{
            "resourceAppId": "00000003-0000-0000-c000-000000000000",
            "resourceAccess": [
                { "id": "e2a3a72e-5f79-4c64-b1b1-878b674786c9", "type": "Role" },
                { "id": "b633e1c5-b582-4048-a93e-9f11b44c7e96", "type": "Role" },
            ],
        }])
    );
    let as_user = of(&[Service::Outlook], OAUTH, &["outlook.messages.send"]);
    let access = as_user.required_resource_access();
    assert_eq!(access[0]["resourceAccess"][0]["type"], "Scope");
}

#[test]
fn what_one_service_asks_for_covers_another() {
    let services = [Service::OneDrive, Service::SharePoint];
    let ids = ["onedrive.items.get", "sharepoint.items.create"];
    assert_eq!(
        names(&of(&services, APPLICATION, &ids)),
        ["Sites.ReadWrite.All"]
    );
}

#[test]
fn each_api_is_a_resource_of_its_own() {
    let services = [Service::Outlook, Service::BusinessCentral];
    let ids = ["outlook.messages.send", "businesscentral.customers.list"];
    let access = of(&services, APPLICATION, &ids).required_resource_access();
    let resources: Vec<_> = access
        .as_array()
        .unwrap()
        .iter()
        .map(|one| &one["resourceAppId"])
        .collect();
    assert_eq!(
        resources,
        [
            resource_app_id(Api::Graph),
            resource_app_id(Api::BusinessCentral)
        ]
    );
    assert_eq!(
        access[1]["resourceAccess"][0]["id"],
        "a42b0b75-311e-488d-b67e-8fe84f924341"
    );
}

#[test]
fn what_no_consent_gives_is_said() {
    let crm = of(&[Service::Crm], APPLICATION, &["crm.accounts.create"]);
    assert!(crm.permissions.is_empty());
    assert!(crm.by_hand[0].contains("application user"));
    assert!(
        crm.by_hand[1].contains("prvCreateAccount"),
        "{:?}",
        crm.by_hand
    );
    let post = of(
        &[Service::Teams],
        APPLICATION,
        &["teams.channels.messages.send"],
    );
    assert_eq!(post.refused[0].0, "teams.channels.messages.send");
    let watch = of(&[Service::Outlook], OAUTH, &["graph.subscriptions.create"]);
    assert!(watch.by_hand[0].contains("reading the resource"));
}

#[test]
fn every_supported_operation_has_a_manifest_with_ids() {
    for operation in operations() {
        for method in ConnectionMethod::ALL {
            if operation.support(method) != crate::Support::Supported {
                continue;
            }
            let manifest = manifest(&Wanted {
                services: operation.services,
                method,
                operations: &[operation],
            });
            let ids = manifest.required_resource_access().to_string();
            assert!(!ids.contains("null"), "{}: {ids}", operation.id);
        }
    }
}

#[test]
fn names_cannot_break_out_of_a_script() {
    let manifest = of(&[Service::Outlook], OAUTH, &["outlook.messages.send"]);
    assert!(
        manifest
            .az(&NAMING)
            .contains(r#"--display-name 'Ana'\''s ${mail} "job"'"#)
    );
    assert!(
        manifest
            .powershell(&NAMING)
            .contains(r#"-DisplayName 'Ana''s ${mail} "job"'"#)
    );
    assert!(
        manifest
            .terraform(&NAMING)
            .contains(r#"= "Ana's $${mail} \"job\"""#)
    );
}

#[test]
fn a_script_registers_consents_and_makes_a_secret() {
    let manifest = of(&[Service::Outlook], APPLICATION, &["outlook.messages.send"]);
    let naming = Naming {
        name: "mail",
        redirect_uri: None,
    };
    let az = manifest.az(&naming);
    for part in [
        "az ad app create",
        "b633e1c5-b582-4048-a93e-9f11b44c7e96",
        "az ad sp create",
        "admin-consent",
        "credential reset",
    ] {
        assert!(az.contains(part), "{az}");
    }
    assert!(!az.contains("redirect"));
    let powershell = manifest.powershell(&naming);
    assert!(powershell.contains("New-MgServicePrincipalAppRoleAssignment"));
    let terraform = manifest.terraform(&naming);
    assert!(terraform.contains("azuread_app_role_assignment\" \"graph\""));
    let url = manifest.consent_url("https://login.example/", "contoso.com", "id");
    assert_eq!(
        url,
        "https://login.example/contoso.com/adminconsent?client_id=id"
    );
}
