/*
 * Any bytes as the request for an upgrade. The first byte chooses where they are cut in two: what was
 * found to be whole must not depend on the pieces, and what was let in must say what lets it in.
 */
#include <assert.h>

#include "adapters/driving/websocket/handshake.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const uint16_t port = 8080;

static void check_whole(struct str head)
{
    const struct websocket_options options = {
        .origins = {.ports = &port, .port_count = 1}, .compress = true, .token_subprotocol = true};
    struct handshake handshake;
    struct refusal refusal;
    struct buffer answer = BUFFER_INIT;
    if (handshake_read(head, &options, false, &handshake, &refusal)) {
        assert(handshake.key.len == 24);
        assert(memmem(head.ptr, head.len, "mcp", 3) && memmem(head.ptr, head.len, "13", 2));
        assert(str_starts(head, STR("GET /ws")));
        handshake_accept(handshake.key, handshake.deflate, &answer);
        buffer_clear(&handshake.authorization);
    } else {
        assert(refusal.status >= 400 && refusal.status <= 426);
        handshake_refuse(&refusal, (struct str){NULL, 0}, &answer);
    }
    assert(!buffer_failed(&answer) && str_ends(buffer_str(&answer), STR("\r\n\r\n")) !=
                                          str_ends(buffer_str(&answer), STR("}}")));
    buffer_clear(&answer);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 1)
        return 0;
    struct str bytes = {(const char *)data + 1, size - 1};
    size_t cut = bytes.len ? data[0] % bytes.len : 0;
    size_t whole = upgrade_request_length(bytes, 0);
    size_t first = upgrade_request_length((struct str){bytes.ptr, cut}, 0);
    assert((first ? first : upgrade_request_length(bytes, cut)) == whole);
    if (whole)
        check_whole((struct str){bytes.ptr, whole});
    return 0;
}
