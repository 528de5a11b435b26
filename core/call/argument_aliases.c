/* Arguments that came under other names get their own before anything else looks at them. */
#include "core/call/call.h"
#include "core/json/writer.h"

/* Doubles hold every integer up to here. */
#define EXACT_MOST 9007199254740992.0

/* What the manifest says of `key`: its own name or, in units, {"name", "times"}; nothing if it is no
 * other name. */
static struct json alias_of(struct json aliases, struct json key)
{
    struct json_iter it = json_iter(aliases);
    while (json_next(&it))
        if (json_same_string(it.key, key))
            return it.value;
    return json_none();
}

static struct json own_name(struct json aliases, struct json key)
{
    struct json alias = alias_of(aliases, key);
    return json_type(alias) == JSON_OBJECT ? json_get(alias, STR("name")) : alias;
}

/* Writes the number in the units of the tool. Decimals are no doubles: what is an integer but for that
 * is one. */
static void write_times(struct json_writer *w, double number, int64_t times)
{
    double value = number * (double)times;
    if (value - value != 0) /* it is infinite: too large stays too large */
        value = number;
    double size = value < 0 ? -value : value;
    if (size >= EXACT_MOST) {
        json_write_double(w, value);
        return;
    }
    int64_t whole = (int64_t)(value + (value < 0 ? -0.5 : 0.5));
    double off = value - (double)whole;
    if ((off < 0 ? -off : off) <= size * 1e-12)
        json_write_i64(w, whole);
    else
        json_write_double(w, value);
}

static void write_argument(struct json_writer *w, struct json alias, struct json name,
                           struct json value)
{
    int64_t times;
    double number;
    if (!json_int64(json_get(alias, STR("times")), &times) || !json_double(value, &number)) {
        json_put_member(w, name, value);
        return;
    }
    json_key_raw(w, name);
    write_times(w, number, times);
}

/* How often the arguments have the one called `name`, under its own or another name. */
static uint32_t times_given(struct json aliases, struct json arguments, struct json name)
{
    uint32_t times = 0;
    struct json_iter it = json_iter(arguments);
    while (json_next(&it))
        times += json_same_string(it.key, name) || json_same_string(own_name(aliases, it.key), name);
    return times;
}

static int given_twice(struct json key, struct json name, struct error *err)
{
    struct buffer text = BUFFER_INIT;
    json_decode(name, &text);
    buffer_add_str(&text, STR("\" came twice, one time as \""));
    json_decode(key, &text);
    int rc = error_set(err, buffer_failed(&text) ? ST_NOMEM : ST_INVALID,
                       "the argument \"%.*s\"; give it once", STR_ARG(buffer_str(&text)));
    buffer_clear(&text);
    return rc;
}

static int write_renamed(struct json aliases, struct json arguments, struct buffer *out,
                         struct error *err)
{
    struct json_writer w = json_writer(out);
    struct json_iter it = json_iter(arguments);
    json_begin_object(&w);
    while (json_next(&it)) {
        struct json name = own_name(aliases, it.key);
        if (json_exists(name) && times_given(aliases, arguments, name) > 1)
            return given_twice(it.key, name, err);
        write_argument(&w, alias_of(aliases, it.key), json_exists(name) ? name : it.key, it.value);
    }
    json_end_object(&w);
    return ST_OK;
}

static bool some_are_renamed(struct json aliases, struct json arguments)
{
    struct json_iter it = json_iter(arguments);
    while (json_next(&it))
        if (json_exists(own_name(aliases, it.key)))
            return true;
    return false;
}

static int rename_all(struct call *call, struct json aliases, struct error *err)
{
    struct buffer text = BUFFER_INIT;
    struct json_doc *doc;
    size_t len;
    int rc = write_renamed(aliases, call->request.arguments, &text, err);
    if (rc) {
        buffer_clear(&text);
        return rc;
    }
    char *own = buffer_take(&text, &len);
    rc = own ? json_parse_take(own, len, &doc, err) : error_set(err, ST_NOMEM, "out of memory");
    if (rc)
        return rc;
    json_free(call->hooks.arguments);
    call->hooks.arguments = doc;
    call->request.arguments = json_root(doc);
    return ST_OK;
}

int call_rename_arguments(struct call *call, struct error *err)
{
    const struct item_state *item = call->item;
    if (!item->argument_aliases ||
        !some_are_renamed(json_root(item->argument_aliases), call->request.arguments))
        return ST_OK;
    int rc = rename_all(call, json_root(item->argument_aliases), err);
    if (rc == ST_INVALID)
        error_prefix(err, "invalid arguments for tool \"%.*s\": ",
                     STR_ARG(item->definition->name));
    return rc;
}
