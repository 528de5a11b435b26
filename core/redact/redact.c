#include "core/redact/redact.h"

#include "core/base/hex.h"
#include "core/json/writer.h"
#include "core/redact/inside.h"

/* State of one walk through a document. */
struct walk {
    const struct redactor *redactor; /* NULL: looks only */
    unsigned detectors;
    struct buffer *out;
    struct redact_report *report;
    struct buffer path; /* of the value that is looked at */
};

bool redact_harmless(struct str value)
{
    return str_starts(value, STR("{{secret:")) || str_starts(value, STR("[REDACTED")) ||
           str_starts(value, STR("${"));
}

static bool random_letter(char c)
{
    return redact_word(c) || c == '+' || c == '_' || c == '-' || c == '=';
}

static bool find_random(struct str text, size_t *at, struct redact_hit *hit)
{
    size_t end = *at;
    while (end < text.len && random_letter(text.ptr[end]))
        end++;
    struct str piece = {text.ptr + *at, end - *at};
    if (!redact_random(piece)) {
        *at = end;
        return false;
    }
    *hit = (struct redact_hit){*at, piece.len, "a text that looks like a key"};
    return true;
}

/* Both detectors go through the text once; the entropy of a word is asked where it begins. */
bool redact_find(struct str text, size_t from, unsigned detectors, struct redact_hit *hit)
{
    size_t looked = from; /* no random word begins before it */
    for (size_t i = from; i < text.len; i++) {
        const char *what;
        size_t skip, len = 0;
        if (detectors & REDACT_PATTERNS)
            len = redact_shape(text, i, &skip, &what);
        if (len) {
            *hit = (struct redact_hit){i + skip, len - skip, what};
            return true;
        }
        if ((detectors & REDACT_ENTROPY) && i >= looked && random_letter(text.ptr[i])) {
            looked = i;
            if (find_random(text, &looked, hit))
                return true;
        }
    }
    return false;
}

static void mark(const struct redactor *redactor, struct str secret, struct buffer *out)
{
    uint8_t digest[SHA256_BYTES];
    char text[8];
    struct error err;
    buffer_add_str(out, STR("[REDACTED"));
    if (redactor->crypto && !redactor->crypto->hmac_sha256(redactor->crypto->ctx, redactor->key,
                                                           secret, digest, &err)) {
        buffer_add_char(out, ':');
        hex_write(digest, sizeof(text) / 2, text);
        buffer_add_str(out, (struct str){text, sizeof(text)});
    }
    buffer_add_char(out, ']');
}

size_t redact_text(const struct redactor *redactor, struct str text, unsigned detectors,
                   struct buffer *out)
{
    struct redact_hit hit;
    size_t at = 0, count = 0;
    for (; at < text.len && redact_find(text, at, detectors, &hit); count++) {
        buffer_add(out, text.ptr + at, hit.offset - at);
        mark(redactor, (struct str){text.ptr + hit.offset, hit.len}, out);
        at = hit.offset + hit.len;
    }
    buffer_add(out, text.ptr + at, text.len - at);
    return count;
}

static void tell(struct walk *w, const char *what, size_t count)
{
    if (w->report && !w->report->count) {
        w->report->what = what;
        buffer_add_str(&w->report->pointer, buffer_str(&w->path));
    }
    if (w->report)
        w->report->count += count;
}

static bool over(const struct walk *w)
{
    return !w->redactor && w->report->count;
}

static void put(struct walk *w, struct str text)
{
    if (w->redactor)
        buffer_add_str(w->out, text);
}

/* A value under a name that tells a secret: all of it goes. */
static void hide(struct walk *w, struct json v)
{
    struct buffer secret = BUFFER_INIT, mark_text = BUFFER_INIT;
    json_decode(v, &secret);
    struct str text = json_type(v) == JSON_STRING ? buffer_str(&secret) : json_text(v);
    tell(w, "a secret by its name", 1);
    if (w->redactor) {
        mark(w->redactor, text, &mark_text);
        json_quote(w->out, buffer_str(&mark_text));
    }
    buffer_clear(&mark_text);
    buffer_wipe(&secret);
}

