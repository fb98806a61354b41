//! Who gets no token, and why. None of these asks Entra for anything.

use std::collections::BTreeSet;

use connections::{Caller, Change};
use model::{
    ActivityKind, Actor, Connection, KeyScope, MemberId, OperationKind, Outcome, Permission, Phase,
    Policy, Role,
};
use operations::{Error, TokenCall};

use super::{open, wanted};
use crate::stage::Stage;
use crate::world::ANA;

impl Stage {
    /// Refused with this code; nobody outside was asked. What it says, with what to do.
    async fn kept(&self, caller: &Caller, connection: &Connection, code: &str) -> String {
        self.world.control().clear_requests();
        let refused = self.take_as(caller, connection).await.unwrap_err();
        assert_eq!(refused.code(), code, "{refused}");
        assert!(self.world.control().requests().is_empty(), "{refused}");
        told(&refused)
    }

    fn somebody(&self, role: Role) -> Caller {
        Caller {
            member_id: MemberId::generate(&*self.world.context.clock, &*self.world.context.random),
            role,
            actor: Actor::Member("somebody".to_owned()),
            ..self.world.admin.clone()
        }
    }
}

fn told(error: &Error) -> String {
    format!("{error}; {}", error.next_step().unwrap_or_default())
}

fn key(admin: &Caller, scope: KeyScope) -> Caller {
    Caller {
        scope,
        ..admin.clone()
    }
}

#[tokio::test]
async fn without_the_policys_word_no_token_leaves_whoever_asks() {
    let stage = Stage::start().await;
    let connection = stage.world.connect_application().await;
    let raw = Policy {
        raw: true,
        ..Policy::default()
    };
    for policy in [Policy::default(), raw] {
        stage.set(&connection, policy).await;
        let told = stage
            .kept(&stage.world.admin, &connection, "policy_denied")
            .await;
        assert!(told.contains("policy reports --tokens"), "{told}");
    }
    let lines = stage.world.activities().await;
    let line = lines
        .iter()
        .find(|line| line.action == "token.hand_out")
        .unwrap();
    assert_eq!(
        (line.kind, line.phase, line.outcome),
        (ActivityKind::Token, Phase::Result, Outcome::Denied)
    );
    assert_eq!(line.code.as_deref(), Some("policy_denied"));
    assert_eq!((line.intent_id, &line.remote.uti), (None, &None));
    stage.world.stop().await;
}

#[tokio::test]
async fn every_limit_of_the_policy_keeps_the_token_here() {
    let stage = Stage::start().await;
    let connection = stage.world.connect_application().await;
    let all = OperationKind::ALL.into();
    let site = "https://contoso.sharepoint.com/sites/hr".parse().unwrap();
    let limits = [
        (
            "kinds",
            Policy {
                kinds: Some([OperationKind::Read].into()),
                ..open()
            },
        ),
        // A kind that comes later would not be among them.
        (
            "kinds",
            Policy {
                kinds: Some(all),
                ..open()
            },
        ),
        (
            "permissions",
            Policy {
                permissions: Some([Permission::new("Mail.Read")].into()),
                ..open()
            },
        ),
        (
            "sites",
            Policy {
                sites: Some([site].into()),
                sites_selected: true,
                ..open()
            },
        ),
        (
            "mailboxes",
            Policy {
                mailboxes: Some([ANA.parse().unwrap()].into()),
                ..open()
            },
        ),
        (
            "mailboxes",
            Policy {
                mailboxes: Some(BTreeSet::new()),
                ..open()
            },
        ),
        (
            "tables",
            Policy {
                tables: Some(["account".parse().unwrap()].into()),
                ..open()
            },
        ),
        (
            "companies",
            Policy {
                companies: Some(["CRONUS".parse().unwrap()].into()),
                raw: true,
                ..open()
            },
        ),
    ];
    let told: BTreeSet<_> = limits.iter().map(|(name, _)| *name).collect();
    let mut known = BTreeSet::new();
    for (name, policy) in limits {
        known.extend(policy.limits());
        stage.set(&connection, policy).await;
        let told = stage
            .kept(&stage.world.admin, &connection, "policy_denied")
            .await;
        assert!(told.contains(&format!("`{name}`")), "{told}");
        assert!(told.contains("/proxy"), "{told}");
    }
    assert_eq!(told, known);
    stage.set(&connection, open()).await;
    stage.take(&connection).await.unwrap();
    stage.world.stop().await;
}

