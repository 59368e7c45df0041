//! One suite for memory, disk and S3.

use std::time::Duration;

use futures::future::join_all;
use lake::{Entry, Lake, LakeError};

use crate::places::Place;

/// Every promise, as a test on each store.
macro_rules! on_every_store {
    ($($name:ident),* $(,)?) => {
        on_every_store!(@on memory, $($name),*);
        on_every_store!(@on disk, $($name),*);
        on_every_store!(@on s3, $($name),*);
    };
    (@on $store:ident, $($name:ident),*) => {
        mod $store {
            $(
                #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
                async fn $name() {
                    if let Some(place) = crate::places::Place::$store() {
                        super::$name(&place).await;
                    }
                }
            )*
        }
    };
}

on_every_store!(
    an_object_is_never_seen_half_written,
    of_many_creators_one_makes_the_object,
    of_many_who_count_none_is_forgotten,
    a_swap_of_what_changed_came_or_went_is_refused,
    a_swap_that_is_done_already_counts,
    what_was_written_is_listed_and_what_was_deleted_is_not,
    a_large_file_is_committed_in_parts_and_comes_back,
    a_copy_replaces_whole,
    what_is_missing_is_none_or_named,
    paths_may_have_spaces_and_accents,
    one_holds_the_lock_and_hands_it_over,
);

/// More than two parts of an upload.
const LARGE: usize = 12 << 20;

fn bytes(seed: u8, length: usize) -> Vec<u8> {
    (0..length)
        .map(|i| seed.wrapping_add((i % 251) as u8))
        .collect()
}

async fn commit(lake: &Lake, path: &str, bytes: &[u8]) {
    let scratch = lake.scratch().unwrap();
    let file = scratch.file("part");
    std::fs::write(&file, bytes).unwrap();
    lake.commit(&file, path).await.unwrap();
    assert!(
        !file.exists(),
        "what was committed is gone from the scratch folder"
    );
}

async fn an_object_is_never_seen_half_written(place: &Place) {
    let (writer, reader) = (place.lake(), place.lake());
    let versions: Vec<Vec<u8>> = (0..6)
        .map(|n| bytes(n, (7 << 20) + usize::from(n)))
        .collect();
    let wanted = versions.clone();
    let writing = tokio::spawn(async move {
        for (number, version) in versions.iter().enumerate() {
            match number % 2 {
                0 => commit(&writer, "gold/t/t.parquet", version).await,
                _ => writer
                    .write("gold/t/t.parquet", version.clone())
                    .await
                    .unwrap(),
            }
        }
    });
    let mut newest = 0;
    while !writing.is_finished() {
        if let Some(read) = reader.read("gold/t/t.parquet").await.unwrap() {
            let seen = wanted.iter().position(|version| *version == read);
            let seen = seen.expect("some version, whole");
            assert!(seen >= newest, "version {seen} came after version {newest}");
            newest = seen;
        }
    }
    writing.await.unwrap();
    let last = reader.read("gold/t/t.parquet").await.unwrap().unwrap();
    assert_eq!(last, wanted[5]);
}

async fn of_many_creators_one_makes_the_object(place: &Place) {
    for round in 0..5 {
        let path = format!("runs/{round}/start.json");
        let creators = (0..8).map(|n| {
            let (lake, path) = (place.lake(), path.clone());
            tokio::spawn(async move { (n, lake.create_json(&path, &n).await.unwrap()) })
        });
        let made: Vec<(u32, bool)> = join_all(creators)
            .await
            .into_iter()
            .map(Result::unwrap)
            .collect();
        let makers: Vec<u32> = made
            .iter()
            .filter(|(_, is_made)| *is_made)
            .map(|(n, _)| *n)
            .collect();
        let [maker] = makers[..] else {
            panic!("{makers:?} made {path}");
        };
        assert_eq!(
            place.lake().read_json::<u32>(&path).await.unwrap(),
            Some(maker)
        );
    }
}

async fn of_many_who_count_none_is_forgotten(place: &Place) {
    const EACH: u32 = 6;
    const PATH: &str = "snapshots/CURRENT";
    let count = |text: &[u8]| -> u32 {
        let text = String::from_utf8_lossy(text).into_owned();
        text.split(' ').next().unwrap().parse().unwrap()
    };
    let counters = (0..5_u32).map(|who| {
        let lake = place.lake();
        tokio::spawn(async move {
            for _ in 0..EACH {
                loop {
                    let (now, version) = lake.read_version(PATH).await.unwrap();
                    // Whose count it is makes it other bytes than anybody else's.
                    let next = now.map_or(0, |now| count(&now)) + 1;
                    let swapped = lake.swap(PATH, &version, format!("{next} by {who}")).await;
                    if swapped.unwrap().is_some() {
                        break;
                    }
                }
            }
        })
    });
    join_all(counters)
        .await
        .into_iter()
        .for_each(Result::unwrap);
    let last = place.lake().read(PATH).await.unwrap().unwrap();
    assert_eq!(count(&last), 5 * EACH);
}

