/* What the plugin has said of a call, on its way to whoever asked. [loop] */
#include <stdlib.h>

#include "adapters/driven/plugin_host/crossing.h"
#include "adapters/driven/plugin_host/runs.h"
#include "adapters/driven/plugin_host/stores/store.h"
#include "core/json/json.h"

/* The next piece to tell, or NULL. */
static struct store_piece *next_piece(struct stores *s, struct store_call *call)
{
    if (call->taken)
        return call->taken;
    pthread_mutex_lock(&s->host->lock);
    call->taken = call->pieces;
    call->pieces = NULL;
    call->pieces_end = &call->pieces;
    pthread_mutex_unlock(&s->host->lock);
    return call->taken;
}

/* False: the reader wants no more for now. */
static bool tell_piece(struct store_call *call, const struct store_piece *piece)
{
    struct str json = {piece->data, piece->json_len};
    struct str bytes = {piece->data + piece->json_len, piece->bytes_len};
    return call->cancelled || call->sink.piece(call->sink.arg, json, bytes) || call->cancelled;
}

static void drop_piece(struct stores *s, struct store_call *call)
{
    struct store_piece *piece = call->taken;
    pthread_mutex_lock(&s->host->lock);
    call->waiting -= piece->json_len + piece->bytes_len;
    bool drained = call->drained && call->waiting < STORE_DRAINED;
    pthread_mutex_unlock(&s->host->lock);
    call->taken = piece->next;
    free(piece);
    if (drained)
        store_tell_drained(s, call, HEXMCP_OK);
}

static void tell_pieces(struct stores *s, struct store_call *call)
{
    const struct store_piece *piece;
    while (!call->paused && (piece = next_piece(s, call))) {
        call->paused = !tell_piece(call, piece);
        drop_piece(s, call);
    }
}

/* An error as the plugin gave it: {"code", "message"}. */
static void read_failure(const struct store_call *call, struct error *err)
{
    struct json_doc *doc = NULL;
    struct buffer scratch = BUFFER_INIT;
    struct str message = STR("the plugin gave no reason");
    int64_t code = ST_GENERIC;
    struct str json = {call->answer, call->answer_len};
    if (json_parse(json, &doc, NULL) == ST_OK) {
        json_string(json_get(json_root(doc), STR("message")), &scratch, &message);
        if (!json_int64(json_get(json_root(doc), STR("code")), &code) || code >= 0 ||
            code < HEXMCP_E_CONFIG)
            code = ST_GENERIC;
    }
    error_set(err, (int)code, "%.*s", STR_ARG(message));
    buffer_clear(&scratch);
    json_free(doc);
}

static void tell_end(const struct store_call *call)
{
    struct str json = {call->answer, call->answer_len};
    struct error err;
    if (call->kind == ANSWER_JSON) {
        call->sink.done(call->sink.arg, NULL, json);
        return;
    }
    if (call->kind == ANSWER_FAILURE)
        read_failure(call, &err);
    else
        error_set(&err, call->status, "%.*s", (int)json.len, json.ptr ? json.ptr : "");
    call->sink.done(call->sink.arg, &err, STR(""));
}

static void finish(struct stores *s, struct store_call *call)
{
    store_call_end(s, call);
    store_tell_drained(s, call, HEXMCP_E_NOT_FOUND);
    if (!call->cancelled)
        tell_end(call);
    store_call_free(s, call);
}

void store_tell(struct stores *s, struct store_call *call)
{
    if (call->telling)
        return;
    bool over = false, more = true;
    call->telling = true;
    pthread_mutex_lock(&s->host->lock);
    call->inside = true;
    pthread_mutex_unlock(&s->host->lock);
    while (more) {
        tell_pieces(s, call);
        pthread_mutex_lock(&s->host->lock);
        bool asked = call->drained && call->waiting < STORE_DRAINED;
        over = call->answered && !call->pieces && !call->paused;
        more = !over && (asked || (call->pieces && !call->paused));
        call->inside = more;
        pthread_mutex_unlock(&s->host->lock);
        if (asked && !over)
            store_tell_drained(s, call, HEXMCP_OK);
    }
    call->telling = false;
    if (over)
        finish(s, call);
}
