import { ownedTables } from './owned-tables.js';

/** The tables of the bare limit: what a guest, an account and a session need, and no more. */
export const LIMIT_SCHEMA = `
  CREATE TABLE users (
    id uuid PRIMARY KEY, email text UNIQUE, email_verified boolean NOT NULL DEFAULT false, name text, hash text,
    is_anonymous boolean NOT NULL, last_seen_at timestamptz NOT NULL DEFAULT now(),
    created_at timestamptz NOT NULL DEFAULT now(), updated_at timestamptz NOT NULL DEFAULT now());
  CREATE TABLE sessions (
    id uuid PRIMARY KEY, user_id uuid NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    expires_at timestamptz NOT NULL DEFAULT now() + interval '7 days', created_at timestamptz NOT NULL DEFAULT now());
  CREATE INDEX ON sessions (user_id);
  ${ownedTables('users', 'uuid')}`;

const STALE = "is_anonymous AND last_seen_at < now() - interval '30 days'";
const OWNS_NOTHING = `NOT EXISTS (SELECT FROM entry WHERE user_id = u.id)
    AND NOT EXISTS (SELECT FROM mark WHERE user_id = u.id)`;
const NEW_SESSION = 'INSERT INTO sessions (id, user_id)';

export const SQL = {
  issue: `WITH u AS (INSERT INTO users (id, is_anonymous) VALUES ($1, true) RETURNING id, email, created_at),
    s AS (${NEW_SESSION} VALUES ($2, $1)) SELECT * FROM u`,
  check: 'SELECT id, is_anonymous FROM users WHERE id = $1',
  signUp: `WITH u AS (INSERT INTO users (id, email, name, hash, is_anonymous) VALUES ($1, $2, $3, $4, false)
    RETURNING id, email, created_at), s AS (${NEW_SESSION} VALUES ($5, $1)) SELECT * FROM u`,
  upgrade: `WITH u AS (UPDATE users SET email = $2, name = $3, hash = $4, is_anonymous = false, updated_at = now()
      WHERE id = $1 AND is_anonymous RETURNING id, email, created_at),
    s AS (${NEW_SESSION} SELECT $5, id FROM u) SELECT * FROM u`,
  account: 'SELECT id, email, hash, created_at FROM users WHERE email = $1',
  session: `${NEW_SESSION} VALUES ($1, $2)`,
  moveEntries: 'UPDATE entry SET user_id = $2 WHERE user_id = $1',
  moveMarks: 'UPDATE mark SET user_id = $2 WHERE user_id = $1',
  swap: `WITH gone AS (DELETE FROM users WHERE id = $1) ${NEW_SESSION} VALUES ($2, $3)`,
  reap: `DELETE FROM users u WHERE ${STALE} AND ${OWNS_NOTHING}`,
  stale: `SELECT id FROM users u WHERE ${STALE}`,
  reapOne: `DELETE FROM users u WHERE id = $1 AND ${STALE} AND ${OWNS_NOTHING}`,
} as const;
