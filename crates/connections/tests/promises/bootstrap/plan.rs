//! What is said before anybody signs in.

use connections::bootstrap::{Bootstraps, Wanted, WantedProof};

use super::process::{ROLE, all};
use crate::world::World;

/// Makes one thing wrong.
type Spoil = fn(&mut Wanted);

#[tokio::test]
async fn the_plan_says_everything_before_anybody_is_asked() {
    let world = World::start().await;
    let bootstraps = Bootstraps::new(world.life.clone());
    let plan = bootstraps.plan(&world.admin, &all(&world)).unwrap();
    assert_eq!(plan.sign_in.client_name, "Microsoft Azure CLI");
    let text = serde_json::to_string(&plan).unwrap();
    for said in [
        "Mail.Send",
        "API.ReadWrite.All",
        ROLE,
        "Privileged Role Administrator",
        "contoso-crm",
    ] {
        assert!(text.contains(said), "{said}: {text}");
    }
    assert_eq!(world.control().count("POST", "/devicecode"), 0);

    let field = |wanted: Wanted| match bootstraps.plan(&world.admin, &wanted) {
        Err(connections::Error::Invalid { field, .. }) => field,
        other => panic!("{other:?}"),
    };
    let wrong: [(&str, Spoil); 7] = [
        ("name", |wanted| wanted.name.clear()),
        ("tenant_id", |wanted| {
            wanted.tenant_id = Some("nonsense".to_owned());
        }),
        ("cloud", |wanted| wanted.cloud = "nowhere".to_owned()),
        ("connections", |wanted| wanted.connections.clear()),
        ("environment_url", |wanted| {
            wanted.place.environment_url = Some("https://example.com".to_owned());
        }),
        ("sign_in_client_id", |wanted| {
            wanted.sign_in_client_id = Some("me".to_owned());
        }),
        ("auto_rotate", |wanted| {
            wanted.proof = WantedProof::Federated;
        }),
    ];
    for (expected, spoil) in wrong {
        let mut wanted = all(&world);
        spoil(&mut wanted);
        assert_eq!(field(wanted), expected);
    }
    let member = connections::Caller {
        role: model::Role::Builder,
        ..world.admin.clone()
    };
    assert!(bootstraps.plan(&member, &all(&world)).is_err());
    world.stop().await;
}
