/*
 * {{title}}: a plugin for hexmcp that provides one model, "parrot". It repeats the last thing that it
 * was told, word by word: a model for tests, without a network and without costs.
 *
 * The interface is a draft: this version of hexmcp asks no provider yet. hexmcp/ext/draft/provider.h
 * describes all of it. A real one would use the host's HTTP client (hexmcp/host/http.h), which keeps
 * the key, and return HEXMCP_PENDING instead of waiting.
 */
#include "hexmcp/ext/draft/provider.h"
#include "hexmcp/json.h"
#include "hexmcp/plugin.h"

/* One instance: the tables that the host calls, and what they need. */
struct plugin {
    hexmcp_plugin plugin;
    hexmcp_provider_1 provider;
    const hexmcp_host *host;
    const hexmcp_stream_1 *stream; /* NULL if the host takes no pieces */
};

static int32_t complete(const struct plugin *p, hexmcp_call call, hexmcp_str json)
{
    int32_t status = p->host->complete(p->host->ctx, call, HEXMCP_RESULT, json);
    /* A call that the host has given up meanwhile is no fault. */
    return status == HEXMCP_E_NOT_FOUND ? HEXMCP_OK : status;
}

static int32_t models(void *self, hexmcp_call call, hexmcp_error *err)
{
    (void)err;
    return complete((struct plugin *)self, call,
                    hexmcp_str_from("{\"models\":[{\"id\":\"parrot\",\"title\":\"Parrot\","
                                    "\"input\":[\"text\"],\"can\":[\"stream\"]}]}"));
}

/* The text of the last text block of the last message, decoded. NULL: there is none. */
static char *last_text(hexmcp_str request, size_t *len)
{
    hexmcp_str messages = {NULL, 0}, message, block, content, value, text = {NULL, 0};
    char *copy;
    hexmcp_json_get(request, "messages", &messages);
    hexmcp_json_iter each = hexmcp_json_iter_begin(messages);
    while (hexmcp_json_next(&each, NULL, &message)) {
        if (hexmcp_json_get(message, "content", &content) != HEXMCP_OK)
            continue;
        hexmcp_json_iter blocks = hexmcp_json_iter_begin(content);
        while (hexmcp_json_next(&blocks, NULL, &block))
            if (hexmcp_json_get(block, "text", &value) == HEXMCP_OK)
                text = value;
    }
    return hexmcp_json_string_dup(text, &copy, len) == HEXMCP_OK ? copy : NULL;
}

/* Gives one word, with the blank behind it, to who reads while it comes. */
static void emit(const struct plugin *p, hexmcp_call call, hexmcp_str word)
{
    hexmcp_json_writer w;
    hexmcp_json_writer_init(&w);
    hexmcp_json_begin_object(&w);
    hexmcp_json_put_text(&w, "type", "text");
    hexmcp_json_put_int64(&w, "index", 0);
    hexmcp_json_put_string(&w, "text", word);
    hexmcp_json_end_object(&w);
    p->stream->emit(p->stream->ctx, call, hexmcp_json_writer_text(&w), hexmcp_str_from(""));
    hexmcp_json_writer_free(&w);
}

/* Returns how many words there are: the tokens of a parrot. */
static int64_t say(const struct plugin *p, hexmcp_call call, hexmcp_str text, int streams)
{
    int64_t words = 0;
    for (size_t at = 0; at < text.len; words++) {
        size_t end = at;
        while (end < text.len && text.ptr[end] != ' ')
            end++;
        while (end < text.len && text.ptr[end] == ' ')
            end++;
        hexmcp_str word = {text.ptr + at, end - at};
        if (streams)
            emit(p, call, word);
        at = end;
    }
    return words;
}

/* The whole answer, which comes also if pieces were emitted. */
static int32_t finish(const struct plugin *p, hexmcp_call call, hexmcp_str text, int64_t tokens)
{
    hexmcp_json_writer w;
    hexmcp_json_writer_init(&w);
    hexmcp_json_begin_object(&w);
    hexmcp_json_put_text(&w, "model", "parrot");
    hexmcp_json_key(&w, "content");
    hexmcp_json_begin_array(&w);
    hexmcp_json_begin_object(&w);
    hexmcp_json_put_text(&w, "type", "text");
    hexmcp_json_put_string(&w, "text", text);
    hexmcp_json_end_object(&w);
    hexmcp_json_end_array(&w);
    hexmcp_json_put_text(&w, "stopReason", "endTurn");
    hexmcp_json_key(&w, "usage");
    hexmcp_json_begin_object(&w);
    hexmcp_json_put_int64(&w, "inputTokens", tokens);
    hexmcp_json_put_int64(&w, "outputTokens", tokens);
    hexmcp_json_end_object(&w);
    hexmcp_json_end_object(&w);
    int32_t status = complete(p, call, hexmcp_json_writer_text(&w));
    hexmcp_json_writer_free(&w);
    return status;
}

/* Runs on a worker thread, several calls at once. */
static int32_t generate(void *self, hexmcp_call call, hexmcp_str request, hexmcp_error *err)
{
    const struct plugin *p = (const struct plugin *)self;
    hexmcp_str value;
    int streams = 0;
    size_t len;
    char *copy = last_text(request, &len);
    if (!copy)
        return hexmcp_fail(err, HEXMCP_E_INVALID, "parrot needs a message with a text");
    if (hexmcp_json_get(request, "stream", &value) == HEXMCP_OK)
        hexmcp_json_bool(value, &streams);
    hexmcp_str text = {copy, len};
    int64_t tokens = say(p, call, text, streams && p->stream);
    int32_t status = finish(p, call, text, tokens);
    free(copy);
    return status;
}

/* The host's services may be asked for from here on. */
static int32_t init(void *self, hexmcp_str config, hexmcp_error *err)
{
    struct plugin *p = (struct plugin *)self;
    (void)config; /* the settings; plugin.json can have a schema for them */
    (void)err;
    p->stream = (const hexmcp_stream_1 *)p->host->get_interface(p->host->ctx, HEXMCP_STREAM_1);
    return HEXMCP_OK;
}

static const void *get_interface(void *self, const char *id)
{
    return strcmp(id, HEXMCP_PROVIDER_1) == 0 ? &((struct plugin *)self)->provider : NULL;
}

static int32_t create(const hexmcp_host *host, const hexmcp_plugin **out, hexmcp_error *err)
{
    struct plugin *p = (struct plugin *)calloc(1, sizeof(*p));
    if (!p)
        return hexmcp_fail(err, HEXMCP_E_NOMEM, "out of memory");
    p->host = host;
    p->plugin.size = sizeof(p->plugin);
    p->plugin.self = p;
    p->plugin.init = init;
    p->plugin.get_interface = get_interface;
    p->plugin.destroy = free;
    p->provider.size = sizeof(p->provider);
    p->provider.self = p;
    p->provider.models = models;
    p->provider.generate = generate;
    *out = &p->plugin;
    return HEXMCP_OK;
}

/* The id and the version stand in plugin.json, too, and must be equal. */
HEXMCP_PLUGIN_DEFINE("{{id}}", "0.1.0", create);
