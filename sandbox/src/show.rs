//! Prints what a sandbox stored under a token, so that a test can see that it is exactly the card that was typed.
//! It must never open a vault that could hold a real card.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::sync::Arc;

use cardseal_vault::clock::SystemClock;
use cardseal_vault::frames::Frames;
use cardseal_vault::service::Vault;
use cardseal_vault::token::Token;

use crate::cards::TestCards;
use crate::folder::{self, Folder};

/// Prints the card of `token` from a sandbox's folder, as JSON.
pub(crate) async fn run(data: PathBuf, token: &str) -> Result<(), String> {
    let token = Token::parse(token).ok_or("this is no token")?;
    if !folder::has_account(&data) {
        return Err(format!("{} is not the folder of a sandbox", data.display()));
    }
    let folder = Folder::open(Some(data))?;
    // Nothing listens: a vault is only opened to read from it.
    let nowhere = SocketAddr::from((Ipv4Addr::LOCALHOST, 1));
    let origin = format!("http://{nowhere}");
    let config = crate::config(&folder, origin, nowhere, nowhere);
    let vault =
        Vault::open(&config, Frames::built()?, Arc::new(SystemClock), vec![Arc::new(TestCards::published())])
            .await
            .map_err(|failure| failure.to_string())?;
    let card = vault.reopen(&token).await.map_err(|failure| failure.to_string())?;
    // EXPOSE: showing a published test card is what this command is for.
    crate::say(&format!("{}\n", String::from_utf8_lossy(card.format().expose())))
}
