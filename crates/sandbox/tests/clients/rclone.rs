//! Debian's rclone, which speaks to OneDrive for work under Microsoft's names.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use sandbox::NewApplication;
use serde_json::{Value, json};

use crate::environment::say_left_out;
use crate::scene::Scene;

const ANA: &str = "ana.reis@contoso.com";

/// Runs one command of rclone; answers what it printed.
fn run(configuration: &Path, variables: &[(&'static str, String)], arguments: &[&str]) -> String {
    let output = Command::new("rclone")
        .arg("--config")
        .arg(configuration)
        .args(["--retries", "1", "--low-level-retries", "2"])
        .args(arguments)
        .envs(
            variables
                .iter()
                .map(|(name, value)| (*name, value.as_str())),
        )
        .stdin(Stdio::null())
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success(), "{arguments:?}: {said}");
    String::from_utf8(output.stdout).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn rclone_keeps_its_files_in_a_drive() {
    if Command::new("rclone").arg("version").output().is_err() {
        say_left_out(
            "rclone",
            "it is not installed; `apt-get install rclone` brings it",
        );
        return;
    }
    let scene = Scene::start().await;
    let control = scene.sandbox.control();
    let application = NewApplication {
        display_name: "rclone".to_owned(),
        ..NewApplication::default()
    };
    let client_id = control.register_application(application).unwrap().client_id;
    let token = control
        .issue_access_token(&client_id, Some(ANA), &["Files.ReadWrite.All"])
        .unwrap();
    let drive = drive_id(&scene, "me/drive", &token).await;
    let library = "sites/contoso.sharepoint.com:/sites/projects:/drive";
    let library = drive_id(&scene, library, &token).await;
    let variables = sandbox::through_proxy(scene.sandbox.url(), scene.ca());
    let work = tokio::task::spawn_blocking(move || {
        let directory = tempfile::tempdir().unwrap();
        let configuration = configuration(directory.path(), &token, &drive, &library);
        let rclone = |arguments: &[&str]| run(&configuration, &variables, arguments);
        keep_files(directory.path(), &rclone);
        keep_files_of_a_team(directory.path(), &rclone);
    });
    work.await.unwrap();
    assert!(
        control.unimplemented().is_empty(),
        "{:?}",
        control.unimplemented()
    );
}

/// The id of a drive by its address below the version.
async fn drive_id(scene: &Scene, path: &str, token: &str) -> String {
    let url = format!("{}/v1.0/{path}", scene.sandbox.url());
    let http = reqwest::Client::builder().no_proxy().build().unwrap();
    let drive = http.get(url).bearer_auth(token).send().await.unwrap();
    let drive: Value = drive.json().await.unwrap();
    drive["id"].as_str().unwrap().to_owned()
}

/// `o:` is a person's drive, `s:` the library of a site.
fn configuration(directory: &Path, token: &str, drive: &str, library: &str) -> PathBuf {
    let token =
        json!({"access_token": token, "token_type": "Bearer", "expiry": "2099-01-01T00:00:00Z"});
    let section = |name: &str, id: &str, kind: &str| {
        format!(
            "[{name}]\ntype = onedrive\ntoken = {token}\ndrive_id = {id}\ndrive_type = {kind}\n\n"
        )
    };
    let text = section("o", drive, "business") + &section("s", library, "documentLibrary");
    let path = directory.join("rclone.conf");
    std::fs::write(&path, text).unwrap();
    path
}

type Rclone<'a> = dyn Fn(&[&str]) -> String + 'a;

fn keep_files(directory: &Path, rclone: &Rclone<'_>) {
    let files = directory.join("files");
    std::fs::create_dir_all(files.join("many")).unwrap();
    let large: Vec<u8> = (0..12 * 1024 * 1024_u32)
        .map(|n| n.to_le_bytes()[0] ^ n.to_le_bytes()[2])
        .collect();
    std::fs::write(files.join("large.bin"), large).unwrap();
    for number in 0..1_000 {
        std::fs::write(
            files.join(format!("many/{number}.txt")),
            format!("file {number}"),
        )
        .unwrap();
    }
    let files = files.to_str().unwrap();
    let about: Value = serde_json::from_str(&rclone(&["about", "o:", "--json"])).unwrap();
    assert_eq!(about["total"], 1_u64 << 40);
    assert!(rclone(&["lsf", "o:Documents"]).contains("Travel policy.pdf"));
    assert!(rclone(&["cat", "o:Documents/Expenses.csv"]).starts_with("Date,Who"));
    rclone(&[
        "copy",
        files,
        "o:Backup",
        "--onedrive-chunk-size",
        "5M",
        "--transfers",
        "16",
    ]);
    rclone(&["check", files, "o:Backup"]);
    assert_eq!(
        rclone(&["lsf", "-R", "--files-only", "o:Backup"])
            .lines()
            .count(),
        1_001
    );
    rclone(&["mkdir", "o:Empty"]);
    rclone(&["copyto", "o:Backup/large.bin", "o:Empty/copy.bin"]);
    rclone(&["moveto", "o:Empty/copy.bin", "o:Empty/moved.bin"]);
    assert_eq!(rclone(&["lsf", "o:Empty"]), "moved.bin\n");
    rclone(&["purge", "o:Backup"]);
    assert!(!rclone(&["lsf", "o:"]).contains("Backup"));
}

/// The same in the library of a site, and between it and a person's drive.
fn keep_files_of_a_team(directory: &Path, rclone: &Rclone<'_>) {
    let few = directory.join("few");
    std::fs::create_dir_all(few.join("inner")).unwrap();
    for number in 0..20 {
        let text = format!("line {number}\n").repeat(number + 1);
        std::fs::write(few.join(format!("inner/{number}.txt")), text).unwrap();
    }
    std::fs::copy(directory.join("files/large.bin"), few.join("large.bin")).unwrap();
    let few = few.to_str().unwrap();
    let about: Value = serde_json::from_str(&rclone(&["about", "s:", "--json"])).unwrap();
    assert_eq!(about["total"], 25_u64 << 40);
    assert!(rclone(&["lsf", "s:Fabrikam rollout"]).contains("Project plan.docx"));
    rclone(&["copy", few, "s:Shared by rclone", "--transfers", "4"]);
    rclone(&["check", few, "s:Shared by rclone"]);
    rclone(&["copyto", "s:Handbook.docx", "o:Handbook.docx"]);
    let hash = |file: &str| rclone(&["hashsum", "quickxor", file]);
    assert_eq!(hash("s:Handbook.docx"), hash("o:Handbook.docx"));
    rclone(&["mkdir", "s:Shared by rclone/empty"]);
    rclone(&["deletefile", "s:Shared by rclone/large.bin"]);
    assert_eq!(rclone(&["lsf", "s:Shared by rclone"]), "empty/\ninner/\n");
    rclone(&["purge", "s:Shared by rclone"]);
    assert!(!rclone(&["lsf", "s:"]).contains("Shared by rclone"));
}
