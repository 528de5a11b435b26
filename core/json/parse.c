#include <stdlib.h>

#include "core/base/hex.h"
#include "core/json/document.h"
#include "core/json/utf8.h"

/* Enough for a usual request without a second allocation. */
#define INLINE_NODES 48

/* Objects up to this size are checked for duplicate keys pair by pair, larger ones by sorting. */
#define PAIRWISE_KEYS 16

struct inline_doc {
    struct json_doc doc;
    struct json_node nodes[INLINE_NODES];
};

struct parser {
    struct json_doc *doc;
    const char *text;
    const char *at;
    const char *end;
    uint32_t cap;
    uint32_t depth;
    uint32_t open[JSON_MAX_DEPTH]; /* nodes of the containers that are open */
    size_t *fault;                 /* NULL: the text of an error names the byte */
    struct error *err;
};

static int fail(struct parser *p, const char *what)
{
    if (p->fault) {
        *p->fault = (size_t)(p->at - p->text);
        return error_set(p->err, ST_INVALID, "%s", what);
    }
    return error_set(p->err, ST_INVALID, "%s at byte %zu", what, (size_t)(p->at - p->text));
}

static struct json_doc *doc_new(void)
{
    struct inline_doc *all = malloc(sizeof(*all));
    if (!all)
        return NULL;
    all->doc = (struct json_doc){.nodes = all->nodes};
    return &all->doc;
}

static bool nodes_inline(const struct json_doc *doc)
{
    return doc->nodes == ((const struct inline_doc *)(const void *)doc)->nodes;
}

void json_free(struct json_doc *doc)
{
    if (!doc)
        return;
    if (!nodes_inline(doc))
        free(doc->nodes);
    free(doc->owned);
    free(doc);
}

static bool grow_nodes(struct parser *p)
{
    struct json_doc *doc = p->doc;
    if (p->cap >= JSON_MAX_VALUES)
        return false;
    uint32_t cap = p->cap * 2 < JSON_MAX_VALUES ? p->cap * 2 : JSON_MAX_VALUES;
    struct json_node *old = nodes_inline(doc) ? NULL : doc->nodes;
    struct json_node *grown = realloc(old, (size_t)cap * sizeof(*grown));
    if (!grown)
        return false;
    if (!old)
        memcpy(grown, doc->nodes, doc->count * sizeof(*grown));
    doc->nodes = grown;
    p->cap = cap;
    return true;
}

/* Adds a node that starts at `start`; its end, next and count are set when it is closed. */
static struct json_node *add_node(struct parser *p, enum json_type type, const char *start)
{
    if (p->doc->count == p->cap && !grow_nodes(p))
        return NULL;
    struct json_node *node = &p->doc->nodes[p->doc->count++];
    *node = (struct json_node){
        .start = (uint32_t)(start - p->text), .next = p->doc->count, .type = type & 15u};
    return node;
}

/* Why add_node gave nothing. */
static int no_memory(struct parser *p)
{
    if (p->doc->count >= JSON_MAX_VALUES)
        return error_set(p->err, ST_TOO_LARGE, "JSON of more than %u values", JSON_MAX_VALUES);
    return error_set(p->err, ST_NOMEM, "out of memory while reading JSON of %zu bytes",
                     (size_t)(p->end - p->text));
}

static void skip_space(struct parser *p)
{
    while (p->at < p->end && (*p->at == ' ' || *p->at == '\n' || *p->at == '\r' || *p->at == '\t'))
        p->at++;
}

/* The four hex digits of \uXXXX at `s`, or -1. */
static int32_t hex4(const char *s, const char *end)
{
    if (end - s < 4)
        return -1;
    int32_t value = 0;
    for (int i = 0; i < 4; i++) {
        int32_t digit = hex_digit(s[i]);
        if (digit < 0)
            return -1;
        value = value * 16 + digit;
    }
    return value;
}

/* Checks the escape at p->at (a backslash) and steps over it. */
static int check_escape(struct parser *p)
{
    if (p->end - p->at < 2)
        return fail(p, "unfinished escape");
    char c = p->at[1];
    if (c != 'u') {
        if (!memchr("\"\\/bfnrt", c, 8))
            return fail(p, "unknown escape");
        p->at += 2;
        return ST_OK;
    }
    int32_t unit = hex4(p->at + 2, p->end);
    if (unit < 0)
        return fail(p, "escape \\u without four hex digits");
    if (unit >= 0xDC00 && unit <= 0xDFFF)
        return fail(p, "lone surrogate in an escape");
    if (unit >= 0xD800 && unit <= 0xDBFF) {
        const char *low = p->at + 6;
        bool escape = p->end - low >= 6 && low[0] == '\\' && low[1] == 'u';
        int32_t second = escape ? hex4(low + 2, p->end) : -1;
        if (second < 0xDC00 || second > 0xDFFF)
            return fail(p, "lone surrogate in an escape");
        p->at += 6;
    }
    p->at += 6;
    return ST_OK;
}

/* Steps over bytes that need no look: eight at a time, by the classic "has a byte less than or
 * equal to" tests on a word. */
