#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "adapters/driving/lines/framing.h"

/* The linker sends these two here (--wrap): what framing looks at and moves is counted. */
static size_t scanned_bytes, moved_bytes;
void *__real_memchr(const void *data, int c, size_t len);
void *__wrap_memchr(const void *data, int c, size_t len);
void *__real_memmove(void *to, const void *from, size_t len);
void *__wrap_memmove(void *to, const void *from, size_t len);

void *__wrap_memchr(const void *data, int c, size_t len)
{
    char *found = __real_memchr(data, c, len);
    scanned_bytes += found ? (size_t)(found - (const char *)data) + 1 : len;
    return found;
}

void *__wrap_memmove(void *to, const void *from, size_t len)
{
    moved_bytes += len;
    return __real_memmove(to, from, len);
}

/* What came out, as text: "[line]" for a line, "!" for one that is too long. */
static void drain(struct framing *f, bool end, struct buffer *out)
{
    struct str line;
    for (;;) {
        enum framing_result result = framing_next(f, &line);
        if (result == FRAMING_MORE && end)
            result = framing_rest(f, &line);
        if (result == FRAMING_MORE)
            return;
        if (result == FRAMING_TOO_LONG) {
            buffer_add_char(out, '!');
            continue;
        }
        char *taken = framing_take(f, line);
        buffer_add_char(out, '[');
        buffer_add(out, taken, line.len);
        buffer_add_char(out, ']');
        free(taken);
    }
}

static void feed(struct framing *f, const char *data, size_t len)
{
    size_t room;
    char *to = framing_space(f, len, &room);
    assert_non_null(to);
    assert_true(room >= len);
    memcpy(to, data, len);
    framing_filled(f, len);
}

/* Feeds `input` in two parts, cut at `cut`, or byte by byte if `cut` is beyond its end. */
static void expect(const char *input, size_t limit, size_t cut, const char *expected)
{
    struct framing f;
    struct buffer out = BUFFER_INIT;
    size_t len = strlen(input);
    framing_init(&f, limit);
    for (size_t at = 0; at < len;) {
        size_t part = cut > len ? 1 : at == 0 && cut ? cut : len - at;
        feed(&f, input + at, part);
        drain(&f, false, &out);
        at += part;
    }
    drain(&f, true, &out);
    buffer_add_char(&out, '\0');
    assert_string_equal(out.data, expected);
    buffer_clear(&out);
    framing_clear(&f);
}

static void expect_at_every_cut(const char *input, size_t limit, const char *expected)
{
    for (size_t cut = 0; cut <= strlen(input) + 1; cut++)
        expect(input, limit, cut, expected);
}

static void test_lines(void **state)
{
    (void)state;
    expect_at_every_cut("", 100, "");
    expect_at_every_cut("a\n", 100, "[a]");
    expect_at_every_cut("one\ntwo\nthree\n", 100, "[one][two][three]");
    expect_at_every_cut("one\r\ntwo\r\n", 100, "[one][two]");
    expect_at_every_cut("a\rb\n\rc\r\r\n", 100, "[a\rb][\rc\r]");
}

static void test_blank_lines(void **state)
{
    (void)state;
    expect_at_every_cut("\n\n\r\n \t \n  \r\na\n\n", 100, "[a]");
    expect_at_every_cut("  a  \n", 100, "[  a  ]");
}

static void test_last_line_without_end(void **state)
{
    (void)state;
    expect_at_every_cut("one\ntwo", 100, "[one][two]");
    expect_at_every_cut("one\ntwo\r", 100, "[one][two]");
    expect_at_every_cut("one\n  ", 100, "[one]");
}

static void test_limit(void **state)
{
    (void)state;
    expect_at_every_cut("12345\nab\n", 5, "[12345][ab]");
    expect_at_every_cut("12345\r\nab\r\n", 5, "[12345][ab]");
    expect_at_every_cut("12345", 5, "[12345]");
    expect_at_every_cut("12345\r", 5, "[12345]");
    expect_at_every_cut("123456\nab\n", 5, "![ab]");
    expect_at_every_cut("123456\r\nab\n", 5, "![ab]");
    expect_at_every_cut("12345\r6\nab\n", 5, "![ab]");
    expect_at_every_cut("1234567890123456789\n\nab\n1234567\nc", 5, "![ab]![c]");
    expect_at_every_cut("1234567890123456789", 5, "!");
}

#define BIG ((size_t)64 << 20)
#define CHUNK ((size_t)64 * 1024)

