//! A private Python with pinned packages, made once and kept below the target directory.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

pub(crate) struct Python {
    program: PathBuf,
}

impl Python {
    /// None where there is no Python, or its packages cannot be had: said aloud, and a failure under CI.
    pub(crate) fn prepare() -> Option<Self> {
        match make() {
            Ok(program) => Some(Self { program }),
            Err(reason) => {
                left_out("Microsoft's clients for Python", &reason);
                None
            }
        }
    }

    /// Runs a script to its end: whether it succeeded, and what it said.
    pub(crate) fn run(
        &self,
        script: &str,
        variables: &[(&'static str, String)],
        scene: &str,
    ) -> (bool, String) {
        let output = Command::new(&self.program)
            .arg(scripts().join(script))
            .env_remove("HTTP_PROXY")
            .env_remove("http_proxy")
            .env("PYTHONDONTWRITEBYTECODE", "1")
            .envs(variables.iter().map(|(name, value)| (name, value)))
            .env("SCENE", scene)
            .stdin(Stdio::null())
            .output();
        let output = output.unwrap();
        let said = [output.stdout, output.stderr].concat();
        (
            output.status.success(),
            String::from_utf8_lossy(&said).into_owned(),
        )
    }
}

/// Says that something was not tested, which CI does not let pass.
fn left_out(what: &str, reason: &str) {
    #[expect(
        clippy::disallowed_methods,
        reason = "CI says by a variable that it is CI"
    )]
    let is_ci = std::env::var("CI").is_ok_and(|value| value == "true");
    assert!(!is_ci, "CI needs {what}: {reason}");
    say_left_out(what, reason);
}

#[expect(clippy::print_stdout, reason = "what was not tested is said aloud")]
pub(crate) fn say_left_out(what: &str, reason: &str) {
    println!("LEFT OUT: {what}: {reason}");
}

fn scripts() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/clients/python")
}

/// The interpreter of an environment that has exactly what the list of packages says.
fn make() -> Result<PathBuf, String> {
    let wanted = scripts().join("requirements.txt");
    let wanted_text = fs::read_to_string(&wanted).map_err(|error| error.to_string())?;
    let home = Path::new(env!("CARGO_TARGET_TMPDIR")).join("python");
    let program = home.join("bin/python");
    let mark = home.join("made-of");
    // Tests may be processes of their own, and pip is asked by one of them.
    let lock = fs::File::create(home.with_extension("lock")).map_err(|error| error.to_string())?;
    lock.lock().map_err(|error| error.to_string())?;
    if fs::read_to_string(&mark).is_ok_and(|made_of| made_of == wanted_text) {
        return Ok(program);
    }
    let _ = fs::remove_dir_all(&home);
    let path = |path: &Path| path.display().to_string();
    run("python3", &["-m", "venv", &path(&home)])?;
    let install = [
        "-m",
        "pip",
        "install",
        "--quiet",
        "--only-binary=:all:",
        "-r",
    ];
    run(&path(&program), &[&install[..], &[&path(&wanted)]].concat())?;
    fs::write(&mark, wanted_text).map_err(|error| error.to_string())?;
    Ok(program)
}

fn run(program: &str, arguments: &[&str]) -> Result<(), String> {
    let output = Command::new(program)
        .args(arguments)
        .stdin(Stdio::null())
        .output();
    let output = output.map_err(|error| format!("`{program}`: {error}"))?;
    if output.status.success() {
        return Ok(());
    }
    let said = String::from_utf8_lossy(&output.stderr);
    Err(format!("`{program} {}`: {said}", arguments.join(" ")))
}
