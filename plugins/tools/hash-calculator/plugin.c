/*
 * plugin.c - the tool "hash-calculator" behind the plugin ABI.
 *
 * SPDX-License-Identifier: MIT
 */
#include "algorithms.h"
#include "encoding.h"
#include "file.h"
#include "request.h"

#include "hexmcp/json.h"
#include "hexmcp/plugin.h"

#include <sodium.h>

struct instance {
    hexmcp_plugin plugin;
    hexmcp_tool_1 tool;
    const hexmcp_host *host;
    struct openssl *openssl;
};

static void write_hash(hexmcp_json_writer *writer, const char *key, const struct request *request,
                       const uint8_t *hash)
{
    char text[ENCODING_ROOM(HASH_BYTES_MAX)];
    encoding_write(request->format, hash, algorithm_bytes(request->algorithm), text);
    hexmcp_json_put_text(writer, key, text);
}

static void write_result(hexmcp_json_writer *writer, const struct request *request,
                         const uint8_t *hash)
{
    hexmcp_json_begin_object(writer);
    hexmcp_json_put_text(writer, "operation", request->verify ? "verify" : "hash");
    hexmcp_json_put_text(writer, "algorithm", algorithm_name(request->algorithm));
    hexmcp_json_put_text(writer, "format", encoding_name(request->format));
    if (request->verify) {
        int same = sodium_memcmp(hash, request->expected, algorithm_bytes(request->algorithm));
        hexmcp_json_put_bool(writer, "verified", same == 0);
        write_hash(writer, "expected", request, request->expected);
        write_hash(writer, "actual", request, hash);
    } else {
        write_hash(writer, "hash", request, hash);
    }
    hexmcp_json_end_object(writer);
}

static int32_t compute(const struct instance *instance, hexmcp_call call,
                       const struct request *request, uint8_t hash[HASH_BYTES_MAX],
                       hexmcp_error *err)
{
    struct hasher *hasher;
    int32_t status = hasher_new(request->algorithm, instance->openssl, &hasher, err);
    if (status != HEXMCP_OK)
        return status;
    status = request->from_file ? file_hash(instance->host, call, request->path, hasher, err)
                                : hasher_add(hasher, request->data, err);
    if (status == HEXMCP_OK)
        status = hasher_end(hasher, hash, err);
    hasher_free(hasher);
    return status;
}

static int32_t answer(const struct instance *instance, hexmcp_call call,
                      const struct request *request, hexmcp_error *err)
{
    uint8_t hash[HASH_BYTES_MAX];
    hexmcp_json_writer writer;
    int32_t status = compute(instance, call, request, hash, err);
    if (status != HEXMCP_OK)
        return status;
    hexmcp_json_writer_init(&writer);
    write_result(&writer, request, hash);
    status = hexmcp_complete_structured(instance->host, call, hexmcp_json_writer_text(&writer));
    hexmcp_json_writer_free(&writer);
    return status;
}

static int32_t call_tool(void *self, hexmcp_call call, hexmcp_str name, hexmcp_str args_json,
                         hexmcp_error *err)
{
    (void)name; /* there is only one */
    struct request request;
    int32_t status = request_read(args_json, &request, err);
    if (status != HEXMCP_OK)
        return status;
    status = answer(self, call, &request, err);
    request_clear(&request);
    return status;
}

static int32_t init(void *self, hexmcp_str config_json, hexmcp_error *err)
{
    (void)self;
    (void)config_json;
    if (sodium_init() < 0)
        return hexmcp_fail(err, HEXMCP_E_UNAVAILABLE,
                           "libsodium cannot start: no source of random bytes; check /dev/urandom");
    return HEXMCP_OK;
}

static const void *get_interface(void *self, const char *id)
{
    struct instance *instance = self;
    return strcmp(id, HEXMCP_TOOL_1) == 0 ? &instance->tool : NULL;
}

static void destroy(void *self)
{
    struct instance *instance = self;
    openssl_free(instance->openssl);
    free(instance);
}

static int32_t create(const hexmcp_host *host, const hexmcp_plugin **out, hexmcp_error *err)
{
    struct instance *instance = calloc(1, sizeof(*instance));
    struct openssl *openssl = openssl_new();
    if (!instance || !openssl) {
        openssl_free(openssl);
        free(instance);
        return hexmcp_fail(err, HEXMCP_E_NOMEM, "out of memory making the plugin; try again");
    }
    instance->plugin = (hexmcp_plugin){.size = sizeof(hexmcp_plugin),
                                       .self = instance,
                                       .init = init,
                                       .get_interface = get_interface,
                                       .destroy = destroy};
    instance->tool =
        (hexmcp_tool_1){.size = sizeof(hexmcp_tool_1), .self = instance, .call = call_tool};
    instance->host = host;
    instance->openssl = openssl;
    *out = &instance->plugin;
    return HEXMCP_OK;
}

HEXMCP_PLUGIN_DEFINE("hexmcp.hash-calculator", "0.1.0", create);
