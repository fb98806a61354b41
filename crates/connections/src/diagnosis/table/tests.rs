use super::*;

const APIS: [Api; 3] = [Api::Graph, Api::Dataverse, Api::BusinessCentral];

#[test]
fn each_file_can_be_read_and_its_last_row_fits_everything() {
    for api in APIS {
        let rows = of(api);
        assert!(rows.len() > 20, "{api:?}");
        let last = rows.last().unwrap();
        assert!(last.status.is_none() && last.codes.is_empty(), "{api:?}");
        assert!(last.says.is_none() && last.conditions.is_empty(), "{api:?}");
    }
}

/// A row below one that takes everything it would take is never reached.
#[test]
fn every_row_can_be_reached() {
    for api in APIS {
        for row in of(api) {
            let is_reached = |codes: &[&str]| {
                let seen = Seen {
                    status: row.status.unwrap_or(418),
                    codes,
                    message: row.says.as_deref().unwrap_or_default(),
                    conditions: &row.conditions,
                };
                find(api, &seen) == row
            };
            let reached = match row.codes.as_slice() {
                [] => is_reached(&[]),
                codes => codes.iter().any(|code| is_reached(&[code])),
            };
            assert!(reached, "{api:?}: {row:?}");
        }
    }
}

#[test]
fn every_row_says_who_acts_and_what_to_do() {
    for api in APIS {
        for row in of(api) {
            assert!(!row.cause.is_empty() && !row.steps.is_empty(), "{row:?}");
            assert!(
                row.steps.iter().all(|step| !step.text.is_empty()),
                "{row:?}"
            );
            let braces = [
                "{what}",
                "{place}",
                "{mailbox}",
                "{app}",
                "{least}",
                "{method}",
                "{message}",
                "{missing}",
            ];
            let mut left = row.cause.to_owned();
            for step in &row.steps {
                left.push_str(step.text);
            }
            for word in braces {
                left = left.replace(word, "");
            }
            assert!(!left.replace("{id}", "").contains('{'), "{left}");
        }
    }
}
