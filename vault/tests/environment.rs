//! Variables of the environment take the place of settings, and `check-config` says what would run.
//! It must never pass if a variable that names no setting is passed over, or if its value is shown.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod support;

use std::fs;
use std::os::unix::ffi::OsStringExt;
use std::os::unix::fs::PermissionsExt;
use std::process::Command;

use cardseal_vault::config::{Config, Variable};
use cardseal_vault::kek;
use support::Folder;
use support::authority::Authority;

fn text(folder: &Folder) -> String {
    let folder = folder.0.display();
    format!(
        "origin = \"https://vault.example\"\ncapture_listen = \"127.0.0.1:8443\"\napi_listen = \"127.0.0.1:8444\"\n\
         data = \"{folder}/data\"\nkek_file = \"{folder}/kek\"\nmode = \"live\"\n\n[limits]\ngrants_per_minute = 7\n"
    )
}

/// What `check-config` says of `text` under these variables: its lines, or its one sentence.
fn check(folder: &Folder, text: &str, variables: &[(&str, &str)]) -> Result<String, String> {
    let path = folder.0.join("vault.toml");
    fs::write(&path, text).unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_cardseal-vault"));
    command.arg("check-config").arg("--config").arg(&path).envs(variables.iter().copied());
    let output = command.output().unwrap();
    let (out, error) = (String::from_utf8(output.stdout).unwrap(), String::from_utf8(output.stderr).unwrap());
    if output.status.success() {
        assert!(error.is_empty(), "{error}");
        return Ok(out);
    }
    assert_eq!((output.status.code(), out.as_str(), error.lines().count()), (Some(1), "", 1), "{error}");
    Err(error)
}

#[test]
fn a_variable_takes_the_place_of_a_setting_of_any_type_and_section() {
    let folder = Folder::make();
    let said = check(
        &folder,
        &text(&folder),
        &[
            ("CARDSEAL_CAPTURE_LISTEN", "0.0.0.0:9443"),
            ("CARDSEAL_BEHIND_TLS_PROXY", "true"),
            ("CARDSEAL_MODE", "test"),
            ("CARDSEAL_ORIGIN", "\"https://other.example\""),
            ("CARDSEAL_LIMITS__CONTEXT_PER_MINUTE", "33"),
            ("CARDSEAL_CONNECTIONS__MOST", "44"),
            ("CARDSEAL_TELEMETRY__OTLP_ENDPOINT", "http://127.0.0.1:4318"),
            ("CARDSEALING", "is another program's"),
        ],
    )
    .unwrap();
    for line in [
        "capture listener: 0.0.0.0:9443 in clear, for browsers at https://other.example\n",
        "api listener: 127.0.0.1:8444 in clear, for merchants at http://127.0.0.1:8444\n",
        "admin listener: none\n",
        "proxy: a proxy that ends TLS stands before it",
        "mode: test",
        "context_per_minute 33,",
        "grants_per_minute 7,",
        "most 44,",
        "new capture keys: 3072 bits; keys are renewed after 90 days\n",
        "audit heads: none",
        "from the environment: behind_tls_proxy by CARDSEAL_BEHIND_TLS_PROXY, capture_listen by \
         CARDSEAL_CAPTURE_LISTEN, connections.most by CARDSEAL_CONNECTIONS__MOST, limits.context_per_minute by \
         CARDSEAL_LIMITS__CONTEXT_PER_MINUTE, mode by CARDSEAL_MODE, origin by CARDSEAL_ORIGIN, telemetry.otlp_endpoint by \
         CARDSEAL_TELEMETRY__OTLP_ENDPOINT\n",
        "spans: sent to the collector at http://127.0.0.1:4318\n",
    ] {
        assert!(said.contains(line), "{line} in {said}");
    }
    let said = check(&folder, &text(&folder), &[]).unwrap();
    assert!(
        said.contains("spans: none are sent\n") && said.contains("from the environment: nothing\n"),
        "{said}"
    );
    let endpoint = ("CARDSEAL_TELEMETRY__OTLP_ENDPOINT", "https://user:S3CRET@collector.example");
    let error = check(&folder, &text(&folder), &[endpoint]).unwrap_err();
    assert!(error.contains("telemetry.otlp_endpoint") && !error.contains("S3CRET"), "{error}");
}

