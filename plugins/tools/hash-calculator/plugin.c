/*
 * plugin.c - the tool "hash-calculator" behind the plugin ABI.
 *
 * SPDX-License-Identifier: MIT
 */
#include "request.h"

#include "hexmcp/plugin.h"
#include "hexmcp/simple.h"
#include "kit/pace.h"

#include <sodium.h>
#include <unistd.h>

/* Most bytes of a file. */
#define FILE_BYTES_MAX ((size_t)100 * 1024 * 1024)

struct state {
    struct openssl *openssl;
};

struct result {
    const struct request *request;
    const uint8_t *hash;
};

static void write_hash(hexmcp_json_writer *writer, const char *key, const struct request *request,
                       const uint8_t *hash)
{
    char text[ENCODING_ROOM(HASH_BYTES_MAX)];
    encoding_write(request->format, hash, algorithm_bytes(request->algorithm), text);
    hexmcp_json_put_text(writer, key, text);
}

static int32_t write_result(void *arg, hexmcp_json_writer *writer, hexmcp_error *err)
{
    const struct result *result = arg;
    const struct request *request = result->request;
    const uint8_t *hash = result->hash;
    (void)err;
    hexmcp_json_begin_object(writer);
    hexmcp_json_put_text(writer, "operation", operation_names[request->operation]);
    hexmcp_json_put_text(writer, "algorithm", algorithm_name(request->algorithm));
    hexmcp_json_put_text(writer, "format", encoding_names[request->format]);
    if (request->operation == VERIFY) {
        int same = sodium_memcmp(hash, request->expected, algorithm_bytes(request->algorithm));
        hexmcp_json_put_bool(writer, "verified", same == 0);
        write_hash(writer, "expected", request, request->expected);
        write_hash(writer, "actual", request, hash);
    } else {
        write_hash(writer, "hash", request, hash);
    }
    hexmcp_json_end_object(writer);
    return HEXMCP_OK;
}

/* A file on its way to the hash. */
struct feed {
    struct pace pace;
    size_t done;
    struct hasher *hasher;
};

static int32_t add_piece(void *arg, hexmcp_str piece)
{
    struct feed *feed = arg;
    feed->done += piece.len;
    int32_t status = pace_step(&feed->pace, (double)feed->done, 0, "hashing");
    return status == HEXMCP_OK ? hasher_add(feed->hasher, piece, feed->pace.r->err) : status;
}

static int32_t add_file(const hexmcp_round *r, const char *path, struct hasher *hasher)
{
    struct feed feed = {pace_begin(r), 0, hasher};
    int fd;
    int32_t status = source_open(r, path, &fd);
    if (status != HEXMCP_OK)
        return status;
    status = source_pieces(r, fd, path, FILE_BYTES_MAX, add_piece, &feed);
    close(fd);
    return status;
}

static int32_t compute(const hexmcp_round *r, const struct request *request,
                       uint8_t hash[HASH_BYTES_MAX])
{
    const struct state *state = r->self;
    struct hasher *hasher;
    int32_t status = hasher_new(request->algorithm, state->openssl, &hasher, r->err);
    if (status != HEXMCP_OK)
        return status;
    status = request->source.path ? add_file(r, request->source.path, hasher)
                                  : hasher_add(hasher, request->source.data, r->err);
    if (status == HEXMCP_OK)
        status = hasher_end(hasher, hash, r->err);
    hasher_free(hasher);
    return status;
}

static int32_t answer(const hexmcp_round *r, const struct request *request)
{
    uint8_t hash[HASH_BYTES_MAX];
    struct result result = {request, hash};
    int32_t status = compute(r, request, hash);
    if (status != HEXMCP_OK)
        return status;
    return hexmcp_complete_written(r->host, r->call, write_result, &result, r->err);
}

static int32_t calculate(const hexmcp_round *r)
{
    struct request request;
    int32_t status = request_read(r, &request);
    if (status == HEXMCP_OK)
        status = answer(r, &request);
    request_clear(&request);
    return status;
}

static int32_t init(void *self, const hexmcp_host *host, hexmcp_str config_json, hexmcp_error *err)
{
    (void)self;
    (void)host;
    (void)config_json;
    if (sodium_init() < 0)
        return hexmcp_fail(err, HEXMCP_E_UNAVAILABLE,
                           "libsodium cannot start: no source of random bytes; check /dev/urandom");
    return HEXMCP_OK;
}

static int32_t make(void *self, const hexmcp_host *host, hexmcp_error *err)
{
    struct state *state = self;
    (void)host;
    state->openssl = openssl_new();
    if (!state->openssl)
        return hexmcp_fail(err, HEXMCP_E_NOMEM, "out of memory making the plugin; try again");
    return HEXMCP_OK;
}

static void clear(void *self)
{
    openssl_free(((struct state *)self)->openssl);
}

static const hexmcp_simple_item tools[] = {HEXMCP_ITEM("hash-calculator", calculate),
                                           HEXMCP_ITEM_END};

static const hexmcp_simple plugin = {.self_size = sizeof(struct state),
                                     .make = make,
                                     .init = init,
                                     .clear = clear,
                                     .tools = tools};

HEXMCP_SIMPLE_PLUGIN("hexmcp.hash-calculator", "0.1.0", plugin);
