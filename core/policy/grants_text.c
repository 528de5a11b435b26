#include "core/policy/grants_text.h"

#include "core/base/str.h"
#include "core/policy/grant_list.h"

static const char *const keys[] = {"paths",  "hosts",     "env",        "programs", "secrets",
                                   "system", "operations", "memoryMiB", "cpuSeconds",
                                   "processes"};

#define KEY_COUNT (sizeof(keys) / sizeof(keys[0]))

static bool reveals(struct json entry)
{
    bool reveal = false;
    json_bool(json_get(entry, STR("reveal")), &reveal);
    return reveal;
}

static bool any_reveals(struct json list, bool wanted)
{
    struct json_iter it = json_iter(list);
    while (json_next(&it))
        if (reveals(it.value) == wanted)
            return true;
    return false;
}

static void add_name(struct json entry, struct buffer *out)
{
    struct buffer scratch = BUFFER_INIT;
    buffer_add_str(out, grant_entry(entry, &scratch));
    buffer_clear(&scratch);
}

/* "a", "a and b", "a, b and c" */
static void add_names(struct json list, struct buffer *out)
{
    struct json_iter it = json_iter(list);
    uint32_t count = json_count(list);
    for (uint32_t i = 0; json_next(&it); i++) {
        if (i > 0)
            buffer_add_str(out, i + 1 == count ? STR(" and ") : STR(", "));
        add_name(it.value, out);
    }
}

static bool has(struct json list, struct str word)
{
    struct json_iter it = json_iter(list);
    while (json_next(&it))
        if (json_is(it.value, word))
            return true;
    return false;
}

struct lines {
    struct str before;
    struct buffer *out;
    bool any;
};

static void begin(struct lines *l, struct str text)
{
    buffer_add_str(l->out, l->before);
    buffer_add_str(l->out, text);
    l->any = true;
}

static void end(struct lines *l, struct str text)
{
    buffer_add_str(l->out, text);
    buffer_add_char(l->out, '\n');
}

static void tell_paths(struct lines *l, struct json paths)
{
    if (has(paths, STR("write")))
        begin(l, STR("read and change files in folders that you grant"));
    else if (has(paths, STR("read")))
        begin(l, STR("read files in folders that you grant"));
    else
        return;
    end(l, has(paths, STR("direct")) ? STR(", and open them itself, by path") : STR(""));
}

static void tell_hosts(struct lines *l, struct json hosts)
{
    if (json_count(hosts) == 0)
        return;
    begin(l, STR("connect to "));
    if (has(hosts, STR("*")) || has(hosts, STR("*:*")))
        buffer_add_str(l->out, STR("every public host of the network, by "));
    add_names(hosts, l->out);
    end(l, STR(""));
}

/* One or several, under a title for each. */
static void tell_list(struct lines *l, struct json list, struct str one, struct str several)
{
    uint32_t count = json_count(list);
    if (count == 0)
        return;
    begin(l, count == 1 ? one : several);
    add_names(list, l->out);
    end(l, STR(""));
}

/* What can run anything once it runs. */
static bool runs_anything(struct json program)
{
    static const char *const names[] = {
        "*",   "sh",   "bash", "dash", "zsh",  "fish", "ksh",    "busybox", "env",  "xargs",
        "python", "python3", "perl", "ruby", "node", "php", "lua", "awk", "sudo", "ssh", "make"};
    struct buffer scratch = BUFFER_INIT;
    struct str name = grant_entry(program, &scratch);
    for (size_t i = name.len; i > 0; i--)
        if (name.ptr[i - 1] == '/') {
            name = (struct str){name.ptr + i, name.len - i};
            break;
        }
    bool found = false;
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        found = found || str_eq(name, str_from(names[i]));
    buffer_clear(&scratch);
    return found;
}

static void tell_programs(struct lines *l, struct json programs)
{
    uint32_t count = json_count(programs);
    struct json_iter it = json_iter(programs);
    bool anything = false;
    if (count == 0)
        return;
    begin(l, count == 1 ? STR("start the program ") : STR("start the programs "));
    add_names(programs, l->out);
    while (json_next(&it))
        anything = anything || runs_anything(it.value);
    end(l, anything ? STR(", and with that any other program") : STR(""));
}

