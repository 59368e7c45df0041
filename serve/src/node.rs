//! The parts that the endpoints work with.

use std::{net::IpAddr, sync::Arc};

use actix_web::{FromRequest, HttpMessage, HttpRequest, dev::Payload, web};
use std::future::{Ready, ready};

use crate::{
    ApiError, Code, Collector, Current, Permits, Serving, edge::AnsweredFrom, traffic::Traffic,
};

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

/// One node: its parts, the salt of its address hashes, and what it answered.
#[derive(Debug)]
pub struct Node {
    parts: NodeParts,
    salt: [u8; 32],
    traffic: Traffic,
}

impl Node {
    /// Makes a node. `salt` is random and known to nobody: the hashes of two processes cannot be compared.
    #[must_use]
    pub fn new(parts: NodeParts, salt: [u8; 32]) -> Self {
        Self {
            parts,
            salt,
            traffic: Traffic::default(),
        }
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

    /// Names the salt of [`Node::ip_hash`] without telling it: hashes can be compared where this is the same.
    pub(crate) fn caller_scope(&self) -> String {
        blake3::keyed_hash(&self.salt, b"caller scope").to_hex()[..16].to_owned()
    }

    /// Stands for a caller in the query log: a keyed hash of the address, cut to 16 digits.
    pub(crate) fn ip_hash(&self, request: &HttpRequest) -> Option<String> {
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
        address.map(|ip| blake3::keyed_hash(&self.salt, ip.as_bytes()).to_hex()[..16].to_owned())
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