static char *big_text(size_t len)
{
    char *text = malloc(len);
    assert_non_null(text);
    memset(text, 'x', len);
    text[0] = 'a';
    text[len - 1] = 'z';
    return text;
}

/* A line of 64 MiB in reads of 64 KiB: each byte is looked at once and none is moved. */
static void test_big_line_is_linear(void **state)
{
    (void)state;
    struct framing f;
    struct str line;
    char *text = big_text(BIG);
    framing_init(&f, BIG);
    scanned_bytes = moved_bytes = 0;
    for (size_t at = 0; at < BIG; at += CHUNK) {
        feed(&f, text + at, CHUNK);
        assert_int_equal(framing_next(&f, &line), FRAMING_MORE);
    }
    feed(&f, "\n", 1);
    assert_int_equal(framing_next(&f, &line), FRAMING_LINE);
    assert_int_equal(scanned_bytes, BIG + 1);
    assert_int_equal(moved_bytes, 0);
    assert_int_equal(line.len, BIG);
    char *taken = framing_take(&f, line);
    assert_memory_equal(taken, text, BIG);
    assert_ptr_equal(f.bytes.data, NULL); /* the buffer itself was handed over */
    assert_int_equal(framing_next(&f, &line), FRAMING_MORE);
    free(taken);
    free(text);
    framing_clear(&f);
}

/* Short lines in reads that cut them: a cut line is moved to the front once. */
static void test_many_lines_are_linear(void **state)
{
    (void)state;
    struct framing f;
    struct str line;
    const size_t line_bytes = 1000, total = line_bytes * 64 * 1024;
    size_t lines = 0;
    char *text = big_text(total);
    for (size_t at = line_bytes - 1; at < total; at += line_bytes)
        text[at] = '\n';
    framing_init(&f, BIG);
    scanned_bytes = moved_bytes = 0;
    for (size_t at = 0; at < total; at += CHUNK) {
        feed(&f, text + at, total - at < CHUNK ? total - at : CHUNK);
        while (framing_next(&f, &line) == FRAMING_LINE) {
            assert_int_equal(line.len, line_bytes - 1);
            lines++;
        }
    }
    assert_int_equal(lines, total / line_bytes);
    assert_int_equal(scanned_bytes, total);
    assert_true(moved_bytes < line_bytes * (total / CHUNK + 1));
    free(text);
    framing_clear(&f);
}

/* A line that never ends takes no more memory than the limit, and afterwards next to none. */
static void test_endless_line(void **state)
{
    (void)state;
    struct framing f;
    struct str line;
    const size_t limit = (size_t)1 << 20;
    size_t reports = 0;
    char *text = big_text(CHUNK);
    framing_init(&f, limit);
    for (int i = 0; i < 1024; i++) {
        feed(&f, text, CHUNK);
        reports += framing_next(&f, &line) == FRAMING_TOO_LONG;
        assert_true(f.bytes.cap <= 2 * (limit + CHUNK));
    }
    assert_int_equal(reports, 1);
    assert_true(f.bytes.cap <= 256 * 1024);
    feed(&f, "\nnext\n", 6);
    assert_int_equal(framing_next(&f, &line), FRAMING_LINE);
    assert_memory_equal(line.ptr, "next", 4);
    free(text);
    framing_clear(&f);
}

/* A long line that has others behind it is copied; the others are not lost. */
static void test_take_beside_others(void **state)
{
    (void)state;
    struct framing f;
    struct str line;
    const size_t len = (size_t)1 << 20;
    char *text = big_text(len);
    framing_init(&f, BIG);
    feed(&f, text, len);
    feed(&f, "\nb\n", 3);
    assert_int_equal(framing_next(&f, &line), FRAMING_LINE);
    char *taken = framing_take(&f, line);
    assert_memory_equal(taken, text, len);
    assert_int_equal(framing_next(&f, &line), FRAMING_LINE);
    assert_int_equal(line.len, 1);
    assert_int_equal(line.ptr[0], 'b');
    assert_int_equal(framing_next(&f, &line), FRAMING_MORE);
    assert_true(f.bytes.cap <= 256 * 1024);
    free(taken);
    free(text);
    framing_clear(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_lines),
        cmocka_unit_test(test_blank_lines),
        cmocka_unit_test(test_last_line_without_end),
        cmocka_unit_test(test_limit),
        cmocka_unit_test(test_big_line_is_linear),
        cmocka_unit_test(test_many_lines_are_linear),
        cmocka_unit_test(test_endless_line),
        cmocka_unit_test(test_take_beside_others),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
