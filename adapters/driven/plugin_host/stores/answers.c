/* What the storage plugin says, on any thread. */
#include <stdlib.h>
#include <string.h>

#include "adapters/driven/plugin_host/crossing.h"
#include "adapters/driven/plugin_host/runs.h"
#include "adapters/driven/plugin_host/stores/store.h"
#include "adapters/driven/plugin_host/stores/stores.h"

/* With the lock held: a call of the plugin that is not answered, or NULL. */
static struct store_call *find_open(const struct plugin *p, uint64_t id)
{
    struct stores *s = p->host->stores;
    struct store_call *call = s ? store_call_find(s, id) : NULL;
    return call && call->plugin == p && !call->answered ? call : NULL;
}

/* With the lock held: the loop will tell of it. True if it has to be woken. A plugin that stops is
 * waited for, and then all is told. */
static bool make_ready(struct plugin_host *host, struct store_call *call)
{
    struct stores *s = host->stores;
    if (call->inside || call->ready)
        return false;
    call->ready = true;
    call->next_ready = NULL;
    *s->ready_end = call;
    s->ready_end = &call->next_ready;
    return !call->plugin->stopping && inbox_post(host);
}

void store_fail(struct store_call *call, const struct error *err)
{
    if (call->answered)
        return;
    call->answered = true;
    call->kind = ANSWER_ERROR;
    call->status = err->code;
    call->answer = strdup(err->text);
    call->answer_len = call->answer ? strlen(err->text) : 0;
}

/* With the lock held. Takes `json` over. */
static int32_t take_answer(struct store_call *call, uint32_t outcome, char *json, size_t len)
{
    const char *op = store_op_name(call->op);
    struct error err = {.code = ST_OK};
    int32_t rc = HEXMCP_OK;
    if (len > RUN_RESULT_MAX) {
        breach(call->plugin, &err, "%s gave a result of %zu bytes; the limit is 64 MiB", op, len);
        rc = HEXMCP_E_TOO_LARGE;
    } else if (!json) {
        error_set(&err, ST_NOMEM, "out of memory for the result");
        rc = HEXMCP_E_NOMEM;
    } else if (outcome == HEXMCP_CANCELLED) {
        error_set(&err, ST_CANCELLED, "it was given up");
    } else if (outcome != HEXMCP_RESULT && outcome != HEXMCP_FAIL) {
        breach(call->plugin, &err, "%s completed the call with the unknown outcome %u", op, outcome);
        rc = HEXMCP_E_INVALID;
    }
    if (err.code) {
        free(json);
        store_fail(call, &err);
        return rc;
    }
    call->answered = true;
    call->kind = outcome == HEXMCP_FAIL ? ANSWER_FAILURE : ANSWER_JSON;
    call->answer = json;
    call->answer_len = len;
    return HEXMCP_OK;
}

int32_t store_complete(struct plugin *p, hexmcp_call id, uint32_t outcome, hexmcp_str text)
{
    struct plugin_host *host = p->host;
    struct str json = str_from_plugin(text);
    char *copy = json.len <= RUN_RESULT_MAX ? malloc(json.len + 1) : NULL;
    int32_t rc = HEXMCP_E_NOT_FOUND;
    bool wake = false;
    if (copy && json.len)
        memcpy(copy, json.ptr, json.len);
    pthread_mutex_lock(&host->lock);
    struct store_call *call = find_open(p, id);
    if (call) {
        rc = take_answer(call, outcome, copy, json.len);
        wake = make_ready(host, call);
    }
    pthread_mutex_unlock(&host->lock);
    if (!call) {
        free(copy);
        plugin_log(p, outcome == HEXMCP_CANCELLED ? LOG_LEVEL_DEBUG : LOG_LEVEL_WARNING,
                   "completed call %llu, which is not running: completed before, or given up",
                   (unsigned long long)id);
    }
    if (wake)
        inbox_wake(host);
    return rc;
}

/* ---- hexmcp.stream/1 -------------------------------------------------------------------------- */

