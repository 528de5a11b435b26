/* What a hostile helper sends: datagrams of any bytes, and bodies of any fields. */
#include <sys/socket.h>
#include <stdlib.h>
#include <unistd.h>

#include "adapters/driven/plugin_host/wire/call_codec.h"
#include "adapters/driven/plugin_host/wire/datagram.h"
#include "adapters/driven/plugin_host/wire/start.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void read_fields(struct str body, uint64_t kinds)
{
    struct wire_fields f = wire_fields(body);
    for (int i = 0; i < 16; i++, kinds >>= 2)
        switch (kinds & 3) {
        case 0:
            wire_u32(&f);
            break;
        case 1:
            wire_u64(&f);
            break;
        case 2:
            wire_bool(&f);
            break;
        default:
            if (wire_text(&f).len > body.len)
                abort();
        }
    if (wire_fields_end(&f) && f.at != body.ptr + body.len)
        abort();
}

static void read_body(struct str body, uint64_t kinds)
{
    static struct wire_start start;
    struct wire_call call;
    struct error err;
    read_fields(body, kinds);
    if (wire_get_call(body, &call, &err) == ST_OK)
        free(call.entries);
    (void)wire_get_start(body, &start, &err);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static char space[DATAGRAM_SPACE] __attribute__((aligned(8)));
    struct wire_message message;
    struct error err;
    int ends[2];
    if (size > WIRE_INLINE_MAX || socketpair(AF_UNIX, SOCK_SEQPACKET, 0, ends))
        return 0;
    if (size && send(ends[0], data, size, 0) == (ssize_t)size &&
        datagram_read(ends[1], space, &message, &err) == ST_OK) {
        read_body(message.body, message.id);
        datagram_clear(&message, space);
    }
    read_body((struct str){(const char *)data, size}, size * 0x9E3779B97F4A7C15u);
    close(ends[0]);
    close(ends[1]);
    return 0;
}
