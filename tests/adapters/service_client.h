/* For tests of services: asks at the port and turns the loop until the answer is there. */
#pragma once

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "adapters/driven/loop/loop.h"
#include "core/base/buffer.h"
#include "core/base/str.h"
#include "ports/driven/service.h"

/* What one request has been told so far. */
struct told {
    uint64_t id;
    bool open; /* open() succeeded */
    bool last;
    int status;
    unsigned events;
    struct buffer text, bytes; /* of the last event; if open() failed its text */
};

static inline void told_event(void *ctx, const struct service_event *event)
{
    struct told *t = ctx;
    assert_int_not_equal(t->id, 0); /* not before open() has returned */
    assert_false(t->last);
    t->events++;
    t->last = event->last;
    t->status = event->status;
    if (!event->last)
        return;
    buffer_add_str(&t->text, event->text);
    buffer_add_char(&t->text, '\0');
    buffer_add_str(&t->bytes, event->bytes);
    buffer_add_char(&t->bytes, '\0');
}

static inline void told_clear(struct told *t)
{
    buffer_clear(&t->text);
    buffer_clear(&t->bytes);
    *t = (struct told){0};
}

/* Opens a request; does not wait. `t` is zero. */
static inline int service_begin(const struct service_port *port, const struct service_request *q,
                                struct told *t)
{
    const struct service_sink sink = {t, told_event};
    struct error err = {0};
    t->status = port->open(port->ctx, q, &sink, &t->id, &err);
    t->open = t->status == ST_OK;
    if (!t->open) {
        t->last = true;
        assert_int_equal(t->id, 0);
        assert_int_equal(err.code, t->status);
        buffer_add(&t->text, err.text, strlen(err.text) + 1);
        buffer_add_char(&t->bytes, '\0');
    }
    return t->status;
}

static inline void service_wait(struct loop *loop, const struct told *t)
{
    while (!t->last)
        loop_turn(loop);
}