async fn a_swap_of_what_changed_came_or_went_is_refused(place: &Place) {
    let (one, other) = (place.lake(), place.lake());
    let (nothing, absent) = one.read_version("p").await.unwrap();
    assert_eq!(nothing, None);
    let first = one.swap("p", &absent, "first").await.unwrap().unwrap();
    assert!(other.swap("p", &absent, "late").await.unwrap().is_none());
    let second = other.swap("p", &first, "second").await.unwrap();
    assert!(one.swap("p", &first, "third").await.unwrap().is_none());
    assert_eq!(one.read("p").await.unwrap().unwrap(), "second");
    other.delete("p").await.unwrap();
    assert!(
        one.swap("p", &second.unwrap(), "fourth")
            .await
            .unwrap()
            .is_none()
    );
    assert_eq!(one.read("p").await.unwrap(), None);
    assert!(one.swap("p", &absent, "again").await.unwrap().is_some());
}

async fn a_swap_that_is_done_already_counts(place: &Place) {
    let (one, other) = (place.lake(), place.lake());
    let (_, absent) = one.read_version("p").await.unwrap();
    assert!(other.swap("p", &absent, "same").await.unwrap().is_some());
    let version = one.swap("p", &absent, "same").await.unwrap();
    let version = version.expect("it holds what was to be written");
    assert!(one.swap("p", &version, "next").await.unwrap().is_some());
}

async fn what_was_written_is_listed_and_what_was_deleted_is_not(place: &Place) {
    let lake = place.lake();
    for number in 0..40 {
        lake.write(&format!("runs/r{number:02}/end.json"), "{}")
            .await
            .unwrap();
        let listed = place.lake().list("runs").await.unwrap();
        assert_eq!(listed.len(), number + 1);
    }
    lake.write("runs2/x.json", "{}").await.unwrap();
    for number in 0..20 {
        lake.delete(&format!("runs/r{number:02}/end.json"))
            .await
            .unwrap();
    }
    let listed = lake.list("runs").await.unwrap();
    let wanted: Vec<Entry> = (20..40)
        .map(|n| Entry {
            path: format!("runs/r{n:02}/end.json"),
            bytes: 2,
        })
        .collect();
    assert_eq!(listed, wanted);
    assert_eq!(
        lake.list("").await.unwrap().len(),
        21,
        "scratch files are none of the lake's"
    );
}

async fn a_large_file_is_committed_in_parts_and_comes_back(place: &Place) {
    let lake = place.lake();
    for length in [0, 1, 5 << 20, (5 << 20) + 1, LARGE] {
        let path = format!("snapshots/{length}.bin");
        let wanted = bytes(3, length);
        commit(&lake, &path, &wanted).await;
        let local = place.lake().local(&path).await.unwrap();
        assert!(
            std::fs::read(local.path()).unwrap() == wanted,
            "{length} bytes"
        );
        let copied = local.path().to_owned();
        drop(local);
        assert_eq!(
            copied.exists(),
            lake.store().folder().is_some(),
            "a copy goes, the lake's own file stays"
        );
    }
}

async fn a_copy_replaces_whole(place: &Place) {
    let lake = place.lake();
    lake.write("a", "one").await.unwrap();
    lake.write("b", "a longer two").await.unwrap();
    lake.copy("a", "b").await.unwrap();
    assert_eq!(lake.read("b").await.unwrap().unwrap(), "one");
    // What is copied is not shared: the next version of one leaves the other as it is.
    lake.write("a", "three").await.unwrap();
    assert_eq!(lake.read("b").await.unwrap().unwrap(), "one");
}

async fn what_is_missing_is_none_or_named(place: &Place) {
    let lake = place.lake();
    assert_eq!(lake.read("x/y").await.unwrap(), None);
    assert!(!lake.exists("x/y").await.unwrap());
    assert!(lake.list("x").await.unwrap().is_empty());
    lake.delete("x/y").await.unwrap();
    assert!(matches!(lake.local("x/y").await, Err(LakeError::Missing(path)) if path == "x/y"));
    assert!(lake.copy("x/y", "z").await.is_err());
}

async fn paths_may_have_spaces_and_accents(place: &Place) {
    let lake = place.lake();
    let path = "landing/sociétés du Rhône/été (1)+%20=a.csv";
    lake.write(path, "rows").await.unwrap();
    assert_eq!(lake.read(path).await.unwrap().unwrap(), "rows");
    let listed = lake.list("landing").await.unwrap();
    assert_eq!(lake.read(&listed[0].path).await.unwrap().unwrap(), "rows");
    lake.delete(&listed[0].path).await.unwrap();
    assert_eq!(lake.read(path).await.unwrap(), None);
}

async fn one_holds_the_lock_and_hands_it_over(place: &Place) {
    const LENGTH: Duration = Duration::from_millis(800);
    let (one, other) = (place.lake(), place.lake());
    for _ in 0..3 {
        let held = one.lock_for(LENGTH).await.unwrap();
        assert!(matches!(other.lock_for(LENGTH).await, Err(LakeError::Busy)));
        one.write("work", "done").await.unwrap();
        drop(held);
        let held = other.lock_for(LENGTH).await.unwrap();
        assert!(matches!(one.lock_for(LENGTH).await, Err(LakeError::Busy)));
        drop(held);
        one.write("work", "without a lock, as before")
            .await
            .unwrap();
    }
    let takers = (0..6).map(|_| {
        let lake = place.lake();
        tokio::spawn(async move { lake.lock_for(LENGTH).await })
    });
    let taken: Vec<_> = join_all(takers)
        .await
        .into_iter()
        .map(Result::unwrap)
        .collect();
    assert_eq!(taken.iter().filter(|taken| taken.is_ok()).count(), 1);
}
