#include "adapters/driving/stdio/stdio.h"

#include <stdlib.h>

#include "adapters/driven/loop/loop.h"
#include "adapters/driving/stdio/wire.h"

static void sink_resume(void *ctx)
{
    input_resume(ctx);
}

static void close_if_open(void *handle)
{
    uv_handle_t *h = handle;
    if (h->loop && !uv_is_closing(h))
        uv_close(h, NULL);
}

static void close_handles(struct wire *w)
{
    watch_close(&w->in_watch);
    watch_close(&w->out_watch);
    close_if_open(&w->in_idle);
    close_if_open(&w->before_wait);
    close_if_open(&w->after_wait);
    close_if_open(&w->end_timer);
    for (int i = 0; i < SIGNAL_COUNT; i++)
        close_if_open(&w->signals[i]);
    if (w->parent_timer.loop)
        parent_close(w);
    uv_run(w->uv, UV_RUN_NOWAIT);
}

static int start(struct wire *w, struct error *err)
{
    int rc = ending_start(w, err);
    if (!rc)
        rc = output_start(w, err);
    if (!rc)
        rc = input_start(w, err);
    if (!rc)
        parent_watch(w);
    return rc;
}

int stdio_serve(struct loop *loop, const struct stdio_options *options,
                const struct endpoint_factory *endpoints, struct error *err)
{
    struct wire *w = calloc(1, sizeof(*w));
    if (!w)
        return error_set(err, ST_NOMEM, "out of memory");
    w->loop = loop;
    w->uv = loop_uv(loop);
    w->options = *options;
    w->sink = (struct message_sink){.ctx = w, .send = output_send, .resume = sink_resume,
                                     .wire = STR("stdio")};
    int rc = endpoints->open(endpoints->ctx, options->caller, &w->sink, &w->endpoint, err);
    if (!rc) {
        rc = start(w, err);
        if (!rc)
            loop_run(loop);
        w->dead = true;
        w->endpoint.close(w->endpoint.ctx);
        close_handles(w);
    }
    stdio_restore(&w->options.ends);
    framing_clear(&w->framing);
    line_queue_clear(&w->out);
    free(w);
    return rc;
}
