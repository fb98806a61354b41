//! What pages are dressed in: compiled in, and named by content, so that a browser keeps each version for good.

use std::sync::LazyLock;

use axum::extract::Path;
use axum::response::{IntoResponse, Response};
use http::{StatusCode, header};
use model::sha256;

/// A year, and no question asked in between.
const KEEP: &str = "public, max-age=31536000, immutable";

static STYLE: Asset = Asset::new(
    "app",
    "css",
    "text/css; charset=utf-8",
    include_bytes!("../../assets/app.css"),
);
static SCRIPT: Asset = Asset::new(
    "app",
    "js",
    "text/javascript; charset=utf-8",
    include_bytes!("../../assets/app.js"),
);
static ICON: Asset = Asset::new(
    "icon",
    "svg",
    "image/svg+xml",
    include_bytes!("../../assets/favicon.svg"),
);

static PATHS: LazyLock<Assets> = LazyLock::new(|| Assets {
    style: STYLE.path(),
    script: SCRIPT.path(),
    icon: ICON.path(),
});

struct Asset {
    stem: &'static str,
    extension: &'static str,
    content_type: &'static str,
    bytes: &'static [u8],
}

/// Where the current versions are.
pub(crate) struct Assets {
    pub(crate) style: String,
    pub(crate) script: String,
    pub(crate) icon: String,
}

impl Assets {
    pub(crate) fn current() -> &'static Self {
        &PATHS
    }
}

impl Asset {
    const fn new(
        stem: &'static str,
        extension: &'static str,
        content_type: &'static str,
        bytes: &'static [u8],
    ) -> Self {
        Self {
            stem,
            extension,
            content_type,
            bytes,
        }
    }

    /// `/assets/app.0123456789abcdef.css`
    fn path(&self) -> String {
        let hash = sha256(self.bytes);
        let short = u64::from_be_bytes([
            hash[0], hash[1], hash[2], hash[3], hash[4], hash[5], hash[6], hash[7],
        ]);
        format!("/assets/{}.{short:016x}.{}", self.stem, self.extension)
    }
}

/// `GET /assets/{file}`
pub(crate) async fn get(Path(file): Path<String>) -> Response {
    let wanted = format!("/assets/{file}");
    let found = [
        (&PATHS.style, &STYLE),
        (&PATHS.script, &SCRIPT),
        (&PATHS.icon, &ICON),
    ]
    .into_iter()
    .find(|(path, _)| **path == wanted);
    match found {
        Some((_, asset)) => (
            [
                (header::CONTENT_TYPE, asset.content_type),
                (header::CACHE_CONTROL, KEEP),
            ],
            asset.bytes,
        )
            .into_response(),
        None => StatusCode::NOT_FOUND.into_response(),
    }
}
