/* Messages between the program and a helper: what comes is checked, what cannot go waits. */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>
#include <uv.h>

#include <cmocka.h>

#include "adapters/driven/plugin_host/wire/call_codec.h"
#include "adapters/driven/plugin_host/wire/datagram.h"
#include "adapters/driven/plugin_host/wire/wire.h"

static char space[DATAGRAM_SPACE] __attribute__((aligned(8)));

static void pair(int ends[2])
{
    assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends), 0);
}

/* Sends these bytes, with `count` descriptors, and expects the refusal. */
static void refused(const void *bytes, size_t size, const int *fds, size_t count, const char *why)
{
    int ends[2];
    char control[CMSG_SPACE(4 * sizeof(int))] = {0};
    struct iovec iov = {(void *)(uintptr_t)bytes, size};
    struct msghdr m = {.msg_iov = &iov, .msg_iovlen = 1};
    struct wire_message message;
    struct error err = {0};
    pair(ends);
    if (count) {
        m.msg_control = control;
        m.msg_controllen = CMSG_SPACE(count * sizeof(int));
        struct cmsghdr *c = CMSG_FIRSTHDR(&m);
        c->cmsg_level = SOL_SOCKET;
        c->cmsg_type = SCM_RIGHTS;
        c->cmsg_len = CMSG_LEN(count * sizeof(int));
        memcpy(CMSG_DATA(c), fds, count * sizeof(int));
    }
    assert_int_equal(sendmsg(ends[0], &m, 0), (ssize_t)size);
    assert_int_equal(datagram_read(ends[1], space, &message, &err), ST_PROTOCOL);
    assert_string_equal(err.text, why);
    close(ends[0]);
    close(ends[1]);
}

static void what_is_no_message(void **state)
{
    (void)state;
    struct wire_header h = {.size = sizeof(h), .op = 7};
    int file = open("/dev/null", O_RDONLY | O_CLOEXEC);
    refused("abc", 3, NULL, 0, "a message of 3 bytes has no header that fits");
    h.size = 25;
    refused(&h, sizeof(h), NULL, 0, "a message of 24 bytes has no header that fits");
    h.size = sizeof(h);
    h.flags = 4;
    refused(&h, sizeof(h), NULL, 0, "message 7 has the unknown flags 4");
    h.flags = WIRE_HAS_FD;
    refused(&h, sizeof(h), NULL, 0, "message 7 carries 0 descriptors, not 1");
    h.flags = 0;
    refused(&h, sizeof(h), &file, 1, "message 7 carries 1 descriptors, not 0");
    h.body = 1;
    refused(&h, sizeof(h), NULL, 0, "message 7 has a body of an impossible length");
    h.flags = WIRE_IN_MEMORY;
    refused(&h, sizeof(h), &file, 1, "message 7 has a body of an impossible length");
    h.body = WIRE_BODY_MAX + 1;
    refused(&h, sizeof(h), &file, 1, "message 7 has a body of an impossible length");
    h.body = WIRE_INLINE_MAX + 1;
    refused(&h, sizeof(h), &file, 1, "a long message is not in a sealed memory file");
    int memory = memfd_create("test", MFD_CLOEXEC | MFD_ALLOW_SEALING);
    assert_int_equal(ftruncate(memory, (off_t)h.body), 0);
    refused(&h, sizeof(h), &memory, 1, "a long message is not in a sealed memory file");
    fcntl(memory, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE);
    h.body++;
    refused(&h, sizeof(h), &memory, 1, "a long message has another length than it says");
    static char large[DATAGRAM_SPACE + 1];
    refused(large, sizeof(large), NULL, 0, "a message is longer than any may be");
    close(memory);
    close(file);
}

static void every_length_arrives(void **state)
{
    static const size_t sizes[] = {0, 1, 65536, WIRE_INLINE_MAX, WIRE_INLINE_MAX + 1, 5 << 20};
    int ends[2];
    (void)state;
    pair(ends);
    for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
        struct wire_message m;
        struct error err = {0};
        size_t half = sizes[i] / 2;
        char *bytes = malloc(sizes[i] + 1);
        memset(bytes, 'a' + (int)i, sizes[i]);
        int file = open("/dev/null", O_RDONLY | O_CLOEXEC);
        assert_int_equal(datagram_write(ends[0], WIRE_EVENT, i, (struct str){bytes, half},
                                        (struct str){bytes + half, sizes[i] - half}, file, &err),
                         ST_OK);
        close(file);
        assert_int_equal(datagram_read(ends[1], space, &m, &err), ST_OK);
        assert_int_equal(m.op, WIRE_EVENT);
        assert_int_equal(m.id, i);
        assert_int_equal(m.body.len, sizes[i]);
        assert_memory_equal(m.body.ptr, bytes, sizes[i]);
        assert_true(fcntl(m.fd, F_GETFD) & FD_CLOEXEC);
        datagram_clear(&m, space);
        free(bytes);
    }
    struct wire_message none;
    struct error err;
    assert_int_equal(datagram_read(ends[1], space, &none, &err), ST_BUSY);
    close(ends[0]);
    assert_int_equal(datagram_read(ends[1], space, &none, &err), ST_UNAVAILABLE);
    close(ends[1]);
}

