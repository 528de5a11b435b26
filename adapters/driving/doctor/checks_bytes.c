/* Input that is no message, and input that is long. */
#include <stdlib.h>

#include "adapters/driving/doctor/checks.h"

/* As after a notification: the next line is to be read by itself. */
#define SETTLE_MS 50
#define LARGE_BYTES ((size_t)1 << 20)

static const struct bad_line {
    const char *what;
    struct str bytes;
} bad_lines[] = {
    {"a line that is cut off", STR_INIT("{\"jsonrpc\":\"2.0\",\"id\":\n")},
    {"a line of text", STR_INIT("hello\n")},
    {"an empty line", STR_INIT("\n")},
    {"an empty array", STR_INIT("[]\n")},
    {"an object without a method", STR_INIT("{\"jsonrpc\":\"2.0\"}\n")},
    {"a line that is not UTF-8", STR_INIT("{\"jsonrpc\":\"2.0\",\"method\":\"\xFF\"}\n")},
};

void check_bad_json(void *examination)
{
    struct examination *x = examination;
    for (size_t i = 0; i < sizeof(bad_lines) / sizeof(bad_lines[0]); i++) {
        struct peer *peer = legacy_session(x);
        if (!peer)
            return;
        peer_null_ids(peer, NULL_ID_EXPECTED);
        peer_send(peer, bad_lines[i].bytes, x->what->timeout_ms);
        peer_listen(peer, SETTLE_MS);
        /* One is enough: they are one fault of the reader, and each may cost a timeout. */
        if (!still_alive(x, peer, bad_lines[i].what))
            return;
    }
}

static void pad(struct buffer *params)
{
    char *filler = malloc(LARGE_BYTES);
    if (filler)
        memset(filler, 'x', LARGE_BYTES);
    buffer_add_str(params, STR("{\"_meta\":{\"hexmcp.doctor/padding\":\""));
    buffer_add(params, filler, filler ? LARGE_BYTES : 0);
    buffer_add_str(params, STR("\"}}"));
    free(filler);
}

void check_large(void *examination)
{
    struct examination *x = examination;
    struct peer *peer = legacy_session(x);
    struct buffer params = BUFFER_INIT, line = BUFFER_INIT;
    if (!peer)
        return;
    peer_null_ids(peer, NULL_ID_EXPECTED);
    size_t refused = peer_null_id_count(peer);
    pad(&params);
    size_t request = peer_prepare(peer, "ping", buffer_str(&params), false, &line);
    enum waited waited = peer_send(peer, buffer_str(&line), x->what->timeout_ms);
    if (waited == WAIT_DONE)
        waited = peer_wait(peer, request, x->what->timeout_ms);
    buffer_clear(&params);
    buffer_clear(&line);
    /* Refused without an id: it was not read that far. */
    if (waited != WAIT_DONE && peer_null_id_count(peer) == refused) {
        find_silence(x, peer, waited, "a ping of 1 MiB");
        end_run(x);
    }
}
