-- What each node was last started with: of every setting a digest under a key that is not in this database, so that the
-- next start can name the settings that changed, and nobody can guess their values from here.
CREATE TABLE settings (
    node TEXT NOT NULL,
    name TEXT NOT NULL,
    digest BLOB NOT NULL,
    PRIMARY KEY (node, name)
) STRICT;