static void fields_are_checked(void **state)
{
    struct buffer b = BUFFER_INIT;
    (void)state;
    wire_put_u8(&b, 1);
    wire_put_u32(&b, 7);
    wire_put_text(&b, STR("text"));
    struct wire_fields f = wire_fields(buffer_str(&b));
    assert_true(wire_bool(&f));
    assert_int_equal(wire_u32(&f), 7);
    assert_false(wire_fields_end(&f));
    assert_true(str_eq(wire_text(&f), STR("text")));
    assert_true(wire_fields_end(&f));
    assert_int_equal(wire_u64(&f), 0);
    assert_false(wire_fields_end(&f));
    f = wire_fields((struct str){b.data, b.len - 1});
    wire_bool(&f);
    wire_u32(&f);
    assert_int_equal(wire_text(&f).len, 0);
    assert_false(wire_fields_end(&f));
    f = wire_fields(STR("\2"));
    assert_false(wire_bool(&f));
    assert_false(wire_fields_end(&f));
    buffer_clear(&b);
}

static void a_call_goes_and_comes(void **state)
{
    (void)state;
    struct path_grant grant = {STR("/a"), STR("/b"), STR("c"), true};
    struct path_grants paths = {.at = &grant, .count = 1, .narrowed = true};
    struct run_request q = {.action = ACTION_RENDER,
                            .kind = ITEM_PROMPT,
                            .name = STR("n"),
                            .arguments = STR("{}"),
                            .meta = STR("{\"m\":1}"),
                            .paths = &paths,
                            .on_loop = true,
                            .deadline_ns = 5};
    struct buffer b = BUFFER_INIT;
    struct wire_call call;
    struct error err;
    wire_put_call(&b, &q);
    wire_put_text(&b, q.arguments);
    assert_int_equal(wire_get_call(buffer_str(&b), &call, &err), ST_OK);
    assert_int_equal(call.request.action, ACTION_RENDER);
    assert_true(str_eq(call.request.arguments, STR("{}")));
    assert_true(str_eq(call.request.meta, STR("{\"m\":1}")));
    assert_true(call.request.on_loop && call.paths.narrowed && call.entries[0].write);
    assert_true(str_eq(call.entries[0].real, STR("/b")));
    free(call.entries);
    for (size_t len = 0; len < b.len; len++)
        assert_int_equal(wire_get_call((struct str){b.data, len}, &call, &err), ST_PROTOCOL);
    buffer_clear(&b);
}

/* ---- the queue ------------------------------------------------------------------------------ */

static size_t come;
static int ended_with;

static int on_message(void *ctx, struct wire_message *m, struct error *err)
{
    (void)ctx;
    if (m->id != ++come)
        return error_set(err, ST_PROTOCOL, "out of order");
    return ST_OK;
}

static void on_end(void *ctx, const struct error *why)
{
    (void)ctx;
    ended_with = why->code;
}

static void what_cannot_go_waits_in_order(void **state)
{
    enum { BODY = 60000, LIMIT = 1 << 20 };
    const struct wire_events events = {NULL, on_message, on_end};
    struct wire *from, *to;
    struct error err;
    uv_loop_t loop;
    int ends[2];
    uint64_t sent = 0;
    static char body[BODY];
    (void)state;
    pair(ends);
    uv_loop_init(&loop);
    assert_int_equal(wire_new(&loop, ends[0], LIMIT, &events, &from, &err), ST_OK);
    int rc = ST_OK;
    while (rc == ST_OK) {
        wire_end_text((wire_body(from), from), (struct str){body, BODY});
        rc = wire_send(from, WIRE_LOG, sent + 1, -1, &err);
        sent += rc == ST_OK;
    }
    assert_int_equal(rc, ST_BUSY);
    assert_true(wire_queued(from) <= LIMIT && wire_queued(from) + BODY + 4 > LIMIT);
    wire_body(from);
    assert_int_equal(wire_send_answer(from, WIRE_LOG, ++sent, -1, &err), ST_OK);
    assert_int_equal(wire_new(&loop, ends[1], LIMIT, &events, &to, &err), ST_OK);
    while (come < sent)
        uv_run(&loop, UV_RUN_ONCE);
    assert_int_equal(wire_queued(from), 0);
    wire_free(from);
    while (!ended_with)
        uv_run(&loop, UV_RUN_ONCE);
    assert_int_equal(ended_with, ST_UNAVAILABLE);
    wire_free(to);
    uv_run(&loop, UV_RUN_DEFAULT);
    assert_int_equal(uv_loop_close(&loop), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_no_message),    cmocka_unit_test(every_length_arrives),
        cmocka_unit_test(fields_are_checked),    cmocka_unit_test(a_call_goes_and_comes),
        cmocka_unit_test(what_cannot_go_waits_in_order),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