#[tokio::test]
async fn a_limit_and_tokens_are_not_set_together_and_neither_is_lost_by_trying() {
    let stage = Stage::start().await;
    let connection = stage.world.connect_application().await;
    let admin = &stage.world.admin;
    let change = |policy: Policy| {
        let policy = Some(policy);
        let change = Change {
            policy,
            ..Change::default()
        };
        stage.world.life.change(admin, connection.id, change)
    };
    let read = Some([OperationKind::Read].into());
    let limited = Policy {
        kinds: read.clone(),
        ..Policy::default()
    };
    let both = Policy {
        kinds: read,
        ..open()
    };
    for before in [open(), limited] {
        change(before.clone()).await.unwrap();
        let refused = change(both.clone()).await.unwrap_err();
        assert_eq!(refused.code(), "invalid_input");
        assert!(refused.to_string().contains("`kinds`"), "{refused}");
        let stored = stage.world.snapshot(&connection).await;
        assert_eq!(stored.connection.policy, before);
    }
    stage.world.stop().await;
}

#[tokio::test]
async fn a_key_for_some_kinds_gets_none_and_one_for_this_connection_does() {
    let stage = Stage::start().await;
    let connection = stage.world.connect_application().await;
    stage.set(&connection, open()).await;
    let admin = &stage.world.admin;
    for kinds in [&[OperationKind::Read][..], &OperationKind::ALL, &[]] {
        let scope = KeyScope {
            kinds: Some(kinds.iter().copied().collect()),
            connections: Some([connection.id].into()),
        };
        let told = stage
            .kept(&key(admin, scope), &connection, "policy_denied")
            .await;
        assert!(told.contains("API key"), "{told}");
    }
    let of = |connections| KeyScope {
        connections: Some(connections),
        kinds: None,
    };
    let elsewhere = key(admin, of(BTreeSet::new()));
    stage
        .kept(&elsewhere, &connection, "connection_not_found")
        .await;
    let here = key(admin, of([connection.id].into()));
    stage.take_as(&here, &connection).await.unwrap();
    stage.world.stop().await;
}

#[tokio::test]
async fn a_token_is_for_those_who_may_use_the_connection() {
    let stage = Stage::start().await;
    let user = stage.world.connect_user(ANA).await;
    let application = stage.world.connect_application().await;
    let stranger = stage.world.another_workspace().await;
    for connection in [&user, &application] {
        stage.set(connection, open()).await;
        let auditor = stage.somebody(Role::Auditor);
        stage.kept(&auditor, connection, "policy_denied").await;
        for nobody in [&stage.somebody(Role::Member), &stranger] {
            stage.kept(nobody, connection, "connection_not_found").await;
        }
    }
    let (builder, admin) = (stage.somebody(Role::Builder), stage.somebody(Role::Admin));
    stage.take_as(&builder, &application).await.unwrap();

    // A delegated connection serves its owner, whatever role they have, until it is shared.
    let owner = Caller {
        role: Role::Member,
        ..stage.world.admin.clone()
    };
    stage.take_as(&owner, &user).await.unwrap();
    stage.kept(&builder, &user, "connection_not_found").await;
    stage.kept(&admin, &user, "policy_denied").await;
    let share = Change {
        shared: Some(true),
        ..Change::default()
    };
    let changed = stage.world.life.change(&stage.world.admin, user.id, share);
    changed.await.unwrap();
    for somebody in [&builder, &admin] {
        stage.take_as(somebody, &user).await.unwrap();
    }
    stage.world.stop().await;
}

#[tokio::test]
async fn what_does_not_fit_is_named_by_its_field() {
    let stage = Stage::start().await;
    let connection = stage.world.connect_application().await;
    stage.set(&connection, open()).await;
    let own = stage.world.snapshot(&connection).await.audience.clone();
    let call = wanted(&stage.world.admin, &connection);
    let slashed = format!("{own}/");
    for resource in [&*own, &slashed] {
        let call = TokenCall {
            resource: Some(resource),
            ..call.clone()
        };
        stage.runner.hand_out(&call).await.unwrap();
    }
    stage.world.control().clear_requests();
    let odd = [
        (
            TokenCall {
                resource: Some("https://vault.azure.net"),
                ..call.clone()
            },
            "resource",
        ),
        (
            TokenCall {
                least: Some(TokenCall::LONGEST_LEAST + jiff::SignedDuration::from_secs(1)),
                ..call.clone()
            },
            "min_validity_secs",
        ),
    ];
    for (call, field) in odd {
        let refused = stage.runner.hand_out(&call).await.unwrap_err();
        assert_eq!(
            (refused.code(), refused.field()),
            ("invalid_input", Some(field))
        );
    }
    assert!(stage.world.control().requests().is_empty());
    stage.world.stop().await;
}
