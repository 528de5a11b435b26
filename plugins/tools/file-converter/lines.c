/*
 * SPDX-License-Identifier: MIT
 */
#include "lines.h"

#include <string.h>

const char *const line_ending_names[LINE_COUNT + 1] = {"lf", "crlf", "cr", NULL};

/* Up to the next end of a line; *end is that end's length, 0 at the end of the text. */
static size_t line_of(hexmcp_str text, size_t *end)
{
    size_t len = 0;
    while (len < text.len && text.ptr[len] != '\n' && text.ptr[len] != '\r')
        len++;
    *end = len == text.len ? 0 : 1;
    if (*end && text.ptr[len] == '\r' && len + 1 < text.len && text.ptr[len + 1] == '\n')
        *end = 2;
    return len;
}

static hexmcp_str behind(hexmcp_str text, size_t len)
{
    return (hexmcp_str){text.ptr + len, text.len - len};
}

const char *lines_ending_of(hexmcp_str text)
{
    bool found[LINE_COUNT] = {false};
    const char *name = "none";
    size_t end, len;
    while (text.len > 0) {
        len = line_of(text, &end);
        if (end > 0)
            found[end == 2 ? LINE_CRLF : text.ptr[len] == '\n' ? LINE_LF : LINE_CR] = true;
        text = behind(text, len + end);
    }
    for (int i = 0; i < LINE_COUNT; i++)
        if (found[i])
            name = strcmp(name, "none") == 0 ? line_ending_names[i] : "mixed";
    return name;
}

/* Looks at the meter, if enough was read since *looked. */
static enum outcome look(struct meter *meter, size_t done, size_t *looked)
{
    if (done - *looked < METER_BYTES)
        return OUTCOME_DONE;
    *looked = done;
    return meter_goes_on(meter, (double)done) ? OUTCOME_DONE : OUTCOME_STOPPED;
}

enum outcome lines_end(hexmcp_str text, enum line_ending ending, struct bytes *out,
                       struct meter *meter)
{
    static const char *const ends[] = {"\n", "\r\n", "\r"};
    size_t whole = text.len, looked = 0;
    enum outcome outcome = OUTCOME_DONE;
    while (outcome == OUTCOME_DONE && text.len > 0) {
        size_t end, len = line_of(text, &end);
        if (!bytes_add(out, text.ptr, len) ||
            (end > 0 && !bytes_add(out, ends[ending], strlen(ends[ending]))))
            return OUTCOME_NO_MEMORY;
        text = behind(text, len + end);
        outcome = look(meter, whole - text.len, &looked);
    }
    return outcome;
}

static size_t blanks_of(hexmcp_str line)
{
    size_t len = 0;
    while (len < line.len && (line.ptr[len] == ' ' || line.ptr[len] == '\t'))
        len++;
    return len;
}

const char *lines_indentation_of(hexmcp_str text)
{
    bool tabs = false, spaces = false;
    while (text.len > 0) {
        size_t end, len = line_of(text, &end), blanks = blanks_of((hexmcp_str){text.ptr, len});
        if (blanks > 0) {
            tabs |= memchr(text.ptr, '\t', blanks) != NULL;
            spaces |= memchr(text.ptr, ' ', blanks) != NULL;
        }
        text = behind(text, len + end);
    }
    return tabs && spaces ? "mixed" : tabs ? "tabs" : spaces ? "spaces" : "none";
}

static size_t width_of(const char *blanks, size_t len, unsigned tab_size)
{
    size_t width = 0;
    for (size_t i = 0; i < len; i++)
        width = blanks[i] == '\t' ? (width / tab_size + 1) * tab_size : width + 1;
    return width;
}

static bool add_many(struct bytes *out, char c, size_t count)
{
    char piece[256];
    bool good = true;
    memset(piece, c, sizeof(piece));
    while (good && count > 0) {
        size_t some = count < sizeof(piece) ? count : sizeof(piece);
        good = bytes_add(out, piece, some);
        count -= some;
    }
    return good;
}

enum outcome lines_indent(hexmcp_str text, bool spaces, unsigned tab_size, struct bytes *out,
                          struct meter *meter)
{
    size_t whole = text.len, looked = 0;
    enum outcome outcome = OUTCOME_DONE;
    while (outcome == OUTCOME_DONE && text.len > 0) {
        size_t end, len = line_of(text, &end), blanks = blanks_of((hexmcp_str){text.ptr, len});
        size_t width = width_of(text.ptr, blanks, tab_size);
        if (out->len + width > LINES_BYTES_MAX)
            return OUTCOME_TOO_LARGE;
        if (!add_many(out, '\t', spaces ? 0 : width / tab_size) ||
            !add_many(out, ' ', spaces ? width : width % tab_size) ||
            !bytes_add(out, text.ptr + blanks, len - blanks + end))
            return OUTCOME_NO_MEMORY;
        text = behind(text, len + end);
        outcome = look(meter, whole - text.len, &looked);
    }
    return outcome;
}
