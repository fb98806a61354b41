//! `$metadata` of what is served.

use std::fmt::Write;

use crate::model::{self, Api, EntitySet, Field, FieldKind};

/// The whole document.
pub(super) fn document(api: Api) -> String {
    let mut xml = String::from(
        "<?xml version=\"1.0\" encoding=\"utf-8\"?><edmx:Edmx Version=\"4.0\" xmlns:edmx=\"http://docs.oasis-open.org/odata/ns/edmx\"><edmx:DataServices><Schema Namespace=\"Microsoft.NAV\" xmlns=\"http://docs.oasis-open.org/odata/ns/edm\">",
    );
    xml.push_str(COMPANY);
    if api == Api::V2 {
        xml.push_str(SUBSCRIPTION);
    }
    for set in model::sets_of(api) {
        type_(&mut xml, set);
    }
    for set in model::sets_of(api) {
        actions(&mut xml, set);
    }
    xml.push_str("<EntityContainer Name=\"default\">");
    entry(&mut xml, "companies", "company");
    if api == Api::V2 {
        entry(&mut xml, "subscriptions", "subscription");
    }
    for set in model::sets_of(api) {
        entry(&mut xml, set.name, set.entity);
    }
    xml.push_str("</EntityContainer></Schema></edmx:DataServices></edmx:Edmx>");
    xml
}

const COMPANY: &str = concat!(
    "<EntityType Name=\"company\"><Key><PropertyRef Name=\"id\" /></Key>",
    "<Property Name=\"id\" Type=\"Edm.Guid\" Nullable=\"false\" />",
    "<Property Name=\"systemVersion\" Type=\"Edm.String\" />",
    "<Property Name=\"timestamp\" Type=\"Edm.Int64\" />",
    "<Property Name=\"name\" Type=\"Edm.String\" MaxLength=\"30\" />",
    "<Property Name=\"displayName\" Type=\"Edm.String\" MaxLength=\"250\" />",
    "<Property Name=\"businessProfileId\" Type=\"Edm.String\" />",
    "<Property Name=\"systemCreatedAt\" Type=\"Edm.DateTimeOffset\" />",
    "<Property Name=\"systemCreatedBy\" Type=\"Edm.Guid\" />",
    "<Property Name=\"systemModifiedAt\" Type=\"Edm.DateTimeOffset\" />",
    "<Property Name=\"systemModifiedBy\" Type=\"Edm.Guid\" /></EntityType>",
);
const SUBSCRIPTION: &str = concat!(
    "<EntityType Name=\"subscription\"><Key><PropertyRef Name=\"subscriptionId\" /></Key>",
    "<Property Name=\"subscriptionId\" Type=\"Edm.String\" Nullable=\"false\" MaxLength=\"150\" />",
    "<Property Name=\"notificationUrl\" Type=\"Edm.String\" />",
    "<Property Name=\"resource\" Type=\"Edm.String\" />",
    "<Property Name=\"timestamp\" Type=\"Edm.Int64\" />",
    "<Property Name=\"userId\" Type=\"Edm.Guid\" />",
    "<Property Name=\"lastModifiedDateTime\" Type=\"Edm.DateTimeOffset\" />",
    "<Property Name=\"clientState\" Type=\"Edm.String\" MaxLength=\"2048\" />",
    "<Property Name=\"expirationDateTime\" Type=\"Edm.DateTimeOffset\" />",
    "<Property Name=\"systemCreatedAt\" Type=\"Edm.DateTimeOffset\" />",
    "<Property Name=\"systemCreatedBy\" Type=\"Edm.Guid\" />",
    "<Property Name=\"systemModifiedAt\" Type=\"Edm.DateTimeOffset\" />",
    "<Property Name=\"systemModifiedBy\" Type=\"Edm.Guid\" /></EntityType>",
);

fn type_(xml: &mut String, set: &EntitySet) {
    // Writing to a text cannot fail.
    let _ = write!(
        xml,
        "<EntityType Name=\"{}\"><Key><PropertyRef Name=\"{}\" /></Key>",
        set.entity,
        set.key()
    );
    for field in &set.fields {
        property(xml, field, set.key());
    }
    for navigation in &set.navigations {
        let entity = model::set(navigation.set).map_or(navigation.set, |set| set.entity);
        let (open, close) = if navigation.is_many {
            ("Collection(", ")")
        } else {
            ("", "")
        };
        let _ = write!(
            xml,
            "<NavigationProperty Name=\"{}\" Type=\"{open}Microsoft.NAV.{entity}{close}\"",
            navigation.name
        );
        let through = navigation.through.map(|field| {
            format!(
                "><ReferentialConstraint Property=\"{field}\" ReferencedProperty=\"id\" /></NavigationProperty>"
            )
        });
        xml.push_str(through.as_deref().unwrap_or(" ContainsTarget=\"true\" />"));
    }
    xml.push_str("</EntityType>");
}

fn property(xml: &mut String, field: &Field, key: &str) {
    let _ = write!(
        xml,
        "<Property Name=\"{}\" Type=\"{}\"",
        field.name,
        field.kind.edm_name()
    );
    match &field.kind {
        FieldKind::Code(most) | FieldKind::Text(most) => {
            let _ = write!(xml, " MaxLength=\"{most}\"");
        }
        FieldKind::Decimal => xml.push_str(" Scale=\"Variable\""),
        _ => {}
    }
    if field.name == key {
        xml.push_str(" Nullable=\"false\"");
    }
    if field.is_read_only {
        xml.push_str(
            "><Annotation Term=\"Org.OData.Core.V1.Computed\" Bool=\"true\" /></Property>",
        );
    } else {
        xml.push_str(" />");
    }
}

fn actions(xml: &mut String, set: &EntitySet) {
    for action in &set.actions {
        let _ = write!(
            xml,
            "<Action Name=\"{action}\" IsBound=\"true\"><Parameter Name=\"bindingParameter\" Type=\"Microsoft.NAV.{}\" /></Action>",
            set.entity
        );
    }
}

fn entry(xml: &mut String, name: &str, entity: &str) {
    let _ = write!(
        xml,
        "<EntitySet Name=\"{name}\" EntityType=\"Microsoft.NAV.{entity}\" />"
    );
}
