/* Inside of doctor: an examination of a server on stdio, as its checks see it. */
#pragma once

#include "adapters/driving/doctor/peer.h"
#include "adapters/driving/doctor/report.h"

/* What we ask for, and what a server may answer with. */
#define LATEST_LEGACY "2025-11-25"
#define MODERN "2026-07-28"

/* How the first greeting of an era went. The answer is a copy. */
struct greeting {
    bool tried;
    bool served; /* it was answered with a result */
    enum waited waited;
    int64_t ms; /* from the start of the process */
    struct json_doc *answer;
    char ending[80];
};

struct schemas;

struct examination {
    const struct doctor_stdio *what;
    struct doctor_report *report;
    struct outcome *now;
    struct observed observed;
    struct peer *peer; /* the only run at a time */
    bool modern_run;   /* what kind of run that is */
    struct error unstartable;
    struct greeting legacy, modern;
    bool orphans_known;
    char orphans[300];
    size_t orphan_count;
    struct schemas *schemas;
};

void find(struct examination *x, enum doctor_severity severity, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
void skip(struct examination *x, const char *reason);

/* A run after initialize, the one at hand if it still lives. NULL (and the check is skipped) if the
 * server does not serve that era. */
struct peer *legacy_session(struct examination *x);

/* A run without initialize; the greeting is server/discover. */
struct peer *modern_session(struct examination *x);

/* Greets once, if nobody did. */
bool serves_legacy(struct examination *x);
bool serves_modern(struct examination *x);

/* A new run and nothing else; the one before is ended. NULL if it cannot be started. */
struct peer *new_run(struct examination *x);
void end_run(struct examination *x);

/* initialize with this revision, in a run of its own. */
enum waited initialize(struct examination *x, struct peer *peer, const char *revision,
                       uint32_t ms, struct json *answer);

/* A request. False if no answer came, which is a finding of the running check: `what` completes
 * "no answer to ...". */
bool ask(struct examination *x, struct peer *peer, const char *method, const char *params,
         const char *what, struct json *answer);
void find_silence(struct examination *x, struct peer *peer, enum waited waited, const char *what);

/* The server still answers. Otherwise a finding: "after <what> ...". */
bool still_alive(struct examination *x, struct peer *peer, const char *what);

/* Params with the claim of the modern era and the members of `more` ("\"a\":1" or ""). */
void modern_params(const struct examination *x, const char *more, struct buffer *out);

struct json result_of(struct json answer);
/* The code of an error, 0 if it is none. */
int64_t error_code(struct json answer);

/* The raw text, cut, for a sentence. */
const char *excerpt(struct json value, char *room, size_t size);

/* The member of the capabilities that the server declared in its era. */
struct json capability(const struct greeting *greeting, const char *name);

uint32_t first_answer_ms(const struct examination *x);

/* The checks, by file. */
void check_start(void *x);
void check_initialize(void *x);
void check_first_answer(void *x);
void check_negotiation(void *x);
void check_ping(void *x);
void check_unknown_method(void *x);
void check_bad_params(void *x);
void check_notifications(void *x);
void check_split(void *x);
void check_concurrency(void *x);
void check_cancellation(void *x);
void check_tools(void *x);
void check_resources(void *x);
void check_prompts(void *x);
void check_tool_calls(void *x);
void check_bad_json(void *x);
void check_large(void *x);
void check_eof(void *x);
void check_orphans(void *x);
void check_sigterm(void *x);
void check_probe(void *x);
void check_discover(void *x);
void check_modern_requests(void *x);
void check_modern_lists(void *x);
void check_stdout(void *x);
void check_messages(void *x);
void check_answers(void *x);
void check_client_requests(void *x);
void check_stderr(void *x);
void check_schema(void *x);

/* The official schemas, if there is a folder with them. */
void schemas_open(struct examination *x);
void schemas_close(struct examination *x);
void schemas_look(struct examination *x, const char *method, struct json answer, bool modern);
