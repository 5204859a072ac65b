//! A hit: a rule and a node that has its shape, with the parts that selectors begin at. Enters: nothing. Leaves: [`Hit`].

use crate::lang::tree::NodeId;
use crate::rules::RuleRef;
use crate::source::Bytes;

/// The name that matched.
#[derive(Clone, PartialEq, Debug)]
pub(super) enum HitName {
    /// A name and where it stands.
    Word(String, Bytes),
    /// A computed name (`process.env[name]`).
    Node(NodeId),
}

/// A rule and a node that has its shape.
#[derive(Clone, Debug)]
pub(super) struct Hit<'a> {
    pub(super) rule: RuleRef,
    /// The node that matched.
    pub(super) node: NodeId,
    /// What `entries` and `path` begin at where a selector names no start.
    pub(super) subject: NodeId,
    pub(super) args: &'a [NodeId],
    pub(super) type_args: &'a [NodeId],
    pub(super) attributes: &'a [NodeId],
    pub(super) members: &'a [NodeId],
    pub(super) name: Option<HitName>,
    pub(super) value: Option<NodeId>,
    /// What the call is made on; where the shape has a `receiver_call`, that call.
    pub(super) receiver: Option<NodeId>,
    /// Where the rule has several flags at one node without a selector (features of a `cfg`, members of a union).
    pub(super) listed: Vec<NodeId>,
    /// The arguments that a call shape has chosen.
    pub(super) chosen: Vec<NodeId>,
}

impl Hit<'_> {
    pub(super) fn at(rule: RuleRef, node: NodeId) -> Self {
        Self {
            rule,
            node,
            subject: node,
            args: &[],
            type_args: &[],
            attributes: &[],
            members: &[],
            name: None,
            value: None,
            receiver: None,
            listed: Vec::new(),
            chosen: Vec::new(),
        }
    }
}
