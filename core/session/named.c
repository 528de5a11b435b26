#include "core/session/named.h"

#include "core/base/str.h"

/* Keys may be written with escapes, as "io.hexmcp\/session"; nobody escapes letters. */
static bool mentions(struct str meta)
{
    static const struct str word = STR_INIT("hexmcp");
    if (meta.len < word.len)
        return false;
    const char *at = meta.ptr, *end = meta.ptr + meta.len;
    while ((at = memchr(at, word.ptr[0], (size_t)(end - at)))) {
        if ((size_t)(end - at) < word.len)
            return false;
        if (memcmp(at, word.ptr, word.len) == 0)
            return true;
        at++;
    }
    return false;
}

enum naming session_named(struct str meta, struct str key, struct buffer *id)
{
    struct json_doc *doc;
    if (!mentions(meta) || json_parse(meta, &doc, NULL))
        return NAMES_NONE;
    struct json value = json_get(json_root(doc), key);
    enum naming naming = !json_exists(value)                  ? NAMES_NONE
                         : json_type(value) != JSON_STRING    ? NAMES_WRONG
                                                              : NAMES_ONE;
    json_decode(value, id);
    json_free(doc);
    return naming;
}
