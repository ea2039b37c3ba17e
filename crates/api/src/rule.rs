use model::{DisplayName, ReceiveRule};
use serde::{Deserialize, Serialize};

/// A receiving rule as faces see it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct RuleView {
    /// Names the contact in commands; `None` is the rule for everybody.
    pub contact: Option<String>,
    /// The contact's name.
    #[cfg_attr(test, ts(type = "string | null"))]
    pub name: Option<DisplayName>,
    /// What was said; what is open follows the rule for everybody, and then the program.
    #[cfg_attr(test, ts(type = "ReceiveRule"))]
    pub rule: ReceiveRule,
    /// Why nothing of this contact is accepted by a rule now, whatever the rule says.
    pub suspended: Option<RuleSuspension>,
}

/// Why rules accept nothing of a contact.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "snake_case")]
pub enum RuleSuspension {
    /// The six words were not compared.
    NotVerified,
    /// It has other keys than before.
    KeyChanged,
    /// It is muted.
    Muted,
    /// It is blocked.
    Blocked,
}
