//! Nothing that opens anything is ever kept or logged in clear.

mod needles;
mod story;

use std::fs;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use crate::database::Database;
use crate::world::World;
pub(crate) use needles::Needles;
use story::Story;

/// Where the master key lies, and nothing else.
const KEY_FILE: &str = "master.key";
/// Said where it may be kept, to see that the search finds what is there.
const CANARY: &str = "canary-5f1c9e0b7a3d2846";

#[tokio::test(flavor = "multi_thread")]
async fn no_secret_is_found_in_sqlite_or_a_log() {
    tell_no_secrets(None).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn no_secret_is_found_in_postgresql_or_a_log() {
    let Some(database) = Database::new().await else {
        return;
    };
    tell_no_secrets(Some(&database)).await;
    database.remove().await;
}

async fn tell_no_secrets(database: Option<&Database>) {
    let world = World::new().await;
    let since = modified(&world.sandbox.log);
    let setup = world.setup("server", database.map(Database::url), "trace");
    let story = Story::live_through(&world, &setup, CANARY).await;

    let mut places = vec![
        setup.data.clone(),
        setup.log.clone(),
        world.sandbox.log.clone(),
    ];
    if let Some(database) = database {
        let files = PathBuf::from(database.files().await);
        assert!(files.is_dir(), "{} is not on this machine", files.display());
        places.push(files);
    }
    let files = files(&places, since);
    assert!(files.len() > 2, "there is nothing to search: {files:?}");

    let mut secrets = story.secrets;
    secrets.extend(master_keys(&setup.data));
    assert!(
        secrets.len() > 20,
        "the story has {} secrets",
        secrets.len()
    );
    let found = search(&Needles::new(secrets.iter().map(String::as_str)), &files);
    assert!(found.is_empty(), "secrets lie in clear in {found:#?}");

    let found = search(&Needles::new([CANARY]), &files);
    assert!(
        !found.is_empty(),
        "the search does not even find the canary"
    );
    let total: u64 = files
        .iter()
        .filter_map(|file| fs::metadata(file).ok())
        .map(|file| file.len())
        .sum();
    eprintln!(
        "{} secrets, {} files, {total} bytes: the canary alone is found",
        secrets.len(),
        files.len()
    );
}

/// Each file with something in it, and what.
pub(crate) fn search(needles: &Needles, files: &[PathBuf]) -> Vec<(PathBuf, Vec<String>)> {
    files
        .iter()
        .filter_map(|file| Some((file.clone(), needles.found_in(&fs::read(file).ok()?))))
        .filter(|(_, found)| !found.is_empty())
        .collect()
}

/// All files in these places that were written since then, the master key's own aside.
pub(crate) fn files(places: &[PathBuf], since: SystemTime) -> Vec<PathBuf> {
    let mut files = Vec::new();
    let mut places = places.to_vec();
    while let Some(place) = places.pop() {
        let Ok(metadata) = fs::symlink_metadata(&place) else {
            // PostgreSQL removes files as it goes.
            continue;
        };
        if metadata.is_dir() {
            places.extend(
                fs::read_dir(&place)
                    .unwrap()
                    .map(|entry| entry.unwrap().path()),
            );
        } else if metadata.is_file()
            && metadata.modified().unwrap() >= since
            && !place.ends_with(KEY_FILE)
        {
            files.push(place);
        }
    }
    files
}

/// The keys of a keyring of `id:key` lines.
fn master_keys(data: &Path) -> Vec<String> {
    let text = fs::read_to_string(data.join(KEY_FILE)).unwrap_or_default();
    let keys = text.lines().filter_map(|line| line.split_once(':'));
    keys.map(|(_, key)| key.trim().to_owned()).collect()
}

pub(crate) fn modified(file: &Path) -> SystemTime {
    fs::metadata(file).unwrap().modified().unwrap()
}
