//! The vault's configuration: one TOML file, every setting known by name.
//! It must never guess: an unknown or impossible setting is an error that says what to do.

mod environment;
mod setting;
mod text;
mod transport;

pub use environment::Variable;
pub use setting::Setting;

use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use cardseal::context::Mode;
use serde::Deserialize;
use toml::de::Deserializer;

use crate::fonts::FontConfig;
use crate::keyring::RsaBits;
use crate::limits::LimitsConfig;
use crate::origin;
use crate::proof::ProofConfig;
use crate::rule::RulesConfig;
use crate::spans::TelemetryConfig;
use crate::transport::{ApiTls, CaptureTls, Connections};

/// The settings of a vault.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// The origin under which browsers reach the capture listener.
    pub origin: String,
    /// The origin under which merchants' backends reach the API listener; without it `http://` and its address.
    pub api_origin: Option<String>,
    /// Where browsers are served.
    #[serde(deserialize_with = "address")]
    pub capture_listen: SocketAddr,
    /// Where merchants' backends are served.
    #[serde(deserialize_with = "address")]
    pub api_listen: SocketAddr,
    /// Where an operator's tools are served; without it nowhere.
    #[serde(default, deserialize_with = "some_address")]
    pub admin_listen: Option<SocketAddr>,
    /// TLS of the capture listener.
    pub capture_tls: Option<CaptureTls>,
    /// TLS of the API listener.
    pub api_tls: Option<ApiTls>,
    /// What the connections of each listener may cost.
    #[serde(default)]
    pub connections: Connections,
    /// Whether a proxy that ends TLS stands before the listeners that do not.
    #[serde(default)]
    pub behind_tls_proxy: bool,
    /// How much is too much.
    #[serde(default)]
    pub limits: LimitsConfig,
    /// Which of the built-in rules about cards there are.
    #[serde(default)]
    pub rules: RulesConfig,
    /// The file of what is known of cards by their first digits; without it nothing is.
    pub bin_table: Option<PathBuf>,
    /// Web fonts that styles of fields may name.
    #[serde(default)]
    pub fonts: Vec<FontConfig>,
    /// Folders of the frames of earlier releases, for pages that are not renewed yet.
    #[serde(default)]
    pub earlier_frames: Vec<PathBuf>,
    /// The folder of the database.
    pub data: PathBuf,
    /// The file that signed heads of the audit are added to, apart from the data; without it none are written.
    pub audit_heads: Option<PathBuf>,
    /// Seconds between two heads of the audit.
    #[serde(default = "default_head_seconds")]
    pub audit_head_seconds: u32,
    /// How the origins of live merchants are proven.
    #[serde(default)]
    pub origin_proof: ProofConfig,
    /// Where spans of answers are sent.
    #[serde(default)]
    pub telemetry: TelemetryConfig,
    /// What the file and the environment say, setting by setting; of a configuration that was not read, nothing.
    #[serde(skip)]
    pub settings: Vec<Setting>,
    /// The file of the key-encryption key; keep it on another disk and in another backup than the data.
    pub kek_file: PathBuf,
    /// `live`, or `test` for a vault that takes no live merchant.
    #[serde(deserialize_with = "mode")]
    pub mode: Mode,
    /// Bits of new capture keys: 2048, 3072 or 4096.
    #[serde(default = "default_bits")]
    pub capture_key_bits: u32,
    /// Days after which the vault renews a capture, context or access key by itself.
    #[serde(default = "default_key_days")]
    pub key_days: u32,
}

impl Config {
    /// Reads and checks the configuration file, with the variables of this process's environment in its place where
    /// they name a setting.
    ///
    /// # Errors
    /// A sentence that names the setting and says what to do.
    pub fn read(path: &Path) -> Result<Self, String> {
        let text = std::fs::read_to_string(path)
            .map_err(|error| format!("cannot read the configuration {}: {error}", path.display()))?;
        Variable::all(std::env::vars_os())
            .and_then(|variables| Self::parse(&text, &variables))
            .map_err(|error| format!("the configuration {} is wrong: {error}", path.display()))
    }

    /// Parses and checks a configuration; a variable takes the place of what the text says.
    ///
    /// # Errors
    /// A sentence that names the setting or the variable and says what to do.
    pub fn parse(text: &str, variables: &[Variable]) -> Result<Self, String> {
        let table = environment::merge(text, variables)?;
        let fault = |error| environment::fault(text, variables, &error);
        let mut config = Self::deserialize(Deserializer::from(table.clone())).map_err(fault)?;
        config.settings = setting::list(table, variables).map_err(fault)?;
        config.check()?;
        Ok(config)
    }

    /// Checks what the types do not.
    ///
    /// # Errors
    /// A sentence that names the setting and says what to do.
    pub fn check(&self) -> Result<(), String> {
        for (name, value) in [("origin", Some(&self.origin)), ("api_origin", self.api_origin.as_ref())] {
            if let Some(value) = value
                && !origin::is_serialized(value)
            {
                return Err(format!(
                    "{name} `{value}` is not an origin; write it like https://vault.example, without a path"
                ));
            }
        }
        transport::check(self)?;
        self.limits.check()?;
        self.rules.check()?;
        self.fonts.iter().try_for_each(FontConfig::check)?;
        self.telemetry.check()?;
        if self.mode == Mode::Live && !origin::is_https(&self.origin) {
            return Err("origin must be https in mode live".to_owned());
        }
        if self.bits().is_none() {
            return Err(format!("capture_key_bits {} is not 2048, 3072 or 4096", self.capture_key_bits));
        }
        if self.key_days == 0 {
            return Err("key_days must be 1 or more".to_owned());
        }
        if self.audit_head_seconds == 0 {
            return Err("audit_head_seconds must be 1 or more".to_owned());
        }
        Ok(())
    }

    /// The size of new capture keys.
    pub fn bits(&self) -> Option<RsaBits> {
        RsaBits::from_number(self.capture_key_bits)
    }

    /// The origin of the API listener, which issues and reads access tokens.
    pub fn api_origin(&self) -> String {
        let scheme = if self.api_tls.is_some() { "https" } else { "http" };
        self.api_origin.clone().unwrap_or_else(|| format!("{scheme}://{}", self.api_listen))
    }
}

fn default_bits() -> u32 {
    3072
}

/// Days after which a key is renewed, if nothing else is said.
pub const fn default_key_days() -> u32 {
    90
}

/// Seconds between two heads of the audit, if nothing else is said.
pub const fn default_head_seconds() -> u32 {
    60
}

fn address<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<SocketAddr, D::Error> {
    String::deserialize(deserializer)?.parse().map_err(|_| {
        serde::de::Error::custom(
            "capture_listen and api_listen are an IP address and a port, like 127.0.0.1:8443",
        )
    })
}

fn some_address<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Option<SocketAddr>, D::Error> {
    let text = String::deserialize(deserializer)?;
    let expected = "admin_listen is an IP address and a port, like 127.0.0.1:8445";
    text.parse().map(Some).map_err(|_| serde::de::Error::custom(expected))
}

fn mode<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Mode, D::Error> {
    Mode::named(&String::deserialize(deserializer)?)
        .ok_or_else(|| serde::de::Error::custom("mode is `test` or `live`"))
}
