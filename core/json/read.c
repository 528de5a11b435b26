#include <stdlib.h>

#include "core/json/document.h"
#include "core/json/utf8.h"

static const struct json_node *node_of(struct json v)
{
    return v.doc ? &v.doc->nodes[v.node] : NULL;
}

size_t json_index_bytes(const struct json_doc *doc)
{
    return doc->count * sizeof(struct json_node);
}

struct json json_root(const struct json_doc *doc)
{
    return (struct json){doc, 0};
}

enum json_type json_type(struct json v)
{
    return v.doc ? (enum json_type)v.doc->nodes[v.node].type : JSON_NONE;
}

struct str json_text(struct json v)
{
    const struct json_node *node = node_of(v);
    if (!node)
        return (struct str){"", 0};
    return (struct str){v.doc->text + node->start, node->end - node->start};
}

uint32_t json_count(struct json v)
{
    const struct json_node *node = node_of(v);
    return node ? node->count : 0;
}

/* Walks the decoded bytes of a string node. The text was checked when it was parsed. */
struct decoder {
    const char *at;
    const char *end;
    char pending[4];
    size_t pending_len;
    size_t pending_at;
};

static struct decoder decoder_of(const char *text, const struct json_node *node)
{
    return (struct decoder){.at = text + node->start + 1, .end = text + node->end - 1};
}

static uint32_t hex_digit(char c)
{
    return (uint32_t)(c <= '9' ? c - '0' : (c | 0x20) - 'a' + 10);
}

static uint32_t hex_unit(const char *s)
{
    return hex_digit(s[0]) << 12 | hex_digit(s[1]) << 8 | hex_digit(s[2]) << 4 | hex_digit(s[3]);
}

static char short_escape(char c)
{
    switch (c) {
    case 'b':
        return '\b';
    case 'f':
        return '\f';
    case 'n':
        return '\n';
    case 'r':
        return '\r';
    case 't':
        return '\t';
    default:
        return c;
    }
}

/* Decodes the escape at d->at into `out` (room for 4 bytes); returns its length. */
static size_t decode_escape(struct decoder *d, char *out)
{
    char c = d->at[1];
    if (c != 'u') {
        d->at += 2;
        out[0] = short_escape(c);
        return 1;
    }
    uint32_t code = hex_unit(d->at + 2);
    d->at += 6;
    if (code >= 0xD800 && code <= 0xDBFF) {
        code = 0x10000 + ((code - 0xD800) << 10) + (hex_unit(d->at + 2) - 0xDC00);
        d->at += 6;
    }
    return utf8_encode(code, out);
}

/* The next decoded byte, or -1 at the end. */
static int decoder_byte(struct decoder *d)
{
    if (d->pending_at < d->pending_len)
        return (unsigned char)d->pending[d->pending_at++];
    if (d->at == d->end)
        return -1;
    if (*d->at != '\\')
        return (unsigned char)*d->at++;
    d->pending_len = decode_escape(d, d->pending);
    d->pending_at = 1;
    return (unsigned char)d->pending[0];
}

static struct str plain_text(const char *text, const struct json_node *node)
{
    return (struct str){text + node->start + 1, node->end - node->start - 2};
}

int document_compare_strings(const char *text_a, const struct json_node *a, const char *text_b,
                             const struct json_node *b)
{
    if (!a->escaped && !b->escaped)
        return str_cmp(plain_text(text_a, a), plain_text(text_b, b));
    struct decoder x = decoder_of(text_a, a), y = decoder_of(text_b, b);
    for (;;) {
        int p = decoder_byte(&x), q = decoder_byte(&y);
        if (p != q)
            return p < q ? -1 : 1;
        if (p < 0)
            return 0;
    }
}

bool document_same_string(const char *text_a, const struct json_node *a, const char *text_b,
                          const struct json_node *b)
{
    if (!a->escaped && !b->escaped)
        return str_eq(plain_text(text_a, a), plain_text(text_b, b));
    return document_compare_strings(text_a, a, text_b, b) == 0;
}

static bool node_is(const char *text, const struct json_node *node, struct str want)
{
    if (!node->escaped)
        return str_eq(plain_text(text, node), want);
    struct decoder d = decoder_of(text, node);
    for (size_t i = 0; i < want.len; i++)
        if (decoder_byte(&d) != (unsigned char)want.ptr[i])
            return false;
    return decoder_byte(&d) < 0;
}

bool json_is(struct json v, struct str text)
{
    return json_type(v) == JSON_STRING && node_is(v.doc->text, node_of(v), text);
}

bool json_same_string(struct json a, struct json b)
{
    return json_type(a) == JSON_STRING && json_type(b) == JSON_STRING &&
           document_same_string(a.doc->text, node_of(a), b.doc->text, node_of(b));
}

struct json json_get(struct json v, struct str key)
{
    if (json_type(v) != JSON_OBJECT)
        return json_none();
    const struct json_doc *doc = v.doc;
    uint32_t end = doc->nodes[v.node].next;
    for (uint32_t at = v.node + 1; at < end; at = doc->nodes[at + 1].next)
        if (node_is(doc->text, &doc->nodes[at], key))
            return (struct json){doc, at + 1};
    return json_none();
}

