//! Every piece of configuration that docs/operating.md shows, as the vault reads it.
//! It must never leave out a piece.

use cardseal_vault::config::Config;

#[test]
fn every_setting_that_the_guide_shows_is_taken() {
    let guide = include_str!("../../docs/operating.md");
    let mut pieces = guide.split("```toml\n").skip(1).map(|rest| rest.split("```").next().unwrap());
    let basis = pieces.next().unwrap();
    Config::parse(basis, &[]).unwrap();
    let mut more = 0;
    for piece in pieces {
        more += 1;
        if let Err(error) = Config::parse(&format!("{basis}\n{piece}"), &[]) {
            panic!("{error}, in\n{piece}");
        }
    }
    assert_ne!(more, 0);
}
