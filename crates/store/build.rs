//! Migrations are compiled in; cargo does not see new ones by itself.

fn main() {
    println!("cargo::rerun-if-changed=migrations");
}
