/* The beginning of a session. */
#include <stdio.h>

#include "adapters/driving/doctor/checks.h"

/* A first answer that takes longer than this is one that some clients do not wait for. */
#define SLOW_START_MS 5000

static const char *const legacy_revisions[] = {"2024-11-05", "2025-03-26", "2025-06-18",
                                               LATEST_LEGACY};

void check_start(void *examination)
{
    struct examination *x = examination;
    if (serves_legacy(x) || serves_modern(x))
        return;
    if (x->unstartable.code)
        find(x, DOCTOR_ERROR, "%s", x->unstartable.text);
    else if (x->legacy.waited == WAIT_GONE && x->modern.waited == WAIT_GONE)
        find(x, DOCTOR_ERROR, "before the first answer %s%s%s", x->legacy.ending,
             x->observed.stderr_last[0] ? "; the last line of standard error: " : "",
             x->observed.stderr_last);
}

static bool known_revision(struct json value)
{
    for (size_t i = 0; i < sizeof(legacy_revisions) / sizeof(legacy_revisions[0]); i++)
        if (json_is(value, str_from(legacy_revisions[i])))
            return true;
    return false;
}

static void check_info(struct examination *x, struct json info)
{
    if (json_type(info) != JSON_OBJECT)
        find(x, DOCTOR_ERROR, "the result of initialize has no object serverInfo");
    else if (json_type(json_get(info, STR("name"))) != JSON_STRING ||
             json_type(json_get(info, STR("version"))) != JSON_STRING)
        find(x, DOCTOR_ERROR, "serverInfo has no name or no version, which must be strings");
}

static void check_greeting(struct examination *x, struct json result)
{
    char text[200];
    struct json revision = json_get(result, STR("protocolVersion"));
    struct json capabilities = json_get(result, STR("capabilities"));
    if (!known_revision(revision))
        find(x, DOCTOR_ERROR, "asked for " LATEST_LEGACY ", it answers with protocolVersion %s",
             json_exists(revision) ? excerpt(revision, text, sizeof(text)) : "missing");
    if (json_type(capabilities) != JSON_OBJECT)
        find(x, DOCTOR_ERROR, "the result of initialize has no object capabilities");
    check_info(x, json_get(result, STR("serverInfo")));
    struct json_iter it = json_iter(capabilities);
    while (json_type(capabilities) == JSON_OBJECT && json_next(&it))
        if (json_type(it.value) != JSON_OBJECT)
            find(x, DOCTOR_ERROR, "the capability %s is no object",
                 excerpt(it.key, text, sizeof(text)));
}

void check_initialize(void *examination)
{
    struct examination *x = examination;
    char text[300];
    if (serves_legacy(x)) {
        check_greeting(x, json_get(json_root(x->legacy.answer), STR("result")));
        return;
    }
    if (serves_modern(x)) {
        find(x, DOCTOR_NOTE, "only revision " MODERN " is served: clients without it find nothing");
        return;
    }
    if (x->unstartable.code || (x->legacy.waited == WAIT_GONE && x->modern.waited == WAIT_GONE))
        skip(x, "the server does not start");
    else if (x->legacy.answer)
        find(x, DOCTOR_ERROR, "initialize is answered with %s",
             excerpt(json_root(x->legacy.answer), text, sizeof(text)));
    else if (x->legacy.waited == WAIT_TIMEOUT)
        find(x, DOCTOR_ERROR, "no answer to initialize within %g s", first_answer_ms(x) / 1000.0);
    else
        find(x, DOCTOR_ERROR, "no answer to initialize: %s", x->legacy.ending);
}

void check_first_answer(void *examination)
{
    struct examination *x = examination;
    const struct greeting *first = serves_legacy(x) ? &x->legacy : &x->modern;
    if (!serves_legacy(x) && !serves_modern(x))
        skip(x, "there is no answer");
    else if (first->ms > SLOW_START_MS)
        find(x, DOCTOR_WARNING, "the first answer came after %.1f s", (double)first->ms / 1000.0);
}

/* What an initialize for `revision` must lead to: a revision that we know. */
static void check_revision(struct examination *x, const char *revision)
{
    char text[300];
    struct json answer;
    struct peer *peer = new_run(x);
    if (!peer)
        return;
    enum waited waited = initialize(x, peer, revision, first_answer_ms(x), &answer);
    struct json got = json_get(result_of(answer), STR("protocolVersion"));
    if (waited != WAIT_DONE) {
        snprintf(text, sizeof(text), "initialize for revision %s", revision);
        find_silence(x, peer, waited, text);
    } else if (error_code(answer)) {
        find(x, DOCTOR_ERROR, "asked for revision %s, it answers with the error %s", revision,
             excerpt(json_get(answer, STR("error")), text, sizeof(text)));
    } else if (!known_revision(got)) {
        find(x, DOCTOR_ERROR, "asked for revision %s, it answers with protocolVersion %s", revision,
             json_exists(got) ? excerpt(got, text, sizeof(text)) : "missing");
    }
    end_run(x);
}

void check_negotiation(void *examination)
{
    struct examination *x = examination;
    if (!serves_legacy(x)) {
        skip(x, "the server opens no session with initialize");
        return;
    }
    check_revision(x, "2024-11-05");
    check_revision(x, "2099-01-01");
}
