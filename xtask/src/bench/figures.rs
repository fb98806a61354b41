//! Figures, what they should be, and how they are shown.

use std::fmt::Write;

use serde_json::{Value, json};

/// One figure.
pub(super) struct Figure {
    pub(super) name: &'static str,
    pub(super) value: f64,
    pub(super) unit: &'static str,
    pub(super) aim: Option<Aim>,
}

#[derive(Clone, Copy)]
pub(super) enum Aim {
    AtLeast(f64),
    Below(f64),
}

impl Figure {
    pub(super) fn new(name: &'static str, value: f64, unit: &'static str) -> Self {
        Self {
            name,
            value,
            unit,
            aim: None,
        }
    }

    #[must_use]
    pub(super) fn aiming(mut self, aim: Aim) -> Self {
        self.aim = Some(aim);
        self
    }

    /// Whether nothing was aimed at that was missed.
    pub(super) fn is_as_wanted(&self) -> bool {
        self.is_met() != Some(false)
    }

    fn is_met(&self) -> Option<bool> {
        self.aim.map(|aim| match aim {
            Aim::AtLeast(least) => self.value >= least,
            Aim::Below(limit) => self.value < limit,
        })
    }

    fn to_json(&self) -> Value {
        let aim = self.aim.map(|aim| match aim {
            Aim::AtLeast(least) => format!(">= {least}"),
            Aim::Below(limit) => format!("< {limit}"),
        });
        json!({ "name": self.name, "value": self.value, "unit": self.unit, "aim": aim, "met": self.is_met() })
    }
}

/// A line for each, or all in one line of JSON.
pub(super) fn show(figures: &[Figure], json: bool) -> String {
    if json {
        let figures: Vec<_> = figures.iter().map(Figure::to_json).collect();
        return json!({ "figures": figures }).to_string();
    }
    let mut text = String::new();
    for figure in figures {
        let Figure {
            name, value, unit, ..
        } = figure;
        let digits = usize::from(*value < 1000.0);
        let number = format!("{value:.digits$}");
        let aim = match (figure.aim, figure.is_met()) {
            (Some(Aim::AtLeast(least)), met) => format!("aim: at least {least}, {}", verdict(met)),
            (Some(Aim::Below(limit)), met) => format!("aim: below {limit}, {}", verdict(met)),
            (None, _) => String::new(),
        };
        let _ = writeln!(text, "{name:<46} {number:>12} {unit:<6} {aim}");
    }
    text.trim_end().to_owned()
}

fn verdict(is_met: Option<bool>) -> &'static str {
    if is_met == Some(true) {
        "met"
    } else {
        "missed"
    }
}

/// The middle one; of an even number, the upper of the two.
pub(super) fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(f64::NAN)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_median_is_the_middle_one() {
        assert!((median(vec![9.0, 1.0, 5.0]) - 5.0).abs() < f64::EPSILON);
        assert!(median(Vec::new()).is_nan());
    }

    #[test]
    fn an_aim_is_met_or_missed() {
        let start = |ms| Figure::new("start", ms, "ms").aiming(Aim::Below(100.0));
        assert_eq!(start(99.0).is_met(), Some(true));
        assert_eq!(start(100.0).is_met(), Some(false));
        assert!(show(&[start(12.0)], false).ends_with("aim: below 100, met"));
    }
}
