//! The parts that the endpoints work with.

use std::{
    net::IpAddr,
    sync::{Arc, Mutex, PoisonError},
};

use actix_web::{FromRequest, HttpMessage, HttpRequest, dev::Payload, web};
use chrono::{DateTime, Datelike, Utc};
use std::future::{Ready, ready};

use crate::{
    ApiError, Code, Collector, Current, Gatekeeper, Permits, Serving, edge::AnsweredFrom,
    traffic::Traffic,
};

/// Days for which callers' addresses are hashed with one salt.
const SALT_DAYS: i32 = 7;

/// What a node is made of.
#[derive(Debug)]
pub struct NodeParts {
    /// The snapshot that answers.
    pub current: Arc<Current>,
    /// Where match requests are logged.
    pub collector: Arc<Collector>,
    /// How many searches run at once.
    pub permits: Permits,
    /// Whether `X-Forwarded-For` tells the caller's address.
    pub is_behind_proxy: bool,
}

/// One node: its parts, who lets callers in, the salt of its address hashes, and what it answered.
#[derive(Debug)]
pub struct Node {
    parts: NodeParts,
    gatekeeper: Arc<Gatekeeper>,
    salt: Mutex<Salt>,
    traffic: Traffic,
}

/// A salt that is replaced by its own hash every week: who finds it in the memory of a process learns nothing of the weeks before.
#[derive(Debug)]
struct Salt {
    bytes: [u8; 32],
    week: i32,
}

/// What stands for a caller's address in logs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct HashedAddress {
    /// A keyed hash of the address, cut to 16 digits.
    pub(crate) ip_hash: Option<String>,
    /// Names the salt without telling it: hashes can be compared where this is the same.
    pub(crate) caller_scope: String,
}

impl Node {
    /// Makes a node of development mode. `salt` is random and known to nobody: the hashes of two processes cannot be compared.
    #[must_use]
    pub fn new(parts: NodeParts, salt: [u8; 32]) -> Self {
        Self {
            parts,
            gatekeeper: Arc::new(Gatekeeper::open()),
            salt: Mutex::new(Salt {
                bytes: salt,
                week: i32::MIN,
            }),
            traffic: Traffic::default(),
        }
    }

    /// Lets callers in by somebody else than nobody.
    #[must_use]
    pub fn guarded_by(mut self, gatekeeper: Arc<Gatekeeper>) -> Self {
        self.gatekeeper = gatekeeper;
        self
    }

    /// Returns who lets callers in.
    pub(crate) fn gatekeeper(&self) -> &Gatekeeper {
        &self.gatekeeper
    }

    /// Returns the holder of the current snapshot.
    #[must_use]
    pub fn current(&self) -> &Current {
        &self.parts.current
    }

    /// Returns the query log.
    #[must_use]
    pub fn collector(&self) -> &Collector {
        &self.parts.collector
    }

    /// Returns the permits.
    #[must_use]
    pub fn permits(&self) -> &Permits {
        &self.parts.permits
    }

    /// Returns what it answered so far.
    pub(crate) fn traffic(&self) -> &Traffic {
        &self.traffic
    }

    /// Stands for a caller in logs: a keyed hash of its address, and the name of the week's salt.
    pub(crate) fn hash_address(&self, request: &HttpRequest, now: DateTime<Utc>) -> HashedAddress {
        let peer = request.peer_addr().map(|peer| peer.ip());
        let address = if self.parts.is_behind_proxy {
            let forwarded = request
                .connection_info()
                .realip_remote_addr()
                .map(str::to_owned);
            forwarded.or_else(|| peer.as_ref().map(IpAddr::to_string))
        } else {
            peer.as_ref().map(IpAddr::to_string)
        };
        let mut salt = self.salt.lock().unwrap_or_else(PoisonError::into_inner);
        let salt = salt.of(now);
        let short = |bytes: &[u8]| blake3::keyed_hash(&salt, bytes).to_hex()[..16].to_owned();
        HashedAddress {
            ip_hash: address.map(|ip| short(ip.as_bytes())),
            caller_scope: short(b"caller scope"),
        }
    }
}

impl Salt {
    /// Returns the salt of the time's week. A clock that is set back goes on with the salt that there is.
    fn of(&mut self, now: DateTime<Utc>) -> [u8; 32] {
        let week = now.num_days_from_ce().div_euclid(SALT_DAYS);
        if week > self.week {
            self.bytes =
                blake3::derive_key("marketlounge 2026 next salt of addresses", &self.bytes);
            self.week = week;
        }
        self.bytes
    }
}

/// The one snapshot that a request is answered from, taken as the handler starts.
pub(crate) struct Answering(pub(crate) Arc<Serving>);

impl FromRequest for Answering {
    type Error = ApiError;
    type Future = Ready<Result<Self, ApiError>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let node = request.app_data::<web::Data<Node>>();
        let serving = node.and_then(|node| node.current().serving());
        ready(match serving {
            Some(serving) => {
                request
                    .extensions_mut()
                    .insert(AnsweredFrom(serving.id().clone()));
                Ok(Self(serving))
            }
            None => Err(ApiError::new(
                Code::NoSnapshot,
                "Aucun instantané vérifié n'est encore servi par ce nœud.",
                "This node serves no verified snapshot yet.",
            )),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_salt_lasts_a_week_and_the_ones_before_are_gone() {
        let at = |day: &str| format!("{day}T12:00:00Z").parse().unwrap();
        let mut salt = Salt {
            bytes: [7; 32],
            week: i32::MIN,
        };
        let first = salt.of(at("2026-11-16"));
        assert_eq!(salt.of(at("2026-11-17")), first);
        let next = salt.of(at("2026-11-24"));
        assert_ne!(next, first);
        assert_eq!(salt.of(at("2026-11-16")), next);
        assert_eq!(salt.bytes, next);
    }
}
