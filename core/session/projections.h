/*
 * What is read of sessions: rows built from their events (core/projection).
 *
 *   active-sessions  TENANT/CALLER/ID                 the state of the session (session_write)
 *   session-history  ID/VERSION                       {"version", "type", "atMs", "data"} of an event;
 *                                                     of a call also "returned": the same of its end
 *   token-usage      TENANT/CALLER/DAY/AGENT/MODEL    {"caller", "tenant", "day", "agent", "model",
 *                                                     "responses", "failures", "in", "cachedIn", "out",
 *                                                     "reasoning", "costNanoUsd"}
 *   tool-usage       TENANT/CALLER/TOOL               {"caller", "tenant", "tool", "calls", "failed",
 *                                                     "cancelled", "totalMs", "maxMs", "histogram"}
 *
 * Data longer than SESSION_ROW_DATA_MAX is left out, with its length in "omitted".
 */
#pragma once

#include "core/projection/projection.h"

#define SESSION_ROW_DATA_MAX 65536u

/* Counts of calls that took at most 1, 2, 4, 8... ms; the last one of all that took longer. */
#define SESSION_HISTOGRAM 24u

extern const struct projection session_active_projection;
extern const struct projection session_history_projection;
extern const struct projection session_tokens_projection;
extern const struct projection session_tools_projection;

/* Appends one part of a key with what would be taken for an end or a mark of order written as %XX; long
 * ones are cut: rows name whom they belong to. */
void session_key_part(struct buffer *key, struct str part);

/* "TENANT/CALLER/" */
void session_key_owner(struct buffer *key, struct str tenant, struct str caller);

/* "ID/00000000000000000012" */
void session_key_version(struct buffer *key, struct str id, uint64_t version);

/* The bound in ms below which 95 of 100 calls of such a row stay; 0 without calls. */
uint64_t session_histogram_p95(struct json histogram);
