//! `docker-compose.yml` and what it mounts: the compose tool takes every profile, no port is open to the network, and our programs may
//! write where they must.

mod watching;

use std::{collections::BTreeSet, fs, process::Command};

use marketlounge_tests::project;
use yaml_rust2::{Yaml, YamlLoader};

const OUR_IMAGE: &str = "marketlounge";
const LOCAL: [&str; 2] = ["pipeline", "serve"];
const CLUSTER: [&str; 8] = [
    "first-night",
    "grafana",
    "make-bucket",
    "node-1",
    "node-2",
    "object-store",
    "prometheus",
    "scheduler",
];

fn text(path: &str) -> String {
    fs::read_to_string(project().join(path)).unwrap()
}

fn yaml(path: &str) -> Yaml {
    let mut documents = YamlLoader::load_from_str(&text(path)).unwrap();
    assert_eq!(documents.len(), 1, "{path}");
    documents.remove(0)
}

/// All values of a name, wherever they stand.
fn all<'a>(yaml: &'a Yaml, name: &str) -> Vec<&'a Yaml> {
    let mut found = Vec::new();
    match yaml {
        Yaml::Hash(entries) => {
            for (key, value) in entries {
                if key.as_str() == Some(name) {
                    found.push(value);
                }
                found.extend(all(value, name));
            }
        }
        Yaml::Array(items) => items.iter().for_each(|item| found.extend(all(item, name))),
        _ => {}
    }
    found
}

/// What a service says, or what it took over with `<<`.
fn said<'a>(service: &'a Yaml, name: &str) -> &'a Yaml {
    match (&service[name], &service["<<"]) {
        (Yaml::BadValue, above @ Yaml::Hash(_)) => said(above, name),
        (own, _) => own,
    }
}

fn lists<'a>(compose: &'a Yaml, name: &str) -> Vec<&'a Yaml> {
    let lists = all(compose, name).into_iter().filter_map(Yaml::as_vec);
    lists.flatten().collect()
}

/// The compose tool of this machine, version 2 or later; none, with a notice, where it has none.
fn tool() -> Option<&'static [&'static str]> {
    let tools: [&[&str]; 2] = [&["docker", "compose"], &["docker-compose"]];
    let found = tools.into_iter().find(|words| {
        let asked = Command::new(words[0])
            .args(&words[1..])
            .args(["version", "--short"])
            .output();
        asked.is_ok_and(|asked| {
            let version = String::from_utf8_lossy(&asked.stdout).trim().to_owned();
            asked.status.success() && !version.is_empty() && !version.starts_with("1.")
        })
    });
    if found.is_none() {
        eprintln!(
            "notice: no compose tool here, version 2 or later: only the file's text is tested"
        );
    }
    found
}

/// Runs the tool's `config` in a profile, or as it is when none is named.
fn config(tool: &[&str], profile: Option<&str>, more: &str) -> String {
    let mut command = Command::new(tool[0]);
    command.args(&tool[1..]).current_dir(project());
    if let Some(profile) = profile {
        command.args(["--profile", profile]);
    }
    // What a developer exported does not decide what is tested.
    for variable in ["COMPOSE_PROFILES", "COMPOSE_FILE", "COMPOSE_ENV_FILES"] {
        command.env_remove(variable);
    }
    let ran = command.args(["config", more]).output().unwrap();
    let complaints = String::from_utf8_lossy(&ran.stderr);
    assert!(ran.status.success(), "{profile:?}: {complaints}");
    assert!(!complaints.contains("not set"), "{profile:?}: {complaints}");
    String::from_utf8(ran.stdout).unwrap()
}

#[test]
fn the_compose_tool_takes_every_profile_and_starts_the_local_one_unless_told() {
    let Some(tool) = tool() else { return };
    for (profile, expected) in [
        (None, &LOCAL[..]),
        (Some("local"), &LOCAL[..]),
        (Some("cluster"), &CLUSTER[..]),
    ] {
        config(tool, profile, "--quiet");
        let services = config(tool, profile, "--services");
        let services: BTreeSet<_> = services.lines().collect();
        let expected: BTreeSet<_> = expected.iter().copied().collect();
        assert_eq!(services, expected, "{profile:?}");
    }
}