static void walk_text(struct walk *w, struct json v, unsigned detectors)
{
    struct buffer scratch = BUFFER_INIT, clean = BUFFER_INIT;
    struct str text = {NULL, 0};
    struct redact_hit hit;
    if (!json_string(v, &scratch, &text) || !redact_find(text, 0, detectors, &hit)) {
        put(w, json_text(v));
    } else {
        size_t count = 1;
        if (w->redactor)
            count = redact_text(w->redactor, text, detectors, &clean);
        tell(w, hit.what, count);
        if (w->redactor)
            json_quote(w->out, buffer_str(&clean));
    }
    buffer_clear(&clean);
    buffer_clear(&scratch);
}

static bool hides(struct json v, bool token_like)
{
    struct buffer scratch = BUFFER_INIT;
    struct str text = {NULL, 0};
    bool found = json_type(v) == JSON_NUMBER && !token_like;
    if (json_type(v) == JSON_STRING && json_string(v, &scratch, &text))
        found = text.len && !redact_harmless(text);
    buffer_clear(&scratch);
    return found;
}

static void walk_value(struct walk *w, struct json v, int named);

/* 0: the name tells nothing; 1: texts beneath are secrets; 2: numbers too. */
static int naming(const struct walk *w, struct json key, int outer)
{
    struct buffer scratch = BUFFER_INIT;
    struct str name;
    bool token_like = false;
    int named = outer;
    if ((w->detectors & REDACT_NAMES) && json_string(key, &scratch, &name) &&
        redact_name(name, &token_like))
        named = token_like ? 1 : 2;
    buffer_clear(&scratch);
    return named;
}

static void add_segment(struct buffer *path, struct str name)
{
    buffer_add_char(path, '/');
    for (size_t i = 0; i < name.len; i++)
        if (name.ptr[i] == '~')
            buffer_add_str(path, STR("~0"));
        else if (name.ptr[i] == '/')
            buffer_add_str(path, STR("~1"));
        else
            buffer_add_char(path, name.ptr[i]);
}

static void walk_object(struct walk *w, struct json v, int named)
{
    struct json_iter it = json_iter(v);
    struct buffer scratch = BUFFER_INIT;
    size_t len = w->path.len;
    bool first = true;
    put(w, STR("{"));
    while (json_next(&it) && !over(w)) {
        struct str name = {NULL, 0};
        buffer_reset(&scratch, SIZE_MAX);
        json_string(it.key, &scratch, &name);
        if (!first)
            put(w, STR(","));
        first = false;
        add_segment(&w->path, name);
        walk_text(w, it.key, w->detectors & REDACT_PATTERNS);
        put(w, STR(":"));
        walk_value(w, it.value, naming(w, it.key, named));
        w->path.len = len;
    }
    put(w, STR("}"));
    buffer_clear(&scratch);
}

static void walk_array(struct walk *w, struct json v, int named)
{
    struct json_iter it = json_iter(v);
    size_t len = w->path.len;
    uint64_t index = 0;
    put(w, STR("["));
    for (; json_next(&it) && !over(w); index++) {
        if (index)
            put(w, STR(","));
        buffer_add_char(&w->path, '/');
        buffer_add_u64(&w->path, index);
        walk_value(w, it.value, named);
        w->path.len = len;
    }
    put(w, STR("]"));
}

/* Goes as deep as documents may be nested. */
static void walk_value(struct walk *w, struct json v, int named)
{
    if (over(w))
        return;
    if (named && hides(v, named == 1))
        hide(w, v);
    else if (json_type(v) == JSON_OBJECT)
        walk_object(w, v, named);
    else if (json_type(v) == JSON_ARRAY)
        walk_array(w, v, named);
    else if (json_type(v) == JSON_STRING)
        walk_text(w, v, w->detectors & ~(unsigned)REDACT_NAMES);
    else
        put(w, json_text(v));
}

void redact_json(const struct redactor *redactor, struct json v, unsigned detectors,
                 struct buffer *out, struct redact_report *report)
{
    struct walk w = {redactor, detectors, out, report, BUFFER_INIT};
    walk_value(&w, v, 0);
    if (buffer_failed(&w.path))
        out->failed = true;
    buffer_clear(&w.path);
}

bool redact_check(struct json v, unsigned detectors, struct redact_report *report)
{
    struct walk w = {NULL, detectors, NULL, report, BUFFER_INIT};
    walk_value(&w, v, 0);
    buffer_clear(&w.path);
    return report->count > 0;
}
