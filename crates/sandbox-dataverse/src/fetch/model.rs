//! What a FetchXML says, before tables are asked.

use super::xml::Element;
use crate::fault::Fault;

/// `<fetch>`
#[derive(Debug)]
pub(super) struct Fetch {
    pub(super) entity: Entity,
    pub(super) top: Option<usize>,
    pub(super) count: Option<usize>,
    pub(super) page: usize,
    pub(super) cookie: Option<String>,
    pub(super) distinct: bool,
    pub(super) aggregate: bool,
    pub(super) total: bool,
}

/// `<entity>` or `<link-entity>`
#[derive(Debug, Default)]
pub(super) struct Entity {
    pub(super) table: String,
    pub(super) alias: Option<String>,
    pub(super) from: String,
    pub(super) to: String,
    pub(super) kind: LinkKind,
    pub(super) all_attributes: bool,
    pub(super) attributes: Vec<Attribute>,
    pub(super) filters: Vec<Filter>,
    pub(super) orders: Vec<OrderBy>,
    pub(super) links: Vec<Self>,
}

/// How rows are joined.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) enum LinkKind {
    #[default]
    Inner,
    Outer,
    /// Rows that have any, once.
    Exists,
    /// Rows that have none.
    NotAny,
}

/// `<attribute>`
#[derive(Debug)]
pub(super) struct Attribute {
    pub(super) name: String,
    pub(super) alias: Option<String>,
    pub(super) aggregate: Option<String>,
    pub(super) group: bool,
    pub(super) date_grouping: Option<String>,
    pub(super) distinct: bool,
}

/// `<filter>`
#[derive(Debug)]
pub(super) struct Filter {
    pub(super) is_or: bool,
    pub(super) conditions: Vec<ConditionOf>,
    pub(super) filters: Vec<Self>,
    /// Conditions on related rows.
    pub(super) links: Vec<Entity>,
}

/// `<condition>`
#[derive(Debug)]
pub(super) struct ConditionOf {
    pub(super) entity: Option<String>,
    pub(super) attribute: String,
    pub(super) operator: String,
    pub(super) values: Vec<String>,
    pub(super) value_of: Option<String>,
}

/// `<order>`
#[derive(Debug)]
pub(super) struct OrderBy {
    pub(super) entity: Option<String>,
    pub(super) attribute: Option<String>,
    pub(super) alias: Option<String>,
    pub(super) descending: bool,
}

impl Fetch {
    pub(super) fn read(root: &Element) -> Result<Self, Fault> {
        if root.name != "fetch" {
            return Err(Fault::bad_fetch(
                "The root element of FetchXML has to be 'fetch'.",
            ));
        }
        let entity = root.children.iter().find(|child| child.name == "entity");
        let entity = entity.ok_or_else(|| Fault::bad_fetch("The element 'entity' is missing."))?;
        let fetch = Self {
            entity: Entity::read(entity)?,
            top: number(root, "top")?,
            count: number(root, "count")?,
            page: number(root, "page")?.unwrap_or(1).max(1),
            cookie: root.attribute("paging-cookie").map(str::to_owned),
            distinct: root.is("distinct"),
            aggregate: root.is("aggregate"),
            total: root.is("returntotalrecordcount"),
        };
        if fetch.count.is_some_and(|count| count > 5_000) {
            return Err(Fault::bad_fetch("The count attribute may not exceed 5000."));
        }
        if fetch.top.is_some() && root.attribute("page").is_some() {
            return Err(Fault::bad_fetch(
                "The top attribute can't be specified with paging attribute page",
            ));
        }
        Ok(fetch)
    }
}

fn number(element: &Element, name: &str) -> Result<Option<usize>, Fault> {
    let Some(text) = element.attribute(name) else {
        return Ok(None);
    };
    let bad = || {
        Fault::bad_fetch(format!(
            "Invalid value '{text}' for the attribute '{name}'."
        ))
    };
    text.trim().parse().map(Some).map_err(|_| bad())
}

fn required(element: &Element, name: &str) -> Result<String, Fault> {
    let missing = || {
        Fault::bad_fetch(format!(
            "The attribute '{name}' of '{}' is missing.",
            element.name
        ))
    };
    element
        .attribute(name)
        .map(str::to_owned)
        .ok_or_else(missing)
}

impl Entity {
    fn read(element: &Element) -> Result<Self, Fault> {
        let mut entity = Self {
            table: required(element, "name")?,
            alias: element.attribute("alias").map(str::to_owned),
            ..Self::default()
        };
        if element.name == "link-entity" {
            element
                .attribute("from")
                .unwrap_or_default()
                .clone_into(&mut entity.from);
            element
                .attribute("to")
                .unwrap_or_default()
                .clone_into(&mut entity.to);
            entity.kind = match element.attribute("link-type") {
                None | Some("inner" | "natural") => LinkKind::Inner,
                Some("outer") => LinkKind::Outer,
                Some("exists" | "in" | "any" | "matchfirstrowusingcrossapply") => LinkKind::Exists,
                Some("not any") => LinkKind::NotAny,
                Some(other) => {
                    return Err(Fault::not_implemented(&format!("the link-type {other}")));
                }
            };
        }
        for child in &element.children {
            match child.name.as_str() {
                "all-attributes" => entity.all_attributes = true,
                "no-attrs" => {}
                "attribute" => entity.attributes.push(Attribute {
                    name: required(child, "name")?,
                    alias: child.attribute("alias").map(str::to_owned),
                    aggregate: child.attribute("aggregate").map(str::to_owned),
                    group: child.is("groupby"),
                    date_grouping: child.attribute("dategrouping").map(str::to_owned),
                    distinct: child.is("distinct"),
                }),
                "filter" => entity.filters.push(Filter::read(child)?),
                "order" => entity.orders.push(OrderBy {
                    entity: child.attribute("entityname").map(str::to_owned),
                    attribute: child.attribute("attribute").map(str::to_owned),
                    alias: child.attribute("alias").map(str::to_owned),
                    descending: child.is("descending"),
                }),
                "link-entity" => entity.links.push(Self::read(child)?),
                other => {
                    return Err(Fault::bad_fetch(format!(
                        "The element '{other}' is not known."
                    )));
                }
            }
        }
        Ok(entity)
    }
}

impl Filter {
    fn read(element: &Element) -> Result<Self, Fault> {
        let mut filter = Self {
            is_or: element.attribute("type") == Some("or"),
            conditions: Vec::new(),
            filters: Vec::new(),
            links: Vec::new(),
        };
        for child in &element.children {
            match child.name.as_str() {
                "filter" => filter.filters.push(Self::read(child)?),
                "link-entity" => filter.links.push(Entity::read(child)?),
                "condition" => filter.conditions.push(ConditionOf::read(child)?),
                other => {
                    return Err(Fault::bad_fetch(format!(
                        "The element '{other}' is not known."
                    )));
                }
            }
        }
        Ok(filter)
    }
}

impl ConditionOf {
    fn read(element: &Element) -> Result<Self, Fault> {
        let mut values: Vec<String> = element
            .attribute("value")
            .map(str::to_owned)
            .into_iter()
            .collect();
        let nested = element
            .children
            .iter()
            .filter(|child| child.name == "value");
        values.extend(nested.map(|child| child.text.clone()));
        Ok(Self {
            entity: element.attribute("entityname").map(str::to_owned),
            attribute: required(element, "attribute")?,
            operator: required(element, "operator")?,
            values,
            value_of: element.attribute("valueof").map(str::to_owned),
        })
    }
}