#[test]
fn every_service_has_one_of_the_two_profiles() {
    let compose = yaml("docker-compose.yml");
    let services = compose["services"].as_hash().unwrap();
    assert_eq!(services.len(), LOCAL.len() + CLUSTER.len());
    for (name, service) in services {
        let name = name.as_str().unwrap();
        let profiles = said(service, "profiles").as_vec().unwrap();
        let profiles: Vec<_> = profiles.iter().filter_map(Yaml::as_str).collect();
        let expected = if LOCAL.contains(&name) {
            "local"
        } else {
            "cluster"
        };
        assert_eq!(profiles, [expected], "{name}");
    }
    let chosen = text(".env");
    assert!(chosen.lines().any(|line| line == "COMPOSE_PROFILES=local"));
}

#[test]
fn every_port_is_open_to_this_machine_only() {
    let compose = yaml("docker-compose.yml");
    let ports = lists(&compose, "ports");
    assert!(ports.len() >= 5, "{ports:?}");
    for port in ports {
        let port = port.as_str().unwrap();
        assert!(port.starts_with("127.0.0.1:"), "{port}");
    }
    let modes = all(&compose, "network_mode");
    assert!(modes.iter().all(|mode| mode.as_str() == Some("none")));
    assert!(all(&compose, "privileged").is_empty());
}

#[test]
fn every_variable_has_a_default() {
    // `$$` is a dollar for the container's shell.
    let compose = text("docker-compose.yml").replace("$$", "");
    let variables: Vec<_> = compose.split('$').skip(1).collect();
    assert!(variables.len() >= 5);
    for variable in variables {
        let braced = variable
            .strip_prefix('{')
            .and_then(|rest| rest.split_once('}'));
        let default = braced.and_then(|(inner, _)| inner.split_once(":-"));
        let is_good = default.is_some_and(|(name, value)| !name.is_empty() && !value.is_empty());
        assert!(is_good, "${}", variable.lines().next().unwrap_or_default());
    }
}

#[test]
fn every_image_but_ours_is_pinned() {
    let compose = yaml("docker-compose.yml");
    let images = all(&compose, "image").into_iter().filter_map(Yaml::as_str);
    let others: BTreeSet<_> = images.filter(|image| *image != OUR_IMAGE).collect();
    assert_eq!(others.len(), 3, "{others:?}");
    for image in others {
        let (_, tag) = image.trim_end_matches('}').rsplit_once(':').unwrap();
        assert!(tag.chars().any(|c| c.is_ascii_digit()), "{image}");
    }
}

#[test]
fn every_file_that_is_mounted_is_there() {
    let compose = yaml("docker-compose.yml");
    let mut mounted = BTreeSet::new();
    for volume in lists(&compose, "volumes") {
        let source = match volume.as_str() {
            Some(short) => short.split(':').next(),
            None if volume["bind"]["create_host_path"].as_bool() == Some(true) => None,
            None => volume["source"].as_str(),
        };
        mounted.extend(source.filter(|source| source.starts_with('.')));
    }
    mounted.extend(
        all(&compose, "dockerfile")
            .into_iter()
            .filter_map(Yaml::as_str),
    );
    assert!(mounted.len() >= 5, "{mounted:?}");
    for path in mounted {
        assert!(project().join(path).exists(), "{path}");
    }
}

#[test]
fn our_programs_are_nobody_and_own_every_volume_that_they_write() {
    let dockerfile = text(".docker/Dockerfile");
    assert!(dockerfile.lines().any(|line| line == "USER 10001"));
    let own = dockerfile
        .lines()
        .find(|line| line.contains("install -d -o 10001"));
    let own: Vec<_> = own.unwrap().split_whitespace().collect();
    let compose = yaml("docker-compose.yml");
    let mut targets = BTreeSet::new();
    for service in compose["services"].as_hash().unwrap().values() {
        if said(service, "image").as_str() == Some(OUR_IMAGE) {
            assert_eq!(said(service, "user"), &Yaml::BadValue);
            let volumes = said(service, "volumes").as_vec().unwrap();
            let named = volumes.iter().filter_map(Yaml::as_str);
            targets.extend(named.filter_map(|volume| volume.split(':').nth(1)));
        }
    }
    assert!(targets.len() >= 3, "{targets:?}");
    // A named volume takes the owner of the folder of the image; where there is none it is root's.
    for target in targets {
        assert!(
            own.contains(&target),
            "{target} is not made in the Dockerfile"
        );
    }
}
