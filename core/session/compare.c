#include "core/session/compare.h"

#include "core/base/str.h"
#include "core/json/equal.h"
#include "core/json/writer.h"

#define SHOWN_MAX 2000u
#define STEPS 50000000u

const char *const compare_times[] = {
    "timestamp", "time",    "date",       "datetime",   "createdAt",  "updatedAt", "startedAt",
    "endedAt",   "elapsed", "elapsedMs",  "duration",   "durationMs", "ms",        "tookMs",
    NULL,
};

struct walk {
    const struct comparison *how;
    struct buffer path;
    uint64_t leaves, equal;
};

const char *difference_kind_name(enum difference_kind kind)
{
    static const char *const names[] = {"missing", "added", "type", "value"};
    return names[kind];
}

const char *difference_severity_name(enum difference_severity severity)
{
    static const char *const names[] = {"minor", "major", "critical"};
    return names[severity];
}

static bool is_ignored(const struct walk *walk, struct json key)
{
    for (const char *const *name = walk->how->ignored; name && *name; name++)
        if (json_is(key, str_from(*name)))
            return true;
    struct json_iter it = json_iter(walk->how->ignored_list);
    while (json_next(&it))
        if (json_same_string(it.value, key))
            return true;
    return false;
}

static size_t push_key(struct walk *walk, struct json key)
{
    size_t before = walk->path.len;
    struct buffer scratch = BUFFER_INIT;
    struct str text = {NULL, 0};
    json_string(key, &scratch, &text);
    buffer_add_char(&walk->path, '/');
    for (size_t i = 0; i < text.len; i++) {
        if (text.ptr[i] == '~' || text.ptr[i] == '/') {
            buffer_add_char(&walk->path, '~');
            buffer_add_char(&walk->path, text.ptr[i] == '~' ? '0' : '1');
        } else {
            buffer_add_char(&walk->path, text.ptr[i]);
        }
    }
    buffer_clear(&scratch);
    return before;
}

static void tell(struct walk *walk, enum difference_kind kind, enum difference_severity severity,
                 struct json recorded, struct json now)
{
    const struct difference difference = {buffer_str(&walk->path), kind, severity, recorded, now};
    walk->how->differs(walk->how->arg, &difference);
}

/* ---- leaves ---- */

static char plain(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c + 32) : c;
}

static bool is_space(char c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

/* Equal but for white space and the case of letters. */
static bool alike(struct str a, struct str b)
{
    size_t i = 0, k = 0;
    for (;;) {
        while (i < a.len && is_space(a.ptr[i]))
            i++;
        while (k < b.len && is_space(b.ptr[k]))
            k++;
        if (i == a.len || k == b.len)
            return i == a.len && k == b.len;
        if (plain(a.ptr[i++]) != plain(b.ptr[k++]))
            return false;
    }
}

static bool alike_texts(struct json a, struct json b)
{
    struct buffer one = BUFFER_INIT, two = BUFFER_INIT;
    json_decode(a, &one);
    json_decode(b, &two);
    bool same = alike(buffer_str(&one), buffer_str(&two));
    buffer_clear(&one);
    buffer_clear(&two);
    return same;
}

static bool near_numbers(struct json a, struct json b)
{
    double one = 0, two = 0;
    json_double(a, &one);
    json_double(b, &two);
    double off = one > two ? one - two : two - one;
    double size = one < 0 ? -one : one;
    return off <= size / 1000;
}

static void leaf(struct walk *walk, struct json recorded, struct json now)
{
    uint64_t steps = STEPS;
    walk->leaves++;
    if (json_equal(recorded, now, &steps)) {
        walk->equal++;
        return;
    }
    bool minor = json_type(now) == JSON_STRING ? alike_texts(recorded, now)
                 : json_type(now) == JSON_NUMBER && near_numbers(recorded, now);
    tell(walk, DIFFERENCE_VALUE, minor ? DIFFERENCE_MINOR : DIFFERENCE_MAJOR, recorded, now);
}

/* ---- trees ---- */

static void compare(struct walk *walk, struct json recorded, struct json now);

static void one_side(struct walk *walk, struct json recorded, struct json now)
{
    walk->leaves++;
    if (json_exists(recorded))
        tell(walk, DIFFERENCE_MISSING, DIFFERENCE_CRITICAL, recorded, now);
    else
        tell(walk, DIFFERENCE_ADDED, DIFFERENCE_MAJOR, recorded, now);
}

static void pair(struct walk *walk, size_t before, struct json recorded, struct json now)
{
    if (json_exists(recorded) && json_exists(now))
        compare(walk, recorded, now);
    else
        one_side(walk, recorded, now);
    walk->path.len = before;
}

static struct json member(struct json object, struct json key)
{
    struct buffer scratch = BUFFER_INIT;
    struct str name = {NULL, 0};
    json_string(key, &scratch, &name);
    struct json value = json_get(object, name);
    buffer_clear(&scratch);
    return value;
}

static void objects(struct walk *walk, struct json recorded, struct json now)
{
    struct json_iter it = json_iter(recorded);
    while (json_next(&it))
        if (!is_ignored(walk, it.key))
            pair(walk, push_key(walk, it.key), it.value, member(now, it.key));
    it = json_iter(now);
    while (json_next(&it))
        if (!is_ignored(walk, it.key) && !json_exists(member(recorded, it.key)))
            pair(walk, push_key(walk, it.key), json_none(), it.value);
}

static void arrays(struct walk *walk, struct json recorded, struct json now)
{
    struct json_iter a = json_iter(recorded), b = json_iter(now);
    for (uint64_t i = 0;; i++) {
        bool one = json_next(&a), two = json_next(&b);
        if (!one && !two)
            return;
        size_t before = walk->path.len;
        buffer_add_char(&walk->path, '/');
        buffer_add_u64(&walk->path, i);
        pair(walk, before, one ? a.value : json_none(), two ? b.value : json_none());
    }
}

static void compare(struct walk *walk, struct json recorded, struct json now)
{
    if (json_type(recorded) != json_type(now)) {
        walk->leaves++;
        tell(walk, DIFFERENCE_TYPE, DIFFERENCE_CRITICAL, recorded, now);
    } else if (json_type(now) == JSON_OBJECT) {
        objects(walk, recorded, now);
    } else if (json_type(now) == JSON_ARRAY) {
        arrays(walk, recorded, now);
    } else {
        leaf(walk, recorded, now);
    }
}

double json_compare(struct json recorded, struct json now, const struct comparison *how)
{
    struct walk walk = {.how = how};
    compare(&walk, recorded, now);
    buffer_clear(&walk.path);
    return walk.leaves ? (double)walk.equal / (double)walk.leaves : 1.0;
}

static void put_value(struct json_writer *w, struct str key, struct json value)
{
    struct str text = json_text(value);
    if (json_exists(value) && text.len <= SHOWN_MAX)
        json_put_raw(w, key, text);
}

void difference_write(struct buffer *out, const struct difference *difference)
{
    struct json_writer w = json_writer(out);
    json_begin_object(&w);
    json_put_string(&w, STR("path"), difference->path);
    json_put_string(&w, STR("kind"), str_from(difference_kind_name(difference->kind)));
    json_put_string(&w, STR("severity"), str_from(difference_severity_name(difference->severity)));
    put_value(&w, STR("recorded"), difference->recorded);
    put_value(&w, STR("now"), difference->now);
    json_end_object(&w);
}
