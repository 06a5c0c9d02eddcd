//! `cardseal-vault rekey`: brings everything sealed under the newest keys; the vault may be serving.
//! It must never end well while a stored card does not open, or the log still has one under an old key.

use std::sync::Arc;
use std::time::Duration;

use cardseal_vault::clock::{Clock, SystemClock};
use cardseal_vault::custody::Custody;
use cardseal_vault::failure::Failure;

use super::{Of, say};

/// How many stored cards lie between two lines about the progress.
const STEP: u64 = 10_000;
const MOST_NAMED: usize = 10;

pub(crate) async fn run(of: &Of) -> Result<(), String> {
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    let custody = Custody::open(&of.read()?, Arc::clone(&clock)).await.map_err(sentence)?;
    if let Some(at) = custody.data_keys_seal_at().await.map_err(sentence)? {
        say(&format!("waiting until {at}: a new data key seals when every vault can open what it sealed"))?;
        tokio::time::sleep(Duration::from_secs(at.saturating_sub(clock.now()))).await;
    }
    let mut told = 0;
    let done = custody.rekey(|done| {
        if done.seen / STEP > told {
            told = done.seen / STEP;
            // Nobody may be reading any more; the work goes on.
            let _ = say(&format!("{} stored cards seen, {} sealed anew", done.seen, done.resealed));
        }
    });
    let done = done.await.map_err(sentence)?;
    custody.close().await;
    say(&format!(
        "{} keys and {} merchants sealed under the newest key-encryption key; {} of {} stored cards sealed under the \
         newest data key",
        done.keys, done.merchants, done.resealed, done.seen
    ))?;
    let mut wrong = Vec::new();
    if !done.broken.is_empty() {
        let named = done.broken.iter().take(MOST_NAMED).map(String::as_str).collect::<Vec<_>>().join(", ");
        wrong.push(format!(
            "{} stored cards do not open where they stand and were left as they are, among them {named}; \
             `cardseal-vault audit verify` tells more",
            done.broken.len()
        ));
    }
    if !done.log_emptied {
        wrong.push(
            "the write-ahead log still has what was replaced, as somebody goes on reading the database; run it again \
             before an old key is taken away"
                .to_owned(),
        );
    }
    if wrong.is_empty() { Ok(()) } else { Err(wrong.join("; and ")) }
}

fn sentence(failure: Failure) -> String {
    failure.to_string()
}
