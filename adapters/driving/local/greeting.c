#include <stdio.h>
#include <stdlib.h>

#include "adapters/driving/local/wire.h"
#include "core/base/str.h"
#include "core/json/writer.h"

#define SESSION_MIN 16
#define SESSION_MAX 64

/* An object of one or two strings behind the word. */
static void say(struct link *k, struct str key, struct str value, struct str key2, struct str value2)
{
    struct buffer line = BUFFER_INIT;
    buffer_add_str(&line, STR(LOCAL_WORD));
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

static void say_last(struct link *k, struct str key, struct str value)
{
    say(k, key, value, STR(""), STR(""));
    if (k->closing)
        return;
    k->input_ended = k->shut_down = true;
    link_flush(k);
    if (!k->closing)
        link_end(k);
}

void link_refuse(struct link *k, const char *why)
{
    say_last(k, STR("error"), str_from(why));
}

/* ---- reloading a plugin ------------------------------------------------------------------- */

/* Outlives its link. */
struct reloading {
    struct link *link; /* NULL: nobody waits */
    size_t len;
    char plugin[];
};

void link_forget_reload(struct link *k)
{
    if (k->reloading)
        k->reloading->link = NULL;
    k->reloading = NULL;
}

static void reloaded(void *arg, const struct error *err)
{
    struct reloading *r = arg;
    struct link *k = r->link;
    if (k) {
        k->reloading = NULL;
        if (err)
            link_refuse(k, err->text);
        else
            say_last(k, STR("reloaded"), (struct str){r->plugin, r->len});
    }
    free(r);
}

static int begin_reload(struct link *k, struct str plugin, struct error *err)
{
    const struct local_options *o = &k->local->options;
    struct reloading *r = malloc(sizeof(*r) + plugin.len + 1);
    if (!r)
        return error_set(err, ST_NOMEM, "out of memory");
    *r = (struct reloading){.link = k, .len = plugin.len};
    memcpy(r->plugin, plugin.ptr, plugin.len);
    k->reloading = r;
    k->paused = true; /* nothing else is read */
    o->reload(o->reload_ctx, (struct str){r->plugin, r->len}, reloaded, r);
    return ST_OK;
}

/* True if the greeting asks for a reload, whatever becomes of it. */
static bool asks_reload(struct link *k, struct json greeting, int *rc, struct error *err)
{
    struct json id = json_get(greeting, STR("reload"));
    struct str plugin;
    if (!json_exists(id) || !k->local->options.reload)
        return false;
    *rc = json_plain(id, &plugin) && plugin.len
              ? begin_reload(k, plugin, err)
              : error_set(err, ST_INVALID, "\"reload\" must be the id of a plugin");
    return true;
}

/* ---- the session -------------------------------------------------------------------------- */

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

/* *session is false if the client wants something else. */
static int greet(struct link *k, struct str line, bool *session, struct error *err)
{
    const struct str word = STR(LOCAL_WORD);
    struct json_doc *doc;
    if (!str_starts(line, word))
        return error_set(err, ST_UNSUPPORTED,
                         "the first line must begin with \"" LOCAL_WORD
                         "\"; this is hexmcp %.*s, use the hexmcp connect of the same version",
                         STR_ARG(k->local->options.server_version));
    int rc = json_parse((struct str){line.ptr + word.len, line.len - word.len}, &doc, err);
    if (rc)
        return error_prefix(err, "the first line is not valid: ");
    struct json greeting = json_root(doc);
    if (json_type(greeting) != JSON_OBJECT)
        rc = error_set(err, ST_INVALID, "the first line is not valid: it must hold an object");
    else if (asks_reload(k, greeting, &rc, err))
        *session = false;
    else
        rc = open_endpoint(k, greeting, err);
    json_free(doc);
    return rc;
}

void link_greet(struct link *k, struct str line)
{
    struct error err;
    bool session = true;
    uv_timer_stop(&k->timer);
    if (greet(k, line, &session, &err)) {
        link_refuse(k, err.text);
        return;
    }
    if (!session)
        return; /* and it may be closing */
    k->greeted = true;
    k->local->facts.accepted++;
    k->framing.limit = k->local->options.max_message_bytes;
    say(k, STR("server"), k->local->options.server_name, STR("version"),
        k->local->options.server_version);
}
