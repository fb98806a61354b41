//! Names that OneDrive does not take: <https://support.microsoft.com/office/64883a5d-228e-48f5-b3d2-eb39e07630fa>

use super::fault;
use crate::graph::fault::Fault;

const FORBIDDEN: [char; 9] = ['"', '*', ':', '<', '>', '?', '/', '\\', '|'];
const RESERVED: [&str; 6] = ["con", "prn", "aux", "nul", ".lock", "desktop.ini"];
const LONGEST_NAME: usize = 255;
const LONGEST_PATH: usize = 400;

/// 400 for a name that an item cannot have.
pub(super) fn check(name: &str) -> Result<(), Fault> {
    let lower = name.to_lowercase();
    let is_device = |prefix| {
        lower.strip_prefix(prefix).is_some_and(|rest: &str| {
            rest.len() == 1 && rest.chars().all(|digit| digit.is_ascii_digit())
        })
    };
    let is_bad = name.is_empty()
        || name != name.trim()
        || name.ends_with('.')
        || name
            .chars()
            .any(|c| c.is_control() || FORBIDDEN.contains(&c))
        || RESERVED.contains(&lower.as_str())
        || is_device("com")
        || is_device("lpt")
        || lower.contains("_vti_")
        || lower.starts_with("~$");
    if is_bad {
        return Err(fault::bad_name());
    }
    if name.chars().count() > LONGEST_NAME {
        return Err(fault::path_too_long());
    }
    Ok(())
}

/// 400 for a path that is too long as a whole.
pub(super) fn check_path(path: &[String]) -> Result<(), Fault> {
    let length: usize = path.iter().map(|name| name.chars().count() + 1).sum();
    if length > LONGEST_PATH {
        return Err(fault::path_too_long());
    }
    Ok(())
}

/// The media type that a name's ending stands for.
pub(super) fn media_type(name: &str) -> &'static str {
    let extension = name.rsplit_once('.').map_or("", |(_, extension)| extension);
    match extension.to_ascii_lowercase().as_str() {
        "txt" | "log" => "text/plain",
        "csv" => "text/csv",
        "md" => "text/markdown",
        "htm" | "html" => "text/html",
        "json" => "application/json",
        "xml" => "text/xml",
        "pdf" => "application/pdf",
        "png" => "image/png",
        "jpg" | "jpeg" => "image/jpeg",
        "gif" => "image/gif",
        "svg" => "image/svg+xml",
        "zip" => "application/zip",
        "mp4" => "video/mp4",
        "docx" => "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
        "xlsx" => "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        "pptx" => "application/vnd.openxmlformats-officedocument.presentationml.presentation",
        _ => "application/octet-stream",
    }
}

/// What Microsoft converts to PDF, by the name's ending.
/// Source: <https://learn.microsoft.com/graph/api/driveitem-get-content-format>
const CONVERTIBLE: [&str; 18] = [
    "csv", "doc", "docx", "odp", "ods", "odt", "pot", "potm", "potx", "pps", "ppsx", "ppsxm",
    "ppt", "pptm", "pptx", "rtf", "xls", "xlsx",
];

/// Whether a file of this name can be had as PDF.
pub(super) fn is_convertible(name: &str) -> bool {
    let extension = name.rsplit_once('.').map_or("", |(_, extension)| extension);
    CONVERTIBLE.contains(&extension.to_ascii_lowercase().as_str())
}
