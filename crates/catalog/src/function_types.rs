//! Parameters of Dataverse's functions that are no plain texts: a GUID stands without quotes, a member of an enumeration behind its
//! type.
//!
//! Source: <https://learn.microsoft.com/power-apps/developer/data-platform/webapi/reference/functions>.

const GUID: &str = "Edm.Guid";

/// Function, parameter, type; of a list the type of its items. Sorted.
const TYPES: [(&str, &str, &str); 22] = [
    ("DownloadReportDefinition", "ReportId", GUID),
    ("GetReportHistoryLimit", "ReportId", GUID),
    ("IsComponentCustomizable", "ComponentId", GUID),
    ("QueryMultipleSchedules", "ResourceIds", GUID),
    (
        "QueryMultipleSchedules",
        "TimeCodes",
        "Microsoft.Dynamics.CRM.TimeCode",
    ),
    ("QuerySchedule", "ResourceId", GUID),
    (
        "QuerySchedule",
        "TimeCodes",
        "Microsoft.Dynamics.CRM.TimeCode",
    ),
    ("RetrieveAADUserPrivileges", "DirectoryObjectId", GUID),
    ("RetrieveAADUserRoles", "DirectoryObjectId", GUID),
    (
        "RetrieveAllEntities",
        "EntityFilters",
        "Microsoft.Dynamics.CRM.EntityFilters",
    ),
    ("RetrieveAppComponents", "AppModuleId", GUID),
    ("RetrieveAttribute", "MetadataId", GUID),
    (
        "RetrieveCurrentOrganization",
        "AccessType",
        "Microsoft.Dynamics.CRM.EndpointAccessType",
    ),
    ("RetrieveDependenciesForDelete", "ObjectId", GUID),
    ("RetrieveDependentComponents", "ObjectId", GUID),
    (
        "RetrieveEntity",
        "EntityFilters",
        "Microsoft.Dynamics.CRM.EntityFilters",
    ),
    ("RetrieveEntity", "MetadataId", GUID),
    (
        "RetrieveEntityRibbon",
        "RibbonLocationFilter",
        "Microsoft.Dynamics.CRM.RibbonLocationFilters",
    ),
    ("RetrieveExchangeRate", "TransactionCurrencyId", GUID),
    ("RetrieveFormattedImportJobResults", "ImportJobId", GUID),
    ("RetrieveProcessInstances", "EntityId", GUID),
    ("RetrieveRequiredComponents", "ObjectId", GUID),
];

/// `Edm.Guid`, or the name of an enumeration; `None` where texts are texts.
pub(crate) fn of(function: &str, parameter: &str) -> Option<&'static str> {
    TYPES
        .binary_search_by(|(of, named, _)| (*of, *named).cmp(&(function, parameter)))
        .ok()
        .map(|place| TYPES[place].2)
}

#[cfg(test)]
mod tests {
    use super::{TYPES, of};

    #[test]
    fn types_are_found_by_function_and_parameter() {
        assert!(TYPES.is_sorted());
        assert_eq!(of("RetrieveEntity", "MetadataId"), Some("Edm.Guid"));
        assert_eq!(of("RetrieveEntity", "LogicalName"), None);
    }
}
