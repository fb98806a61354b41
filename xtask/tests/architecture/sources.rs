use std::fs;
use std::path::{Path, PathBuf};

use crate::manifest;

/// A line of the product's code.
#[derive(Debug)]
pub(crate) struct Line {
    /// From the root of the workspace.
    file: PathBuf,
    #[expect(dead_code, reason = "shown when a test fails")]
    text: String,
}

impl Line {
    pub(crate) fn is_in(&self, folder: &str) -> bool {
        self.file.starts_with(folder)
    }
}

/// The lines of code, comments and tests aside, that contain any of these.
pub(crate) fn lines_with(words: &[&str]) -> Vec<Line> {
    let mut files = Vec::new();
    for crate_ in manifest::all()
        .iter()
        .filter(|crate_| crate_.name != "xtask")
    {
        collect(&crate_.folder.join("src"), &mut files);
    }
    let mut found = Vec::new();
    for file in files.iter().filter(|file| !is_test(file)) {
        let text = fs::read_to_string(file).unwrap();
        let code = text.split("#[cfg(test)]\nmod tests {").next().unwrap();
        let lines = code
            .lines()
            .filter(|line| !line.trim_start().starts_with("//"));
        for line in lines.filter(|line| words.iter().any(|word| line.contains(word))) {
            found.push(Line {
                file: file.strip_prefix(manifest::root()).unwrap().to_owned(),
                text: line.trim().to_owned(),
            });
        }
    }
    found
}

/// Those among all files of code, with their lines.
pub(crate) fn files_longer_than(most: usize) -> Vec<(PathBuf, usize)> {
    let mut files = Vec::new();
    for crate_ in manifest::all() {
        for folder in ["src", "build", "tests", "examples"] {
            let folder = crate_.folder.join(folder);
            if folder.is_dir() {
                collect(&folder, &mut files);
            }
        }
    }
    let lines = |file: &PathBuf| fs::read_to_string(file).unwrap().lines().count();
    let lengths = files.iter().map(|file| (file, lines(file)));
    lengths
        .filter(|(_, lines)| *lines > most)
        .map(|(file, lines)| {
            (
                file.strip_prefix(manifest::root()).unwrap().to_owned(),
                lines,
            )
        })
        .collect()
}

fn collect(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            collect(&path, files);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
}

/// `tests.rs` and what lies in `tests/`.
fn is_test(file: &Path) -> bool {
    file.components()
        .any(|part| part.as_os_str() == "tests" || part.as_os_str() == "tests.rs")
}
