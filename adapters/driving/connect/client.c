/* What the client says. */
#include <stdio.h>

#include "adapters/driving/connect/bridge.h"

/* Messages of one batch that a server takes. */
#define BATCH_MAX 4096u

/* Notes a request, so that it is answered whatever happens. NULL without memory. */
static struct pending *note(struct bridge *b, const struct message *m, bool keep)
{
    struct pending *p = pending_add(&b->pending, m, keep, b->options->max_kept_bytes);
    if (!p)
        b->no_memory = true;
    return p;
}

static void send_line(struct bridge *b, struct str line)
{
    buffer_add_str(queue_line(&b->link.queue), line);
    queue_end_line(&b->link.queue);
}

static void request(struct bridge *b, const struct message *m)
{
    struct pending *p = note(b, m, true);
    send_line(b, m->line);
    if (p)
        p->ends_at = b->link.queue.queued - 1;
}

/* Where there are no batches, or not such ones, the whole is answered without an id. */
static bool is_batch_taken(const struct bridge *b, const struct message *m)
{
    struct str revision = {b->session.revision, b->session.revision_len};
    struct json_iter it = json_iter(m->root);
    if (!revision.len || str_cmp(revision, STR("\"2025-03-26\"")) > 0 || it.left > BATCH_MAX)
        return false;
    while (json_next(&it))
        if (message_has_version(json_get(it.value, STR("params"))))
            return false;
    return true;
}

/* Its requests are answered together or, by other servers, alone. They are not sent again: no
 * revision that is in use has batches. */
static void note_batch(struct bridge *b, const struct message *m)
{
    struct json_iter it = json_iter(m->root);
    b->batches++;
    while (json_next(&it)) {
        struct message element = {.root = it.value, .line = m->line};
        message_look(&element);
        struct pending *p = element.shape == SHAPE_REQUEST ? note(b, &element, false) : NULL;
        if (p) {
            p->batch = b->batches;
            p->ends_at = b->link.queue.queued - 1;
        }
    }
}

static void batch(struct bridge *b, const struct message *m)
{
    send_line(b, m->line);
    if (is_batch_taken(b, m))
        note_batch(b, m);
}

/* Nobody waits for the answer any more. */
static void cancelled(struct bridge *b, const struct message *m)
{
    struct str id = json_text(json_get(m->params, STR("requestId")));
    struct pending *p = pending_find(&b->pending, id);
    if (p && p->method != METHOD_INITIALIZE)
        pending_remove(&b->pending, p);
    send_line(b, m->line);
}

/* A question of a server that is gone needs no answer: the next one would take it for its own. */
static void response(struct bridge *b, const struct message *m)
{
    struct buffer *line = queue_line(&b->link.queue);
    struct buffer id = BUFFER_INIT;
    if (server_takes_answer(b, m->id)) {
        server_own_id(b, m->id, &id);
        message_splice(line, m->line, m->id, buffer_str(&id));
        queue_end_line(&b->link.queue);
    }
    buffer_clear(&id);
}

static void carry(struct bridge *b, const struct message *m)
{
    if (m->shape == SHAPE_REQUEST)
        request(b, m);
    else if (m->shape == SHAPE_BATCH)
        batch(b, m);
    else if (m->shape == SHAPE_NOTIFICATION && m->method == METHOD_CANCELLED)
        cancelled(b, m);
    else if (m->shape == SHAPE_RESPONSE)
        response(b, m);
    else
        send_line(b, m->line);
    if (m->shape == SHAPE_NOTIFICATION && m->method == METHOD_INITIALIZED)
        b->session.initialized = true;
}

/* There is no server and will be none. */
static void refuse(struct bridge *b, const struct message *m)
{
    if (m->shape == SHAPE_REQUEST)
        note(b, m, false);
    else if (m->shape == SHAPE_BATCH)
        note_batch(b, m);
    b->told_failure = b->told_failure || b->pending.first;
    bridge_refuse_all(b, b->link.why.text);
}

void client_line(struct bridge *b, struct str line)
{
    struct message m;
    int rc = message_read(line, &m);
    b->used = true;
    if (b->link.state == LINK_FAILED) {
        if (!rc)
            refuse(b, &m);
    } else if (rc) {
        send_line(b, line); /* the server says what is wrong with it */
    } else {
        carry(b, &m);
    }
    if (!rc)
        message_clear(&m);
}

/* The older revisions have no errors without an id. */
static bool needs_id(const struct bridge *b)
{
    struct str revision = {b->session.revision, b->session.revision_len};
    return revision.len && str_cmp(revision, STR("\"2025-06-18\"")) <= 0;
}

void client_too_long(struct bridge *b)
{
    char text[120];
    snprintf(text, sizeof(text),
             "the message is longer than %zu bytes (setting stdio.max_message_bytes)",
             b->options->max_message_bytes);
    message_error(queue_line(&b->to_client), needs_id(b) ? STR("null") : STR(""), RPC_PARSE_ERROR, text);
    queue_end_line(&b->to_client);
}
