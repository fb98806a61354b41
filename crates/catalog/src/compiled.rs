//! What the build script made of the catalogue's files.

use model::{Api, OperationKind, Service};

use crate::behavior::Behavior;
use crate::integration::{Integration, ListedPermission, Offer};
use crate::matching::{Leaf, Node, Pattern};
use crate::operation::{
    Absent, Access, Encoding, Escape, Location, Operation, Parameter, Permissions, Piece, Repeat,
    ResultShape, Root, Support, Target, TargetKind,
};
use crate::permissions::PermissionEntry;

include!(concat!(env!("OUT_DIR"), "/catalogue.rs"));
