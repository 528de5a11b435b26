#include "adapters/driven/config/comments.h"

static size_t string_end(const char *text, size_t len, size_t at)
{
    for (at++; at < len && text[at] != '"'; at++)
        if (text[at] == '\\')
            at++;
    return at < len ? at + 1 : len;
}

static void blank(char *text, size_t from, size_t to)
{
    for (size_t i = from; i < to; i++)
        if (text[i] != '\n' && text[i] != '\r')
            text[i] = ' ';
}

static size_t comment_end(const char *text, size_t len, size_t at)
{
    bool line = text[at + 1] == '/';
    for (at += 2; at < len; at++) {
        if (line && text[at] == '\n')
            return at;
        if (!line && text[at] == '*' && at + 1 < len && text[at + 1] == '/')
            return at + 2;
    }
    return len;
}

void comments_blank(char *text, size_t len)
{
    size_t comma = len; /* the last comma after which only space was seen */
    for (size_t at = 0; at < len;) {
        char c = text[at];
        if (c == '/' && at + 1 < len && (text[at + 1] == '/' || text[at + 1] == '*')) {
            size_t end = comment_end(text, len, at);
            blank(text, at, end);
            at = end;
            continue;
        }
        if ((c == '}' || c == ']') && comma < len)
            text[comma] = ' ';
        if (c == ',')
            comma = at;
        else if (c != ' ' && c != '\t' && c != '\n' && c != '\r')
            comma = len;
        at = c == '"' ? string_end(text, len, at) : at + 1;
    }
}