static void tell_secrets(struct lines *l, struct json secrets, bool revealed, struct str title)
{
    struct json_iter it = json_iter(secrets);
    bool first = true;
    if (!any_reveals(secrets, revealed))
        return;
    begin(l, title);
    while (json_next(&it)) {
        if (reveals(it.value) != revealed)
            continue;
        buffer_add_str(l->out, first ? STR("") : STR(", "));
        add_name(it.value, l->out);
        first = false;
    }
    end(l, !revealed && has(secrets, STR("*")) ? STR(", which is all that grants.secrets names")
                                               : STR(""));
}

static void tell_operations(struct lines *l, struct json operations)
{
    if (json_count(operations) == 0)
        return;
    begin(l, STR("do in the name of whoever calls it: "));
    add_names(operations, l->out);
    end(l, has(operations, STR("*")) ? STR(", which is everything that hexmcp keeps") : STR(""));
}

static void tell_number(struct lines *l, struct json value, struct str before, struct str after)
{
    int64_t number;
    if (!json_int64(value, &number))
        return;
    begin(l, before);
    buffer_add_i64(l->out, number);
    end(l, after);
}

void grants_describe(struct json grants, struct str before, struct buffer *out)
{
    struct lines l = {before, out, false};
    struct json secrets = json_get(grants, STR("secrets"));
    tell_paths(&l, json_get(grants, STR("paths")));
    tell_hosts(&l, json_get(grants, STR("hosts")));
    tell_programs(&l, json_get(grants, STR("programs")));
    tell_list(&l, json_get(grants, STR("env")), STR("see the environment variable "),
              STR("see the environment variables "));
    tell_secrets(&l, secrets, false, STR("send these secrets without seeing them: "));
    tell_secrets(&l, secrets, true, STR("see the value of these secrets: "));
    tell_list(&l, json_get(grants, STR("system")), STR("read public files of the system: "),
              STR("read public files of the system: "));
    tell_operations(&l, json_get(grants, STR("operations")));
    tell_number(&l, json_get(grants, STR("memoryMiB")), STR("use up to "), STR(" MiB of memory"));
    tell_number(&l, json_get(grants, STR("cpuSeconds")), STR("use up to "),
                STR(" s of processor time for one call"));
    tell_number(&l, json_get(grants, STR("processes")), STR("run up to "),
                STR(" programs at once"));
    if (!l.any) {
        begin(&l, STR("nothing beyond itself"));
        end(&l, STR(""));
    }
}

/* ---- differences ---- */

static bool same_entry(struct json a, struct json b)
{
    struct buffer x = BUFFER_INIT, y = BUFFER_INIT;
    bool same = str_eq(grant_entry(a, &x), grant_entry(b, &y)) && reveals(a) == reveals(b);
    buffer_clear(&x);
    buffer_clear(&y);
    return same;
}

static bool contains(struct json list, struct json entry)
{
    struct json_iter it = json_iter(list);
    while (json_next(&it))
        if (same_entry(it.value, entry))
            return true;
    return false;
}

static void add_key(char sign, const char *key, struct buffer *out)
{
    buffer_add_char(out, sign);
    buffer_add_char(out, ' ');
    buffer_add_str(out, str_from(key));
    buffer_add_str(out, STR(": "));
}

/* The entries of `list` that `other` has not. */
static void differ_list(char sign, const char *key, struct json list, struct json other,
                        struct buffer *out)
{
    struct json_iter it = json_iter(list);
    while (json_next(&it)) {
        if (contains(other, it.value))
            continue;
        add_key(sign, key, out);
        add_name(it.value, out);
        buffer_add_str(out, reveals(it.value) ? STR(" (its value)\n") : STR("\n"));
    }
}

static void differ_number(char sign, const char *key, struct json value, struct json other,
                          struct buffer *out)
{
    int64_t mine, theirs;
    if (!json_int64(value, &mine) || (json_int64(other, &theirs) && mine == theirs))
        return;
    add_key(sign, key, out);
    buffer_add_i64(out, mine);
    buffer_add_char(out, '\n');
}

void grants_differ(struct json before, struct json after, struct buffer *out)
{
    bool none = json_count(before) == 0 && json_count(after) == 0;
    for (size_t i = 0; !none && i < KEY_COUNT; i++) {
        struct json old = json_get(before, str_from(keys[i]));
        struct json new = json_get(after, str_from(keys[i]));
        differ_list('-', keys[i], json_type(old) == JSON_ARRAY ? old : json_none(), new, out);
        differ_list('+', keys[i], json_type(new) == JSON_ARRAY ? new : json_none(), old, out);
        differ_number('-', keys[i], old, new, out);
        differ_number('+', keys[i], new, old, out);
    }
}
