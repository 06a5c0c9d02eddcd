//! Pages of an earlier release go on while they are renewed: its frames are served beside the vault's own.
//! It must never pass if two builds could be served under one release, or half of one.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod support;

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use cardseal_vault::check::check;
use cardseal_vault::clock::FixedClock;
use cardseal_vault::config::Config;
use cardseal_vault::fonts::FontConfig;
use cardseal_vault::frames::RELEASE;
use cardseal_vault::releases::Releases;
use cardseal_vault::{api, metrics::Readings};
use serde_json::json;
use support::{Folder, NOW, TestVault, config};

/// The frames of a release as its archive has them.
fn put(folder: &Path, release: &str, mark: &str) -> PathBuf {
    let folder = folder.join(mark);
    fs::create_dir(&folder).unwrap();
    let names = ["coordinator.js", "field.js", "networks.js", "cardseal.wasm", "en.json"];
    let assets = names.map(|name| {
        let (stem, kind) = name.split_once('.').unwrap();
        let path = format!("{stem}-{mark}.{kind}");
        let english = include_str!("../../js/frame/messages/en.json");
        fs::write(folder.join(&path), if kind == "json" { english } else { mark }).unwrap();
        json!({ "name": name, "path": path, "integrity": format!("sha384-{mark}"), "raw": 1 })
    });
    fs::write(folder.join(format!("field-{mark}.js.br")), "brotli").unwrap();
    let manifest = json!({ "release": release, "assets": assets });
    fs::write(folder.join("manifest.json"), manifest.to_string()).unwrap();
    folder
}

async fn vault_with(folder: Folder, change: impl FnOnce(&mut Config)) -> TestVault {
    let mut setup = config(&folder.0);
    change(&mut setup);
    let clock = Arc::new(FixedClock::new(NOW));
    let vault = setup.open(clock.clone(), Vec::new()).await;
    let (capture, api) = (api::capture(Arc::clone(&vault)), api::api(Arc::clone(&vault)));
    TestVault { vault, clock, capture, api, folder }
}

#[tokio::test]
async fn a_page_of_an_earlier_release_gets_the_frames_of_that_release() {
    let folder = Folder::make();
    let earlier = vec![put(&folder.0, "0.0.8", "EIGHT"), put(&folder.0, "0.0.9", "NINE")];
    let mut font = b"wOF2\0\x01\0\0\0\0\0\x30".to_vec();
    font.resize(48, 0);
    fs::write(folder.0.join("text.woff2"), font).unwrap();
    let file = folder.0.join("text.woff2");
    let of = vault_with(folder, |config| {
        config.earlier_frames = earlier;
        config.fonts = vec![FontConfig::regular("Text".to_owned(), file)];
    })
    .await;
    for (release, mark) in [("0.0.8", "EIGHT"), ("0.0.9", "NINE"), (RELEASE, "BBBB")] {
        let answer = of.get(&format!("/f/shop/{release}/number")).await;
        assert!(answer.body.contains(&format!("src=\"/assets/field-{mark}.js\"")), "{}", answer.body);
        assert!(answer.body.contains("rel=\"stylesheet\""), "the fonts are of all");
        let policy = answer.header("content-security-policy");
        assert!(
            policy.contains("font-src 'self'") && policy.contains("frame-ancestors https://shop.example")
        );
        let script = of.get(&format!("/assets/field-{mark}.js")).await;
        assert_eq!(script.header("cache-control"), "public, max-age=31536000, immutable");
    }
    assert_eq!(of.get("/f/shop/0.0.7/number").await.code(), "release_unknown");
    assert_eq!(of.get("/assets/manifest.json").await.code(), "not_found");
    let _ = of.get("/f/shop/0.0.9/cvc").await;
    let readings = Readings { operations: 0, working: 0, waiting: 0, unsigned: None };
    let metrics = of.vault.metrics().format(&readings).unwrap();
    for (release, count) in [("0.0.8", 1), ("0.0.9", 2), (RELEASE, 1)] {
        let line = format!("cardseal_frame_documents_total{{release=\"{release}\"}} {count}\n");
        assert!(metrics.contains(&line), "{line}{metrics}");
    }
}

#[test]
fn a_folder_that_is_no_other_release_whole_is_refused_with_what_to_do() {
    let folder = Folder::make();
    let good = put(&folder.0, "0.0.9", "NINE");
    let half = put(&folder.0, "0.0.7", "SEVEN");
    fs::remove_file(half.join("field-SEVEN.js")).unwrap();
    let old = put(&folder.0, "0.0.5", "FIVE");
    fs::write(old.join("manifest.json"), r#"{"release":"0.0.5","assets":[]}"#).unwrap();
    for (folders, says) in [
        (vec![folder.0.join("nowhere")], "nowhere: there is no manifest.json; put the frames"),
        (vec![half], "lack field-SEVEN.js; put the frames"),
        (vec![old], "lists no coordinator.js; put the frames"),
        (vec![put(&folder.0, RELEASE, "OWN")], "is served already; leave it out"),
        (vec![good.clone(), put(&folder.0, "0.0.9", "AGAIN")], "AGAIN: release 0.0.9 is served already"),
    ] {
        let sentence = Releases::earlier(&folders).err().unwrap();
        assert!(sentence.starts_with("earlier_frames: ") && sentence.contains(says), "{sentence}");
    }
    assert_eq!(Releases::earlier(&[good]).unwrap()[0].release(), "0.0.9");
}

#[test]
fn check_config_tells_of_earlier_releases_and_of_folders_that_are_not() {
    let folder = Folder::make();
    let text = |folders: &str| {
        let at = folder.0.display();
        let text = format!(
            "origin = \"https://vault.example\"\nbehind_tls_proxy = true\ncapture_listen = \"127.0.0.1:8443\"\n\
             api_listen = \"127.0.0.1:8444\"\ndata = \"{at}\"\nkek_file = \"{at}/kek\"\nmode = \"test\"\n\
             earlier_frames = [{folders}]\n"
        );
        check(&Config::parse(&text, &[]).unwrap())
    };
    assert!(text("").unwrap().contains(&"frames of earlier releases: none".to_owned()));
    let quoted = |path: PathBuf| format!("\"{}\"", path.display());
    let both = [put(&folder.0, "0.0.8", "EIGHT"), put(&folder.0, "0.0.9", "NINE")].map(quoted).join(", ");
    assert!(text(&both).unwrap().contains(&"frames of earlier releases: 0.0.8, 0.0.9".to_owned()));
    assert!(text("\"/nowhere\"").unwrap_err().contains("/nowhere: there is no manifest.json"));
}
