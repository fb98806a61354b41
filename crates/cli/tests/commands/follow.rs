//! `activity --follow`, while lines come and the server goes.

use std::io::{BufRead, BufReader, Lines};
use std::process::{Child, ChildStderr, ChildStdout, Stdio};

use serde_json::Value;
use tempfile::TempDir;

use crate::program::{Serving, command, run};

struct Place {
    data: TempDir,
    server: Serving,
}

/// The command, under way.
struct Following {
    child: Child,
    lines: Lines<BufReader<ChildStdout>>,
    notes: Lines<BufReader<ChildStderr>>,
}

impl Place {
    fn new() -> Self {
        let data = tempfile::tempdir().unwrap();
        let server = serve(&data);
        Self { data, server }
    }

    fn ask(&self, arguments: &[&str]) {
        let data = ["--data", self.data.path().to_str().unwrap()];
        let outcome = run(&[arguments, &data].concat(), &[]);
        assert_eq!(outcome.code, 0, "{arguments:?}: {}", outcome.stderr);
    }

    /// Leaves a line of the log.
    fn make_key(&self, name: &str) {
        self.ask(&["keys", "create", name]);
    }

    fn follow(&self, more: &[&str]) -> Following {
        let follow = ["activity", "--follow", "--action", "key.create"];
        let data = ["--data", self.data.path().to_str().unwrap()];
        let mut child = command(&[&follow, more, &data].concat(), &[])
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let notes = BufReader::new(child.stderr.take().unwrap()).lines();
        Following {
            child,
            lines,
            notes,
        }
    }
}

impl Following {
    fn next(&mut self) -> String {
        self.lines.next().expect("it goes on").unwrap()
    }
}

impl Drop for Following {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn serve(data: &TempDir) -> Serving {
    let data = data.path().to_str().unwrap();
    Serving::start(&["up", "--listen", "127.0.0.1:0", "--data", data], &[])
}

#[test]
fn lines_are_shown_once_each_as_they_come_from_the_limit_on() {
    let place = Place::new();
    for name in ["first", "second", "third"] {
        place.make_key(name);
    }
    let mut programs = place.follow(&["--limit", "2", "--json"]);
    let mut people = place.follow(&["--limit", "1"]);
    let mut seen: Vec<Value> = Vec::new();
    let mut next = || {
        let line: Value = serde_json::from_str(&programs.next()).unwrap();
        assert_eq!(line["action"], "key.create");
        assert!(!seen.contains(&line), "{line} is shown twice");
        seen.push(line);
    };
    (0..2).for_each(|_| next());
    assert!(people.next().contains("key.create"));
    for name in ["fourth", "fifth"] {
        place.make_key(name);
        next();
        assert!(people.next().contains("key.create"));
    }
    let at = |line: &Value| line["at"].as_str().unwrap().to_owned();
    assert!(seen.is_sorted_by_key(at), "the oldest first: {seen:?}");
}

#[test]
fn a_server_that_is_started_again_is_waited_for_and_nothing_is_missed() {
    let mut place = Place::new();
    place.make_key("before");
    let mut following = place.follow(&["--json"]);
    following.next();
    assert_eq!(place.server.terminate(), Some(0));
    let note = following.notes.next().unwrap().unwrap();
    assert!(note.ends_with("; waiting for it"), "{note}");
    place.server = serve(&place.data);
    place.make_key("after");
    let line: Value = serde_json::from_str(&following.next()).unwrap();
    assert_eq!(line["action"], "key.create");
}
