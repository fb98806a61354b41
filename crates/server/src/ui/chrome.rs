//! What is around the content of a page.

use super::assets::Assets;
use super::viewer::Viewer;
use super::words::{self, Notice};

/// The parts of the console.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Section {
    Integrations,
    Connections,
    Activity,
    Settings,
}

/// Around a page for somebody who is signed in.
pub(crate) struct Chrome {
    pub(crate) title: String,
    pub(crate) workspace: String,
    pub(crate) member: String,
    pub(crate) role: &'static str,
    /// The session's token, which every form carries.
    pub(crate) csrf: String,
    pub(crate) crumbs: Vec<Crumb>,
    pub(crate) notice: Option<Notice>,
    pub(crate) assets: &'static Assets,
    section: Section,
}

/// Around a page that anybody may see.
pub(crate) struct Plain {
    pub(crate) title: String,
    pub(crate) is_broad: bool,
    pub(crate) assets: &'static Assets,
}

pub(crate) struct Crumb {
    pub(crate) href: String,
    pub(crate) label: String,
}

pub(crate) struct NavigationItem {
    pub(crate) href: &'static str,
    pub(crate) label: &'static str,
    pub(crate) icon: &'static str,
    pub(crate) is_current: bool,
}

impl Chrome {
    pub(crate) fn new(viewer: &Viewer, section: Section, title: impl Into<String>) -> Self {
        Self {
            title: title.into(),
            workspace: viewer.workspace.name.clone(),
            member: viewer.member.name.clone(),
            role: words::role(viewer.caller.role),
            csrf: viewer.csrf.clone(),
            crumbs: Vec::new(),
            notice: None,
            assets: Assets::current(),
            section,
        }
    }

    /// The page above this one; called from the outside in.
    pub(crate) fn under(mut self, href: impl Into<String>, label: impl Into<String>) -> Self {
        self.crumbs.push(Crumb {
            href: href.into(),
            label: label.into(),
        });
        self
    }

    pub(crate) fn saying(mut self, notice: Option<Notice>) -> Self {
        self.notice = notice;
        self
    }

    pub(crate) fn navigation(&self) -> [NavigationItem; 4] {
        [
            (
                Section::Integrations,
                "/integrations",
                "Integrations",
                "integrations",
            ),
            (
                Section::Connections,
                "/connections",
                "Connections",
                "connections",
            ),
            (Section::Activity, "/activity", "Activity", "activity"),
            (Section::Settings, "/settings", "Settings", "settings"),
        ]
        .map(|(section, href, label, icon)| NavigationItem {
            href,
            label,
            icon,
            is_current: section == self.section,
        })
    }
}

impl Plain {
    pub(crate) fn new(title: impl Into<String>) -> Self {
        Self {
            title: title.into(),
            is_broad: false,
            assets: Assets::current(),
        }
    }

    pub(crate) fn broad(title: impl Into<String>) -> Self {
        Self {
            is_broad: true,
            ..Self::new(title)
        }
    }
}