struct json json_at(struct json v, uint32_t index)
{
    if (json_type(v) != JSON_ARRAY || index >= json_count(v))
        return json_none();
    uint32_t at = v.node + 1;
    while (index--)
        at = v.doc->nodes[at].next;
    return (struct json){v.doc, at};
}

struct json_iter json_iter(struct json v)
{
    struct json_iter it = {.key = json_none(), .value = json_none(), .doc = v.doc};
    it.object = json_type(v) == JSON_OBJECT;
    it.left = json_count(v);
    it.at = v.node + 1;
    return it;
}

bool json_next(struct json_iter *it)
{
    if (it->left == 0)
        return false;
    it->left--;
    if (it->object)
        it->key = (struct json){it->doc, it->at++};
    it->value = (struct json){it->doc, it->at};
    it->at = it->doc->nodes[it->at].next;
    return true;
}

bool json_plain(struct json v, struct str *out)
{
    if (json_type(v) != JSON_STRING || node_of(v)->escaped)
        return false;
    *out = plain_text(v.doc->text, node_of(v));
    return true;
}

void json_decode(struct json v, struct buffer *out)
{
    if (json_type(v) != JSON_STRING)
        return;
    const struct json_node *node = node_of(v);
    if (!node->escaped) {
        buffer_add_str(out, plain_text(v.doc->text, node));
        return;
    }
    struct decoder d = decoder_of(v.doc->text, node);
    while (d.at < d.end) {
        const char *slash = memchr(d.at, '\\', (size_t)(d.end - d.at));
        const char *stop = slash ? slash : d.end;
        buffer_add(out, d.at, (size_t)(stop - d.at));
        d.at = stop;
        if (slash) {
            char bytes[4];
            buffer_add(out, bytes, decode_escape(&d, bytes));
        }
    }
}

bool json_string(struct json v, struct buffer *scratch, struct str *out)
{
    if (json_plain(v, out))
        return true;
    if (json_type(v) != JSON_STRING)
        return false;
    buffer_reset(scratch, SIZE_MAX);
    json_decode(v, scratch);
    if (buffer_failed(scratch))
        return false;
    *out = buffer_str(scratch);
    return true;
}

bool json_bool(struct json v, bool *out)
{
    if (json_type(v) != JSON_BOOL)
        return false;
    *out = node_of(v)->truth;
    return true;
}

bool json_is_integer_text(struct json v)
{
    return json_type(v) == JSON_NUMBER && node_of(v)->integer;
}

uint32_t json_values(struct json v)
{
    const struct json_node *node = node_of(v);
    return node ? node->next - v.node : 0;
}

bool json_contains(struct json outer, struct json inner)
{
    return outer.doc && outer.doc == inner.doc && inner.node >= outer.node &&
           inner.node < outer.doc->nodes[outer.node].next;
}

size_t json_length(struct json v)
{
    if (json_type(v) != JSON_STRING)
        return 0;
    struct decoder d = decoder_of(v.doc->text, node_of(v));
    size_t count = 0;
    for (int byte; (byte = decoder_byte(&d)) >= 0;)
        count += (byte & 0xC0) != 0x80;
    return count;
}

bool json_int64(struct json v, int64_t *out)
{
    if (!json_is_integer_text(v))
        return false;
    struct str text = json_text(v);
    bool negative = text.ptr[0] == '-';
    uint64_t limit = (uint64_t)INT64_MAX + negative;
    uint64_t value = 0;
    for (size_t i = negative; i < text.len; i++) {
        uint64_t digit = (uint64_t)(text.ptr[i] - '0');
        if (value > (limit - digit) / 10)
            return false;
        value = value * 10 + digit;
    }
    *out = negative ? (int64_t)(0 - value) : (int64_t)value;
    return true;
}

bool json_double(struct json v, double *out)
{
    if (json_type(v) != JSON_NUMBER)
        return false;
    /* The text is not terminated, so strtod needs a copy. The program never sets a locale, so the
     * decimal point is a point. */
    struct str text = json_text(v);
    char small[64];
    char *copy = text.len < sizeof(small) ? small : malloc(text.len + 1);
    if (!copy)
        return false;
    memcpy(copy, text.ptr, text.len);
    copy[text.len] = '\0';
    *out = strtod(copy, NULL);
    if (copy != small)
        free(copy);
    return true;
}

void json_copy_line(struct buffer *out, struct str raw)
{
    size_t start = out->len;
    buffer_add_str(out, raw);
    if (buffer_failed(out) || raw.len == 0)
        return;
    /* Inside strings line breaks are escaped, so every raw one stands between tokens. */
    char *end = out->data + out->len;
    for (char *at = out->data + start; (at = memchr(at, '\n', (size_t)(end - at))); at++)
        *at = ' ';
    for (char *at = out->data + start; (at = memchr(at, '\r', (size_t)(end - at))); at++)
        *at = ' ';
}
