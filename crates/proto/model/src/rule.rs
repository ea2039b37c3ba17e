use serde::{Deserialize, Serialize};

use crate::limits::RULE_CEILING_BYTES;
use crate::{Existing, FolderPattern};

/// What becomes of a contact's offers while nobody answers them, as far as somebody said.
///
/// What a contact's rule leaves open is as in the rule for everybody; what that leaves open is as in
/// [`RuleInForce::default`].
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReceiveRule {
    /// Whether offers are taken without asking.
    pub accept: Option<bool>,
    /// The largest offer that is, in bytes.
    pub ceiling_bytes: Option<u64>,
    /// Whether programs are taken too; else they are left out.
    pub executables: Option<bool>,
    /// The folder below the destination.
    pub into: Option<FolderPattern>,
    /// What becomes of names that are taken.
    pub existing: Option<Existing>,
}

/// A rule in which nothing is open but what settings decide.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RuleInForce {
    /// Whether offers are taken without asking.
    pub accept: bool,
    /// The largest offer that is, in bytes.
    pub ceiling_bytes: u64,
    /// Whether programs are taken too.
    pub executables: bool,
    /// The folder below the destination; `None` is the destination itself.
    pub into: Option<FolderPattern>,
    /// What becomes of names that are taken; `None` is as settings say.
    pub existing: Option<Existing>,
}

impl Default for RuleInForce {
    /// Asks, takes no programs, and nothing above [`RULE_CEILING_BYTES`].
    fn default() -> Self {
        Self {
            accept: false,
            ceiling_bytes: RULE_CEILING_BYTES,
            executables: false,
            into: None,
            existing: None,
        }
    }
}

impl ReceiveRule {
    /// This rule where it says something, else `other`.
    #[must_use]
    pub fn or(self, other: Self) -> Self {
        Self {
            accept: self.accept.or(other.accept),
            ceiling_bytes: self.ceiling_bytes.or(other.ceiling_bytes),
            executables: self.executables.or(other.executables),
            into: self.into.or(other.into),
            existing: self.existing.or(other.existing),
        }
    }

    /// This rule with nothing left open.
    pub fn in_force(self) -> RuleInForce {
        let default = RuleInForce::default();
        RuleInForce {
            accept: self.accept.unwrap_or(default.accept),
            ceiling_bytes: self.ceiling_bytes.unwrap_or(default.ceiling_bytes),
            executables: self.executables.unwrap_or(default.executables),
            into: self.into,
            existing: self.existing,
        }
    }
}

impl RuleInForce {
    /// Whether an offer of so many bytes is taken; a stream, whose end nobody knows, never is.
    pub fn takes(&self, bytes: u64, is_stream: bool) -> bool {
        self.accept && !is_stream && bytes <= self.ceiling_bytes
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_taken_unless_somebody_said_so() {
        assert!(!ReceiveRule::default().in_force().takes(0, false));
    }

    #[test]
    fn a_rule_takes_ten_gibibytes_unless_it_says_otherwise() {
        let accept = ReceiveRule {
            accept: Some(true),
            ..ReceiveRule::default()
        };
        let rule = accept.clone().in_force();
        assert_eq!(rule.ceiling_bytes, 10 << 30);
        assert!(rule.takes(RULE_CEILING_BYTES, false));
        assert!(!rule.takes(RULE_CEILING_BYTES + 1, false));
        assert!(!rule.takes(0, true));
        assert!(!rule.executables);
    }

    #[test]
    fn a_contacts_rule_stands_above_the_one_for_everybody() {
        let everybody = ReceiveRule {
            accept: Some(true),
            ceiling_bytes: Some(5),
            ..ReceiveRule::default()
        };
        let own = ReceiveRule {
            accept: Some(false),
            existing: Some(Existing::Skip),
            ..ReceiveRule::default()
        };
        let rule = own.or(everybody);
        assert_eq!((rule.accept, rule.ceiling_bytes), (Some(false), Some(5)));
        assert_eq!(rule.existing, Some(Existing::Skip));
    }
}
