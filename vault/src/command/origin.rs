//! `cardseal-vault origin`: adds, verifies and removes the origins of merchants' pages.
//! It must never count a live origin as proven by anything but what its owner published.

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
                    Some(challenge) => say(&format!("added {origin}; its owner now publishes {challenge}")),
                }
            }
            Self::Remove { of, merchant, origin } => {
                of.admin().await?.remove_origin(&merchant, &origin).await?;
                say(&format!("removed {origin} from the merchant {merchant}"))
            }
        }
    }
}
