use model::ReceiveRule;
use serde::{Deserialize, Serialize};

/// What faces may ask about receiving rules. Reply, unless said otherwise: `Done`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(tag = "action", rename_all = "snake_case")]
pub enum RuleCommand {
    /// Reply: `Rules`.
    List,
    /// Say something; what is left open here stays as it was.
    Set {
        /// The name or id of a contact, or `None` for everybody.
        contact: Option<String>,
        /// What is said.
        #[cfg_attr(test, ts(type = "ReceiveRule"))]
        rule: ReceiveRule,
    },
    /// Take back all that was said.
    Clear {
        /// The name or id of a contact, or `None` for everybody.
        contact: Option<String>,
    },
}
