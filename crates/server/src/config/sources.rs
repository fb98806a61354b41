//! File, environment and flags. With the command line, the only reader of the environment.

use std::path::{Path, PathBuf};

use figment::error::Kind;
use figment::providers::{Env, Format, Toml};
use figment::{Figment, Source};
use secrecy::{ExposeSecret, SecretString};

use super::{Config, ConfigError};

const FILE_NAME: &str = "consentry.toml";
const PREFIX: &str = "CONSENTRY_";
/// Names that others read: the command line as a client, and the flag for the file itself.
const OTHERS: [&str; 4] = ["url", "api_key", "config", "json"];
/// Short names of common keys.
const SHORT: [(&str, &str); 9] = [
    ("listen", "listen.address"),
    ("public_url", "listen.public_url"),
    ("data", "data.directory"),
    ("database_url", "data.database_url"),
    ("database_url_file", "data.database_url_file"),
    ("master_key", "master_key.value"),
    ("master_key_file", "master_key.file"),
    ("master_key_command", "master_key.command"),
    ("log", "log.level"),
];

/// What was said on the command line; absent ones change nothing.
#[derive(Debug, Clone, Default)]
pub struct Flags {
    /// The file to read instead of `consentry.toml` in the data directory; it must exist then.
    pub config: Option<PathBuf>,
    pub data: Option<PathBuf>,
    pub listen: Option<String>,
    pub public_url: Option<String>,
    pub database_url: Option<SecretString>,
    pub issuer_url: Option<String>,
}

pub(super) fn read(flags: &Flags) -> Result<Config, ConfigError> {
    let directory = flags
        .data
        .clone()
        .or_else(|| Env::var("CONSENTRY_DATA").map(PathBuf::from))
        .unwrap_or_else(default_directory);
    let file = file(flags, &directory)?;
    let mut figment = Figment::new();
    if let Some(file) = file {
        figment = figment.merge(Toml::file_exact(file));
    }
    figment = figment.merge(environment());
    for (key, value) in said(flags) {
        figment = figment.merge((key, value));
    }
    let mut config: Config = figment.extract().map_err(|error| sorted(&error))?;
    let endpoint = Env::var("IDENTITY_ENDPOINT");
    config.federation.app_service =
        endpoint.zip(Env::var("IDENTITY_HEADER").map(SecretString::from));
    if config.data.directory.as_os_str().is_empty() {
        config.data.directory = directory;
    }
    Ok(config)
}

/// Where an installation lies unless told otherwise: `consentry` in the user's data directory.
pub fn default_directory() -> PathBuf {
    let home = || Env::var("HOME").map(|home| Path::new(&home).join(".local/share"));
    Env::var("XDG_DATA_HOME")
        .map(PathBuf::from)
        .filter(|path| path.is_absolute())
        .or_else(home)
        .unwrap_or_default()
        .join("consentry")
}

fn file(flags: &Flags, directory: &Path) -> Result<Option<PathBuf>, ConfigError> {
    let named = flags
        .config
        .clone()
        .or_else(|| Env::var("CONSENTRY_CONFIG").map(PathBuf::from));
    let Some(path) = named else {
        let path = directory.join(FILE_NAME);
        return Ok(path.exists().then_some(path));
    };
    match std::fs::metadata(&path) {
        Ok(_) => Ok(Some(path)),
        Err(source) => Err(ConfigError::File {
            key: "--config",
            path,
            source,
        }),
    }
}

fn environment() -> Env {
    Env::prefixed(PREFIX).ignore(&OTHERS).map(|key| {
        let key = key.as_str().to_ascii_lowercase();
        let long = SHORT.iter().find(|(short, _)| *short == key);
        long.map_or_else(|| key.replace("__", "."), |(_, long)| (*long).to_owned())
            .into()
    })
}

fn said(flags: &Flags) -> Vec<(&'static str, String)> {
    let directory = flags.data.as_ref().map(|path| path.display().to_string());
    let database = flags
        .database_url
        .as_ref()
        .map(|url| url.expose_secret().to_owned());
    [
        ("data.directory", directory),
        ("listen.address", flags.listen.clone()),
        ("listen.public_url", flags.public_url.clone()),
        ("data.database_url", database),
        ("federation.issuer_url", flags.issuer_url.clone()),
    ]
    .into_iter()
    .filter_map(|(key, value)| Some((key, value?)))
    .collect()
}

fn sorted(error: &figment::Error) -> ConfigError {
    let origin = match error
        .metadata
        .as_ref()
        .and_then(|metadata| metadata.source.as_ref())
    {
        Some(Source::File(path)) => format!("`{}`", path.display()),
        _ => match &error.metadata {
            Some(metadata) if metadata.name.contains("environment") => "the environment".to_owned(),
            _ => "a flag".to_owned(),
        },
    };
    let mut path = error.path.clone();
    if let Kind::UnknownField(field, _) = &error.kind
        && path.last() != Some(field)
    {
        path.push(field.clone());
    }
    ConfigError::Invalid {
        key: path.join("."),
        origin,
        message: message(&error.kind),
    }
}

/// Without the value, which may be a secret.
fn message(kind: &Kind) -> String {
    match kind {
        Kind::UnknownField(_, expected) => {
            format!("there is no such key; known are {}", expected.join(", "))
        }
        Kind::InvalidType(_, expected) | Kind::InvalidValue(_, expected) => {
            format!("must be {expected}")
        }
        Kind::UnknownVariant(_, expected) => format!("must be one of {}", expected.join(", ")),
        Kind::MissingField(field) => format!("`{field}` is missing"),
        other => other.to_string(),
    }
}
