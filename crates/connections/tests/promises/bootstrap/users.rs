//! A registration for users, each of whom connects an account behind a link.

use connections::bootstrap::{Bootstraps, Connected, StepState, Wanted, WantedConnection};
use model::{ConnectionMethod, ConnectionState, Place, Service};
use sandbox::UserConsentPolicy;
use serde_json::json;

use super::census::{Census, census, graph, whole};
use super::process::{all, done, states};
use crate::world::{BEN, World};

fn for_users(world: &World, admin_consent: bool) -> Wanted {
    let services = [Service::Outlook, Service::OneDrive];
    let connections = services.map(|service| WantedConnection {
        service,
        name: format!("contoso-{service}"),
        permissions: None,
    });
    Wanted {
        connections: connections.to_vec(),
        method: ConnectionMethod::OAuth,
        admin_consent,
        dataverse_role: None,
        auto_rotate: false,
        place: Place::default(),
        ..all(world)
    }
}

/// Goes through the link as somebody who is not asked twice.
async fn follow(world: &World, made: &Connected, person: &str) {
    let url = &made.invitation.as_ref().unwrap().connect_url;
    world.follow(url, person).await;
}

#[tokio::test]
async fn a_registration_for_users_is_made_once_and_its_links_connect_them() {
    let world = World::start().await;
    world
        .control()
        .set_user_consent_policy(UserConsentPolicy::Disabled);
    let plan = Bootstraps::new(world.life.clone())
        .plan(&world.admin, &for_users(&world, true))
        .unwrap();
    let told = serde_json::to_string(&plan).unwrap();
    assert!(told.contains("/oauth/callback") && told.contains("Mail.Send"));
    assert!(!told.contains("Privileged Role"), "{told}");

    let first = done(&world, for_users(&world, true)).await;
    assert!(first.connections.iter().all(|made| !made.works()));
    for made in &first.connections {
        follow(&world, made, BEN).await;
    }
    let second = done(&world, for_users(&world, true)).await;
    assert!(
        states(&second)
            .iter()
            .all(|(_, state)| *state == StepState::There),
        "{:?}",
        states(&second)
    );
    assert!(second.connections.iter().all(Connected::works));
    assert!(
        second
            .connections
            .iter()
            .all(|made| made.invitation.is_none())
    );
    let names = ["contoso-onedrive", "contoso-outlook"];
    let expected = Census {
        granted: 0,
        owners: 1,
        application_users: Vec::new(),
        connections: names
            .map(|name| (name.to_owned(), ConnectionState::Active))
            .to_vec(),
        ..whole()
    };
    assert_eq!(census(&world).await, expected);
    world.stop().await;
}

#[tokio::test]
async fn without_an_administrators_consent_each_user_consents_and_more_services_join_later() {
    let world = World::start().await;
    let mail = Wanted {
        connections: for_users(&world, false).connections[..1].to_vec(),
        ..for_users(&world, false)
    };
    let first = done(&world, mail).await;
    assert_eq!(world.control().count("POST", "/oauth2PermissionGrants"), 0);
    follow(&world, &first.connections[0], BEN).await;
    let both = done(&world, for_users(&world, false)).await;
    let works: Vec<_> = both.connections.iter().map(Connected::works).collect();
    assert_eq!(works, [true, false]);
    follow(&world, &both.connections[1], BEN).await;

    let consented = done(&world, for_users(&world, true)).await;
    let step = states(&consented);
    assert!(
        step.contains(&("consent_for_users", StepState::Made)),
        "{step:?}"
    );
    let apps = graph(&world, "/applications?$filter=displayName eq 'contoso'").await;
    assert_eq!(apps.len(), 1);
    let back = &apps[0]["web"]["redirectUris"];
    assert_eq!(*back, json!([world.context.redirect_uri()]));
    world.stop().await;
}

#[tokio::test]
async fn what_users_cannot_be_connected_to_is_refused_before_anybody_signs_in() {
    let world = World::start().await;
    let bootstraps = Bootstraps::new(world.life.clone());
    let refused = |wanted: Wanted| bootstraps.plan(&world.admin, &wanted).unwrap_err().code();
    let with_crm = Wanted {
        method: ConnectionMethod::OAuth,
        ..all(&world)
    };
    assert_eq!(refused(with_crm), "unsupported_method");
    let consent_of_nobody = Wanted {
        admin_consent: true,
        ..all(&world)
    };
    assert_eq!(refused(consent_of_nobody), "invalid_input");
    world.stop().await;
}
