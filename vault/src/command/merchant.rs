//! `cardseal-vault merchant`: adds, changes, lists, shows, disables and enables merchants.
//! It must never show a hash of a secret: whoever has it could try secrets at leisure.

use cardseal::context::Mode;
use cardseal_vault::merchant::{MerchantRecord, Settings};
use cardseal_vault::token::TokenFormat;
use clap::{Args, Subcommand};
use serde_json::json;

use super::{Of, say};

#[derive(Subcommand)]
pub(crate) enum Merchant {
    /// Adds a merchant.
    Add {
        #[command(flatten)]
        of: Of,
        /// Its name in addresses and contexts: 1 to 64 of a-z, 0-9, _ and -.
        id: String,
        /// `live` or `test`.
        #[arg(long, value_parser = mode)]
        mode: Mode,
        #[command(flatten)]
        settings: Given,
    },
    /// Changes settings of a merchant; those that are not named stay as they are.
    Set {
        #[command(flatten)]
        of: Of,
        /// The merchant.
        id: String,
        #[command(flatten)]
        settings: Given,
    },
    /// Lists the merchants, one line each.
    List {
        #[command(flatten)]
        of: Of,
    },
    /// Shows a merchant with its origins and clients, as JSON.
    Show {
        #[command(flatten)]
        of: Of,
        /// The merchant.
        id: String,
    },
    /// Lets nothing be captured for a merchant and nobody act for it. Its tokens stay.
    Disable {
        #[command(flatten)]
        of: Of,
        /// The merchant.
        id: String,
    },
    /// Ends what `disable` began.
    Enable {
        #[command(flatten)]
        of: Of,
        /// The merchant.
        id: String,
    },
}

/// Settings as the command line gives them. `none` takes a setting back.
#[derive(Args)]
pub(crate) struct Given {
    /// Brands that it accepts, separated by commas; `none`: all of them.
    #[arg(long, value_name = "BRANDS")]
    brands: Option<String>,
    /// What its pages may learn while a card is typed: `brand`, `bin`, separated by commas, or `none`.
    #[arg(long, value_name = "WHAT")]
    expose: Option<String>,
    /// Whether its own pages and programs may capture cards: `true` or `false`. It puts them into the scope of PCI DSS.
    #[arg(long, value_name = "BOOL")]
    direct: Option<bool>,
    /// Days after which its tokens are deleted; `none`: never.
    #[arg(long, value_name = "DAYS")]
    token_ttl_days: Option<String>,
    /// How its new tokens look: `opaque`, `uuid` or `last4`.
    #[arg(long, value_name = "FORMAT", value_parser = format)]
    token_format: Option<TokenFormat>,
    /// Tokens a minute, where it is not the vault's limit; `none`: the vault's.
    #[arg(long, value_name = "COUNT")]
    merchant_per_minute: Option<String>,
    /// Tokens a minute from one network, where it is not the vault's limit; `none`: the vault's.
    #[arg(long, value_name = "COUNT")]
    network_per_minute: Option<String>,
}

impl Merchant {
    pub(crate) async fn run(self) -> Result<(), String> {
        match self {
            Self::Add { of, id, mode, settings } => {
                let mut record = MerchantRecord::new(&id, mode);
                settings.apply(&mut record.settings)?;
                of.admin().await?.add_merchant(&record).await?;
                say(&format!("added the merchant {id}; next: origin add, client add"))
            }
            Self::Set { of, id, settings } => {
                settings.apply(&mut Settings::default())?;
                let what = settings.named().join(" ");
                if what.is_empty() {
                    return Err("name at least one setting; see --help".to_owned());
                }
                // Applied above without a fault.
                of.admin().await?.set(&id, &what, |of| drop(settings.apply(of))).await?;
                say(&format!("changed {what} of the merchant {id}"))
            }
            Self::List { of } => {
                let line = |of: &MerchantRecord| {
                    let state = if of.disabled { "disabled" } else { of.mode.as_str() };
                    format!("{}\t{state}\t{} origins\t{} clients", of.id, of.origins.len(), of.clients.len())
                };
                let merchants = of.admin().await?.merchants().await?;
                match merchants.as_slice() {
                    [] => say("no merchant"),
                    some => say(&some.iter().map(line).collect::<Vec<_>>().join("\n")),
                }
            }
            Self::Show { of, id } => say(&show(&of.admin().await?.merchant(&id).await?)?),
            Self::Disable { of, id } => {
                of.admin().await?.disable(&id, true).await?;
                say(&format!("disabled the merchant {id}"))
            }
            Self::Enable { of, id } => {
                of.admin().await?.disable(&id, false).await?;
                say(&format!("enabled the merchant {id}"))
            }
        }
    }
}

impl Given {
    fn apply(&self, to: &mut Settings) -> Result<(), String> {
        if let Some(text) = &self.brands {
            to.brands = list(text);
        }
        if let Some(text) = &self.expose {
            to.expose = list(text);
        }
        to.direct = self.direct.unwrap_or(to.direct);
        to.token_format = self.token_format.unwrap_or(to.token_format);
        for (name, text, slot) in [
            ("token-ttl-days", &self.token_ttl_days, &mut to.token_ttl_days),
            ("merchant-per-minute", &self.merchant_per_minute, &mut to.merchant_per_minute),
            ("network-per-minute", &self.network_per_minute, &mut to.network_per_minute),
        ] {
            match text.as_deref() {
                None => {}
                Some("none") => *slot = None,
                Some(text) => {
                    let number = text.parse().map_err(|_| format!("--{name} takes a number or `none`"))?;
                    *slot = Some(number);
                }
            }
        }
        Ok(())
    }

    fn named(&self) -> Vec<&'static str> {
        [
            ("brands", self.brands.is_some()),
            ("expose", self.expose.is_some()),
            ("direct", self.direct.is_some()),
            ("token_ttl_days", self.token_ttl_days.is_some()),
            ("token_format", self.token_format.is_some()),
            ("merchant_per_minute", self.merchant_per_minute.is_some()),
            ("network_per_minute", self.network_per_minute.is_some()),
        ]
        .into_iter()
        .filter_map(|(name, given)| given.then_some(name))
        .collect()
    }
}

fn list(text: &str) -> Vec<String> {
    if text == "none" { Vec::new() } else { text.split(',').map(|name| name.trim().to_owned()).collect() }
}

fn mode(text: &str) -> Result<Mode, String> {
    Mode::named(text).ok_or_else(|| "mode is `test` or `live`".to_owned())
}

fn format(text: &str) -> Result<TokenFormat, &'static str> {
    TokenFormat::try_from(text.to_owned())
}

fn show(record: &MerchantRecord) -> Result<String, String> {
    let clients: Vec<_> = record
        .clients
        .iter()
        .map(|client| {
            json!({
                "id": client.id,
                "scopes": client.scopes,
                "secrets": client.secrets.len(),
                "certificates": client.certificates.len(),
                "revoked": client.revoked,
            })
        })
        .collect();
    let shown = json!({
        "id": record.id,
        "mode": record.mode.as_str(),
        "disabled": record.disabled,
        "settings": record.settings,
        "origins": record.origins,
        "clients": clients,
    });
    serde_json::to_string_pretty(&shown).map_err(|error| error.to_string())
}