static struct store_piece *piece_new(struct str json, struct str bytes)
{
    struct store_piece *piece = malloc(sizeof(*piece) + json.len + bytes.len + 1);
    if (!piece)
        return NULL;
    *piece = (struct store_piece){NULL, json.len, bytes.len};
    if (json.len)
        memcpy(piece->data, json.ptr, json.len);
    if (bytes.len)
        memcpy(piece->data + json.len, bytes.ptr, bytes.len);
    return piece;
}

/* With the lock held. Takes the piece over on success. */
static int32_t add_piece(struct store_call *call, struct store_piece *piece)
{
    size_t len = piece->json_len + piece->bytes_len;
    if (!call->sink.piece)
        return HEXMCP_E_UNSUPPORTED;
    if (call->waiting + len > STORE_WAITING_MAX)
        return HEXMCP_E_BUSY;
    call->waiting += len;
    *call->pieces_end = piece;
    call->pieces_end = &piece->next;
    return HEXMCP_OK;
}

/* Calls of tools and the like have no pieces. */
static int32_t emit_elsewhere(struct plugin *p, hexmcp_call id)
{
    pthread_mutex_lock(&p->host->lock);
    bool is_run = run_find_open(p, id) != NULL;
    pthread_mutex_unlock(&p->host->lock);
    return is_run ? HEXMCP_E_UNSUPPORTED : HEXMCP_E_NOT_FOUND;
}

static int32_t stream_emit(void *ctx, hexmcp_call id, hexmcp_str json, hexmcp_str bytes)
{
    struct plugin *p = ctx;
    struct plugin_host *host = p->host;
    struct str text = str_from_plugin(json), more = str_from_plugin(bytes);
    if (!store_call_is(id))
        return emit_elsewhere(p, id);
    if (text.len > HEXMCP_STREAM_PIECE_MAX || more.len > HEXMCP_STREAM_PIECE_MAX - text.len)
        return HEXMCP_E_TOO_LARGE;
    struct store_piece *piece = piece_new(text, more);
    if (!piece)
        return HEXMCP_E_NOMEM;
    bool wake = false;
    pthread_mutex_lock(&host->lock);
    struct store_call *call = find_open(p, id);
    int32_t rc = call && !call->cancelled ? add_piece(call, piece) : HEXMCP_E_NOT_FOUND;
    if (!rc)
        wake = make_ready(host, call);
    pthread_mutex_unlock(&host->lock);
    if (rc)
        free(piece);
    if (wake)
        inbox_wake(host);
    return rc;
}

static int32_t stream_drained(void *ctx, hexmcp_call id, hexmcp_reply_fn reply, void *arg)
{
    struct plugin *p = ctx;
    struct plugin_host *host = p->host;
    bool wake = false;
    int32_t rc = HEXMCP_E_NOT_FOUND;
    if (!reply)
        return HEXMCP_E_INVALID;
    pthread_mutex_lock(&host->lock);
    struct store_call *call = find_open(p, id);
    if (call && !call->cancelled)
        rc = call->drained ? HEXMCP_E_BUSY : HEXMCP_OK;
    if (!rc) {
        call->drained = reply;
        call->drained_arg = arg;
        wake = make_ready(host, call);
    }
    pthread_mutex_unlock(&host->lock);
    if (wake)
        inbox_wake(host);
    return rc;
}

void store_tell_drained(struct stores *s, struct store_call *call, int32_t status)
{
    pthread_mutex_lock(&s->host->lock);
    hexmcp_reply_fn reply = call->drained;
    void *arg = call->drained_arg;
    call->drained = NULL;
    pthread_mutex_unlock(&s->host->lock);
    if (reply)
        reply(arg, status, (hexmcp_str){"", 0});
}

void stores_init_stream(struct plugin *p)
{
    p->stream = (hexmcp_stream_1){
        .size = sizeof(p->stream), .ctx = p, .emit = stream_emit, .drained = stream_drained};
}
