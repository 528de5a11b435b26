#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "adapters/driving/listener/first_bytes.h"
#include "core/base/str.h"

#define UPGRADE "Host: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n"

struct row {
    const char *bytes;
    bool local;
    enum first_bytes told;
};

static const struct row rows[] = {
    {"", false, FIRST_BYTES_MORE},
    {"P", false, FIRST_BYTES_HTTP},
    {"POST /ws HTTP/1.1\r\n" UPGRADE, false, FIRST_BYTES_HTTP},
    {"G", false, FIRST_BYTES_MORE},
    {"GET /", false, FIRST_BYTES_MORE},
    {"GET /m", false, FIRST_BYTES_HTTP},
    {"GET /ws", false, FIRST_BYTES_MORE},
    {"GET /wsx", false, FIRST_BYTES_HTTP},
    {"GET /ws/", false, FIRST_BYTES_HTTP},
    {"GET  /ws", false, FIRST_BYTES_HTTP},
    {"get /ws HTTP/1.1\r\n" UPGRADE, false, FIRST_BYTES_HTTP},
    {"\r\nGET /ws HTTP/1.1\r\n" UPGRADE, false, FIRST_BYTES_HTTP},
    {"GET /ws HTTP/1.1\r\n\r\n", false, FIRST_BYTES_HTTP},
    {"GET /ws HTTP/1.1\r\n" UPGRADE, false, FIRST_BYTES_WEBSOCKET},
    {"GET /ws?x=1 HTTP/1.1\r\n" UPGRADE, false, FIRST_BYTES_WEBSOCKET},
    {"GET /ws HTTP/1.1\n" UPGRADE, false, FIRST_BYTES_WEBSOCKET},
    {"GET /ws HTTP/1.1\r\nuPGRADE:\tWebSocket \r\n\r\n", false, FIRST_BYTES_WEBSOCKET},
    {"GET /ws HTTP/1.1\r\nUpgrade: h2c, websocket\r\n\r\n", false, FIRST_BYTES_WEBSOCKET},
    {"GET /ws HTTP/1.1\r\nUpgrade: websockets\r\n\r\n", false, FIRST_BYTES_HTTP},
    {"GET /ws HTTP/1.1\r\nUpgrade: \r\n\r\n", false, FIRST_BYTES_HTTP},
    {"GET /ws HTTP/1.1\r\nX-Upgrade: websocket\r\n\r\n", false, FIRST_BYTES_HTTP},
    {"GET /ws HTTP/1.1\r\n\r\nUpgrade: websocket\r\n\r\n", false, FIRST_BYTES_HTTP},
    {"H", false, FIRST_BYTES_HTTP},
    {"H", true, FIRST_BYTES_MORE},
    {"HE", true, FIRST_BYTES_MORE},
    {"HEAD / HTTP/1.1", true, FIRST_BYTES_HTTP},
    {"HEXMCP-CONNECT", true, FIRST_BYTES_MORE},
    {"HEXMCP-CONNECT/", true, FIRST_BYTES_LINES},
    {"HEXMCP-CONNECT/1 {}\n", true, FIRST_BYTES_LINES},
    {"HEXMCP-CONNECT/1 {}\n", false, FIRST_BYTES_HTTP},
    {"GET /ws HTTP/1.1\r\n" UPGRADE, true, FIRST_BYTES_WEBSOCKET},
};

static void test_rows(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        enum first_bytes told = first_bytes_tell(str_from(rows[i].bytes), rows[i].local);
        if (told != rows[i].told)
            print_error("row %zu: %s\n", i, rows[i].bytes);
        assert_int_equal(told, rows[i].told);
    }
}

/* However it is cut, it tells the same or not yet. */
static void test_every_prefix(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        for (size_t len = 0; len <= strlen(rows[i].bytes); len++) {
            struct str begun = {rows[i].bytes, len};
            enum first_bytes told = first_bytes_tell(begun, rows[i].local);
            assert_true(told == FIRST_BYTES_MORE || told == rows[i].told);
        }
}

static void test_nul_bytes_are_bytes(void **state)
{
    (void)state;
    const struct str cut_word = STR("GET /ws HTTP/1.1\r\nUpgrade: websocket\0\r\n\r\n");
    const struct str zeros = STR("\0\0\0\0");
    assert_int_equal(first_bytes_tell(cut_word, false), FIRST_BYTES_HTTP);
    assert_int_equal(first_bytes_tell(zeros, true), FIRST_BYTES_HTTP);
}

static void test_headers_that_do_not_end(void **state)
{
    (void)state;
    static char bytes[FIRST_BYTES_MAX];
    memset(bytes, 'a', sizeof(bytes));
    memcpy(bytes, "GET /ws HTTP/1.1\r\nX:", 20);
    assert_int_equal(first_bytes_tell((struct str){bytes, sizeof(bytes) - 1}, false),
                     FIRST_BYTES_MORE);
    assert_int_equal(first_bytes_tell((struct str){bytes, sizeof(bytes)}, false), FIRST_BYTES_HTTP);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rows),
        cmocka_unit_test(test_every_prefix),
        cmocka_unit_test(test_nul_bytes_are_bytes),
        cmocka_unit_test(test_headers_that_do_not_end),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