#[test]
fn a_required_setting_may_come_from_the_environment_alone() {
    let folder = Folder::make();
    let text = text(&folder).replace("origin = \"https://vault.example\"\n", "");
    assert!(check(&folder, &text, &[]).unwrap_err().contains("origin"));
    check(&folder, &text, &[("CARDSEAL_ORIGIN", "https://vault.example")]).unwrap();
}

#[test]
fn a_variable_that_sets_nothing_is_named_and_its_value_is_not() {
    let folder = Folder::make();
    for (name, value, says) in [
        ("CARDSEAL_COLOUR", "S3CRET", "names no setting"),
        ("CARDSEAL_", "S3CRET", "names no setting"),
        ("CARDSEAL_capture_listen", "S3CRET", "names no setting"),
        ("CARDSEAL_LIMITS__COLOUR", "S3CRET", "names no setting"),
        ("CARDSEAL_LIMITS", "S3CRET", "names no setting"),
        ("CARDSEAL_LIMITS__", "S3CRET", "names no setting"),
        ("CARDSEAL_MODE__X", "S3CRET", "names no setting"),
        ("CARDSEAL___MODE", "S3CRET", "names no setting"),
        ("CARDSEAL_SETTINGS", "S3CRET", "names no setting"),
        ("CARDSEAL_CONNECTIONS", "S3CRET", "expected a section"),
        ("CARDSEAL_MERCHANTS", "[\"S3CRET\"]", "names no setting"),
        ("CARDSEAL_MERCHANTS__0__ID", "S3CRET", "names no setting"),
        ("CARDSEAL_MODE", "S3CRET", "mode is `test` or `live`"),
        ("CARDSEAL_MODE", "", "is empty; unset it"),
        ("CARDSEAL_ADMIN_LISTEN", "S3CRET", "admin_listen is an IP address and a port"),
        ("CARDSEAL_BEHIND_TLS_PROXY", "S3CRET", "expected a boolean"),
        ("CARDSEAL_BEHIND_TLS_PROXY", "1", "expected a boolean"),
        ("CARDSEAL_CAPTURE_KEY_BITS", "S3CRET", "expected u32"),
        ("CARDSEAL_CAPTURE_KEY_BITS", "-1", "expected u32"),
        ("CARDSEAL_CAPTURE_KEY_BITS", "99999999999999999999", "u32"),
        ("CARDSEAL_DATA", "123", "expected"),
        ("CARDSEAL_CAPTURE_TLS__KEY", "S3CRET", "missing field `certificate`"),
    ] {
        let error = check(&folder, &text(&folder), &[(name, value)]).unwrap_err();
        assert!(error.contains(name) && error.contains(says), "{name}={value}: {error}");
        assert!(!error.contains("S3CRET"), "{error}");
    }
    let one = ("CARDSEAL_MODE".into(), OsStringExt::from_vec(vec![b'S', 0xff]));
    assert_eq!(Variable::all([one]).unwrap_err(), "CARDSEAL_MODE in the environment is not UTF-8");
}

#[test]
fn a_fault_of_the_file_is_still_told_by_its_line() {
    let folder = Folder::make();
    let text = text(&folder).replace("mode = \"live\"", "mode = \"S3CRET\"");
    let error = check(&folder, &text, &[("CARDSEAL_CAPTURE_KEY_BITS", "2048")]).unwrap_err();
    assert!(error.contains("line 6: ") && !error.contains("S3CRET"), "{error}");
    check(&folder, &text, &[("CARDSEAL_MODE", "live")]).unwrap();
}

#[test]
fn what_is_said_is_known_setting_by_setting_with_its_source() {
    let folder = Folder::make();
    let variables = [("CARDSEAL_LIMITS__GRANTS_PER_MINUTE".into(), "8".into())];
    let config = Config::parse(&text(&folder), &Variable::all(variables).unwrap()).unwrap();
    let grants = config.settings.iter().find(|setting| setting.name == "limits.grants_per_minute").unwrap();
    assert_eq!(grants.value, "8");
    assert_eq!(grants.variable.as_deref(), Some("CARDSEAL_LIMITS__GRANTS_PER_MINUTE"));
    assert_eq!(config.settings.iter().filter(|setting| setting.variable.is_some()).count(), 1);
    assert_eq!(config.settings.len(), 7);
}

