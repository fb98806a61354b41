//! Reads the catalogue's TOML, checks it, and writes it as Rust statics, so that the crate neither reads nor parses anything
//! when it runs. A mistake stops the build and names its file and operation.

#[path = "compile.rs"]
mod compile;
#[path = "generate.rs"]
mod generate;
#[path = "routes.rs"]
mod routes;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use compile::File;

/// Cargo runs a build script in its crate's folder.
const HOME: &str = ".";
/// Folders that hold code. Every other one holds operations, or what they have in common.
const CODE: [&str; 2] = ["build", "src"];

fn main() -> ExitCode {
    tell("rerun-if-changed=.");
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            for line in message.lines() {
                tell(&format!("error={line}"));
            }
            ExitCode::FAILURE
        }
    }
}

fn run() -> Result<(), String> {
    let files = files().map_err(|error| format!("cannot read the catalogue: {error}"))?;
    let source = compile::compile(&files)
        .and_then(|catalogue| generate::rust(&catalogue))
        .map_err(|mistakes| {
            let lines: Vec<_> = mistakes.iter().map(ToString::to_string).collect();
            lines.join("\n")
        })?;
    fs::write(out_folder()?.join("catalogue.rs"), source)
        .map_err(|error| format!("cannot write the catalogue: {error}"))
}

#[expect(
    clippy::disallowed_methods,
    reason = "cargo tells a build script where to write by this variable only"
)]
fn out_folder() -> Result<PathBuf, String> {
    let folder = std::env::var_os("OUT_DIR");
    folder
        .map(PathBuf::from)
        .ok_or_else(|| "cargo names no OUT_DIR".to_owned())
}

fn files() -> std::io::Result<Vec<File>> {
    let home = Path::new(HOME);
    let mut files = vec![
        file(home, &home.join("integrations.toml"))?,
        file(home, &home.join("behaviors.toml"))?,
    ];
    for folder in sorted(home)? {
        let is_code = CODE.iter().any(|code| folder.ends_with(code));
        if is_code || !folder.is_dir() {
            continue;
        }
        for path in sorted(&folder)? {
            if path
                .extension()
                .is_some_and(|extension| extension == "toml")
            {
                files.push(file(home, &path)?);
            }
        }
    }
    Ok(files)
}

fn sorted(folder: &Path) -> std::io::Result<Vec<PathBuf>> {
    let mut paths = fs::read_dir(folder)?
        .map(|entry| entry.map(|entry| entry.path()))
        .collect::<std::io::Result<Vec<_>>>()?;
    paths.sort();
    Ok(paths)
}

fn file(home: &Path, path: &Path) -> std::io::Result<File> {
    let text = fs::read_to_string(path)?;
    let below = path.strip_prefix(home).unwrap_or(path);
    Ok(File {
        path: below.to_string_lossy().replace('\\', "/"),
        text,
    })
}

#[expect(
    clippy::print_stdout,
    reason = "a build script talks to cargo on its standard output"
)]
fn tell(line: &str) {
    println!("cargo::{line}");
}
