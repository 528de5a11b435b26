#include <stdio.h>

#include "adapters/driving/local/wire.h"
#include "core/base/str.h"
#include "core/json/writer.h"

#define SESSION_MIN 16
#define SESSION_MAX 64

/* An object of one or two strings behind the word. */
static void say(struct link *k, struct str key, struct str value, struct str key2, struct str value2)
{
    struct buffer line = BUFFER_INIT;
    buffer_add_str(&line, STR(WORD));
    struct json_writer w = json_writer(&line);
    json_begin_object(&w);
    json_put_string(&w, key, value);
    if (key2.len)
        json_put_string(&w, key2, value2);
    json_end_object(&w);
    if (buffer_failed(&line))
        link_end(k);
    else
        link_say(k, buffer_str(&line));
    buffer_clear(&line);
}

void link_refuse(struct link *k, const char *why)
{
    say(k, STR("error"), str_from(why), STR(""), STR(""));
    if (k->closing)
        return;
    k->input_ended = k->shut_down = true;
    link_flush(k);
    if (!k->closing)
        link_end(k);
}

static bool is_session(struct str text)
{
    bool good = text.len >= SESSION_MIN && text.len <= SESSION_MAX;
    for (size_t i = 0; i < text.len && good; i++) {
        char c = text.ptr[i];
        good = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-';
    }
    return good;
}

static int name_caller(struct link *k, struct json greeting, char *out, size_t size,
                       struct error *err)
{
    struct json session = json_get(greeting, STR("session"));
    struct str text = {NULL, 0};
    if (json_exists(session) && (!json_plain(session, &text) || !is_session(text)))
        return error_set(err, ST_INVALID, "\"session\" must be %d to %d letters and digits",
                         SESSION_MIN, SESSION_MAX);
    if (text.len)
        snprintf(out, size, "local:%u:%.*s", (unsigned)k->uid, STR_ARG(text));
    else
        snprintf(out, size, "local:%u:%llu", (unsigned)k->uid,
                 (unsigned long long)++k->local->serial);
    return ST_OK;
}

static int open_endpoint(struct link *k, struct json greeting, struct error *err)
{
    const struct local_options *o = &k->local->options;
    struct json allow = json_get(greeting, STR("allow"));
    char id[SESSION_MAX + 32];
    struct caller caller = {.tenant = STR("local"), .authenticated = true};
    int rc = name_caller(k, greeting, id, sizeof(id), err);
    if (!rc)
        rc = o->grant(o->grant_ctx, json_get(allow, STR("read")), json_get(allow, STR("write")),
                      &caller.paths, err);
    caller.id = str_from(id);
    return rc ? rc
              : o->endpoints->open(o->endpoints->ctx, &caller, &k->sink, &k->endpoint, err);
}

static int greet(struct link *k, struct str line, struct error *err)
{
    const struct str word = STR(WORD);
    struct json_doc *doc;
    if (!str_starts(line, word))
        return error_set(err, ST_UNSUPPORTED,
                         "the first line must begin with \"" WORD
                         "\"; this is hexmcp %.*s, use the hexmcp connect of the same version",
                         STR_ARG(k->local->options.server_version));
    int rc = json_parse((struct str){line.ptr + word.len, line.len - word.len}, &doc, err);
    if (rc)
        return error_prefix(err, "the first line is not valid: ");
    rc = json_type(json_root(doc)) == JSON_OBJECT
             ? open_endpoint(k, json_root(doc), err)
             : error_set(err, ST_INVALID, "the first line is not valid: it must hold an object");
    json_free(doc);
    return rc;
}

void link_greet(struct link *k, struct str line)
{
    struct error err;
    uv_timer_stop(&k->timer);
    if (greet(k, line, &err)) {
        link_refuse(k, err.text);
        return;
    }
    k->greeted = true;
    k->local->facts.accepted++;
    k->framing.limit = k->local->options.max_message_bytes;
    say(k, STR("server"), k->local->options.server_name, STR("version"),
        k->local->options.server_version);
}
