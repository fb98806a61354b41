use std::fs;

use super::*;

type Outcome = Result<(), Box<dyn std::error::Error>>;

fn loaded(text: &str) -> Result<Config, Box<dyn std::error::Error>> {
    let directory = tempfile::tempdir()?;
    let file = directory.path().join("consentry.toml");
    fs::write(&file, text)?;
    let flags = Flags {
        config: Some(file),
        data: Some(directory.path().to_owned()),
        ..Flags::default()
    };
    Ok(Config::load(&flags)?)
}

fn refusal(text: &str) -> String {
    loaded(text).map_or_else(|error| error.to_string(), |_| "accepted".to_owned())
}

#[test]
fn a_new_installation_needs_no_configuration() -> Outcome {
    let config = loaded("")?;
    assert_eq!(config.listen.address.to_string(), "127.0.0.1:8365");
    assert_eq!(config.limits.max_body_bytes, 4 * 1024 * 1024);
    Ok(())
}

#[test]
fn a_flag_wins_over_the_file() -> Outcome {
    let directory = tempfile::tempdir()?;
    fs::write(
        directory.path().join("consentry.toml"),
        "[listen]\naddress = \"127.0.0.1:1\"\npublic_url = \"https://consentry.contoso.com\"\n",
    )?;
    let config = Config::load(&Flags {
        data: Some(directory.path().to_owned()),
        listen: Some("127.0.0.1:2".to_owned()),
        ..Flags::default()
    })?;
    assert_eq!(config.listen.address.port(), 2);
    assert_eq!(
        config.listen.public_url(config.listen.address)?.as_str(),
        "https://consentry.contoso.com/"
    );
    Ok(())
}

#[test]
fn an_unknown_key_is_an_error_that_names_key_and_file() {
    let message = refusal("[listen]\nport = 8080\n");
    assert!(message.contains("`listen.port` in `"), "{message}");
    assert!(message.contains("consentry.toml"), "{message}");
}

#[test]
fn a_value_of_the_wrong_type_is_an_error_that_names_the_key() {
    let message = refusal("[limits]\nmax_body_bytes = \"much\"\n");
    assert!(message.contains("`limits.max_body_bytes`"), "{message}");
}

#[test]
fn a_public_url_with_a_path_or_a_user_is_refused() {
    for url in [
        "https://contoso.com/consentry",
        "https://a:b@contoso.com",
        "ftp://contoso.com",
    ] {
        let message = refusal(&format!("[listen]\npublic_url = \"{url}\"\n"));
        assert!(message.contains("listen.public_url"), "{url}: {message}");
    }
}

#[test]
fn two_ways_to_the_master_key_are_refused() {
    let message = refusal("[master_key]\nfile = \"a\"\ncommand = \"b\"\n");
    assert!(message.contains("master_key"), "{message}");
}

#[test]
fn a_custom_cloud_needs_its_addresses() -> Outcome {
    let config = loaded("[[clouds.custom]]\nid = \"lab\"\n")?;
    let message = config
        .clouds
        .resolve()
        .map_or_else(|error| error.to_string(), |_| String::new());
    assert!(message.contains("clouds.custom.authority"), "{message}");
    let sandbox =
        loaded("[[clouds.custom]]\nid = \"lab\"\nsandbox_url = \"http://127.0.0.1:9\"\n")?;
    assert!(sandbox.clouds.resolve()?.get("lab").is_some());
    Ok(())
}

#[test]
fn secrets_of_the_configuration_are_not_shown() -> Outcome {
    let config = loaded("[data]\ndatabase_url = \"postgres://u:hunter2@db/c\"\n")?;
    assert!(!format!("{config:?}").contains("hunter2"));
    Ok(())
}

#[test]
fn a_source_that_asks_for_a_token_names_one_and_has_an_address() -> Outcome {
    let source = |lines: &str| format!("[federation.sources.build]\n{lines}\n");
    let url = "url = \"https://build.contoso.com/token\"";
    let text = "request_token = \"secret-text\"";
    let file = "request_token_file = \"/run/token\"";
    for token in [text, file] {
        let config = loaded(&source(&format!("{url}\n{token}")))?;
        let resolved = config.federation.resolve()?;
        let shown = format!("{:?}", resolved.sources);
        assert!(shown.contains("token: Some"), "{shown}");
        assert!(!shown.contains("secret-text"), "{shown}");
    }
    for wrong in [
        format!("{url}\n{text}\n{file}"),
        format!("token_file = \"/run/jwt\"\n{text}"),
    ] {
        let refused = loaded(&source(&wrong))?.federation.resolve();
        assert!(refused.is_err(), "{wrong}");
    }
    Ok(())
}
