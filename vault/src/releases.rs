//! The frames of this release, and of earlier ones that pages still load while they are renewed.
//! It must never serve two builds under one release.

use std::path::PathBuf;

use prometheus::{IntCounterVec, Opts, Registry};

use crate::fonts::Fonts;
use crate::frames::{Asset, Frames, RELEASE};

/// The frames of every release that is served.
pub struct Releases {
    /// This vault's own come first.
    all: Vec<Frames>,
    documents: IntCounterVec,
}

impl Releases {
    /// The vault's own frames and those in these folders, with the same fonts; they are counted in `registry`.
    ///
    /// # Errors
    /// A sentence that says which folder is wrong, and what to put there.
    pub fn open(
        own: Frames,
        folders: &[PathBuf],
        fonts: Option<&Fonts>,
        registry: &Registry,
    ) -> Result<Self, String> {
        let documents = Opts::new("cardseal_frame_documents_total", "Documents of frames given, by release");
        let documents = IntCounterVec::new(documents, &["release"])
            .and_then(|documents| registry.register(Box::new(documents.clone())).map(|()| documents))
            .map_err(|error| format!("counting documents: {error}"))?;
        let mut all = vec![own];
        all.extend(Self::earlier(folders)?);
        for frames in &mut all {
            documents.with_label_values(&[frames.release()]);
            if let Some(fonts) = fonts {
                frames.add_fonts(fonts);
            }
        }
        Ok(Self { all, documents })
    }

    /// The frames in these folders, each of another release than all others and this vault.
    ///
    /// # Errors
    /// A sentence that says which folder is wrong, and what to put there.
    pub fn earlier(folders: &[PathBuf]) -> Result<Vec<Frames>, String> {
        let mut all: Vec<Frames> = Vec::new();
        for folder in folders {
            let frames = Frames::earlier(folder)?;
            let release = frames.release();
            if release == RELEASE || all.iter().any(|other| other.release() == release) {
                return Err(format!(
                    "earlier_frames: {}: release {release} is served already; leave it out",
                    folder.display()
                ));
            }
            all.push(frames);
        }
        Ok(all)
    }

    /// The frames of a release, if they are served; counts that a document was asked for.
    pub fn asked_for(&self, release: &str) -> Option<&Frames> {
        let frames = self.all.iter().find(|frames| frames.release() == release)?;
        self.documents.with_label_values(&[frames.release()]).inc();
        Some(frames)
    }

    /// The asset of this hashed name, whichever release it is of: the same name is the same content.
    pub fn asset(&self, path: &str) -> Option<&Asset> {
        self.all.iter().find_map(|frames| frames.asset(path))
    }
}
