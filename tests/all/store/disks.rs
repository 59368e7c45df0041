//! A disk that is full, and folders that may not be written.

use std::{
    path::{Path, PathBuf},
    process::Command,
};

use marketlounge_tests::{Lake, Ran, SLOT, program, project};

use super::published_with_news;

/// A mount that is gone with this value.
struct Mount(PathBuf);

impl Mount {
    /// Mounts a file system in memory of so many KiB; none, with a notice, where this user may not mount.
    fn memory(at: &Path, kib: u64) -> Option<Self> {
        std::fs::create_dir_all(at).unwrap();
        let size = format!("size={kib}k");
        Self::make(at, &["-t", "tmpfs", "-o", &size, "tmpfs"])
    }

    /// Makes a folder read-only, also for root.
    fn read_only(at: &Path) -> Option<Self> {
        let place = at.display().to_string();
        let mount = Self::make(at, &["--bind", &place])?;
        let made = Command::new("mount")
            .args(["-o", "remount,ro,bind"])
            .arg(at)
            .status()
            .unwrap();
        assert!(made.success());
        Some(mount)
    }

    fn make(at: &Path, arguments: &[&str]) -> Option<Self> {
        let tried = Command::new("mount")
            .args(arguments)
            .arg(at)
            .output()
            .ok()?;
        if !tried.status.success() {
            eprintln!("notice: not tested: this user may not mount");
            return None;
        }
        Some(Self(at.to_owned()))
    }
}

impl Drop for Mount {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("--lazy").arg(&self.0).status();
    }
}

fn nightly(lake: &Path) -> Ran {
    let lake = lake.display().to_string();
    Ran::pipeline(
        &[
            "--json", "run", "nightly", "--slot", SLOT, "--model", "none", "--lake", &lake,
        ],
        &[],
    )
}

fn verify(lake: &Path) -> Ran {
    let lake = lake.display().to_string();
    Ran::pipeline(&["snapshot", "verify", "--lake", &lake], &[])
}

fn announced(lake: &Path) -> String {
    let bytes = std::fs::read(lake.join("snapshots/CURRENT")).unwrap();
    let pointer: serde_json::Value = serde_json::from_slice(&bytes).unwrap();
    pointer["id"].as_str().unwrap().to_owned()
}

/// Returns why jobs failed, and what was said on standard error.
fn said(ran: &Ran) -> String {
    let events = ran.json();
    let failed = events
        .iter()
        .filter(|event| event["record"]["state"] == "failed");
    let reasons = failed.filter_map(|event| event["record"]["reason"].as_str());
    reasons
        .chain([ran.stderr.as_str()])
        .collect::<Vec<_>>()
        .join("\n")
}

/// Checks that a run ended because of the store, that it says what mends it, and that the old snapshot stands.
fn check_failed(ran: &Ran, lake: &Path, old: &str, mend: &str) {
    let said = said(ran);
    assert_eq!(ran.code, Some(5), "{said}");
    assert!(said.contains(mend), "{said}");
    assert!(
        said.contains(&lake.display().to_string()),
        "the file is named: {said}"
    );
    assert_eq!(announced(lake), old);
    assert!(verify(lake).is_success());
}

#[test]
fn a_full_disk_ends_the_run_with_the_old_snapshot_announced_and_room_lets_it_finish() {
    let (lake, old) = published_with_news();
    let place = Lake::empty();
    let at = place.file("disk");
    let Some(_disk) = Mount::memory(&at, 200 << 10) else {
        return;
    };
    let copied = Command::new("cp")
        .arg("-r")
        .arg(lake.path())
        .arg(at.join("lake"))
        .status()
        .unwrap();
    assert!(copied.success());
    let (full, ballast) = (at.join("lake"), at.join("ballast"));
    assert!(lake.nightly(&[]).is_success());
    // From no room at all to nearly enough: the run is cut off at its start, in its tables, and in its snapshot.
    for kib in [0_u64, 300, 2000, 6000] {
        fill(&at, &ballast, kib);
        let ran = nightly(&full);
        check_failed(&ran, &full, &old, "mend: make room on the disk");
        std::fs::remove_file(&ballast).unwrap();
    }
    let ran = nightly(&full);
    assert!(ran.is_success(), "{}", ran.stderr);
    assert_eq!(announced(&full), lake.announced().unwrap());
    assert!(verify(&full).is_success());
}

/// Fills a file system but for so many KiB.
fn fill(disk: &Path, ballast: &Path, leave_kib: u64) {
    let asked = Command::new("df")
        .args(["--output=avail", "-k"])
        .arg(disk)
        .output()
        .unwrap();
    let told = String::from_utf8(asked.stdout).unwrap();
    let free_kib: u64 = told.lines().last().unwrap().trim().parse().unwrap();
    let file = std::fs::File::create(ballast).unwrap();
    drop(file);
    let size = format!("{}K", free_kib.saturating_sub(leave_kib));
    let filled = Command::new("fallocate")
        .args(["-l", &size])
        .arg(ballast)
        .status()
        .unwrap();
    assert!(filled.success());
}

#[test]
fn a_limit_on_files_is_told_as_such_and_a_higher_one_lets_the_run_finish() {
    let (lake, old) = published_with_news();
    let limited = |kib: u32| {
        let run = format!(
            "trap '' XFSZ; ulimit -f {kib}; exec {} --json run nightly --slot {SLOT} --model none --lake {}",
            program("pipeline").display(),
            lake.path().display()
        );
        let output = Command::new("bash")
            .args(["-c", &run])
            .current_dir(project())
            .output();
        Ran::from(output.unwrap())
    };
    for kib in [4, 64, 400] {
        check_failed(
            &limited(kib),
            lake.path(),
            &old,
            "mend: make room on the disk, or raise the quota",
        );
    }
    let ran = lake.nightly(&[]);
    assert!(ran.is_success(), "{}", ran.stderr);
    assert_ne!(lake.announced().unwrap(), old);
    assert!(lake.snapshot(&["verify"]).is_success());
}

/// A folder that nobody may add to, nor root.
struct Frozen(PathBuf);

impl Frozen {
    fn freeze(at: &Path) -> Option<Self> {
        let frozen = Command::new("chattr").arg("+i").arg(at).output().ok()?;
        if !frozen.status.success() {
            eprintln!("notice: not tested: this user or file system cannot freeze a folder");
            return None;
        }
        Some(Self(at.to_owned()))
    }
}

impl Drop for Frozen {
    fn drop(&mut self) {
        let _ = Command::new("chattr").arg("-i").arg(&self.0).status();
    }
}

#[test]
fn a_folder_that_may_not_be_written_is_named_and_the_old_snapshot_stands() {
    let (lake, old) = published_with_news();
    for folder in [
        "gold/_versions/company_concepts",
        "snapshots",
        "runs",
        "_scratch",
    ] {
        let Some(frozen) = Frozen::freeze(&lake.file(folder)) else {
            return;
        };
        let ran = lake.nightly(&[]);
        check_failed(&ran, lake.path(), &old, "mend: let this user write there");
        let said = said(&ran);
        assert!(said.contains(folder), "{folder} is named");
        drop(frozen);
    }
    if let Some(mount) = Mount::read_only(lake.path()) {
        let ran = lake.nightly(&[]);
        check_failed(&ran, lake.path(), &old, "mend: let this user write there");
        drop(mount);
    }
    let ran = lake.nightly(&[]);
    assert!(ran.is_success(), "{}", ran.stderr);
    assert_ne!(lake.announced().unwrap(), old);
}
