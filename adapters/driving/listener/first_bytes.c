#include "adapters/driving/listener/first_bytes.h"

#include <string.h>

#include "core/base/str.h"

/* True if one begins with the other. */
static bool agree(struct str bytes, struct str word)
{
    size_t len = bytes.len < word.len ? bytes.len : word.len;
    return len == 0 || memcmp(bytes.ptr, word.ptr, len) == 0;
}

static char lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c | 0x20) : c;
}

/* Without regard to case; `word` is in lower case. */
static bool is_word(struct str text, struct str word)
{
    size_t at = 0;
    while (at < text.len && at < word.len && lower(text.ptr[at]) == word.ptr[at])
        at++;
    return at == text.len && at == word.len;
}

static struct str trim(struct str text)
{
    while (text.len && (text.ptr[0] == ' ' || text.ptr[0] == '\t'))
        text = (struct str){text.ptr + 1, text.len - 1};
    while (text.len && strchr(" \t\r", text.ptr[text.len - 1]) && text.ptr[text.len - 1])
        text.len--;
    return text;
}

/* Cuts `text` at the first `at` and gives what stands before it; all if there is none. */
static struct str cut(struct str *text, char at)
{
    const char *found = text->len ? memchr(text->ptr, at, text->len) : NULL;
    struct str before = {text->ptr, found ? (size_t)(found - text->ptr) : text->len};
    size_t used = before.len + (found ? 1 : 0);
    *text = (struct str){text->ptr + used, text->len - used};
    return before;
}

static bool lists_websocket(struct str value)
{
    while (value.len)
        if (is_word(trim(cut(&value, ',')), STR("websocket")))
            return true;
    return false;
}

/* `headers` begins behind the request line. */
static enum first_bytes tell_by_headers(struct str headers)
{
    bool upgrade = false;
    while (headers.len && memchr(headers.ptr, '\n', headers.len)) {
        struct str line = cut(&headers, '\n');
        if (trim(line).len == 0)
            return upgrade ? FIRST_BYTES_WEBSOCKET : FIRST_BYTES_HTTP;
        struct str name = cut(&line, ':');
        upgrade = upgrade || (is_word(name, STR("upgrade")) && lists_websocket(line));
    }
    return FIRST_BYTES_MORE;
}

static enum first_bytes tell_request(struct str bytes)
{
    const struct str start = STR("GET " WEBSOCKET_PATH);
    if (!agree(bytes, start))
        return FIRST_BYTES_HTTP;
    if (bytes.len <= start.len)
        return FIRST_BYTES_MORE;
    if (bytes.ptr[start.len] != ' ' && bytes.ptr[start.len] != '?')
        return FIRST_BYTES_HTTP;
    struct str rest = bytes;
    cut(&rest, '\n');
    return tell_by_headers(rest);
}

enum first_bytes first_bytes_tell(struct str bytes, bool local)
{
    const struct str word = STR(CONNECT_WORD);
    if (bytes.len == 0)
        return FIRST_BYTES_MORE;
    if (local && agree(bytes, word))
        return bytes.len < word.len ? FIRST_BYTES_MORE : FIRST_BYTES_LINES;
    enum first_bytes told = tell_request(bytes);
    return told == FIRST_BYTES_MORE && bytes.len >= FIRST_BYTES_MAX ? FIRST_BYTES_HTTP : told;
}
