/* Requests to a client of the handshake era, and the call that waits for its answers. */
#include <stdlib.h>

#include "adapters/driving/mcp/ask.h"
#include "adapters/driving/mcp/call.h"
#include "adapters/driving/mcp/elicitation.h"
#include "adapters/driving/mcp/input/input_answer.h"
#include "adapters/driving/mcp/input/input_write.h"
#include "adapters/driving/mcp/outgoing.h"
#include "adapters/driving/mcp/roots.h"
#include "adapters/driving/mcp/trace.h"

/* One request of a round. */
struct question {
    struct round *round;
    struct json key;
    struct json request;
    struct outgoing *sent;
};

/* What a call waits for. */
struct round {
    struct request *request;
    struct json_doc *wanted;
    struct buffer answers; /* {key: result, ... without the last brace */
    unsigned open;
    unsigned count;
    struct question questions[INPUT_MAX_REQUESTS];
};

static void round_free(struct round *round, const char *reason)
{
    for (unsigned i = 0; i < round->count; i++)
        outgoing_drop(round->questions[i].sent, reason);
    round->request->round = NULL;
    buffer_clear(&round->answers);
    json_free(round->wanted);
    free(round);
}

void ask_forget(struct request *r)
{
    if (r->round)
        round_free(r->round, "the call that asked has ended");
}

static void fail(struct round *round, const struct error *why)
{
    struct request *r = round->request;
    round_free(round, "another request of the same call failed");
    ask_failed(r, why);
}

static void finish(struct round *round)
{
    struct request *r = round->request;
    struct json_doc *wanted = round->wanted;
    struct buffer answers = round->answers;
    round->wanted = NULL;
    round->answers = (struct buffer)BUFFER_INIT;
    round_free(round, "");
    buffer_add_str(&answers, answers.len ? STR("}") : STR("{}"));
    if (buffer_failed(&answers))
        answer_error(r, RPC_INTERNAL_ERROR, "out of memory for the client's answers");
    else
        call_go_on(r, json_text(json_get(json_root(wanted), STR("state"))), buffer_str(&answers));
    buffer_clear(&answers);
    json_free(wanted);
}

static void keep_answer(struct question *q, struct json result)
{
    struct buffer *answers = &q->round->answers;
    struct json_writer w = json_writer(answers);
    buffer_add_char(answers, answers->len ? ',' : '{');
    json_key_raw(&w, q->key);
    input_answer_write(&w, q->request, result);
}

static int refused(const struct question *q, struct json error, struct error *err)
{
    struct buffer scratch = BUFFER_INIT;
    struct str method = input_method(input_kind(q->request)), text = STR("no reason given");
    json_string(json_get(error, STR("message")), &scratch, &text);
    error_set(err, ST_UNAVAILABLE, "the client refused %.*s: %.*s", STR_ARG(method),
              STR_ARG(text));
    buffer_clear(&scratch);
    return ST_UNAVAILABLE;
}

static int check_answer(const struct question *q, struct json result, struct error *err)
{
    struct str method = input_method(input_kind(q->request));
    int rc = input_answer_check(q->request, q->round->request->revision, result, err);
    if (rc)
        error_prefix(err, "the client's answer to %.*s is not valid: ", STR_ARG(method));
    return rc;
}

static void on_answer(void *user, struct json response)
{
    struct question *q = user;
    struct round *round = q->round;
    struct json result = json_get(response, STR("result"));
    struct json error = json_get(response, STR("error"));
    struct error err;
    q->sent = NULL;
    int rc = json_exists(error)
                 ? refused(q, error, &err)
                 : check_answer(q, result, &err);
    if (rc) {
        fail(round, &err);
        return;
    }
    if (input_kind(q->request) == INPUT_ROOTS)
        roots_keep(round->request->connection, json_get(result, STR("roots")));
    keep_answer(q, result);
    if (--round->open == 0)
        finish(round);
}

static void on_timeout(void *user)
{
    struct question *q = user;
    struct str method = input_method(input_kind(q->request));
    struct error err;
    q->sent = NULL;
    error_set(&err, ST_TIMEOUT, "the client did not answer %.*s in time", STR_ARG(method));
    fail(q->round, &err);
}

static int send_question(struct question *q, const struct input_target *target, struct error *err)
{
    static const struct outgoing_events events = {on_answer, on_timeout};
    struct connection *c = q->round->request->connection;
    struct json given = json_get(json_get(q->request, STR("params")), STR("elicitationId"));
    char id[ELICITATION_ID_SIZE];
    struct input_extra extra = {0};
    struct buffer meta = BUFFER_INIT;
    struct json_writer w;
    if (input_kind(q->request) == INPUT_URL && revision_has_elicitation_id(target->revision)) {
        int rc = elicitation_note(c, given, id, err);
        if (rc)
            return rc;
        extra.elicitation_id = str_from(id);
    }
    struct outgoing *o = outgoing_begin(c, request_origin(q->round->request),
                                        input_method(input_kind(q->request)), &w);
    if (!o)
        return error_set(err, ST_NOMEM, "out of memory");
    /* What the user is asked is part of the client's own trace. */
    trace_write(q->round->request->meta, &meta);
    extra.meta = buffer_str(&meta);
    input_write_params(&w, q->request, target, &extra);
    buffer_clear(&meta);
    int rc = outgoing_send(o, c->mcp->options.input_timeout_ms, &events, q, err);
    if (!rc)
        q->sent = o;
    return rc;
}

static int send_all(struct round *round, const struct input_target *target, struct error *err)
{
    for (unsigned i = 0; i < round->count; i++) {
        int rc = send_question(&round->questions[i], target, err);
        if (rc)
            return rc;
    }
    return ST_OK;
}

static struct round *round_new(struct request *r, struct json wanted,
                               const struct input_target *target)
{
    struct round *round = calloc(1, sizeof(*round));
    if (!round)
        return NULL;
    struct str text = json_text(wanted);
    char *copy = malloc(text.len);
    if (copy)
        memcpy(copy, text.ptr, text.len);
    if (!copy || json_parse_take(copy, text.len, &round->wanted, NULL)) {
        free(round);
        return NULL;
    }
    struct json_iter it = json_iter(json_get(json_root(round->wanted), STR("requests")));
    struct str unused;
    struct error ignored;
    while (json_next(&it))
        if (input_need(it.value, target, &unused, &ignored) == ST_OK)
            round->questions[round->count++] =
                (struct question){.round = round, .key = it.key, .request = it.value};
    round->request = r;
    round->open = round->count;
    return round;
}

void ask_legacy(struct request *r, struct json wanted, const struct input_target *target)
{
    struct error err;
    struct round *round = round_new(r, wanted, target);
    if (!round) {
        answer_error(r, RPC_INTERNAL_ERROR, "out of memory");
        return;
    }
    r->round = round;
    if (round->count == 0)
        finish(round); /* the plugin only wanted to be called again */
    else if (send_all(round, target, &err))
        fail(round, &err);
}
