#include <stdlib.h>

#include "adapters/driven/plugin_host/helper/helper.h"

/* Lines that wait for the loop; more are dropped and counted. */
#define LINES_MAX 1024u

struct log_line {
    struct log_line *next;
    enum log_level level;
    size_t len;
    char text[];
};

static void send_line(struct helper *h, enum log_level level, struct str text)
{
    struct buffer *body = wire_body(h->wire);
    wire_put_u32(body, (uint32_t)level);
    wire_put_text(body, text);
    helper_send(h, WIRE_LOG, 0);
}

static void tell_dropped(struct helper *h, size_t count)
{
    struct error text;
    if (!count)
        return;
    error_set(&text, ST_BUSY, "%zu log lines were dropped, as they came too fast", count);
    send_line(h, LOG_LEVEL_WARNING, str_from(text.text));
}

void helper_log_flush(struct helper *h)
{
    pthread_mutex_lock(&h->lock);
    struct log_line *line = h->lines;
    size_t dropped = h->lines_dropped;
    h->lines = h->lines_last = NULL;
    h->line_count = h->lines_dropped = 0;
    pthread_mutex_unlock(&h->lock);
    while (line) {
        struct log_line *next = line->next;
        send_line(h, line->level, (struct str){line->text, line->len});
        free(line);
        line = next;
    }
    tell_dropped(h, dropped);
}

static void flush(void *arg)
{
    helper_log_flush(arg);
}

static struct log_line *line_new(enum log_level level, struct str text)
{
    struct log_line *line = malloc(sizeof(*line) + text.len);
    if (!line)
        return NULL;
    *line = (struct log_line){.level = level, .len = text.len};
    if (text.len)
        memcpy(line->text, text.ptr, text.len);
    return line;
}

static void write_line(void *ctx, enum log_level level, struct str component, struct str text)
{
    struct helper *h = ctx;
    (void)component;
    if (loop_is_loop_thread(h->loop)) {
        helper_log_flush(h);
        send_line(h, level, text);
        return;
    }
    struct log_line *line = line_new(level, text);
    pthread_mutex_lock(&h->lock);
    bool fits = line && h->line_count < LINES_MAX, first = fits && !h->lines;
    if (fits) {
        *(h->lines_last ? &h->lines_last->next : &h->lines) = line;
        h->lines_last = line;
        h->line_count++;
    } else {
        h->lines_dropped++;
        free(line);
    }
    pthread_mutex_unlock(&h->lock);
    if (first)
        loop_post(h->loop, flush, h, NULL);
}

static void denied(void *ctx, struct str plugin, struct str what)
{
    write_line(ctx, (enum log_level)WIRE_LEVEL_DENIED, plugin, what);
}

void helper_log_init(struct helper *h)
{
    h->log = (struct log_port){h, write_line};
    h->denials = (struct denials_port){h, denied};
}
