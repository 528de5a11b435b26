/* Finding known values in texts that leave the process. */
#include "adapters/driven/secret_store/inside.h"
#include "core/json/writer.h"

/* Shorter values would be found in texts that have nothing to do with them. */
#define REDACT_MIN 6

static bool unreserved(unsigned char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           c == '-' || c == '.' || c == '_' || c == '~';
}

void secret_put_percent(struct buffer *out, struct str value)
{
    static const char digits[] = "0123456789ABCDEF";
    for (size_t i = 0; i < value.len; i++) {
        unsigned char c = (unsigned char)value.ptr[i];
        if (unreserved(c)) {
            buffer_add_char(out, (char)c);
        } else {
            buffer_add_char(out, '%');
            buffer_add_char(out, digits[c >> 4]);
            buffer_add_char(out, digits[c & 15]);
        }
    }
}

void secret_put_json(struct buffer *out, struct str value)
{
    struct buffer quoted = BUFFER_INIT;
    if (!buffer_reserve(&quoted, value.len * 6 + 2) || !buffer_reserve(out, value.len * 6))
        return;
    json_quote(&quoted, value);
    buffer_add(out, quoted.data + 1, quoted.len - 2);
    buffer_wipe(&quoted);
}

static const char *find(struct str text, struct str what)
{
    return text.len >= what.len ? memmem(text.ptr, text.len, what.ptr, what.len) : NULL;
}

static void put_handle(struct buffer *out, const struct secret *s)
{
    buffer_add_str(out, STR(SECRET_HANDLE_OPEN));
    buffer_add_str(out, str_from(s->name));
    buffer_add_str(out, STR(SECRET_HANDLE_CLOSE));
}

/* Replaces `what` in `text`, which is wiped if anything was found. */
static bool replace(struct buffer *text, const struct secret *s, struct str what)
{
    struct buffer clean = BUFFER_INIT;
    struct str left = buffer_str(text);
    const char *at = find(left, what);
    if (!at)
        return false;
    for (; at; at = find(left, what)) {
        buffer_add(&clean, left.ptr, (size_t)(at - left.ptr));
        put_handle(&clean, s);
        left.len -= (size_t)(at - left.ptr) + what.len;
        left.ptr = at + what.len;
    }
    buffer_add_str(&clean, left);
    buffer_wipe(text);
    *text = clean;
    return true;
}

static bool replace_codings(struct buffer *text, const struct secret *s, struct str value)
{
    static void (*const codings[])(struct buffer *, struct str) = {secret_put_json,
                                                                   secret_put_percent};
    bool found = replace(text, s, value);
    for (size_t i = 0; i < 2; i++) {
        struct buffer coded = BUFFER_INIT;
        if (buffer_reserve(&coded, value.len * 6))
            codings[i](&coded, value);
        if (!buffer_failed(&coded) && coded.len != value.len)
            found = replace(text, s, buffer_str(&coded)) || found;
        buffer_wipe(&coded);
    }
    return found;
}

static bool replace_all(struct secret_store *store, struct buffer *text)
{
    bool found = false;
    for (size_t i = 0; i < store->count; i++) {
        const struct secret *s = &store->secrets[i];
        for (size_t k = 0; k < SECRET_VALUES_KEPT; k++)
            if (s->values[k].len >= REDACT_MIN)
                found = replace_codings(text, s, buffer_str(&s->values[k])) || found;
    }
    return found;
}

bool store_redact(void *ctx, struct str text, struct buffer *out)
{
    struct secret_store *store = ctx;
    struct buffer copy = BUFFER_INIT;
    if (!atomic_load(&store->knows))
        return false;
    buffer_add_str(&copy, text);
    pthread_mutex_lock(&store->lock);
    bool found = buffer_failed(&copy) || replace_all(store, &copy);
    pthread_mutex_unlock(&store->lock);
    if (found && !buffer_failed(&copy))
        buffer_add_str(out, buffer_str(&copy));
    else if (found)
        buffer_add_str(out, STR("[out of memory]"));
    buffer_wipe(&copy);
    return found;
}
