/*
 * SPDX-License-Identifier: MIT
 */
#include "db.h"

/* The columns of an event, as event_write() of events_read.c takes them. */
#define EVENT "e.version, e.position, e.id, e.type, e.schema, e.at, e.correlation, e.causation, " \
              "e.caller, e.tenant, e.data"

#define LIVE "(v.expires = 0 OR v.expires > ?2)"

const char *const sql_texts[SQL_COUNT] = {
    [SQL_BEGIN_WRITE] = "BEGIN IMMEDIATE",
    [SQL_BEGIN_READ] = "BEGIN",
    [SQL_COMMIT] = "COMMIT",
    [SQL_ROLLBACK] = "ROLLBACK",

    [SQL_STREAM_FIND] = "SELECT number, version FROM streams WHERE space = ?1 AND name = ?2",
    [SQL_STREAM_ADD] = "INSERT INTO streams(space, name, version) VALUES(?1, ?2, ?3)",
    [SQL_STREAM_MOVE] = "UPDATE streams SET version = ?2 WHERE number = ?1",
    [SQL_EVENT_ADD] = "INSERT INTO events(stream, version, id, type, schema, at, correlation, "
                      "causation, caller, tenant, data) VALUES(?1,?2,?3,?4,?5,?6,?7,?8,?9,?10,?11)",
    [SQL_EVENT_RESTORE] =
        "INSERT INTO events(stream, version, id, type, schema, at, correlation, causation, caller, "
        "tenant, data, position) VALUES(?1,?2,?3,?4,?5,?6,?7,?8,?9,?10,?11,?12)",
    [SQL_EVENTS_FORWARD] = "SELECT " EVENT " FROM events e WHERE e.stream = ?1 AND e.version >= ?2 "
                           "AND e.version <= ?3 AND (?4 = '' OR e.at <= ?4) ORDER BY e.version",
    [SQL_EVENTS_BACKWARD] = "SELECT " EVENT " FROM events e WHERE e.stream = ?1 AND e.version >= ?2 "
                            "AND e.version <= ?3 AND (?4 = '' OR e.at <= ?4) ORDER BY e.version DESC",
    [SQL_EVENTS_ALL] = "SELECT " EVENT ", s.name, s.space FROM events e CROSS JOIN streams s "
                       "ON s.number = e.stream WHERE e.position > ?1 ORDER BY e.position",
    [SQL_EVENTS_LAST] = "SELECT max(position) FROM events",
    [SQL_KEY_FIND] = "SELECT answer FROM keys WHERE space = ?1 AND key = ?2 AND at > ?3",
    [SQL_KEY_ADD] = "INSERT OR REPLACE INTO keys(space, key, at, answer) VALUES(?1, ?2, ?3, ?4)",
    [SQL_KEY_REAP] = "DELETE FROM keys WHERE rowid IN "
                     "(SELECT rowid FROM keys WHERE at < ?1 ORDER BY at LIMIT 200)",

    [SQL_PROJECTION_FIND] = "SELECT number, position FROM projections WHERE space = ?1 AND name = ?2",
    [SQL_PROJECTION_ADD] = "INSERT INTO projections(space, name, position) VALUES(?1, ?2, ?3)",
    [SQL_PROJECTION_MOVE] = "UPDATE projections SET position = ?2 WHERE number = ?1",
    [SQL_PROJECTION_NAME] = "UPDATE projections SET name = ?2 WHERE number = ?1",
    [SQL_PROJECTION_DEAD] = "SELECT number FROM projections WHERE name IS NULL LIMIT 1",
    [SQL_PROJECTION_REAP] = "DELETE FROM projections WHERE number = ?1",
    [SQL_ROW_SET] = "INSERT INTO rows(projection, key, value) VALUES(?1, ?2, ?3) "
                    "ON CONFLICT(projection, key) DO UPDATE SET value = excluded.value",
    [SQL_ROW_REMOVE] = "DELETE FROM rows WHERE projection = ?1 AND key = ?2",
    [SQL_ROWS_FORWARD] = "SELECT key, value FROM rows WHERE projection = ?1 AND key >= ?2 "
                         "AND key < ?3 ORDER BY key",
    [SQL_ROWS_BACKWARD] = "SELECT key, value FROM rows WHERE projection = ?1 AND key >= ?2 "
                          "AND key < ?3 ORDER BY key DESC",
    [SQL_ROWS_REAP] = "DELETE FROM rows WHERE projection = ?1 AND key IN "
                      "(SELECT key FROM rows WHERE projection = ?1 LIMIT 500)",

    [SQL_VALUE_FIND] = "SELECT number, version, expires FROM entries WHERE space = ?1 AND key = ?2",
    [SQL_VALUE_GET] = "SELECT version, expires, value FROM entries WHERE space = ?1 AND key = ?2",
    [SQL_VALUE_ADD] = "INSERT INTO entries(space, key, version, expires, value) "
                      "VALUES(?1, ?2, ?3, ?4, ?5)",
    [SQL_VALUE_CHANGE] = "UPDATE entries SET version = ?2, expires = ?3, value = ?4 WHERE number = ?1",
    [SQL_VALUE_REMOVE] = "DELETE FROM entries WHERE number = ?1",
    [SQL_VALUES_LIST] = "SELECT v.key, v.version, length(v.value), v.expires, "
                        "CASE WHEN ?5 AND length(v.value) <= 65536 THEN v.value END FROM entries v "
                        "WHERE v.space = ?1 AND v.key >= ?3 AND v.key < ?4 AND " LIVE
                        " ORDER BY v.key",
    [SQL_VALUES_EXPIRED] = "SELECT number, space, version FROM entries WHERE expires > 0 "
                           "AND expires <= ?1 ORDER BY expires LIMIT 100",
    [SQL_FLOOR_FIND] = "SELECT version FROM floors WHERE space = ?1",
    [SQL_FLOOR_RAISE] = "INSERT INTO floors(space, version) VALUES(?1, ?2) ON CONFLICT(space) "
                        "DO UPDATE SET version = max(version, excluded.version)",

    [SQL_BLOB_FIND] = "SELECT number, bytes FROM blobs WHERE space = ?1 AND key = ?2 "
                      "AND bytes IS NOT NULL",
    [SQL_BLOB_ADD] = "INSERT INTO blobs(space, key, lease) VALUES(?1, ?2, ?3)",
    [SQL_BLOB_TOUCH] = "UPDATE blobs SET lease = ?2 WHERE number = ?1 AND bytes IS NULL AND lease > 0",
    [SQL_BLOB_SHOW] = "UPDATE blobs SET bytes = ?2, lease = 0 WHERE number = ?1 AND bytes IS NULL "
                      "AND lease > 0",
    [SQL_BLOB_HIDE] = "UPDATE blobs SET bytes = NULL, lease = 0 WHERE number = ?1",
    [SQL_BLOBS_LIST] = "SELECT key, bytes FROM blobs WHERE space = ?1 AND key > ?2 "
                       "AND bytes IS NOT NULL ORDER BY key",
    [SQL_BLOB_DEAD] = "SELECT number FROM blobs WHERE bytes IS NULL AND lease < ?1 LIMIT 1",
    [SQL_BLOB_REAP] = "DELETE FROM blobs WHERE number = ?1",
    [SQL_PART_ADD] = "INSERT INTO parts(number, data) VALUES(?1, ?2)",
    [SQL_PART_GET] = "SELECT data FROM parts WHERE number = ?1",
    [SQL_PARTS_REAP] = "DELETE FROM parts WHERE number IN "
                       "(SELECT number FROM parts WHERE number >= ?1 AND number < ?2 LIMIT 8)",

    [SQL_DOCUMENT_FIND] = "SELECT number, text FROM documents WHERE space = ?1 AND id = ?2",
    [SQL_DOCUMENT_ADD] = "INSERT INTO documents(space, id, text, fields) "
                         "VALUES(?1, ?2, ?3, ?4)",
    [SQL_DOCUMENT_CHANGE] = "UPDATE documents SET text = ?2, fields = ?3 WHERE number = ?1",
    [SQL_DOCUMENT_REMOVE] = "DELETE FROM documents WHERE number = ?1",
    [SQL_DOCUMENTS_IDS] = "SELECT number, text FROM documents WHERE space = ?1 LIMIT 1",
    [SQL_DOCUMENTS_SCAN] = "SELECT id, fields, NULL, -1e9 FROM documents WHERE space = ?2 "
                           "AND fits(fields, ?3) ORDER BY id LIMIT ?4 OFFSET ?5",
    [SQL_DOCUMENTS_SCAN_COUNT] = "SELECT count(*) FROM documents WHERE space = ?2 "
                                 "AND fits(fields, ?3)",
    [SQL_WORDS_ADD] = "INSERT INTO words(rowid, text) VALUES(?1, ?2)",
    [SQL_WORDS_REMOVE] = "INSERT INTO words(words, rowid, text) VALUES('delete', ?1, ?2)",
    [SQL_WORDS_FIND] = "SELECT d.id, d.fields, CASE WHEN ?6 THEN snippet(words, 0, '', '', "
                       "'\xE2\x80\xA6', 24) END, bm25(words) FROM words "
                       "CROSS JOIN documents d ON d.number = words.rowid WHERE words MATCH ?1 "
                       "AND d.space = ?2 AND fits(d.fields, ?3) ORDER BY bm25(words), d.id "
                       "LIMIT ?4 OFFSET ?5",
    [SQL_WORDS_COUNT] = "SELECT count(*) FROM words CROSS JOIN documents d "
                        "ON d.number = words.rowid WHERE words MATCH ?1 AND d.space = ?2 "
                        "AND fits(d.fields, ?3)",

    [SQL_DUMP_EVENTS] = "SELECT " EVENT ", s.name, s.space FROM events e CROSS JOIN streams s "
                        "ON s.number = e.stream ORDER BY e.position",
    [SQL_DUMP_PROJECTIONS] = "SELECT number, space, name, position FROM projections "
                             "WHERE name IS NOT NULL ORDER BY space, name",
    [SQL_DUMP_ROWS] = "SELECT key, value FROM rows WHERE projection = ?1 ORDER BY key",
    [SQL_DUMP_VALUES] = "SELECT v.space, v.key, v.version, v.expires, v.value FROM entries v "
                        "WHERE " LIVE " ORDER BY v.space, v.key",
    [SQL_DUMP_BLOBS] = "SELECT number, space, key, bytes FROM blobs WHERE bytes IS NOT NULL "
                       "ORDER BY space, key",
    [SQL_DUMP_DOCUMENTS] = "SELECT space, id, text, fields FROM documents ORDER BY space, id",
};