#[test]
fn files_that_cannot_be_used_are_named_and_nothing_is_made() {
    let folder = Folder::make();
    let authority = Authority::make();
    let (certificate, key) = authority.issue("one").write(&folder.0.join("one"));
    let (_, other_key) = authority.issue("other").write(&folder.0.join("other"));
    let path = |path: &std::path::Path| path.to_str().unwrap().to_owned();
    let (certificate, key, other_key, ca) =
        (path(&certificate), path(&key), path(&other_key), path(&authority.write(&folder.0)));
    let tls = |key: &str| format!("[api_tls]\ncertificate = \"{certificate}\"\nkey = \"{key}\"\n");
    let good = text(&folder) + &tls(&key) + &format!("client_ca = \"{ca}\"\n");
    let said = check(&folder, &good, &[]).unwrap();
    assert!(
        said.contains(&format!(
            "with TLS 1.3, certificate {certificate}, client certificates signed by {ca}"
        )),
        "{said}"
    );
    assert!(said.contains("/data/vault.sqlite, which the first start makes\n"), "{said}");
    assert!(said.contains("/kek, which the first start makes\n"), "{said}");
    let heads = path(&folder.0.join("nowhere/heads"));
    let file = path(&folder.0.join("vault.toml"));
    for (name, value, says) in [
        ("CARDSEAL_API_TLS__KEY", other_key.as_str(), certificate.as_str()),
        ("CARDSEAL_API_TLS__KEY", "/nowhere.key", "api_tls: cannot read a private key from /nowhere.key"),
        ("CARDSEAL_API_TLS__CERTIFICATE", "/nowhere.pem", "/nowhere.pem"),
        ("CARDSEAL_API_TLS__CLIENT_CA", file.as_str(), "there is no certificate in"),
        ("CARDSEAL_KEK_FILE", "/nowhere/kek", "kek_file: there is no folder /nowhere"),
        ("CARDSEAL_KEK_FILE", file.as_str(), "kek_file: the key file"),
        ("CARDSEAL_DATA", file.as_str(), "data: cannot use the folder"),
        ("CARDSEAL_DATA", &format!("{file}/x/y"), "is not a folder"),
        ("CARDSEAL_AUDIT_HEADS", heads.as_str(), "audit_heads: there is no folder"),
        ("CARDSEAL_AUDIT_HEADS", folder.0.to_str().unwrap(), "audit_heads: cannot read and write"),
    ] {
        let error = check(&folder, &good, &[(name, value)]).unwrap_err();
        assert!(error.contains(says), "{name}={value}: {error}");
    }
    for absent in ["data", "kek", "nowhere"] {
        assert!(!folder.0.join(absent).exists(), "{absent}");
    }

    fs::create_dir(folder.0.join("data")).unwrap();
    fs::write(folder.0.join("data/vault.sqlite"), "").unwrap();
    assert!(check(&folder, &good, &[]).unwrap_err().contains("is missing; restore it from its backup"));
    kek::make(&folder.0.join("kek")).unwrap();
    assert!(!check(&folder, &good, &[]).unwrap().contains("the first start makes"));
    fs::set_permissions(folder.0.join("kek"), fs::Permissions::from_mode(0o644)).unwrap();
    assert!(check(&folder, &good, &[]).unwrap_err().contains("chmod 600"));
    assert!(fs::read(folder.0.join("data/vault.sqlite")).unwrap().is_empty());
}

#[test]
fn check_config_lists_the_rules_about_cards_and_reads_the_table_of_bins() {
    let folder = Folder::make();
    let table = folder.0.join("bins.csv");
    let rules = "[rules]\ndeny_addresses = [\"203.0.113.0/24\"]\ncountry_mismatch = \"review\"\n";
    let text = format!("bin_table = \"{}\"\n{}{rules}", table.display(), text(&folder));
    assert!(check(&folder, &text, &[]).unwrap_err().contains("bin_table"));
    fs::write(&table, "from,to,networks,funding,country\n424242,424242,visa,credit,US\n").unwrap();
    let said = check(&folder, &text, &[]).unwrap();
    for line in ["built-in rules about cards: deny_addresses, country_mismatch\n", "bins.csv, 1 ranges\n"] {
        assert!(said.contains(line), "{line} in {said}");
    }
    let said = check(&folder, &text, &[("CARDSEAL_RULES__COUNTRY_MISMATCH", "off")]).unwrap();
    assert!(said.contains("built-in rules about cards: deny_addresses\n"), "{said}");
}
