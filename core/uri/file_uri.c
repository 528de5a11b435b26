#include "core/uri/file_uri.h"

#include "core/base/path.h"
#include "core/uri/characters.h"
#include "core/uri/parts.h"
#include "core/uri/uri.h"

static void decode(struct str text, struct buffer *out)
{
    for (size_t i = 0; i < text.len; i++) {
        int byte = uri_escape_at(text, i);
        buffer_add_char(out, byte < 0 ? text.ptr[i] : (char)byte);
        i += byte < 0 ? 0 : 2;
    }
}

static bool is_file_scheme(struct str scheme)
{
    static const char want[] = "file:";
    for (size_t i = 0; i < scheme.len; i++)
        if ((scheme.ptr[i] | 0x20) != (want[i] | 0x20))
            return false;
    return scheme.len == sizeof(want) - 1;
}

bool file_uri_path(struct str uri, struct buffer *out)
{
    struct uri_parts parts = uri_parts(uri);
    struct buffer path = BUFFER_INIT;
    if (!is_file_scheme(parts.scheme) || uri_check(uri, NULL))
        return false;
    decode(parts.path, &path);
    bool good = !buffer_failed(&path) && path_is_absolute(buffer_str(&path)) &&
                path_clean(buffer_str(&path), out, NULL) == ST_OK;
    buffer_clear(&path);
    return good;
}
