/*
 * Records calls: a call_service in front of another one. A call whose request says in its _meta which
 * session it belongs to, "io.hexmcp/session": ID, is in that session as ToolCalled before it runs and
 * as ToolReturned before its result is told, both durable. All other calls go through at the cost of a
 * branch, or two if they have a _meta.
 *
 * A call that cannot be recorded is not made: it fails with the reason.
 */
#pragma once

#include "core/session/sessions.h"

#define RECORDER_META "io.hexmcp/session"

/* Results that are longer are not recorded: "omitted" says how long they were. */
#define RECORDER_RESULT_MAX 1000000u

struct recorder;

/* With parts.record_all of the sessions, calls without a session go to one that is made at the first
 * call of each caller of a connection. */
int recorder_new(struct sessions *sessions, const struct call_service *calls, struct recorder **out,
                 struct error *err);

/* When no call runs any more and the journal is gone. NULL is allowed. */
void recorder_free(struct recorder *recorder);

const struct call_service *recorder_service(struct recorder *recorder);