static const char *skip_plain(const char *s, const char *end)
{
    const uint64_t ones = 0x0101010101010101u, tops = 0x8080808080808080u;
    while (end - s >= 8) {
        uint64_t w;
        memcpy(&w, s, 8);
        uint64_t quote = w ^ (ones * '"'), slash = w ^ (ones * '\\');
        uint64_t special = ((w - ones * 0x20) | (quote - ones) | (slash - ones) | w) & tops;
        if (special)
            break;
        s += 8;
    }
    while (s < end && (unsigned char)*s >= 0x20 && (unsigned char)*s < 0x80 && *s != '"' &&
           *s != '\\')
        s++;
    return s;
}

static int parse_string(struct parser *p)
{
    struct json_node *node = add_node(p, JSON_STRING, p->at);
    if (!node)
        return no_memory(p);
    p->at++;
    for (;;) {
        p->at = skip_plain(p->at, p->end);
        if (p->at == p->end)
            return fail(p, "string without an end");
        unsigned char c = (unsigned char)*p->at;
        if (c == '"')
            break;
        if (c == '\\') {
            node->escaped = 1;
            int rc = check_escape(p);
            if (rc)
                return rc;
        } else if (c < 0x20) {
            return fail(p, "control character in a string");
        } else {
            size_t len = utf8_sequence(p->at, p->end);
            if (len == 0)
                return fail(p, "invalid UTF-8");
            p->at += len;
        }
    }
    p->at++;
    node->end = (uint32_t)(p->at - p->text);
    return ST_OK;
}

static const char *skip_digits(const char *s, const char *end)
{
    while (s < end && *s >= '0' && *s <= '9')
        s++;
    return s;
}

/* The end of the number at `s` by the grammar of RFC 8259, NULL if it is none. */
static const char *number_end(const char *s, const char *end, bool *integer)
{
    if (s < end && *s == '-')
        s++;
    const char *digits = s;
    s = skip_digits(s, end);
    if (s == digits || (*digits == '0' && s - digits > 1))
        return NULL;
    *integer = true;
    if (s < end && *s == '.') {
        *integer = false;
        const char *fraction = ++s;
        s = skip_digits(s, end);
        if (s == fraction)
            return NULL;
    }
    if (s < end && (*s == 'e' || *s == 'E')) {
        *integer = false;
        s++;
        if (s < end && (*s == '+' || *s == '-'))
            s++;
        const char *exponent = s;
        s = skip_digits(s, end);
        if (s == exponent)
            return NULL;
    }
    return s;
}

static int parse_number(struct parser *p)
{
    bool integer = false;
    const char *end = number_end(p->at, p->end, &integer);
    if (!end)
        return fail(p, "malformed number");
    struct json_node *node = add_node(p, JSON_NUMBER, p->at);
    if (!node)
        return no_memory(p);
    node->integer = integer & 1u;
    p->at = end;
    node->end = (uint32_t)(p->at - p->text);
    return ST_OK;
}

static int parse_word(struct parser *p, const char *word, size_t len, enum json_type type)
{
    if ((size_t)(p->end - p->at) < len || memcmp(p->at, word, len) != 0)
        return fail(p, "unexpected character");
    struct json_node *node = add_node(p, type, p->at);
    if (!node)
        return no_memory(p);
    node->truth = *word == 't';
    p->at += len;
    node->end = (uint32_t)(p->at - p->text);
    return ST_OK;
}

static int open_container(struct parser *p, enum json_type type)
{
    if (p->depth == JSON_MAX_DEPTH)
        return fail(p, "nested deeper than 128 levels");
    uint32_t index = p->doc->count;
    if (!add_node(p, type, p->at))
        return no_memory(p);
    p->open[p->depth++] = index;
    p->at++;
    return ST_OK;
}

static int parse_scalar(struct parser *p)
{
    switch (*p->at) {
    case '"':
        return parse_string(p);
    case 't':
        return parse_word(p, "true", 4, JSON_BOOL);
    case 'f':
        return parse_word(p, "false", 5, JSON_BOOL);
    case 'n':
        return parse_word(p, "null", 4, JSON_NULL);
    default:
        if (*p->at == '-' || (*p->at >= '0' && *p->at <= '9'))
            return parse_number(p);
        return fail(p, "unexpected character");
    }
}

static int duplicate(struct parser *p, const struct json_node *key)
{
    p->at = p->text + key->start;
    return fail(p, "duplicate key");
}

static int check_keys_pairwise(struct parser *p, uint32_t first, uint32_t end)
{
    const struct json_doc *doc = p->doc;
    for (uint32_t a = first; a < end; a = doc->nodes[a + 1].next)
        for (uint32_t b = first; b < a; b = doc->nodes[b + 1].next)
            if (document_same_string(doc->text, &doc->nodes[a], doc->text, &doc->nodes[b]))
                return duplicate(p, &doc->nodes[a]);
    return ST_OK;
}

struct sort_key {
    const char *text;
    const struct json_node *node;
};

static int compare_keys(const void *a, const void *b)
{
    const struct sort_key *x = a, *y = b;
    return document_compare_strings(x->text, x->node, y->text, y->node);
}

