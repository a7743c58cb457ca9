-- The database as it was before rules, names and imports: what step 11 of the store's schema left. Never changed again.
CREATE TABLE connections (
    id TEXT PRIMARY KEY,
    integration TEXT NOT NULL,
    identity_id TEXT NOT NULL,
    account TEXT NOT NULL,
    display_name TEXT,
    status TEXT NOT NULL,
    proven_at INTEGER,
    checked_at INTEGER,
    connected_at INTEGER NOT NULL,
    asked TEXT NOT NULL,
    granted TEXT NOT NULL,
    remarks TEXT NOT NULL,
    paused INTEGER NOT NULL CHECK (paused IN (0, 1)),
    generation INTEGER NOT NULL CHECK (generation >= 0),
    UNIQUE (integration, identity_id)
) STRICT;

CREATE TABLE attempts (
    id TEXT PRIMARY KEY,
    state_hash TEXT NOT NULL UNIQUE,
    integration TEXT NOT NULL,
    connection TEXT,
    target TEXT NOT NULL,
    redirect TEXT NOT NULL CHECK (redirect IN ('deep_link', 'loopback')),
    created_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    outcome TEXT NOT NULL CHECK (outcome IN ('pending', 'used', 'cancelled', 'expired'))
) STRICT, WITHOUT ROWID;

CREATE TABLE rotations (
    connection TEXT NOT NULL,
    generation INTEGER NOT NULL,
    sent_at INTEGER NOT NULL,
    PRIMARY KEY (connection, generation)
) STRICT, WITHOUT ROWID;

CREATE TABLE revocations (
    connection TEXT PRIMARY KEY,
    integration TEXT NOT NULL,
    account TEXT NOT NULL,
    phase TEXT NOT NULL CHECK (phase IN ('moving', 'pending')),
    created_at INTEGER NOT NULL,
    tries INTEGER NOT NULL,
    next_try_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE clients (
    provider TEXT NOT NULL,
    kind TEXT NOT NULL,
    client_id TEXT NOT NULL,
    has_secret INTEGER NOT NULL CHECK (has_secret IN (0, 1)),
    added_at INTEGER NOT NULL,
    PRIMARY KEY (provider, kind)
) STRICT, WITHOUT ROWID;

CREATE TABLE settings (
    key TEXT PRIMARY KEY,
    value TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE proof (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    times INTEGER NOT NULL
) STRICT;
INSERT INTO proof VALUES (1, 0);

CREATE TABLE outbox (
    id TEXT PRIMARY KEY,
    connection TEXT NOT NULL,
    integration TEXT NOT NULL,
    account TEXT NOT NULL,
    capability TEXT NOT NULL,
    caller TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('queued', 'sending', 'sent', 'failed',
        'outcome_unknown', 'cancelled', 'expired')),
    detail TEXT NOT NULL,
    outline TEXT NOT NULL,
    content TEXT,
    files TEXT NOT NULL,
    pieces TEXT NOT NULL,
    tries INTEGER NOT NULL CHECK (tries >= 0),
    on_wire_at INTEGER
) STRICT, WITHOUT ROWID;
CREATE INDEX outbox_open ON outbox (state, created_at) WHERE state IN ('queued', 'sending', 'outcome_unknown');
CREATE INDEX outbox_time ON outbox (created_at);

CREATE TABLE ledger (
    seq INTEGER PRIMARY KEY CHECK (seq > 0),
    at INTEGER NOT NULL,
    kind TEXT NOT NULL,
    caller TEXT,
    connection TEXT,
    integration TEXT,
    account TEXT,
    capability TEXT,
    action TEXT,
    result TEXT NOT NULL,
    calls INTEGER NOT NULL CHECK (calls >= 0),
    errors INTEGER NOT NULL CHECK (errors >= 0),
    millis INTEGER NOT NULL CHECK (millis >= 0),
    bytes_out INTEGER NOT NULL CHECK (bytes_out >= 0),
    bytes_in INTEGER NOT NULL CHECK (bytes_in >= 0),
    mac BLOB NOT NULL
) STRICT;
CREATE INDEX ledger_by_time ON ledger (at);
CREATE INDEX ledger_by_connection ON ledger (connection, kind, at);
CREATE TABLE ledger_gate (up_to INTEGER NOT NULL) STRICT;
CREATE TABLE ledger_head (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    first_seq INTEGER NOT NULL,
    seq INTEGER NOT NULL,
    mac BLOB NOT NULL,
    seal BLOB NOT NULL
) STRICT;
CREATE TRIGGER ledger_lines_stay BEFORE UPDATE ON ledger
    BEGIN SELECT RAISE(ABORT, 'a line of the ledger never changes'); END;
CREATE TRIGGER ledger_grows BEFORE INSERT ON ledger
    WHEN NEW.seq <= (SELECT MAX(seq) FROM ledger)
    BEGIN SELECT RAISE(ABORT, 'the ledger grows at its end'); END;
CREATE TRIGGER ledger_keeps BEFORE DELETE ON ledger
    WHEN NOT EXISTS (SELECT 1 FROM ledger_gate WHERE up_to >= OLD.seq)
    BEGIN SELECT RAISE(ABORT, 'only retention drops lines of the ledger'); END;

CREATE TABLE ledger_checkpoints (
    first_seq INTEGER PRIMARY KEY,
    last_seq INTEGER NOT NULL CHECK (last_seq >= first_seq),
    day INTEGER NOT NULL,
    rows INTEGER NOT NULL,
    found TEXT NOT NULL CHECK (found IN ('whole', 'broken', 'unknown')),
    last_mac BLOB NOT NULL,
    mac BLOB NOT NULL
) STRICT;

CREATE TABLE chats (
    connection TEXT NOT NULL REFERENCES connections (id) ON DELETE CASCADE,
    id TEXT NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN ('person', 'group', 'channel')),
    title TEXT NOT NULL,
    handle TEXT,
    known_since INTEGER NOT NULL,
    PRIMARY KEY (connection, id)
) STRICT, WITHOUT ROWID;

PRAGMA user_version = 11;
