use crate::program::run;

#[test]
fn the_demonstration_goes_through_all_its_steps() {
    let outcome = run(&["demo", "--exit", "--json"], &[]);
    let last = outcome.stdout.lines().last().unwrap_or_default();
    let report: serde_json::Value = serde_json::from_str(last).unwrap();
    assert_eq!(outcome.code, 0, "{}", outcome.stderr);
    assert_eq!(outcome.stdout.lines().count(), 1, "{}", outcome.stdout);
    assert_eq!(report["ok"], true, "{}", outcome.stderr);
    let steps = report["steps"].as_array().unwrap();
    assert!(steps.len() >= 10);
    for step in steps {
        assert_eq!(step["ok"], true, "{step}");
        assert!(
            step["name"].is_string() && step["detail"].is_string() && step["ms"].is_i64(),
            "{step}"
        );
    }
    assert!(report.to_string().contains("AADSTS7000222"));
}

#[test]
fn a_data_directory_serves_a_second_demonstration() {
    let data = tempfile::tempdir().unwrap();
    let arguments = [
        "demo",
        "--exit",
        "--json",
        "--data",
        data.path().to_str().unwrap(),
    ];
    for turn in 1..=2 {
        let outcome = run(&arguments, &[]);
        assert_eq!(outcome.code, 0, "turn {turn}: {}", outcome.stderr);
    }
    assert!(data.path().join("sandbox").is_dir());
}

#[test]
fn a_data_directory_that_somebody_works_with_is_left_alone() {
    let data = tempfile::tempdir().unwrap();
    std::fs::write(data.path().join("consentry.db"), "").unwrap();
    let path = data.path().to_str().unwrap();
    let named = run(&["demo", "--exit", "--data", path], &[]);
    assert_eq!(named.code, 2, "{}", named.stderr);
    let set = run(&["demo", "--exit"], &[("CONSENTRY_DATA", path)]);
    assert_eq!(set.code, 0, "{}", set.stderr);
    assert_eq!(std::fs::read_dir(data.path()).unwrap().count(), 1);
}
