/*
 * What a client and servers might say through the shim, line by line: "c" before a line of the client,
 * "s" before one of the server; "x" ends the server, and another one is there. Holds: whatever is said,
 * each line to the client is one JSON value, and at the end nothing is left without an answer.
 */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "adapters/driving/connect/bridge.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void reach(struct bridge *b)
{
    b->link.state = LINK_RESTORING;
    b->link.number++;
    b->link.give_up_at = UINT64_MAX;
    framing_init(&b->link.framing, 1024);
    restore_begin(b);
}

static void check_lines(const struct queue *q)
{
    struct str left = buffer_str(&q->bytes);
    assert(!buffer_failed(&q->bytes));
    while (left.len) {
        const char *end = memchr(left.ptr, '\n', left.len);
        struct message m;
        assert(end);
        size_t len = (size_t)(end - left.ptr);
        assert(message_read((struct str){left.ptr, len}, &m) == ST_OK);
        message_clear(&m);
        left = (struct str){end + 1, left.len - len - 1};
    }
}

/* What is queued for the server counts as written. */
static void say(struct bridge *b, char who, struct str line)
{
    enum link_state state = b->link.state;
    b->link.queue.start = b->link.queue.bytes.len;
    b->link.queue.written = b->link.queue.queued;
    if (who == 'c' && (state == LINK_OPEN || state == LINK_FAILED))
        client_line(b, line);
    else if (who == 's' && (state == LINK_OPEN || state == LINK_RESTORING))
        server_line(b, line);
    else if (who == 'x' && (state == LINK_OPEN || state == LINK_RESTORING))
        link_lost(b, "it ended");
    if (b->link.state == LINK_DOWN)
        reach(b);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const struct connect_options options = {.socket = "s", .version = "1", .read = STR("[]"),
                                            .write = STR("[]"), .max_kept_bytes = 400,
                                            .reconnect_ms = 1000000};
    struct bridge b = {.options = &options, .starting.lock = -1};
    const char *text = (const char *)data;
    pending_init(&b.pending);
    link_start(&b);
    reach(&b);
    for (size_t at = 0; at < size;) {
        const char *end = memchr(text + at, '\n', size - at);
        size_t len = end ? (size_t)(end - text) - at : size - at;
        if (len)
            say(&b, text[at], (struct str){text + at + 1, len - 1});
        at += len + 1;
    }
    server_forget_asked(&b);
    bridge_refuse_all(&b, "the end");
    assert(!b.pending.first && b.pending.bytes == 0 && !b.asked);
    check_lines(&b.to_client);
    link_stop(&b);
    session_clear(&b.session);
    queue_clear(&b.to_client);
    return 0;
}
