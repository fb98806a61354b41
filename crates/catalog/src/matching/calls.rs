//! What Microsoft Graph calls on a whole collection, and so reads where an id could stand: `chats/getAllMessages` is no chat.
//!
//! Source: the functions and actions that Graph's metadata binds to collections,
//! <https://graph.microsoft.com/v1.0/$metadata>.

/// Lower case, sorted.
const BOUND_TO_COLLECTIONS: &[&str] = &[
    "activate",
    "add",
    "addformulalocal",
    "additionalaccess",
    "applyhold",
    "archive",
    "ashierarchy",
    "assign",
    "assignnumber",
    "availableprovidertypes",
    "clockin",
    "computeinheritance",
    "computerightsandinheritance",
    "confirmcompromised",
    "confirmsafe",
    "count",
    "create",
    "createorget",
    "createsnapshot",
    "createuploadsession",
    "creationoptions",
    "delta",
    "dismiss",
    "favorite",
    "filterbycurrentuser",
    "forcedelete",
    "getallmessages",
    "getallrecordings",
    "getallretainedmessages",
    "getallretainedtargetedmessages",
    "getallsites",
    "getalltranscripts",
    "getauditactivitytypes",
    "getauditcategories",
    "getavailableextensionproperties",
    "getbyids",
    "getbypath",
    "getbyuseridandrole",
    "getbyuserrole",
    "getdeploymentaccesskey",
    "getdeploymentpackageuri",
    "getdirectroutingcalls",
    "getmanagedappsbyappid",
    "getnotebookfromweburl",
    "getorder",
    "getpresencesbyuserid",
    "getpstncalls",
    "getrecentnotebooks",
    "getsourceimages",
    "getteamslicensingdetails",
    "getuseridswithflaggedappregistration",
    "getuserownedobjects",
    "import",
    "invite",
    "itemat",
    "logteleconferencedevicequality",
    "markread",
    "markunread",
    "mergeincidents",
    "movealerts",
    "refreshall",
    "regeneratedeploymentaccesskey",
    "remediate",
    "remove",
    "removehold",
    "replywithquote",
    "search",
    "setcurrentlocation",
    "setorder",
    "summarizedeviceperformancedevices",
    "summary",
    "unarchive",
    "unassign",
    "unassignnumber",
    "unfavorite",
    "updatenumber",
    "validateauthenticationconfiguration",
    "validatecredentials",
    "validateproperties",
];

/// Whether a segment that could be an id is rather a call.
pub(super) fn is_call(lower: &str) -> bool {
    lower.starts_with("microsoft.graph.")
        || lower.contains(['(', ')'])
        || BOUND_TO_COLLECTIONS.binary_search(&lower).is_ok()
}

#[cfg(test)]
mod tests {
    use super::{BOUND_TO_COLLECTIONS, is_call};

    #[test]
    fn calls_are_told_from_ids() {
        assert!(BOUND_TO_COLLECTIONS.is_sorted());
        for call in [
            "delta",
            "delta()",
            "getallmessages",
            "microsoft.graph.delta",
            "search(q='x')",
        ] {
            assert!(is_call(call), "{call}");
        }
        for id in [
            "inbox",
            "root",
            "aamkad=",
            "adele@contoso.com",
            "b!abc",
            "contoso.sharepoint.com,a,b",
        ] {
            assert!(!is_call(id), "{id}");
        }
    }
}
