//! A running node.

use std::{
    net::TcpListener,
    process::{Child, Command, Stdio},
    time::Duration,
};

use serde_json::Value;

use crate::{Lake, process::program, project};

/// How often a node is asked whether it is ready before a test gives up, ten times a second.
const PATIENCE: u32 = 300;

/// A `serve` process on a free loopback port; killed when dropped.
#[derive(Debug)]
pub struct Node {
    process: Child,
    url: String,
}

/// An answer: status, snapshot header, body.
#[derive(Debug, Clone)]
pub struct Answer {
    /// The status code.
    pub status: u16,
    /// `X-Snapshot-Id`, empty where it is missing.
    pub snapshot: String,
    /// The body; null where it is not JSON.
    pub body: Value,
    /// The body as it came.
    pub text: String,
}

impl Node {
    /// Starts a node on a lake and waits until it is live.
    ///
    /// # Panics
    /// The node does not come up.
    #[must_use]
    pub fn start(lake: &Lake) -> Self {
        Self::start_with(lake, &[])
    }

    /// Starts a node with more arguments and waits until it is live.
    ///
    /// # Panics
    /// The node does not come up.
    #[must_use]
    pub fn start_with(lake: &Lake, more: &[&str]) -> Self {
        Self::start_at(&lake.path().display().to_string(), more, &[])
    }

    /// Starts a node on a lake anywhere, with more arguments and variables, and waits until it is live.
    ///
    /// # Panics
    /// The node does not come up.
    #[must_use]
    pub fn start_at(lake: &str, more: &[&str], variables: &[(String, String)]) -> Self {
        let free = TcpListener::bind("127.0.0.1:0").expect("a loopback port");
        let address = free
            .local_addr()
            .expect("a bound socket has an address")
            .to_string();
        drop(free);
        let process = Command::new(program("serve"))
            .envs(variables.iter().cloned())
            .args([
                "--lake",
                lake,
                "--listen",
                &address,
                "--poll-ms",
                "100",
                "--node",
                "test",
            ])
            .args(more)
            .current_dir(project())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("the node starts");
        let node = Self {
            process,
            url: format!("http://{address}"),
        };
        node.wait("live", |node| node.try_get("/livez").is_some());
        node
    }

    /// Starts a node and waits until it serves the announced snapshot.
    #[must_use]
    pub fn ready(lake: &Lake) -> Self {
        Self::ready_with(lake, &[])
    }

    /// Starts a node with more arguments and waits until it serves the announced snapshot.
    #[must_use]
    pub fn ready_with(lake: &Lake, more: &[&str]) -> Self {
        let node = Self::start_with(lake, more);
        node.wait("ready", |node| {
            node.try_get("/readyz").is_some_and(|a| a.status == 200)
        });
        node
    }

    /// Returns the address, such as `http://127.0.0.1:40123`.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Waits until something holds.
    ///
    /// # Panics
    /// It does not within thirty seconds.
    pub fn wait(&self, what: &str, holds: impl Fn(&Self) -> bool) {
        for _ in 0..PATIENCE {
            if holds(self) {
                return;
            }
            std::thread::sleep(Duration::from_millis(100));
        }
        panic!("the node is not {what}");
    }

    fn agent() -> ureq::Agent {
        let config = ureq::Agent::config_builder().http_status_as_error(false);
        config
            .timeout_global(Some(Duration::from_secs(30)))
            .build()
            .into()
    }

    fn try_get(&self, path: &str) -> Option<Answer> {
        Self::agent()
            .get(format!("{}{path}", self.url))
            .call()
            .ok()
            .map(read)
    }

    /// Asks with GET.
    ///
    /// # Panics
    /// The node does not answer.
    #[must_use]
    pub fn get(&self, path: &str) -> Answer {
        self.try_get(path)
            .unwrap_or_else(|| panic!("no answer to {path}"))
    }

    /// Asks with POST and a JSON body.
    ///
    /// # Panics
    /// The node does not answer.
    #[must_use]
    pub fn post(&self, path: &str, body: &Value) -> Answer {
        let sent = Self::agent()
            .post(format!("{}{path}", self.url))
            .send_json(body);
        read(sent.unwrap_or_else(|error| panic!("no answer to {path}: {error}")))
    }

    /// Asks with POST and a JSON body on behalf of a user.
    ///
    /// # Panics
    /// The node does not answer.
    #[must_use]
    pub fn post_as(&self, user: &str, path: &str, body: &Value) -> Answer {
        let sent = Self::agent()
            .post(format!("{}{path}", self.url))
            .header("x-user-id", user)
            .send_json(body);
        read(sent.unwrap_or_else(|error| panic!("no answer to {path}: {error}")))
    }

    /// Asks with headers: with POST where there is a body, else with GET.
    ///
    /// # Panics
    /// The node does not answer.
    #[must_use]
    pub fn ask(&self, path: &str, body: Option<&Value>, headers: &[(&str, &str)]) -> Answer {
        let (agent, url) = (Self::agent(), format!("{}{path}", self.url));
        let sent = match body {
            Some(body) => {
                let request = headers
                    .iter()
                    .fold(agent.post(url), |request, (name, value)| {
                        request.header(*name, *value)
                    });
                request.send_json(body)
            }
            None => {
                let request = headers
                    .iter()
                    .fold(agent.get(url), |request, (name, value)| {
                        request.header(*name, *value)
                    });
                request.call()
            }
        };
        read(sent.unwrap_or_else(|error| panic!("no answer to {path}: {error}")))
    }

    /// Stops the node as an operator does, and waits until it has written everything.
    ///
    /// # Panics
    /// The node does not stop by itself.
    pub fn stop(mut self) {
        let id = self.process.id().to_string();
        let sent = Command::new("kill")
            .args(["-TERM", &id])
            .status()
            .expect("kill runs");
        assert!(sent.success());
        let status = self.process.wait().expect("the node is our child");
        assert!(status.success(), "the node stopped with {status}");
    }
}

fn read(mut response: ureq::http::Response<ureq::Body>) -> Answer {
    let snapshot = response.headers().get("x-snapshot-id");
    let snapshot = snapshot
        .and_then(|id| id.to_str().ok())
        .unwrap_or_default()
        .to_owned();
    let status = response.status().as_u16();
    let text = response.body_mut().read_to_string().unwrap_or_default();
    Answer {
        status,
        snapshot,
        body: serde_json::from_str(&text).unwrap_or(Value::Null),
        text,
    }
}

impl Drop for Node {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
