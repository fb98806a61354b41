use std::fmt::Write;

use crate::program::run;

/// The help of a command and of all below it.
fn tree(path: &[&str], text: &mut String) {
    let arguments: Vec<_> = path.iter().copied().chain(["--help"]).collect();
    let help = run(&arguments, &[]);
    assert_eq!(help.code, 0, "{path:?}");
    let spoken = arguments.join(" ");
    writeln!(
        text,
        "$ consentry {spoken}
{}",
        help.stdout
    )
    .unwrap();
    let names = help
        .stdout
        .lines()
        .skip_while(|line| *line != "Commands:")
        .skip(1)
        .take_while(|line| !line.is_empty())
        .filter_map(|line| {
            line.strip_prefix("  ")?
                .split_whitespace()
                .next()
                .filter(|_| !line.starts_with("   "))
        });
    for name in names.filter(|name| *name != "help") {
        let path: Vec<_> = path.iter().copied().chain([name]).collect();
        tree(&path, text);
    }
}

#[test]
fn the_help_of_every_command_is_as_announced() {
    let mut text = String::new();
    tree(&[], &mut text);
    insta::assert_snapshot!("help", text);
}

#[test]
fn the_version_is_told_on_stdout() {
    let version = run(&["--version"], &[]);
    assert_eq!(version.code, 0);
    assert_eq!(
        version.stdout.trim(),
        concat!("consentry ", env!("CARGO_PKG_VERSION"))
    );
}

#[test]
fn completions_are_made_for_each_shell() {
    for shell in ["bash", "zsh", "fish"] {
        let completions = run(&["completions", shell], &[]);
        assert_eq!(completions.code, 0, "{shell}");
        assert!(completions.stdout.contains("connections"), "{shell}");
    }
}
