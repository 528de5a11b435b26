/*
 * graphql-query over WebSocket: any bytes from a server, in pieces of any length. The first byte is that
 * length; the second says whether the rest is all that the server says, with its proof that it read the
 * request in the place of each "?", or what comes after a handshake in which nothing is wrong.
 */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include <nettle/base64.h>
#include <nettle/sha1.h>

#include "core/json/json.h"
#include "hexmcp/host/schema.h"
#include "hexmcp/plugin.h"
#include "plugins/tools/graphql-query/channel.h"

int32_t hexmcp_plugin_create(const hexmcp_host *host, const hexmcp_plugin **out, hexmcp_error *err);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct {
    hexmcp_str says; /* what is left of it */
    bool whole;      /* the handshake, too */
    size_t piece;
    struct bytes asked, out;
    size_t read;
    bool answered;
    unsigned completions;
} server;

/* ---- the connection ---- */

int32_t channel_open(struct pace *pace, const struct place *place, const char *ca_file, uint32_t timeout_ms,
                     struct channel *out)
{
    (void)pace;
    (void)place;
    (void)ca_file;
    (void)timeout_ms;
    *out = (struct channel){.fd = -1, .connection = {.fd = -1}};
    return HEXMCP_OK;
}

void channel_close(struct channel *channel)
{
    (void)channel;
}

void channel_wait(const struct channel *channel, bool writing, int ms)
{
    (void)channel;
    (void)writing;
    (void)ms;
}

ssize_t channel_write(struct channel *channel, const void *from, size_t len)
{
    (void)channel;
    if (!server.answered)
        assert(bytes_add(&server.asked, from, len));
    return (ssize_t)len;
}

static void prove(char text[BASE64_ENCODE_RAW_LENGTH(SHA1_DIGEST_SIZE) + 1])
{
    static const char name[] = "Sec-WebSocket-Key: ", uuid[] = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
    const char *key = memmem(server.asked.ptr, server.asked.len, name, sizeof(name) - 1);
    uint8_t digest[SHA1_DIGEST_SIZE];
    struct sha1_ctx sha1;
    assert(key);
    sha1_init(&sha1);
    sha1_update(&sha1, 24, (const uint8_t *)key + sizeof(name) - 1);
    sha1_update(&sha1, sizeof(uuid) - 1, (const uint8_t *)uuid);
    sha1_digest(&sha1, sizeof(digest), digest);
    base64_encode_raw(text, sizeof(digest), digest);
    text[BASE64_ENCODE_RAW_LENGTH(SHA1_DIGEST_SIZE)] = '\0';
}

static void put(const char *text)
{
    assert(bytes_add(&server.out, text, strlen(text)));
}

static void answer(void)
{
    char proof[BASE64_ENCODE_RAW_LENGTH(SHA1_DIGEST_SIZE) + 1];
    server.answered = true;
    prove(proof);
    if (!server.whole) {
        put("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            "Sec-WebSocket-Protocol: graphql-transport-ws\r\nSec-WebSocket-Accept: ");
        put(proof);
        put("\r\n\r\n");
    }
    for (size_t i = 0; i < server.says.len; i++)
        if (server.whole && server.says.ptr[i] == '?')
            put(proof);
        else
            assert(bytes_add(&server.out, &server.says.ptr[i], 1));
}

ssize_t channel_read(struct channel *channel, void *to, size_t room)
{
    (void)channel;
    if (!server.answered)
        answer();
    size_t left = server.out.len - server.read, len = left < room ? left : room;
    if (len > server.piece)
        len = server.piece;
    if (len == 0)
        return -1;
    memcpy(to, server.out.ptr + server.read, len);
    server.read += len;
    return (ssize_t)len;
}

/* ---- the host ---- */

static bool is_json(hexmcp_str text)
{
    struct json_doc *doc;
    if (json_parse((struct str){text.ptr, text.len}, &doc, NULL) != 0)
        return false;
    json_free(doc);
    return true;
}

static int32_t validate(void *ctx, hexmcp_str schema, hexmcp_str value, uint32_t flags,
                        void (*told)(void *arg, hexmcp_str json), void *arg, hexmcp_error *err)
{
    (void)ctx;
    (void)schema;
    (void)flags;
    (void)err;
    if (!is_json(value))
        return HEXMCP_E_INVALID;
    told(arg, hexmcp_str_from("{\"valid\":true,\"faults\":[],\"more\":false}"));
    return HEXMCP_OK;
}

static const void *get_interface(void *ctx, const char *id)
{
    static const hexmcp_schema_1 schema = {.size = sizeof(schema), .validate = validate};
    (void)ctx;
    return strcmp(id, HEXMCP_SCHEMA_1) == 0 ? &schema : NULL;
}

static int32_t complete(void *ctx, hexmcp_call call, uint32_t outcome, hexmcp_str json)
{
    hexmcp_str result;
    (void)ctx;
    assert(call == 1 && outcome == HEXMCP_RESULT && is_json(json));
    assert(hexmcp_json_get(json, "structuredContent", &result) == HEXMCP_OK);
    server.completions++;
    return HEXMCP_OK;
}

static int32_t progress(void *ctx, hexmcp_call call, double done, double total, hexmcp_str message)
{
    (void)ctx;
    (void)call;
    (void)message;
    assert(done >= 0 && total >= 0);
    return HEXMCP_OK;
}

static const hexmcp_tool_1 *load(void)
{
    static const hexmcp_host host = {.size = sizeof(host),
                                     .name = "fuzz",
                                     .version = "0",
                                     .get_interface = get_interface,
                                     .complete = complete,
                                     .progress = progress};
    static const hexmcp_plugin *plugin;
    hexmcp_error err = {.size = sizeof(err)};
    if (!plugin) {
        assert(hexmcp_plugin_create(&host, &plugin, &err) == HEXMCP_OK);
        assert(plugin->init(plugin->self, hexmcp_str_from("{}"), &err) == HEXMCP_OK);
    }
    return plugin->get_interface(plugin->self, HEXMCP_TOOL_1);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char args[] = "{\"operation\":\"subscription\",\"endpoint\":\"ws://example.org/graphql\","
                               "\"input\":\"subscription { a }\"}";
    const hexmcp_tool_1 *tool = load();
    hexmcp_error err = {.size = sizeof(err)};
    if (size < 2)
        return 0;
    server.says = (hexmcp_str){(const char *)data + 2, size - 2};
    server.piece = data[0] ? data[0] : SIZE_MAX;
    server.whole = data[1] & 1;
    server.read = server.completions = 0;
    server.answered = false;
    int32_t status = tool->call(tool->self, 1, hexmcp_str_from("graphql-query"), hexmcp_str_from(args), &err);
    assert(server.answered && server.completions == (status == HEXMCP_OK ? 1u : 0u));
    assert(status == HEXMCP_OK || (err.code == status && err.text[0] != '\0'));
    bytes_free(&server.asked);
    bytes_free(&server.out);
    return 0;
}
