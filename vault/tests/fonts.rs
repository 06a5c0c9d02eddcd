//! Web fonts that the operator registered are served to the frames, and named in their style sheet.
//! It must never pass if a file that is no font, or a family that is CSS, gets into a frame.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod support;

use std::fs;
use std::process::Command;
use std::sync::Arc;

use cardseal_vault::api;
use cardseal_vault::clock::FixedClock;
use cardseal_vault::config::Config;
use cardseal_vault::fonts::{FontConfig, FontStyle};
use cardseal_vault::frames::RELEASE;
use support::{Answer, Folder, NOW, TestVault, config, vault};

/// A header of WOFF2 that says the file's own length, and whatever follows.
fn font(rest: &[u8]) -> Vec<u8> {
    let mut bytes = b"wOF2\0\x01\0\0".to_vec();
    bytes.extend(u32::try_from(48 + rest.len()).unwrap().to_be_bytes());
    bytes.resize(48, 0);
    [bytes.as_slice(), rest].concat()
}

fn setting(folder: &Folder, family: &str, file: &str, more: &str) -> String {
    format!("[[fonts]]\nfamily = \"{family}\"\nfile = \"{}/{file}\"\n{more}\n", folder.0.display())
}

fn parse(fonts: &str) -> Result<Config, String> {
    let text = "origin = \"https://vault.example\"\ncapture_listen = \"127.0.0.1:8443\"\n\
                api_listen = \"127.0.0.1:8444\"\ndata = \"/nowhere\"\nkek_file = \"/nowhere\"\nmode = \"test\"\n";
    Config::parse(&format!("{text}{fonts}"), &[])
}

async fn vault_with_fonts() -> TestVault {
    let folder = Folder::make();
    fs::write(folder.0.join("text.woff2"), font(b"text")).unwrap();
    fs::write(folder.0.join("italic.woff2"), font(b"italic")).unwrap();
    let mut setup = config(&folder.0);
    let variable = FontConfig {
        weight: "100 900".to_owned(),
        style: FontStyle::Italic,
        ..FontConfig::regular("Shop Text".to_owned(), folder.0.join("italic.woff2"))
    };
    setup.config.fonts =
        vec![FontConfig::regular("Shop Text".to_owned(), folder.0.join("text.woff2")), variable];
    let clock = Arc::new(FixedClock::new(NOW));
    let vault = setup.open(clock.clone(), Vec::new()).await;
    let (capture, api) = (api::capture(Arc::clone(&vault)), api::api(Arc::clone(&vault)));
    TestVault { vault, clock, capture, api, folder }
}

fn policy(answer: &Answer) -> &str {
    answer.header("content-security-policy")
}

#[tokio::test]
async fn a_frame_that_shows_text_links_the_sheet_that_names_the_fonts() {
    let of = vault_with_fonts().await;
    let number = of.get(&format!("/f/shop/{RELEASE}/number")).await;
    assert!(policy(&number).contains("connect-src 'self'; style-src 'self'; font-src 'self'; form-action"));
    assert!(!number.body.contains("woff2"), "a font is loaded only if a style names it");
    let (_, link) = number.body.split_once("<link rel=\"stylesheet\" href=\"").unwrap();
    let sheet = of.get(link.split_once('"').unwrap().0).await;
    assert_eq!(sheet.header("content-type"), "text/css; charset=utf-8");
    assert_eq!(sheet.body.matches("@font-face").count(), 2);
    assert!(sheet.body.contains("font-weight:400;font-style:normal;font-display:swap"));
    assert!(sheet.body.contains("font-weight:100 900;font-style:italic;font-display:swap"));
    assert!(!sheet.body.contains("unicode-range"));
    let integrity = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA384, sheet.body.as_bytes());
    let integrity = <base64ct::Base64 as base64ct::Encoding>::encode_string(integrity.as_ref());
    assert!(link.contains(&format!("\" integrity=\"sha384-{integrity}\"")), "{link}");

    let coordinator = of.get(&format!("/f/shop/{RELEASE}/coordinator")).await;
    assert!(!coordinator.body.contains("stylesheet") && !policy(&coordinator).contains("font-src"));
    let without = vault().await.get(&format!("/f/shop/{RELEASE}/number")).await;
    assert!(!without.body.contains("stylesheet"));
    assert!(!policy(&without).contains("font-src") && !policy(&without).contains("style-src"));
}

