//! "Which one?": the two ways side by side.

use model::Service;

use super::is_dynamics;

pub(super) struct Row {
    pub(super) aspect: &'static str,
    pub(super) oauth: &'static str,
    pub(super) service_principal: &'static str,
}

/// One sentence for somebody who does not want to read the table.
pub(super) fn recommendation(service: Service) -> &'static str {
    match service {
        Service::Teams => {
            "To post messages, take OAuth: Microsoft lets only people post. For reports and background jobs that just read, take a service principal."
        }
        _ if is_dynamics(service) => {
            "Take the service principal: it is the one way to connect Dynamics 365, and its roles inside the service say exactly what it may touch."
        }
        _ => {
            "Does it act for one person, or must it carry their name? Take OAuth. Does it run unattended, on a schedule or for many people? Take a service principal."
        }
    }
}

pub(super) fn rows(service: Service) -> [Row; 5] {
    let (tokens, setup) = if is_dynamics(service) {
        (
            "Not offered for Dynamics 365",
            "Not offered for Dynamics 365",
        )
    } else {
        (
            "Renewed by a refresh token; nobody is asked again",
            "A click on Connect and Microsoft’s consent screen",
        )
    };
    [
        Row {
            aspect: "Acts as",
            oauth: "A user who consented in the browser",
            service_principal: "The application, organisation-wide, once an administrator consented",
        },
        Row {
            aspect: "Set up by",
            oauth: setup,
            service_principal: "An administrator, with tenant id, client id and a client secret",
        },
        Row {
            aspect: "Services",
            oauth: "Outlook, Teams, OneDrive, SharePoint",
            service_principal: "Those four, and Dynamics 365 CRM, Field Service and Business Central",
        },
        Row {
            aspect: "Tokens",
            oauth: tokens,
            service_principal: "Issued to the application on demand",
        },
        Row {
            aspect: "Best for",
            oauth: "Personal automation; what must carry a user’s name",
            service_principal: "Background jobs, schedules, many users",
        },
    ]
}
