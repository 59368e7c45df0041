#![doc = include_str!("../README.md")]

mod bucket;
mod caller;
mod key;
mod key_file;
mod keyring;
mod limits;
mod meter;
mod quota;
mod scope;
mod tenants;
mod token;
mod usage;

pub use caller::{Caller, Refusal, WrongTenant};
pub use key::{Entropy, KEY_START, is_key};
pub use key_file::{KeyFile, KeyFileError, KeyRecord, KeyState, NewKey};
pub use keyring::Keyring;
pub use limits::{LimitError, Limits};
pub use meter::{Meter, Policy, Verdict};
pub use quota::{Spent, SpentLine, Subject};
pub use scope::{Scope, Scopes, UnknownScope};
pub use tenants::Tenants;
pub use token::{IssuerError, Issuers};
pub use usage::{Usage, UsageCount, UsageKey};
