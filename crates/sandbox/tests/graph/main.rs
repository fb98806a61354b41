//! Microsoft Graph as a client sees it: over HTTP, with tokens that the sandbox signed.

#![expect(clippy::unwrap_used, reason = "tests")]

mod answers;
mod app_roles;
mod attachments;
mod batch;
mod calendar_delta;
mod calendars;
mod certificate;
mod cloud;
mod coverage;
mod delivery;
mod delta;
mod directory;
mod drafts;
mod drive_cloud;
mod drive_content;
mod drive_delta;
mod drive_items;
mod drive_saved;
mod drive_upload;
mod events;
mod folders;
mod front;
mod groups;
mod judged;
mod lists;
mod malformed;
mod meetings;
mod mime;
mod moves;
mod paging;
mod people;
mod permissions;
mod places;
mod preferences;
mod proofs;
mod relations;
mod scale;
mod schedules;
#[path = "../schema/judge.rs"]
mod schema;
mod search;
mod series;
mod site_cloud;
mod site_items;
mod site_lists;
mod site_selected;
mod sites;
mod throttling;
mod uploads;
mod users;
