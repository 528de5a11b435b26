/*
 * schema.c - the tables, and how they came to be.
 *
 * SPDX-License-Identifier: MIT
 *
 * Names and keys are bytes: they are compared as the contract says, whatever the collation of the
 * database, and hold what text of PostgreSQL cannot.
 */
#include "pg.h"

#include <stdlib.h>

/* Number n brings the schema from version n to n + 1. What has been released never changes. */
static const char *const steps[] = {
    "CREATE TABLE counter (one boolean PRIMARY KEY CHECK (one), position bigint NOT NULL,"
    "    version bigint NOT NULL);"
    "INSERT INTO counter VALUES (true, 0, 0);"
    "CREATE TABLE events (space bytea NOT NULL, position bigint NOT NULL, stream bytea NOT NULL,"
    "    version bigint NOT NULL, type bytea NOT NULL, at bytea NOT NULL, body bytea NOT NULL,"
    "    PRIMARY KEY (space, position), UNIQUE (space, stream, version));"
    "CREATE TABLE batches (space bytea NOT NULL, key bytea NOT NULL, at timestamptz NOT NULL,"
    "    answer bytea NOT NULL, PRIMARY KEY (space, key));"
    "CREATE INDEX ON batches (at);"
    "CREATE TABLE projections (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,"
    "    space bytea NOT NULL, name bytea NOT NULL, position bigint NOT NULL, UNIQUE (space, name));"
    "CREATE TABLE rows (projection bigint NOT NULL REFERENCES projections ON DELETE CASCADE,"
    "    key bytea NOT NULL, value bytea NOT NULL, PRIMARY KEY (projection, key));"
    "CREATE TABLE kv (space bytea NOT NULL, key bytea NOT NULL, version bigint NOT NULL,"
    "    expires bigint, value bytea NOT NULL, PRIMARY KEY (space, key));"
    "CREATE INDEX ON kv (expires) WHERE expires IS NOT NULL;"
    "CREATE TABLE uploads (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,"
    "    began timestamptz NOT NULL DEFAULT now());"
    "CREATE TABLE pieces (upload bigint NOT NULL REFERENCES uploads ON DELETE CASCADE,"
    "    at bigint NOT NULL, bytes bytea NOT NULL, PRIMARY KEY (upload, at));"
    "ALTER TABLE pieces ALTER bytes SET STORAGE EXTERNAL;"
    "CREATE TABLE blobs (space bytea NOT NULL, key bytea NOT NULL, bytes bigint NOT NULL,"
    "    upload bigint NOT NULL REFERENCES uploads, PRIMARY KEY (space, key));"
    "CREATE INDEX ON blobs (upload);"
    "CREATE TABLE documents (space bytea NOT NULL, id bytea NOT NULL, json bytea NOT NULL,"
    "    words tsvector NOT NULL, PRIMARY KEY (space, id));"
    "CREATE INDEX ON documents USING gin (words);",
};
#define NEWEST (sizeof(steps) / sizeof(steps[0]))

static int32_t there(struct pg *pg, int *out, hexmcp_error *err)
{
    PGresult *row;
    int32_t status = pg_one(pg, "SELECT to_regclass('meta') IS NOT NULL", NULL, &row, err);
    if (status != HEXMCP_OK)
        return status;
    *out = row && PQgetvalue(row, 0, 0)[0] != 0;
    PQclear(row);
    return HEXMCP_OK;
}

static int32_t version_of(struct pg *pg, uint64_t *out, hexmcp_error *err)
{
    PGresult *row;
    int32_t status = pg_one(pg, "SELECT version::bigint FROM meta", NULL, &row, err);
    if (status != HEXMCP_OK)
        return status;
    *out = row ? pg_get_number(row, 0) : 0;
    PQclear(row);
    if (*out <= NEWEST)
        return HEXMCP_OK;
    return hexmcp_fail(err, HEXMCP_E_UNSUPPORTED,
                       "the schema %s of the database is of version %llu, made by a newer hexmcp; this "
                       "one knows versions up to %zu: use the newer one, or another schema",
                       pg->settings->schema, (unsigned long long)*out, NEWEST);
}

/* In a transaction that no other process makes at the same time. */
static int32_t bring_up(struct pg *pg, hexmcp_error *err)
{
    char sql[300];
    uint64_t version = 0;
    int32_t status = pg_exec(pg, "BEGIN; SELECT pg_advisory_xact_lock(7452931880012)", err);
    if (status != HEXMCP_OK)
        return status;
    snprintf(sql, sizeof(sql),
             "CREATE SCHEMA IF NOT EXISTS \"%s\";"
             "CREATE TABLE IF NOT EXISTS meta (version integer NOT NULL)",
             pg->settings->schema);
    status = pg_exec(pg, sql, err);
    if (status == HEXMCP_OK)
        status = version_of(pg, &version, err);
    for (uint64_t i = version; status == HEXMCP_OK && i < NEWEST; i++)
        status = pg_exec(pg, steps[i], err);
    if (status == HEXMCP_OK) {
        snprintf(sql, sizeof(sql), "DELETE FROM meta; INSERT INTO meta VALUES (%zu); COMMIT", NEWEST);
        status = pg_exec(pg, sql, err);
    }
    return status;
}

int32_t pg_schema(struct pg *pg, hexmcp_error *err)
{
    int found = 0;
    uint64_t version = 0;
    int32_t status = there(pg, &found, err);
    if (status == HEXMCP_OK && found)
        status = version_of(pg, &version, err);
    return status == HEXMCP_OK && version < NEWEST ? bring_up(pg, err) : status;
}
