//! `cardseal-vault origin`: adds, verifies and removes the origins of merchants' pages.
//! It must never count a live origin as proven by anything but what its owner published.

use cardseal_vault::origin::https_host;
use cardseal_vault::outgoing::literal;
use cardseal_vault::proof::{LABEL, PATH, Prover};
use clap::Subcommand;

use super::{Of, say};

#[derive(Subcommand)]
pub(crate) enum Origin {
    /// Adds an origin to a merchant. A live one counts once it is verified.
    Add {
        #[command(flatten)]
        of: Of,
        /// The merchant.
        merchant: String,
        /// The origin, like https://shop.example.
        origin: String,
    },
    /// Looks whether the owner of a live origin says that it is the merchant's, in the DNS or at the origin itself.
    Verify {
        #[command(flatten)]
        of: Of,
        /// The merchant.
        merchant: String,
        /// The origin.
        origin: String,
    },
    /// Takes an origin from a merchant.
    Remove {
        #[command(flatten)]
        of: Of,
        /// The merchant.
        merchant: String,
        /// The origin.
        origin: String,
    },
}

impl Origin {
    pub(crate) async fn run(self) -> Result<(), String> {
        match self {
            Self::Add { of, merchant, origin } => {
                let challenge = of.admin().await?.add_origin(&merchant, &origin).await?;
                match challenge {
                    None => say(&format!("added {origin}")),
                    Some(challenge) => {
                        // An address has no records.
                        let name = https_host(&origin).filter(|(host, _)| literal(host).is_none());
                        let record = name.map(|(host, _)| format!("as a TXT record at {LABEL}.{host}, or "));
                        let record = record.unwrap_or_default();
                        say(&format!(
                            "added {origin}; it counts once its owner has published\n    {challenge}\n{record}as a line \
                             of {origin}{PATH}; then: origin verify"
                        ))
                    }
                }
            }
            Self::Verify { of, merchant, origin } => {
                let prover = Prover::open(&of.read()?.origin_proof)?;
                let prove = async |challenge: String| prover.prove(&origin, &challenge).await.map(drop);
                of.admin().await?.verify_origin(&merchant, &origin, prove).await?;
                say(&format!("{origin} is proven to be the merchant {merchant}'s"))
            }
            Self::Remove { of, merchant, origin } => {
                of.admin().await?.remove_origin(&merchant, &origin).await?;
                say(&format!("removed {origin} from the merchant {merchant}"))
            }
        }
    }
}
