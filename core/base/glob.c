#include "core/base/glob.h"

#include "core/json/utf8.h"

static size_t character(struct str text, size_t at)
{
    size_t len = utf8_sequence(text.ptr + at, text.ptr + text.len);
    return len ? len : 1;
}

/* Goes back to the last star alone, so that the work is at most the product of both lengths. */
bool glob_matches(struct str pattern, struct str text)
{
    size_t p = 0, t = 0, star = SIZE_MAX, resume = 0;
    while (t < text.len) {
        if (p < pattern.len && pattern.ptr[p] == '*') {
            star = p++;
            resume = t;
        } else if (p < pattern.len && pattern.ptr[p] == '?') {
            p++;
            t += character(text, t);
        } else if (p < pattern.len && pattern.ptr[p] == text.ptr[t]) {
            p++;
            t++;
        } else if (star != SIZE_MAX) {
            p = star + 1;
            t = ++resume;
        } else {
            return false;
        }
    }
    while (p < pattern.len && pattern.ptr[p] == '*')
        p++;
    return p == pattern.len;
}
