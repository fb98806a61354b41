use reqwest::Method;
use scraper::{ElementRef, Html, Selector};
use url::Url;

/// A form as it would be sent: hidden and prefilled fields included, buttons not until one is pressed.
#[derive(Debug)]
pub(in crate::demo) struct Form {
    pub(super) action: Url,
    pub(super) method: Method,
    pub(super) fields: Vec<(String, String)>,
}

impl Form {
    /// Writes into a field.
    #[must_use]
    pub(in crate::demo) fn fill(mut self, name: &str, value: impl Into<String>) -> Self {
        self.fields.retain(|(field, _)| field != name);
        self.fields.push((name.to_owned(), value.into()));
        self
    }
}

/// The first form of the page that fits.
pub(super) fn find(html: &str, url: &Url, fits: impl Fn(&Form) -> bool) -> Option<Form> {
    let document = Html::parse_document(html);
    document
        .select(&selector("form"))
        .filter_map(|form| read(form, url))
        .find(fits)
}

/// What a person would read, in one line.
pub(super) fn text(html: &str) -> String {
    let document = Html::parse_document(html);
    let shown: Vec<&str> = document
        .select(&selector("h1, p"))
        .flat_map(|element| element.text())
        .flat_map(str::split_whitespace)
        .collect();
    shown.join(" ")
}

fn read(form: ElementRef<'_>, url: &Url) -> Option<Form> {
    let attribute = |name: &str| form.value().attr(name).unwrap_or_default();
    let action = url.join(attribute("action")).ok()?;
    let method = if attribute("method").eq_ignore_ascii_case("post") {
        Method::POST
    } else {
        Method::GET
    };
    let fields = form
        .select(&selector("input[name], select[name]"))
        .filter_map(|control| match control.value().name() {
            "select" => choice(control),
            _ => field(control),
        })
        .collect();
    Some(Form {
        action,
        method,
        fields,
    })
}

fn field(input: ElementRef<'_>) -> Option<(String, String)> {
    let element = input.value();
    let value = element.attr("value");
    let is_chosen = element.attr("checked").is_some();
    let value = match element.attr("type").unwrap_or("text") {
        "submit" | "button" | "image" | "file" | "reset" => return None,
        "checkbox" | "radio" if !is_chosen => return None,
        "checkbox" | "radio" => value.unwrap_or("on"),
        _ => value.unwrap_or_default(),
    };
    Some((element.attr("name")?.to_owned(), value.to_owned()))
}

/// What is selected in a list, or else its first entry.
fn choice(select: ElementRef<'_>) -> Option<(String, String)> {
    let find = |wanted: &str| select.select(&selector(wanted)).next();
    let option = find("option[selected]").or_else(|| find("option"))?;
    let value = option.value().attr("value")?;
    Some((select.value().attr("name")?.to_owned(), value.to_owned()))
}

fn selector(text: &str) -> Selector {
    Selector::parse(text).expect("a constant that is a selector")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_form_is_sent_as_it_stands_with_what_was_filled_in() {
        let html = r#"<form method="post" action="login"><input type="hidden" name="a" value="1">
            <input name="who" value="nobody"><input type="checkbox" name="all" value="yes">
            <select name="role"><option value="x">X<option value="y" selected>Y</select>
            <button name="go" value="x">Go</button></form>"#;
        let url: Url = "http://a/tenant/authorize".parse().expect("a constant");
        let form = find(html, &url, |_| true).expect("there is one");
        let form = form.fill("who", "ana");
        assert_eq!(form.action.as_str(), "http://a/tenant/login");
        let fields: Vec<_> = form
            .fields
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_str()))
            .collect();
        assert_eq!(fields, [("a", "1"), ("role", "y"), ("who", "ana")]);
    }
}
