//! The library of the large seed: a hundred thousand files in a hundred folders, made when somebody first looks. One test, since
//! making it is what costs.

use std::collections::BTreeSet;

use reqwest::Method;
use serde_json::{Value, json};

use crate::cloud::{Caller, Cloud};
use crate::site_cloud::RISK;

const SITE: &str = "/sites/contoso.sharepoint.com:/sites/archive:";
const FILES: usize = 100_000;
const FOLDERS: usize = 100;
/// A page holds so many at most, whatever is asked for.
const MAX_PAGE: usize = 1_000;
/// What the library may cost: 600 MiB, in an unoptimised build, with whatever the tests beside this one do meanwhile.
const MOST_KIB: u64 = 600 * 1024;

/// Names on all pages, and where a round goes on.
async fn pages(reader: &Caller<'_>, start: &str) -> (Vec<String>, usize, String) {
    let (mut names, mut pages, mut next) = (Vec::new(), 0, start.to_owned());
    loop {
        let page = reader.get(&next).await;
        let rows = page.values();
        assert!(rows.len() <= MAX_PAGE, "{}", rows.len());
        pages += 1;
        names.extend(rows.iter().map(name));
        if let Some(link) = page.body["@odata.nextLink"].as_str() {
            link.clone_into(&mut next);
            continue;
        }
        let delta = page.body["@odata.deltaLink"].as_str().unwrap_or_default();
        return (names, pages, delta.to_owned());
    }
}

fn name(row: &Value) -> String {
    let name = row["name"].as_str().or(row["id"].as_str());
    name.unwrap_or_default().to_owned()
}

fn resident_kib() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let word = line.and_then(|line| line.split_whitespace().next());
    word.and_then(|word| word.parse().ok()).unwrap_or_default()
}

#[tokio::test]
async fn a_large_sandbox_has_a_library_of_a_hundred_thousand_files() {
    let cloud = Cloud::start_with(sandbox::Scale::Large).await;
    let reader = cloud.application(&["Sites.ReadWrite.All", "Files.ReadWrite.All"]);
    let before = resident_kib();
    let drives = reader.get(&format!("{SITE}/drives")).await.values();
    let records = drives.iter().find(|drive| drive["name"] == "Records");
    let drive = format!("/drives/{}", records.unwrap()["id"].as_str().unwrap());

    // Folders, and one of them, by pages of several sizes.
    let (volumes, count, _) = pages(&reader, &format!("{drive}/root/children?$top=30")).await;
    assert_eq!((volumes.len(), count), (FOLDERS, 4));
    let volume = format!("{drive}/root:/Volume 050:/children");
    for (size, expected) in [(400, 3), (1_000, 1), (100_000, 1)] {
        let (files, count, _) = pages(&reader, &format!("{volume}?$select=name&$top={size}")).await;
        assert_eq!((files.len(), count), (1_000, expected));
        assert_eq!(files[0], "Record 049001.txt");
    }
    let counted = reader.get(&format!("{drive}/root?$select=folder")).await;
    assert_eq!(counted.body["folder"]["childCount"], FOLDERS);

    // A round tells each once; the next one what has changed, and nothing else.
    let (all, count, link) = pages(
        &reader,
        &format!("{drive}/root/delta?$select=name&$top=5000"),
    )
    .await;
    assert_eq!(all.len(), 1 + FOLDERS + FILES);
    assert_eq!(count, (1 + FOLDERS + FILES).div_ceil(MAX_PAGE));
    let distinct: BTreeSet<&String> = all.iter().collect();
    assert_eq!(distinct.len(), all.len());
    let record = format!("{drive}/root:/Volume 100/Record 100000.txt");
    let renamed = reader.patch(&record, json!({ "name": "Last.txt" })).await;
    assert_eq!(renamed.status, 200, "{}", renamed.text);
    let (changed, count, link) = pages(&reader, &link).await;
    assert_eq!(
        (changed.as_slice(), count),
        (&["Last.txt".to_owned()][..], 1)
    );
    assert!(pages(&reader, &link).await.0.is_empty());

    // Search finds one by its name, all by a word of their text, and those in a folder.
    let found = |words: &str| format!("{drive}/root/search(q='{words}')?$select=name&$top=1000");
    assert_eq!(
        pages(&reader, &found("061803")).await.0,
        ["Record 061803.txt"]
    );
    let page = reader.get(&found("kept")).await;
    assert_eq!(page.values().len(), MAX_PAGE);
    assert!(page.body["@odata.nextLink"].is_string());
    let within = format!("{drive}/root:/Volume 007:/search(q='record')?$select=name&$top=1000");
    assert_eq!(pages(&reader, &within).await.0.len(), 1_000);

    // As items of the list: by pages, and by what they are queried by.
    let items = format!("{SITE}/lists/Records/items");
    let page = reader.get(&format!("{items}?$select=id&$top=200")).await;
    assert_eq!(page.values().len(), 200);
    let last = format!("{items}?$filter=id eq '100050'&$expand=fields($select=FileLeafRef)");
    let last = reader.get(&last).await.values();
    assert_eq!(last.len(), 1, "{last:?}");
    let by_name = format!("{items}?$filter=fields/FileLeafRef eq 'Record 000001.txt'&$select=id");
    let refused = reader.call(Method::GET, &by_name, None).await;
    assert_eq!(refused.status, 400, "{}", refused.text);
    let risky = cloud
        .application(&["Sites.ReadWrite.All"])
        .with("prefer", RISK);
    assert_eq!(risky.get(&by_name).await.values().len(), 1);

    let cost = resident_kib().saturating_sub(before);
    eprintln!("the library cost {cost} KiB");
    assert!(cost < MOST_KIB, "{cost} KiB");
}
