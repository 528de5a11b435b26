/* Edits of a text at places in it. */
#pragma once

#include "core/base/buffer.h"

/* Replaces `len` bytes at `at` by `text`. */
struct splice {
    size_t at;
    size_t len;
    struct str text;
};

/* The line break that the text uses: that of its first line, "\n" if there is none. */
static inline struct str text_newline(struct str text)
{
    const char *lf = text.len ? memchr(text.ptr, '\n', text.len) : NULL;
    return lf && lf > text.ptr && lf[-1] == '\r' ? STR("\r\n") : STR("\n");
}

/* Appends the text with the edits done. They are sorted and do not overlap. */
static inline void splice_apply(struct str text, const struct splice *edits, size_t count,
                                struct buffer *out)
{
    size_t at = 0;
    for (size_t i = 0; i < count; i++) {
        buffer_add(out, text.ptr + at, edits[i].at - at);
        buffer_add_str(out, edits[i].text);
        at = edits[i].at + edits[i].len;
    }
    buffer_add(out, text.ptr + at, text.len - at);
}
