//! What `deny.toml` says of dependencies, checked on `cargo metadata` where `cargo deny` is not at hand.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

#[path = "dependencies/license.rs"]
mod license;
#[path = "dependencies/packages.rs"]
mod packages;
#[path = "dependencies/rules.rs"]
mod rules;

use packages::Package;
use rules::Rules;

const REGISTRY: &str = "registry+https://github.com/rust-lang/crates.io-index";

#[test]
fn every_license_is_listed() {
    let rules = Rules::read();
    let wrong: Vec<_> = packages::all()
        .into_iter()
        .filter(|package| !is_licensed(package, &rules))
        .map(|package| {
            format!(
                "{} {}: {:?}",
                package.name, package.version, package.license
            )
        })
        .collect();
    assert!(wrong.is_empty(), "not under a listed license: {wrong:#?}");
}

#[test]
fn nothing_banned_is_used() {
    let rules = Rules::read();
    let wrong: Vec<_> = packages::all()
        .into_iter()
        .filter(|package| rules.banned.contains(&package.name))
        .map(|package| package.name)
        .collect();
    assert!(wrong.is_empty(), "banned and used: {wrong:?}");
}

#[test]
fn everything_comes_from_the_public_registry_or_is_ours() {
    let wrong: Vec<_> = packages::all()
        .into_iter()
        .filter(|package| {
            package
                .source
                .as_deref()
                .is_some_and(|source| source != REGISTRY)
        })
        .map(|package| format!("{} from {:?}", package.name, package.source))
        .collect();
    assert!(wrong.is_empty(), "from elsewhere: {wrong:?}");
}

fn is_licensed(package: &Package, rules: &Rules) -> bool {
    let Some(expression) = &package.license else {
        return false;
    };
    license::allows(expression, |id| rules.is_allowed(&package.name, id))
}
