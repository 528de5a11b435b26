#include "adapters/driven/plugin_lock/lock_compare.h"

#include "core/base/str.h"
#include "core/json/equal.h"
#include "core/policy/grants_text.h"

/* Lists of definitions, and which member names an entry of them. */
static const struct {
    struct str list, name;
} lists[] = {
    {STR_INIT("tools"), STR_INIT("name")},
    {STR_INIT("resources"), STR_INIT("uri")},
    {STR_INIT("resourceTemplates"), STR_INIT("uriTemplate")},
    {STR_INIT("prompts"), STR_INIT("name")},
};

#define LIST_COUNT (sizeof(lists) / sizeof(lists[0]))

static bool same(struct json a, struct json b)
{
    uint64_t steps = UINT64_MAX;
    return json_exists(a) == json_exists(b) && (!json_exists(a) || json_equal(a, b, &steps));
}

bool lock_compare(const struct lock_entry *entry, const struct lock_subject *subject,
                  struct lock_changes *out)
{
    struct buffer differences = BUFFER_INIT;
    grants_differ(entry->asked, subject->asked, &differences);
    *out = (struct lock_changes){
        .version = !str_eq(entry->version, subject->version),
        .binary = !str_eq(entry->binary, subject->binary),
        .manifest = !str_eq(entry->manifest, subject->manifest),
        .asked = differences.len > 0 || buffer_failed(&differences),
        .definitions = !same(entry->definitions, subject->definitions),
    };
    buffer_clear(&differences);
    return out->version || out->binary || out->manifest || out->asked || out->definitions;
}

void lock_name_changes(const struct lock_changes *c, struct buffer *out)
{
    const struct {
        bool changed;
        struct str name;
    } parts[] = {
        {c->version, STR("its version")},
        {c->binary, STR("its program")},
        {c->asked, STR("what it asks for")},
        {c->definitions, STR("its tools")},
        {c->manifest && !c->version && !c->asked && !c->definitions, STR("its plugin.json")},
    };
    size_t count = 0, told = 0;
    for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++)
        count += parts[i].changed;
    for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
        if (!parts[i].changed)
            continue;
        if (told > 0)
            buffer_add_str(out, told + 1 == count ? STR(" and ") : STR(", "));
        buffer_add_str(out, parts[i].name);
        told++;
    }
}

static void add_word(struct str word, struct buffer *out)
{
    buffer_add_str(out, word);
    buffer_add_char(out, ' ');
}

static void add_text(struct json value, struct buffer *out)
{
    if (!json_exists(value))
        buffer_add_str(out, STR("(nothing)"));
    else if (json_type(value) == JSON_STRING)
        json_decode(value, out);
    else
        buffer_add_str(out, json_text(value));
    buffer_add_char(out, '\n');
}

static void tell_entry(char sign, struct str list, struct json name, struct buffer *out)
{
    buffer_add_char(out, sign);
    buffer_add_char(out, ' ');
    add_word(list, out);
    json_decode(name, out);
}

static void tell_member(struct str list, struct json name, struct json key, struct json old,
                        struct json new, struct buffer *out)
{
    if (same(old, new))
        return;
    tell_entry('~', list, name, out);
    buffer_add_str(out, STR(": "));
    json_decode(key, out);
    buffer_add_str(out, STR("\n    was: "));
    add_text(old, out);
    buffer_add_str(out, STR("    now: "));
    add_text(new, out);
}

static struct json member(struct json object, struct json key)
{
    struct json_iter it = json_iter(object);
    while (json_next(&it))
        if (json_same_string(it.key, key))
            return it.value;
    return json_none();
}

static void tell_changes(struct str list, struct json name, struct json old, struct json new,
                         struct buffer *out)
{
    struct json_iter it = json_iter(old);
    while (json_next(&it))
        tell_member(list, name, it.key, it.value, member(new, it.key), out);
    it = json_iter(new);
    while (json_next(&it))
        if (!json_exists(member(old, it.key)))
            tell_member(list, name, it.key, json_none(), it.value, out);
}

static struct json named(struct json list, struct str key, struct json name)
{
    struct json_iter it = json_iter(list);
    while (json_next(&it))
        if (json_same_string(json_get(it.value, key), name))
            return it.value;
    return json_none();
}

static void tell_list(struct str list, struct str key, struct json old, struct json new,
                      struct buffer *out)
{
    struct json_iter it = json_iter(old);
    while (json_next(&it)) {
        struct json name = json_get(it.value, key), now = named(new, key, name);
        if (json_exists(now)) {
            tell_changes(list, name, it.value, now, out);
        } else {
            tell_entry('-', list, name, out);
            buffer_add_char(out, '\n');
        }
    }
    it = json_iter(new);
    while (json_next(&it)) {
        struct json name = json_get(it.value, key);
        if (json_exists(named(old, key, name)))
            continue;
        tell_entry('+', list, name, out);
        buffer_add_char(out, '\n');
    }
}

static void tell_version(char sign, struct str version, struct buffer *out)
{
    buffer_add_char(out, sign);
    buffer_add_str(out, STR(" version: "));
    buffer_add_str(out, version);
    buffer_add_char(out, '\n');
}

void lock_difference(const struct lock_entry *entry, const struct lock_subject *subject,
                     struct buffer *out)
{
    struct lock_changes changes;
    if (!lock_compare(entry, subject, &changes))
        return;
    size_t before = out->len;
    if (changes.version) {
        tell_version('-', entry->version, out);
        tell_version('+', subject->version, out);
    }
    grants_differ(entry->asked, subject->asked, out);
    for (size_t i = 0; i < LIST_COUNT; i++)
        tell_list(lists[i].list, lists[i].name, json_get(entry->definitions, lists[i].list),
                  json_get(subject->definitions, lists[i].list), out);
    if (out->len > before)
        return;
    if (changes.binary && changes.manifest)
        buffer_add_str(out, STR("only the program text and other parts of plugin.json changed\n"));
    else if (changes.binary)
        buffer_add_str(out, STR("only the program text changed\n"));
    else
        buffer_add_str(out, STR("only other parts of plugin.json changed\n"));
}
