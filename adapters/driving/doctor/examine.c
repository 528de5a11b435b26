#include "adapters/driving/doctor/examine.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>

#include "adapters/driving/doctor/checks.h"
#include "core/json/writer.h"

void find(struct examination *x, enum doctor_severity severity, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    report_find(x->report, x->now, severity, format, arguments);
    va_end(arguments);
}

void skip(struct examination *x, const char *reason)
{
    if (!x->now->first)
        report_skip(x->report, x->now, reason);
}

/* Programs that are fetched before they run (npx, uvx) take their time once. */
uint32_t first_answer_ms(const struct examination *x)
{
    return x->what->timeout_ms * 3;
}

void end_run(struct examination *x)
{
    peer_end(x->peer);
    x->peer = NULL;
}

struct peer *new_run(struct examination *x)
{
    struct error err;
    end_run(x);
    if (peer_start(x->what->command, &x->observed, &x->peer, &err))
        x->unstartable = err;
    x->modern_run = false;
    return x->peer;
}

enum waited initialize(struct examination *x, struct peer *peer, const char *revision,
                       uint32_t ms, struct json *answer)
{
    char params[300];
    snprintf(params, sizeof(params),
             "{\"protocolVersion\":\"%s\",\"capabilities\":{},"
             "\"clientInfo\":{\"name\":\"hexmcp-doctor\",\"version\":\"%s\"}}",
             revision, x->what->version);
    return peer_call(peer, "initialize", str_from(params), ms, answer);
}

void modern_params(const struct examination *x, const char *more, struct buffer *out)
{
    buffer_add_str(out, STR("{\"_meta\":{\"io.modelcontextprotocol/protocolVersion\":\"" MODERN "\","
                            "\"io.modelcontextprotocol/clientCapabilities\":{},"
                            "\"io.modelcontextprotocol/clientInfo\":{\"name\":\"hexmcp-doctor\","
                            "\"version\":"));
    json_quote(out, str_from(x->what->version));
    buffer_add_str(out, STR("}}"));
    if (more[0])
        buffer_add_char(out, ',');
    buffer_add_str(out, str_from(more));
    buffer_add_char(out, '}');
}

static struct json_doc *copy_of(struct json value)
{
    struct str text = json_text(value);
    struct json_doc *doc = NULL;
    char *data = text.len ? malloc(text.len) : NULL;
    if (!data)
        return NULL;
    memcpy(data, text.ptr, text.len);
    return json_parse_take(data, text.len, &doc, NULL) ? NULL : doc;
}

static void greeted(struct greeting *greeting, struct peer *peer, enum waited waited,
                    struct json answer, int64_t ms)
{
    if (greeting->tried)
        return;
    *greeting = (struct greeting){.tried = true, .waited = waited, .ms = ms};
    greeting->served = json_type(json_get(answer, STR("result"))) == JSON_OBJECT;
    greeting->answer = copy_of(answer);
    if (waited == WAIT_GONE)
        peer_wait_end(peer, 500);
    peer_ending(peer, greeting->ending, sizeof(greeting->ending));
}

static struct peer *open_legacy(struct examination *x)
{
    int64_t start = peer_now();
    struct peer *peer = new_run(x);
    struct json answer;
    if (!peer) {
        x->legacy.tried = true;
        return NULL;
    }
    enum waited waited = initialize(x, peer, LATEST_LEGACY, first_answer_ms(x), &answer);
    greeted(&x->legacy, peer, waited, answer, peer_now() - start);
    schemas_look(x, "initialize", answer, false);
    if (!json_exists(result_of(answer))) {
        end_run(x);
        return NULL;
    }
    peer_null_ids(peer, NULL_ID_NOTIFICATION);
    peer_notify(peer, "notifications/initialized", STR(""));
    return peer;
}

static struct peer *open_modern(struct examination *x)
{
    int64_t start = peer_now();
    struct peer *peer = new_run(x);
    struct buffer params = BUFFER_INIT;
    struct json answer;
    if (!peer) {
        x->modern.tried = true;
        return NULL;
    }
    modern_params(x, "", &params);
    enum waited waited = peer_call(peer, "server/discover", buffer_str(&params),
                                   first_answer_ms(x), &answer);
    buffer_clear(&params);
    greeted(&x->modern, peer, waited, answer, peer_now() - start);
    schemas_look(x, "server/discover", answer, true);
    x->modern_run = true;
    if (json_exists(result_of(answer)))
        return peer;
    end_run(x);
    return NULL;
}

bool serves_legacy(struct examination *x)
{
    if (!x->legacy.tried)
        open_legacy(x);
    return x->legacy.served;
}

bool serves_modern(struct examination *x)
{
    if (!x->modern.tried)
        open_modern(x);
    return x->modern.served;
}

static bool at_hand(const struct examination *x, bool modern)
{
    return x->peer && !peer_gone(x->peer) && x->modern_run == modern;
}

