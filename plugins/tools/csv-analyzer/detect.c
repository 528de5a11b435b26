/*
 * SPDX-License-Identifier: MIT
 */
#include "detect.h"

#include <string.h>

#include "value.h"

#define LINES_MOST 100
#define NAMES_COMPARED 200

static bool is_utf8(const char *bytes, size_t len)
{
    size_t follow = 0;
    for (size_t i = 0; i < len; i++) {
        unsigned char c = (unsigned char)bytes[i];
        if (follow > 0) {
            if ((c & 0xC0) != 0x80)
                return false;
            follow--;
        } else if (c >= 0x80) {
            follow = c >= 0xC2 && c < 0xE0 ? 1 : c >= 0xE0 && c < 0xF0 ? 2 : c >= 0xF0 && c < 0xF5 ? 3 : 0;
            if (follow == 0)
                return false;
        }
    }
    return true;
}

struct detected detect_encoding(const char *bytes, size_t len)
{
    if (len >= 3 && memcmp(bytes, "\xEF\xBB\xBF", 3) == 0)
        return (struct detected){"UTF-8", 3};
    if (len >= 2 && memcmp(bytes, "\xFF\xFE", 2) == 0)
        return (struct detected){"UTF-16LE", 2};
    if (len >= 2 && memcmp(bytes, "\xFE\xFF", 2) == 0)
        return (struct detected){"UTF-16BE", 2};
    return (struct detected){is_utf8(bytes, len) ? "UTF-8" : "WINDOWS-1252", 0};
}

/* ---- delimiters ----------------------------------------------------------------------------- */

struct guess {
    size_t lines;
    size_t first; /* how often it is in the first line */
    size_t alike; /* lines that have it as often */
};

static void end_line(struct guess *g, size_t found)
{
    if (g->lines++ == 0)
        g->first = found;
    g->alike += found == g->first;
}

static struct guess count_lines(const char *text, size_t len, char quote, char delimiter)
{
    struct guess g = {0};
    size_t found = 0;
    bool quoted = false, begun = false;
    for (size_t i = 0; i < len && g.lines < LINES_MOST; i++) {
        char c = text[i];
        if (c == '\0')
            continue;
        if (c == quote)
            quoted = !quoted;
        if (!quoted && (c == '\n' || c == '\r')) {
            if (begun)
                end_line(&g, found);
            found = 0;
            begun = false;
            continue;
        }
        begun = true;
        found += !quoted && c == delimiter;
    }
    /* The end of what was read may cut a line: it counts only if there is no other. */
    if (begun && g.lines == 0)
        end_line(&g, found);
    return g;
}

char detect_delimiter(const char *text, size_t len, char quote)
{
    static const char candidates[] = {',', ';', '\t', '|'};
    char best = ',';
    double score = 0;
    for (size_t i = 0; i < sizeof(candidates); i++) {
        struct guess g = count_lines(text, len, quote, candidates[i]);
        if (g.lines == 0 || g.first == 0)
            continue;
        double alike = (double)g.alike / (double)g.lines;
        double now = alike + (double)(g.first < 100 ? g.first : 100) / 1000.0;
        if (now > score) {
            score = now;
            best = candidates[i];
        }
    }
    return best;
}

/* ---- header --------------------------------------------------------------------------------- */

static bool comes_again(const hexmcp_str *fields, size_t count, size_t at)
{
    for (size_t i = at + 1; i < count && i < NAMES_COMPARED; i++)
        if (fields[i].len == fields[at].len && memcmp(fields[i].ptr, fields[at].ptr, fields[at].len) == 0)
            return true;
    return false;
}

bool detect_header(const hexmcp_str *fields, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (value_type_of(fields[i]) != VALUE_TEXT ||
            (i < NAMES_COMPARED && comes_again(fields, count, i)))
            return false;
    return count > 0;
}
