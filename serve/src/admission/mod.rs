//! The one place where a request becomes a caller: who asks, for which tenant, for what, how much. Routes say what they need in
//! [`routes`](crate::routes()), handlers take the caller from the request, and a tenant is only had through [`settle_tenant`].

mod bookkeeper;
mod credentials;
mod gate;
mod gatekeeper;
mod needs;
mod quota_log;
mod records;
mod refusals;
mod tenant;
mod watch;

pub(crate) use bookkeeper::Bookkeeper;
pub(crate) use gate::{Asking, RateTold, gate};
pub use gatekeeper::Gatekeeper;
pub(crate) use gatekeeper::is_development;
pub use needs::{Needs, Who};
pub(crate) use quota_log::QuotaLog;
pub(crate) use records::{ADMIN_CALLS, USAGE};
pub(crate) use tenant::settle_tenant;
pub(crate) use watch::{KEYS_IN_LAKE, KeySource, KeyWatch};
