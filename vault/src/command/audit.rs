//! `cardseal-vault audit`: looks into the audit; the vault may be serving.
//! It must never write to the database.

use std::path::PathBuf;
use std::process::ExitCode;

use cardseal_vault::inspect;
use clap::Subcommand;

use super::{Of, say};

#[derive(Subcommand)]
pub(crate) enum Audit {
    /// Looks for records that were edited, dropped, moved or cut off, and names them.
    Verify {
        #[command(flatten)]
        of: Of,
        /// The file of signed heads; without it a cut end does not show.
        #[arg(long, value_name = "FILE")]
        head: Option<PathBuf>,
    },
    /// Writes every record to standard output, one line of JSON each.
    Export {
        #[command(flatten)]
        of: Of,
    },
}

impl Audit {
    pub(crate) async fn run(self) -> Result<ExitCode, String> {
        match self {
            Self::Verify { of, head } => verify(&of, head).await,
            Self::Export { of } => {
                let out = std::io::BufWriter::new(std::io::stdout().lock());
                let exported = inspect::export(&of.read()?, out).await;
                exported.map(|()| ExitCode::SUCCESS).map_err(|failure| failure.to_string())
            }
        }
    }
}

/// Says what is wrong with the audit, one line each; then the program fails.
async fn verify(of: &Of, head: Option<PathBuf>) -> Result<ExitCode, String> {
    let report =
        inspect::verify(&of.read()?, head.as_deref()).await.map_err(|failure| failure.to_string())?;
    let mut lines: Vec<_> = report
        .chains
        .iter()
        .map(|(node, records)| format!("node {node}: {records} records, {} signed heads", report.heads))
        .collect();
    if head.is_none() {
        lines.push("without --head FILE nothing shows whether the end was cut off".to_owned());
    }
    lines.extend_from_slice(&report.faults);
    let good = report.faults.is_empty();
    lines.push(if good { "the audit is whole".to_owned() } else { "the audit is damaged".to_owned() });
    say(&lines.join("\n"))?;
    Ok(if good { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
