/* One line in the log for each event. */
#include <stdlib.h>

#include "core/hook/builtin/kinds.h"

struct logging {
    const struct log_port *log;
    unsigned level;
    bool data;
    uint32_t bytes;
};

static size_t whole_characters(struct str text, size_t most)
{
    size_t len = text.len < most ? text.len : most;
    while (len && len < text.len && ((unsigned char)text.ptr[len] & 0xC0) == 0x80)
        len--;
    return len;
}

static void add_data(const struct logging *l, struct hook_turn *turn, struct buffer *line)
{
    struct buffer data = BUFFER_INIT;
    if (hook_turn_read(turn, STR(""), &data) && !buffer_failed(&data)) {
        size_t len = whole_characters(buffer_str(&data), l->bytes);
        buffer_add_char(line, ' ');
        buffer_add(line, data.data, len);
        if (len < data.len)
            buffer_add_str(line, STR("..."));
    }
    buffer_clear(&data);
}

static void add_member(struct hook_turn *turn, const char *label, struct str pointer,
                       struct buffer *line)
{
    struct buffer value = BUFFER_INIT;
    if (hook_turn_read(turn, pointer, &value)) {
        buffer_add_str(line, str_from(label));
        buffer_add_str(line, buffer_str(&value));
    }
    buffer_clear(&value);
}

static enum hook_result run(void *self, struct hook_turn *turn)
{
    const struct logging *l = self;
    const struct hook_event *event = turn->event;
    struct buffer line = BUFFER_INIT;
    buffer_add_str(&line, str_from(hook_point_facts(event->point)->name));
    if (event->custom.len) {
        buffer_add_char(&line, ':');
        buffer_add_str(&line, event->custom);
    }
    if (event->target.len) {
        buffer_add_char(&line, ' ');
        buffer_add_str(&line, event->target);
    }
    add_member(turn, " caller=", STR("/caller"), &line);
    add_member(turn, " ms=", STR("/durationMs"), &line);
    add_member(turn, " error=", STR("/error/message"), &line);
    if (l->data)
        add_data(l, turn, &line);
    if (!buffer_failed(&line))
        l->log->write(l->log->ctx, (enum log_level)l->level, STR("hooks"), buffer_str(&line));
    buffer_clear(&line);
    return HOOK_CONTINUE;
}

static int make(const struct builtin_parts *parts, struct parameters *p, struct hook_definition *d)
{
    static const char *const levels[] = {"debug", "info", "notice", "warning", "error", NULL};
    struct logging l = {parts->log, LOG_LEVEL_INFO, false, 1024};
    parameter_word(p, "level", levels, &l.level);
    parameter_bool(p, "data", &l.data);
    parameter_u32(p, "bytes", 1, 65536, &l.bytes);
    struct logging *self = p->rc ? NULL : malloc(sizeof(*self));
    if (!self)
        return p->rc ? p->rc : error_set(p->err, ST_NOMEM, "out of memory");
    *self = l;
    d->self = self;
    d->run = run;
    d->free = free;
    d->priority = HOOK_PRIORITY_LOW;
    return ST_OK;
}

const struct builtin builtin_logging = {
    .name = "logging",
    .keys = (const char *const[]){"level", "data", "bytes", NULL},
    .points = (const char *const[]){"BeforeToolExecution", "AfterToolExecution", "ToolError", NULL},
    .make = make,
};
