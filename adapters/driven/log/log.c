#include "adapters/driven/log/log.h"

#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "core/json/writer.h"

/* A pipe that poll calls writable takes this many bytes at once without blocking. */
#define LINE_MAX_BYTES 4096

struct stderr_log {
    struct log_port port;
    enum log_level lowest;
    enum log_format format;
    pthread_mutex_t lock;
    struct buffer line;
    uint64_t dropped;
    bool over_line;
};

static const char *const level_names[] = {"debug", "info",     "notice", "warning",
                                          "error", "critical", "alert",  "emergency"};

const char *log_level_name(enum log_level level)
{
    return level_names[level <= LOG_LEVEL_EMERGENCY ? level : LOG_LEVEL_EMERGENCY];
}

bool log_level_parse(struct str name, enum log_level *out)
{
    for (enum log_level level = LOG_LEVEL_DEBUG; level <= LOG_LEVEL_EMERGENCY; level++)
        if (str_eq(name, str_from(level_names[level]))) {
            *out = level;
            return true;
        }
    return false;
}

/* Bytes of the control character at text[at], 0 if there is none. U+0080 to U+009F are two bytes of
 * UTF-8, which a terminal obeys as well. */
static size_t control_at(struct str text, size_t at)
{
    unsigned char c = (unsigned char)text.ptr[at];
    unsigned char next = at + 1 < text.len ? (unsigned char)text.ptr[at + 1] : 0;
    if (c < 0x20 || c == 0x7F)
        return 1;
    return c == 0xC2 && next >= 0x80 && next <= 0x9F ? 2 : 0;
}

/* Control characters could rewrite a terminal: they become '?'. */
static void add_visible(struct buffer *out, struct str text)
{
    for (size_t i = 0; i < text.len; i++) {
        size_t control = control_at(text, i);
        bool blank = text.ptr[i] == '\n' || text.ptr[i] == '\t';
        buffer_add_char(out, !control ? text.ptr[i] : blank ? ' ' : '?');
        i += control > 1 ? control - 1 : 0;
    }
}

static void format_text(struct stderr_log *log, enum log_level level, struct str component,
                        struct str text)
{
    buffer_add_str(&log->line, STR("hexmcp: "));
    buffer_add_str(&log->line, str_from(log_level_name(level)));
    buffer_add_str(&log->line, STR(": "));
    if (component.len) {
        add_visible(&log->line, component);
        buffer_add_str(&log->line, STR(": "));
    }
    add_visible(&log->line, text);
}

static void add_time(struct json_writer *w)
{
    struct timespec now;
    struct tm utc;
    char stamp[32], whole[48];
    clock_gettime(CLOCK_REALTIME, &now);
    gmtime_r(&now.tv_sec, &utc);
    strftime(stamp, sizeof(stamp), "%Y-%m-%dT%H:%M:%S", &utc);
    snprintf(whole, sizeof(whole), "%s.%03ldZ", stamp, now.tv_nsec / 1000000);
    json_put_string(w, STR("time"), str_from(whole));
}

static void format_json(struct stderr_log *log, enum log_level level, struct str component,
                        struct str text)
{
    struct json_writer w = json_writer(&log->line);
    json_begin_object(&w);
    add_time(&w);
    json_put_string(&w, STR("level"), str_from(log_level_name(level)));
    json_put_string(&w, STR("component"), component);
    json_put_string(&w, STR("message"), text);
    json_end_object(&w);
}

static bool put_line(struct stderr_log *log)
{
    struct pollfd fd = {.fd = STDERR_FILENO, .events = POLLOUT};
    if (poll(&fd, 1, 0) != 1 || !(fd.revents & POLLOUT))
        return false;
    return write(STDERR_FILENO, log->line.data, log->line.len) >= 0;
}

static void emit(struct stderr_log *log, enum log_level level, struct str component,
                 struct str text)
{
    buffer_reset(&log->line, LINE_MAX_BYTES * 2);
    size_t room = LINE_MAX_BYTES / 2;
    if (text.len > room)
        text.len = room;
    if (log->over_line)
        buffer_add_str(&log->line, STR("\r\033[K"));
    if (log->format == LOG_FORMAT_JSON)
        format_json(log, level, component, text);
    else
        format_text(log, level, component, text);
    if (log->line.len >= LINE_MAX_BYTES)
        log->line.len = LINE_MAX_BYTES - 1;
    buffer_add_char(&log->line, '\n');
    if (buffer_failed(&log->line) || !put_line(log))
        log->dropped++;
}

static void tell_dropped(struct stderr_log *log)
{
    char text[80];
    uint64_t dropped = log->dropped;
    snprintf(text, sizeof(text), "%llu log lines were dropped because nobody read stderr",
             (unsigned long long)dropped);
    log->dropped = 0;
    emit(log, LOG_LEVEL_WARNING, STR("log"), str_from(text));
    if (log->dropped)
        log->dropped = dropped;
}

static void log_write(void *ctx, enum log_level level, struct str component, struct str text)
{
    struct stderr_log *log = ctx;
    if (level < log->lowest)
        return;
    pthread_mutex_lock(&log->lock);
    if (log->dropped)
        tell_dropped(log);
    if (log->dropped)
        log->dropped++;
    else
        emit(log, level, component, text);
    pthread_mutex_unlock(&log->lock);
}

struct stderr_log *stderr_log_new(enum log_level lowest, enum log_format format)
{
    struct stderr_log *log = calloc(1, sizeof(*log));
    if (!log)
        return NULL;
    log->port = (struct log_port){.ctx = log, .write = log_write};
    log->lowest = lowest;
    log->format = format;
    pthread_mutex_init(&log->lock, NULL);
    return log;
}

void stderr_log_free(struct stderr_log *log)
{
    if (!log)
        return;
    pthread_mutex_destroy(&log->lock);
    buffer_clear(&log->line);
    free(log);
}

void stderr_log_over_line(struct stderr_log *log, bool on)
{
    pthread_mutex_lock(&log->lock);
    log->over_line = on;
    pthread_mutex_unlock(&log->lock);
}

const struct log_port *stderr_log_port(struct stderr_log *log)
{
    return &log->port;
}