#[tokio::test]
async fn a_font_never_changes_under_its_name_and_is_for_the_frames_alone() {
    let of = vault_with_fonts().await;
    let number = of.get(&format!("/f/shop/{RELEASE}/number")).await.body;
    let (_, link) = number.split_once("<link rel=\"stylesheet\" href=\"").unwrap();
    let sheet = of.get(link.split_once('"').unwrap().0).await.body;
    let mut found = Vec::new();
    for rule in sheet.split("src:url(").skip(1) {
        let answer = of.get(&format!("/assets/{}", rule.split_once(')').unwrap().0)).await;
        assert_eq!(answer.header("content-type"), "font/woff2");
        assert_eq!(answer.header("cache-control"), "public, max-age=31536000, immutable");
        assert_eq!(answer.header("cross-origin-resource-policy"), "same-origin");
        assert_eq!(answer.header("x-content-type-options"), "nosniff");
        assert_eq!(answer.header("access-control-allow-origin"), "");
        found.push(answer.body.into_bytes());
    }
    assert_eq!(found, [font(b"text"), font(b"italic")]);
}

#[test]
fn a_family_or_a_weight_that_is_none_is_refused() {
    let folder = Folder::make();
    let good = setting(&folder, "Shop Text-2", "x.woff2", "weight = \"100 900\"\nstyle = \"italic\"");
    assert!(parse(&good).is_ok());
    let long = "x".repeat(65);
    for family in ["", " Shop", "2Shop", "Shop'", "Shop\\\\", "Shop}", "Schönes", "Shop\\n", &long] {
        let sentence = parse(&setting(&folder, family, "x.woff2", "")).unwrap_err();
        assert!(sentence.contains("family is a letter and at most 63"), "{family}: {sentence}");
    }
    for weight in ["", "0", "1001", "bold", "900 100", "100 400 900", "400;", "4e2"] {
        let more = format!("weight = \"{weight}\"");
        let sentence = parse(&setting(&folder, "Shop", "x.woff2", &more)).unwrap_err();
        assert!(sentence.contains("weight of Shop is a number from 1 to 1000"), "{weight}: {sentence}");
    }
    assert!(parse(&setting(&folder, "Shop", "x.woff2", "style = \"oblique\"")).is_err());
    assert!(parse(&setting(&folder, "Shop", "x.woff2", "unicode_range = \"U+30\"")).is_err());
}

#[test]
fn check_config_lists_the_fonts_and_refuses_what_is_no_whole_woff2() {
    let folder = Folder::make();
    let path = folder.0.join("vault.toml");
    let check = |fonts: &str| {
        let head = format!(
            "origin = \"https://vault.example\"\ncapture_listen = \"127.0.0.1:8443\"\n\
             api_listen = \"127.0.0.1:8444\"\ndata = \"{0}/data\"\nkek_file = \"{0}/kek\"\nmode = \"test\"\n",
            folder.0.display()
        );
        fs::write(&path, head + fonts).unwrap();
        let mut command = Command::new(env!("CARGO_BIN_EXE_cardseal-vault"));
        let output = command.arg("check-config").arg("--config").arg(&path).output().unwrap();
        let said = if output.status.success() { Ok(output.stdout) } else { Err(output.stderr) };
        said.map(|said| String::from_utf8(said).unwrap()).map_err(|said| String::from_utf8(said).unwrap())
    };
    assert!(check("").unwrap().contains("\nweb fonts: none\n"));
    let file = folder.0.join("shop.woff2");
    let fonts = setting(&folder, "Shop", "shop.woff2", "weight = \"300 700\"");
    let missing = check(&fonts).unwrap_err();
    assert!(missing.contains("fonts: cannot read") && missing.contains("shop.woff2"), "{missing}");
    let whole = font(b"glyphs");
    let woff: Vec<u8> = [b"wOFF", &whole[4..]].concat();
    for wrong in [&b""[..], b"wOF2", b"\0\x01\0\0 a TrueType font", &woff, &whole[..whole.len() - 1]] {
        fs::write(&file, wrong).unwrap();
        let sentence = check(&fonts).unwrap_err();
        assert!(sentence.contains("shop.woff2 is not a whole WOFF2 file; convert"), "{sentence}");
    }
    fs::write(&file, whole).unwrap();
    let said = check(&fonts).unwrap();
    assert!(said.contains(&format!("\nweb fonts: Shop 300 700 normal ({})\n", file.display())), "{said}");
}
