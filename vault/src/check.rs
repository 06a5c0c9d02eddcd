//! What a configuration would run, in plain lines, and whether the files that it names are there.
//! It must never open a socket or change a file.

use std::fs::{File, OpenOptions};
use std::path::Path;

use cardseal::context::Mode;
use serde_json::{Map, Value};

use crate::bins::Bins;
use crate::config::Config;
use crate::files::DATABASE;
use crate::fonts::{FontConfig, Fonts};
use crate::frames::Frames;
use crate::kek;
use crate::proof::{ProofConfig, Prover};
use crate::releases::Releases;
use crate::serve::Listeners;

/// Lines for an operator, one thing each.
///
/// # Errors
/// A sentence that says which file cannot be used and why.
pub fn check(config: &Config) -> Result<Vec<String>, String> {
    let mut lines = listeners(config)?;
    lines.push(if config.behind_tls_proxy {
        "proxy: a proxy that ends TLS stands before it, and says who the client is in X-Forwarded-For"
            .to_owned()
    } else {
        "proxy: none".to_owned()
    });
    lines.push(match config.mode {
        Mode::Live => "mode: live".to_owned(),
        Mode::Test => "mode: test, no live merchant is taken".to_owned(),
    });
    lines.push(data(&config.data)?);
    lines.push(key_file(config)?);
    lines.push(format!(
        "new capture keys: {} bits; keys are renewed after {} days",
        config.capture_key_bits, config.key_days
    ));
    lines.push(format!("limits: {}", numbers(&config.limits)?));
    lines.push(format!("connections of each listener: {}", numbers(&config.connections)?));
    lines.push(rules(config)?);
    lines.push(bin_table(config)?);
    lines.push(fonts(config)?);
    lines.push(earlier_frames(config)?);
    lines.push(heads(config)?);
    Prover::open(&config.origin_proof)?;
    lines.push(format!("proof of origins: {}", proof(&config.origin_proof)));
    lines.push(match &config.telemetry.otlp_endpoint {
        Some(endpoint) => format!("spans: sent to the collector at {endpoint}"),
        None => "spans: none are sent".to_owned(),
    });
    lines.push(environment(config));
    Ok(lines)
}

fn proof(config: &ProofConfig) -> String {
    let server = config.name_server.map_or("the system".to_owned(), |server| server.to_string());
    let addresses = if config.private_addresses { "private addresses too" } else { "public addresses only" };
    format!("names from {server}, {addresses}")
}

fn listeners(config: &Config) -> Result<Vec<String>, String> {
    // The same look at certificates and keys as that of a start.
    Listeners::certificates_of(config)?;
    let tls = |certificate: Option<&Path>| {
        certificate.map_or_else(
            || "in clear".to_owned(),
            |path| format!("with TLS 1.3, certificate {}", path.display()),
        )
    };
    let capture = tls(config.capture_tls.as_ref().map(|tls| tls.certificate.as_path()));
    let api = tls(config.api_tls.as_ref().map(|tls| tls.certificate.as_path()));
    let clients = match config.api_tls.as_ref().and_then(|tls| tls.client_ca.as_ref()) {
        Some(path) => format!(", client certificates signed by {}", path.display()),
        None => String::new(),
    };
    Ok(vec![
        format!("capture listener: {} {capture}, for browsers at {}", config.capture_listen, config.origin),
        format!(
            "api listener: {} {api}{clients}, for merchants at {}",
            config.api_listen,
            config.api_origin()
        ),
        match config.admin_listen {
            Some(address) => format!("admin listener: {address} in clear"),
            None => "admin listener: none".to_owned(),
        },
    ])
}

fn data(folder: &Path) -> Result<String, String> {
    let name = folder.display();
    if folder.exists() {
        std::fs::read_dir(folder).map_err(|error| format!("data: cannot use the folder {name}: {error}"))?;
    } else if let Some(there) = folder.ancestors().find(|folder| folder.exists())
        && !there.is_dir()
    {
        return Err(format!("data: {} is not a folder, so {name} cannot be made", there.display()));
    }
    let database = folder.join(DATABASE);
    let name = database.display();
    if !database.exists() {
        return Ok(format!("data: {name}, which the first start makes"));
    }
    writable(&database).map_err(|error| format!("data: cannot read and write {name}: {error}"))?;
    Ok(format!("data: {name}"))
}

fn key_file(config: &Config) -> Result<String, String> {
    let path = &config.kek_file;
    let found = kek::find(path, &config.data.join(DATABASE)).map_err(|error| format!("kek_file: {error}"))?;
    if found.is_some() {
        return Ok(format!("key file: {}", path.display()));
    }
    is_in_a_folder(path).map_err(|error| format!("kek_file: {error}"))?;
    Ok(format!("key file: {}, which the first start makes", path.display()))
}

fn rules(config: &Config) -> Result<String, String> {
    let names = config.rules.names()?;
    let names = if names.is_empty() { "none".to_owned() } else { names.join(", ") };
    Ok(format!("built-in rules about cards: {names}"))
}

fn bin_table(config: &Config) -> Result<String, String> {
    let table = Bins::open(config.bin_table.as_deref())?.current();
    Ok(match &config.bin_table {
        Some(path) => format!("table of BINs: {}, {} ranges", path.display(), table.len()),
        None => "table of BINs: none".to_owned(),
    })
}

fn fonts(config: &Config) -> Result<String, String> {
    Fonts::read(&config.fonts)?;
    let fonts: Vec<_> = config.fonts.iter().map(FontConfig::describe).collect();
    Ok(format!("web fonts: {}", if fonts.is_empty() { "none".to_owned() } else { fonts.join(", ") }))
}

fn earlier_frames(config: &Config) -> Result<String, String> {
    let earlier = Releases::earlier(&config.earlier_frames)?;
    let of: Vec<_> = earlier.iter().map(Frames::release).collect();
    Ok(format!(
        "frames of earlier releases: {}",
        if of.is_empty() { "none".to_owned() } else { of.join(", ") }
    ))
}

fn heads(config: &Config) -> Result<String, String> {
    let Some(path) = &config.audit_heads else {
        return Ok("audit heads: none are written; a cut end of the audit would not show".to_owned());
    };
    if path.exists() {
        writable(path)
            .map_err(|error| format!("audit_heads: cannot read and write {}: {error}", path.display()))?;
    } else {
        is_in_a_folder(path).map_err(|error| format!("audit_heads: {error}"))?;
    }
    Ok(format!("audit heads: {}, every {} s", path.display(), config.audit_head_seconds))
}

fn environment(config: &Config) -> String {
    let said = config.settings.iter().filter_map(|setting| {
        setting.variable.as_ref().map(|variable| format!("{} by {variable}", setting.name))
    });
    let said: Vec<_> = said.collect();
    let said = if said.is_empty() { "nothing".to_owned() } else { said.join(", ") };
    format!("from the environment: {said}")
}

fn numbers(section: &impl serde::Serialize) -> Result<String, String> {
    let members: Map<String, Value> = serde_json::to_value(section)
        .and_then(serde_json::from_value)
        .map_err(|error| format!("cannot list a section: {error}"))?;
    Ok(members.iter().map(|(name, value)| format!("{name} {value}")).collect::<Vec<_>>().join(", "))
}

/// Opened to read it and to add to it, which changes nothing.
fn writable(path: &Path) -> std::io::Result<File> {
    OpenOptions::new().read(true).append(true).open(path)
}

fn is_in_a_folder(path: &Path) -> Result<(), String> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    if folder.is_dir() { Ok(()) } else { Err(format!("there is no folder {}", folder.display())) }
}