/* Sorting keeps a hostile object of a million keys at n log n. */
static int check_keys_sorted(struct parser *p, uint32_t first, uint32_t end, uint32_t count)
{
    const struct json_doc *doc = p->doc;
    struct sort_key *keys = malloc(count * sizeof(*keys));
    if (!keys)
        return no_memory(p);
    uint32_t n = 0;
    for (uint32_t at = first; at < end; at = doc->nodes[at + 1].next)
        keys[n++] = (struct sort_key){doc->text, &doc->nodes[at]};
    qsort(keys, n, sizeof(*keys), compare_keys);
    int rc = ST_OK;
    for (uint32_t i = 1; i < n && !rc; i++)
        if (compare_keys(&keys[i - 1], &keys[i]) == 0)
            rc = duplicate(p, keys[i].node > keys[i - 1].node ? keys[i].node : keys[i - 1].node);
    free(keys);
    return rc;
}

static int close_container(struct parser *p)
{
    uint32_t index = p->open[--p->depth];
    struct json_node *node = &p->doc->nodes[index];
    p->at++;
    node->end = (uint32_t)(p->at - p->text);
    node->next = p->doc->count;
    if (node->type != JSON_OBJECT || node->count < 2)
        return ST_OK;
    if (node->count <= PAIRWISE_KEYS)
        return check_keys_pairwise(p, index + 1, node->next);
    return check_keys_sorted(p, index + 1, node->next, node->count);
}

/* Reads `"key" :` of an object member. */
static int parse_key(struct parser *p)
{
    if (p->at == p->end || *p->at != '"')
        return fail(p, "expected a key in quotes");
    int rc = parse_string(p);
    if (rc)
        return rc;
    skip_space(p);
    if (p->at == p->end || *p->at != ':')
        return fail(p, "expected ':'");
    p->at++;
    skip_space(p);
    return ST_OK;
}

/* After a value: closes what ends here, or steps over the comma. Sets *done at the very end. */
static int after_value(struct parser *p, bool *done)
{
    for (;;) {
        skip_space(p);
        if (p->depth == 0) {
            *done = true;
            return p->at == p->end ? ST_OK : fail(p, "unexpected text after the value");
        }
        struct json_node *parent = &p->doc->nodes[p->open[p->depth - 1]];
        parent->count++;
        char close = parent->type == JSON_OBJECT ? '}' : ']';
        if (p->at == p->end)
            return fail(p, "unexpected end");
        if (*p->at == ',') {
            p->at++;
            skip_space(p);
            return ST_OK;
        }
        if (*p->at != close)
            return fail(p, close == '}' ? "expected ',' or '}'" : "expected ',' or ']'");
        int rc = close_container(p);
        if (rc)
            return rc;
    }
}

/* Opens a container; an empty one is closed at once. Sets *empty if so. */
static int enter(struct parser *p, bool *empty)
{
    char close = *p->at == '{' ? '}' : ']';
    int rc = open_container(p, close == '}' ? JSON_OBJECT : JSON_ARRAY);
    if (rc)
        return rc;
    skip_space(p);
    *empty = p->at < p->end && *p->at == close;
    return *empty ? close_container(p) : ST_OK;
}

static int parse_value(struct parser *p)
{
    bool done = false;
    skip_space(p);
    while (!done) {
        bool in_object =
            p->depth > 0 && p->doc->nodes[p->open[p->depth - 1]].type == JSON_OBJECT;
        int rc = in_object ? parse_key(p) : ST_OK;
        if (rc)
            return rc;
        if (p->at == p->end)
            return fail(p, "unexpected end");
        bool complete = true;
        if (*p->at == '{' || *p->at == '[')
            rc = enter(p, &complete);
        else
            rc = parse_scalar(p);
        if (!rc && complete)
            rc = after_value(p, &done);
        if (rc)
            return rc;
    }
    return ST_OK;
}

int json_parse_located(struct str text, struct json_doc **out, size_t *fault, struct error *err)
{
    if (text.len > JSON_MAX_BYTES)
        return error_set(err, ST_TOO_LARGE, "JSON of %zu bytes is longer than %zu", text.len,
                         JSON_MAX_BYTES);
    struct json_doc *doc = doc_new();
    if (!doc)
        return error_set(err, ST_NOMEM, "out of memory while reading JSON");
    doc->text = text.ptr ? text.ptr : "";
    struct parser p = {.doc = doc,
                       .text = doc->text,
                       .at = doc->text,
                       .end = doc->text + text.len,
                       .cap = INLINE_NODES,
                       .fault = fault,
                       .err = err};
    int rc = parse_value(&p);
    if (rc) {
        json_free(doc);
        return rc;
    }
    *out = doc;
    return ST_OK;
}

int json_parse(struct str text, struct json_doc **out, struct error *err)
{
    return json_parse_located(text, out, NULL, err);
}

int json_parse_take(char *data, size_t len, struct json_doc **out, struct error *err)
{
    int rc = json_parse((struct str){data, len}, out, err);
    if (rc)
        free(data);
    else
        (*out)->owned = data;
    return rc;
}
