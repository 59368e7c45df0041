//! Backups are whole, small after the first, and bring the same lake back.

use std::path::{Path, PathBuf};

use marketlounge_tests::{Bucket, Lake, Ran};
use serde_json::Value;

use super::{counts, one_more_company, published_with_news, states};

fn text(path: &Path) -> String {
    path.display().to_string()
}

fn back_up(lake: &Lake, to: &Path) -> Ran {
    Ran::pipeline(
        &[
            "--json",
            "backup",
            "--lake",
            &text(lake.path()),
            "--to",
            &text(to),
        ],
        &[],
    )
}

fn restore(from: &Path, lake: &Lake, more: &[&str]) -> Ran {
    let (from, lake) = (text(from), text(lake.path()));
    let mut arguments = vec!["--json", "restore", "--from", &from, "--lake", &lake];
    arguments.extend(more);
    Ran::pipeline(&arguments, &[])
}

fn told(ran: &Ran) -> Value {
    assert!(ran.is_success(), "{}", ran.stderr);
    ran.json().remove(0)
}

fn flip(path: &Path) {
    let mut bytes = std::fs::read(path).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    std::fs::write(path, bytes).unwrap();
}

/// Returns the object that a backup keeps for a file of the lake.
fn object(backup: &Path, file: &Path) -> PathBuf {
    let digest = blake3::hash(&std::fs::read(file).unwrap())
        .to_hex()
        .to_string();
    backup.join(format!("objects/{}/{digest}", &digest[..2]))
}

#[test]
fn a_lake_comes_back_from_disk_to_s3_and_to_disk_again() {
    let lake = Lake::published();
    let (place, returned) = (Lake::empty(), Lake::empty());
    let first = told(&back_up(&lake, &place.file("backup")));
    assert_eq!(first["announced"].as_str(), lake.announced().as_deref());
    assert!(first["copied"]["objects"].as_u64() > Some(300));
    let restored = told(&restore(&place.file("backup"), &returned, &[]));
    assert_eq!(
        restored["copied"]["objects"].as_u64().map(|n| n + 1),
        first["holds"]["objects"].as_u64(),
        "all but the pointer"
    );
    let check = |returned: &Lake| {
        assert_eq!(returned.announced(), lake.announced());
        assert!(returned.snapshot(&["verify"]).is_success());
        assert_eq!(returned.query(&counts()), lake.query(&counts()));
        let again = returned.nightly(&[]);
        assert!(again.is_success(), "{}", again.stderr);
        let again = again.json();
        assert!(
            states(&again).iter().all(|state| *state == "skipped"),
            "nothing was lost that a run would make again"
        );
    };
    check(&returned);

    let Some(bucket) = Bucket::empty() else {
        return;
    };
    bucket.fill_from(&lake);
    assert_eq!(bucket.announced(), lake.announced());
    assert_eq!(bucket.query(&counts()), lake.query(&counts()));
    assert!(bucket.verify().is_success());
    let (kept, home) = (bucket.beside(), Lake::empty());
    let taken = bucket.pipeline(&["backup", "--lake", bucket.url(), "--to", kept.url()], &[]);
    assert!(taken.is_success(), "{}", taken.stderr);
    let place = text(home.path());
    let restored = bucket.pipeline(&["restore", "--from", kept.url(), "--lake", &place], &[]);
    assert!(restored.is_success(), "{}", restored.stderr);
    check(&home);
}

#[test]
fn what_a_backup_has_already_is_not_copied_again_and_each_can_be_restored() {
    let (lake, old) = published_with_news();
    let backup = Lake::empty();
    let first = told(&back_up(&lake, backup.path()));
    let counted = lake.query(&counts());
    let idle = told(&back_up(&lake, backup.path()));
    assert_eq!(
        (&idle["number"], &idle["copied"]["objects"]),
        (&2.into(), &0.into())
    );
    assert!(lake.nightly(&[]).is_success());
    let new = lake.announced().unwrap();
    let third = told(&back_up(&lake, backup.path()));
    let copied = |taken: &Value| taken["copied"]["objects"].as_u64().unwrap();
    assert!(
        copied(&third) > 0 && copied(&third) < copied(&first),
        "{third}"
    );
    let to = text(backup.path());
    let listed = Ran::pipeline(&["--json", "backup", "--to", &to, "--list"], &[]).json();
    let announced: Vec<_> = listed
        .iter()
        .map(|one| one["announced"].as_str().unwrap())
        .collect();
    assert_eq!(announced, [&old, &old, &new]);

    // Back behind what is announced only by force; the newer snapshot and what landed stay.
    let refused = restore(backup.path(), &lake, &["--backup", "1"]);
    assert_eq!(refused.code, Some(1));
    assert!(
        refused.stderr.contains(&new) && refused.stderr.contains("--force"),
        "{}",
        refused.stderr
    );
    assert_eq!(lake.announced().as_ref(), Some(&new));
    lake.land("companies/apres", &[one_more_company()]);
    let back = told(&restore(
        backup.path(),
        &lake,
        &["--backup", "1", "--force"],
    ));
    assert!(back["removed"].as_u64() > Some(0));
    assert_eq!(lake.announced().as_ref(), Some(&old));
    assert_eq!(lake.query(&counts()), counted);
    assert!(lake.file("landing/companies/apres.jsonl").exists());
    assert!(lake.snapshot(&["verify", &new]).is_success());
    std::fs::remove_file(lake.file("landing/companies/apres.jsonl")).unwrap();
    assert!(lake.nightly(&[]).is_success());
    assert_eq!(lake.announced().as_ref(), Some(&new));
    let none = restore(backup.path(), &lake, &["--backup", "9"]);
    assert!(
        none.stderr.contains("there is no backup 9"),
        "{}",
        none.stderr
    );
}

#[test]
fn damage_is_neither_backed_up_nor_restored_and_a_restoration_mends_it() {
    let lake = Lake::with_demo(1);
    assert!(lake.nightly(&[]).is_success());
    let (backup, id) = (Lake::empty(), lake.announced().unwrap());
    told(&back_up(&lake, backup.path()));
    let latest = std::fs::read(backup.file("LATEST")).unwrap();
    let victim = lake.file(&format!("snapshots/{id}/companies/lexical.bin"));
    let kept = object(backup.path(), &victim);
    flip(&victim);
    let refused = back_up(&lake, backup.path());
    assert_eq!(refused.code, Some(4), "{}", refused.stderr);
    assert!(
        refused.stderr.contains("companies/lexical.bin"),
        "{}",
        refused.stderr
    );
    assert_eq!(std::fs::read(backup.file("LATEST")).unwrap(), latest);

    flip(&kept);
    let refused = restore(backup.path(), &lake, &[]);
    assert_eq!(refused.code, Some(4), "{}", refused.stderr);
    assert!(
        refused.stderr.contains("companies/lexical.bin"),
        "{}",
        refused.stderr
    );
    flip(&kept);
    std::fs::remove_file(lake.file("gold/offers/offers.parquet")).unwrap();
    let restored = told(&restore(backup.path(), &lake, &[]));
    assert_eq!(restored["copied"]["objects"], 2);
    assert!(lake.snapshot(&["verify"]).is_success());
    assert!(!lake.query("SELECT 1 FROM gold.offers LIMIT 1").is_empty());
}
