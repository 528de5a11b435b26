#include "adapters/driven/plugin_host/isolated/output.h"

#include <errno.h>
#include <unistd.h>

static void flush_dropped(struct output *o)
{
    if (o->dropped)
        plugin_log(o->plugin, LOG_LEVEL_WARNING,
                   "%u lines that it wrote were dropped: more than %u in a second", o->dropped,
                   OUTPUT_LINES_PER_SECOND);
    o->dropped = 0;
}

static bool within_limit(struct output *o)
{
    const struct clock_port *clock = o->plugin->host->config.clock;
    uint64_t now = clock->monotonic_ns(clock->ctx);
    if (now - o->second_began >= 1000000000u) {
        flush_dropped(o);
        o->second_began = now;
        o->lines = 0;
    }
    return o->lines++ < OUTPUT_LINES_PER_SECOND;
}

static void end_line(struct output *o)
{
    if (!o->line_len)
        return;
    if (within_limit(o))
        plugin_write(o->plugin, LOG_LEVEL_INFO, (struct str){o->line, o->line_len});
    else
        o->dropped++;
    o->line_len = 0;
}

static void keep_words(struct output *o, struct str bytes)
{
    if (bytes.len >= LAST_WORDS) {
        memcpy(o->words, bytes.ptr + bytes.len - LAST_WORDS, LAST_WORDS);
        o->words_len = LAST_WORDS;
        return;
    }
    size_t kept = o->words_len + bytes.len > LAST_WORDS ? LAST_WORDS - bytes.len : o->words_len;
    memmove(o->words, o->words + o->words_len - kept, kept);
    memcpy(o->words + kept, bytes.ptr, bytes.len);
    o->words_len = kept + bytes.len;
}

static void take(struct output *o, struct str bytes)
{
    keep_words(o, bytes);
    for (size_t i = 0; i < bytes.len; i++) {
        if (bytes.ptr[i] == '\n' || o->line_len == sizeof(o->line))
            end_line(o);
        if (bytes.ptr[i] != '\n')
            o->line[o->line_len++] = bytes.ptr[i];
    }
}

bool output_read(struct output *o, int fd)
{
    char bytes[4096];
    /* Not for ever: one that writes without end must not hold up the loop. */
    for (int i = 0; i < 32; i++) {
        ssize_t n = read(fd, bytes, sizeof(bytes));
        if (n == 0)
            return false;
        if (n < 0)
            return errno == EAGAIN || errno == EINTR;
        take(o, (struct str){bytes, (size_t)n});
    }
    return true;
}

void output_end(struct output *o)
{
    end_line(o);
    flush_dropped(o);
}

struct str output_last_line(const struct output *o, size_t max)
{
    size_t end = o->words_len;
    while (end && (o->words[end - 1] == '\n' || o->words[end - 1] == '\r'))
        end--;
    size_t begin = end;
    while (begin && o->words[begin - 1] != '\n')
        begin--;
    if (end - begin > max)
        end = begin + max;
    while (end > begin && end < o->words_len && ((unsigned char)o->words[end] & 0xC0) == 0x80)
        end--;
    return (struct str){o->words + begin, end - begin};
}
