/*
 * Any bytes in any pieces through the framing of stdio, held against a splitter that sees all bytes
 * at once. The first byte is the limit, each of the next seven the length of a piece, in turn.
 */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "adapters/driving/lines/framing.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define HEAD 8
#define TOO_LONG_MARK '\x01'
#define LINE_MARK '\x02'

static bool is_blank(const char *text, size_t len)
{
    for (size_t i = 0; i < len; i++)
        if (text[i] != ' ' && text[i] != '\t')
            return false;
    return true;
}

static void note_line(struct buffer *out, const char *text, size_t len)
{
    uint32_t length = (uint32_t)len;
    buffer_add_char(out, LINE_MARK);
    buffer_add(out, &length, sizeof(length));
    buffer_add(out, text, len);
}

static void split_naively(const char *text, size_t len, size_t limit, struct buffer *out)
{
    for (size_t at = 0; at < len;) {
        const char *end = memchr(text + at, '\n', len - at);
        size_t line = end ? (size_t)(end - text) - at : len - at;
        size_t bare = line && text[at + line - 1] == '\r' ? line - 1 : line;
        if (bare > limit)
            buffer_add_char(out, TOO_LONG_MARK);
        else if (!is_blank(text + at, bare))
            note_line(out, text + at, bare);
        at += line + (end != NULL);
    }
}

static void take_lines(struct framing *f, bool end, struct buffer *out)
{
    struct str line;
    for (;;) {
        enum framing_result result = framing_next(f, &line);
        if (result == FRAMING_MORE && end)
            result = framing_rest(f, &line);
        if (result == FRAMING_MORE)
            return;
        if (result == FRAMING_TOO_LONG) {
            buffer_add_char(out, TOO_LONG_MARK);
            continue;
        }
        char *taken = framing_take(f, line);
        note_line(out, taken, line.len);
        free(taken);
    }
}

static void feed(struct framing *f, const char *data, size_t len)
{
    size_t room;
    char *to = framing_space(f, len, &room);
    assert(to && room >= len);
    memcpy(to, data, len);
    framing_filled(f, len);
}

static void split_in_pieces(const uint8_t *pieces, const char *text, size_t len, size_t limit,
                            struct buffer *out)
{
    struct framing f;
    framing_init(&f, limit);
    for (size_t at = 0, turn = 0; at < len; turn++) {
        size_t piece = (size_t)pieces[turn % (HEAD - 1)] + 1;
        if (piece > len - at)
            piece = len - at;
        feed(&f, text + at, piece);
        take_lines(&f, false, out);
        at += piece;
    }
    take_lines(&f, true, out);
    framing_clear(&f);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < HEAD)
        return 0;
    struct buffer expected = BUFFER_INIT, got = BUFFER_INIT;
    const char *text = (const char *)data + HEAD;
    split_naively(text, size - HEAD, data[0], &expected);
    split_in_pieces(data + 1, text, size - HEAD, data[0], &got);
    assert(expected.len == got.len);
    assert(expected.len == 0 || memcmp(expected.data, got.data, got.len) == 0);
    buffer_clear(&expected);
    buffer_clear(&got);
    return 0;
}