struct peer *legacy_session(struct examination *x)
{
    struct peer *peer = at_hand(x, false) ? x->peer : NULL;
    if (!peer && (!x->legacy.tried || x->legacy.served))
        peer = open_legacy(x);
    if (!peer)
        skip(x, "the server opens no session with initialize");
    return peer;
}

struct peer *modern_session(struct examination *x)
{
    struct peer *peer = at_hand(x, true) ? x->peer : NULL;
    if (!peer && (!x->modern.tried || x->modern.served))
        peer = open_modern(x);
    if (!peer)
        skip(x, "the server does not serve revision " MODERN);
    return peer;
}

struct json result_of(struct json answer)
{
    struct json result = json_get(answer, STR("result"));
    return json_type(result) == JSON_OBJECT ? result : json_none();
}

int64_t error_code(struct json answer)
{
    int64_t code = 0;
    json_int64(json_get(json_get(answer, STR("error")), STR("code")), &code);
    return code;
}

const char *excerpt(struct json value, char *room, size_t size)
{
    report_quote(json_text(value), room, size);
    return room;
}

struct json capability(const struct greeting *greeting, const char *name)
{
    if (!greeting->answer)
        return json_none();
    struct json result = json_get(json_root(greeting->answer), STR("result"));
    return json_get(json_get(result, STR("capabilities")), str_from(name));
}

void find_silence(struct examination *x, struct peer *peer, enum waited waited, const char *what)
{
    char ending[80];
    if (waited == WAIT_TIMEOUT) {
        find(x, DOCTOR_ERROR, "no answer to %s within %g s", what, x->what->timeout_ms / 1000.0);
        return;
    }
    peer_wait_end(peer, 500);
    peer_ending(peer, ending, sizeof(ending));
    find(x, DOCTOR_ERROR, "no answer to %s: %s%s%s", what, ending,
         x->observed.stderr_last[0] ? "; the last line of standard error: " : "",
         x->observed.stderr_last);
}

bool ask(struct examination *x, struct peer *peer, const char *method, const char *params,
         const char *what, struct json *answer)
{
    enum waited waited = peer_call(peer, method, str_from(params), x->what->timeout_ms, answer);
    if (waited != WAIT_DONE) {
        find_silence(x, peer, waited, what);
        end_run(x);
        return false;
    }
    schemas_look(x, method, *answer, x->modern_run);
    return true;
}

bool still_alive(struct examination *x, struct peer *peer, const char *what)
{
    struct json answer;
    char text[200];
    snprintf(text, sizeof(text), "ping after %s", what);
    return ask(x, peer, "ping", "", text, &answer);
}

static void describe(struct examination *x)
{
    struct buffer line = BUFFER_INIT;
    for (char *const *word = x->what->command; *word; word++) {
        buffer_add_str(&line, word == x->what->command ? STR("") : STR(" "));
        buffer_add_str(&line, str_from(*word));
    }
    x->report->subject = report_text(x->report, "%.*s", STR_ARG(buffer_str(&line)));
    buffer_clear(&line);
    const struct greeting *first = x->legacy.served ? &x->legacy : &x->modern;
    struct json answer = first->answer ? json_root(first->answer) : json_none();
    struct json result = json_get(answer, STR("result"));
    struct json info = json_get(result, STR("serverInfo"));
    if (!json_exists(info))
        info = json_get(json_get(result, STR("_meta")),
                        STR("io.modelcontextprotocol/serverInfo"));
    char name[100], version[60];
    if (first->served)
        x->report->summary = report_text(
            x->report, "server %s %s; revisions: %.*s%s%s; first answer after %lld ms",
            excerpt(json_get(info, STR("name")), name, sizeof(name)),
            excerpt(json_get(info, STR("version")), version, sizeof(version)),
            STR_ARG(json_text(json_get(result, STR("protocolVersion")))),
            x->legacy.served && x->modern.served ? " and " : "",
            x->modern.served ? "\"" MODERN "\"" : "", (long long)first->ms);
}

int doctor_examine_stdio(const struct doctor_stdio *what, struct doctor_report **out,
                         struct error *err)
{
    int rc = choice_check(&what->choice, stdio_checks, stdio_check_count, err);
    if (rc)
        return rc;
    struct examination *x = calloc(1, sizeof(*x));
    struct doctor_report *report = x ? report_new(stdio_check_count) : NULL;
    if (!report) {
        free(x);
        return error_set(err, ST_NOMEM, "out of memory");
    }
    signal(SIGPIPE, SIG_IGN);
    prctl(PR_SET_CHILD_SUBREAPER, 1);
    *x = (struct examination){.what = what, .report = report};
    report->what = "stdio";
    report->version = what->version;
    schemas_open(x);
    for (size_t i = 0; i < stdio_check_count; i++) {
        if (!choice_takes(&what->choice, stdio_checks[i].id))
            continue;
        x->now = report_begin(report, &stdio_checks[i]);
        stdio_checks[i].run(x);
    }
    end_run(x);
    describe(x);
    schemas_close(x);
    json_free(x->legacy.answer);
    json_free(x->modern.answer);
    free(x);
    *out = report;
    return ST_OK;
}
