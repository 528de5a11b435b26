/* Any bytes as JSON: the reader stays inside the slice, and what it reads survives the writer. */
#include <assert.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "hexmcp/json.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_inside(hexmcp_str outer, hexmcp_str inner)
{
    assert(inner.ptr >= outer.ptr && inner.len <= outer.len);
    assert(inner.ptr + inner.len <= outer.ptr + outer.len);
}

/* Writes `text` and reads it back; frees nothing. */
static char *round_trip(const char *text, size_t len, size_t *ret_len)
{
    hexmcp_json_writer w;
    char *back = NULL;
    hexmcp_json_writer_init(&w);
    hexmcp_json_write_string(&w, (hexmcp_str){text, len});
    assert(hexmcp_json_string_dup(hexmcp_json_writer_text(&w), &back, ret_len) == HEXMCP_OK);
    hexmcp_json_writer_free(&w);
    return back;
}

static void check_string(hexmcp_str value)
{
    char small[8], *text;
    size_t len, needed, once_len, twice_len;
    int32_t status = hexmcp_json_string_dup(value, &text, &len);
    if (status != HEXMCP_OK)
        return;
    status = hexmcp_json_string(value, small, sizeof(small), &needed);
    assert(needed == len && status == (len < sizeof(small) ? HEXMCP_OK : HEXMCP_E_TOO_LARGE));
    if (!memchr(text, '\0', len))
        assert(hexmcp_json_equals(value, text));
    /* Ill-formed UTF-8 is replaced the first time; nothing changes after that. */
    char *once = round_trip(text, len, &once_len);
    char *twice = round_trip(once, once_len, &twice_len);
    assert(once_len == twice_len && memcmp(once, twice, once_len) == 0);
    free(text);
    free(once);
    free(twice);
}

static void check_number(hexmcp_str value)
{
    int64_t whole;
    double number, back;
    hexmcp_json_writer w;
    if (hexmcp_json_double(value, &number) != HEXMCP_OK)
        return;
    hexmcp_json_writer_init(&w);
    hexmcp_json_write_double(&w, number);
    assert(hexmcp_json_double(hexmcp_json_writer_text(&w), &back) == HEXMCP_OK);
    assert(memcmp(&number, &back, sizeof(back)) == 0);
    hexmcp_json_writer_free(&w);
    if (hexmcp_json_int64(value, &whole) == HEXMCP_OK)
        assert((double)whole == number);
}

static void walk(hexmcp_str value, int depth)
{
    hexmcp_str key, member, found;
    int flag;
    check_string(value);
    check_number(value);
    hexmcp_json_bool(value, &flag);
    if (hexmcp_json_get(value, "key", &found) == HEXMCP_OK)
        check_inside(value, found);
    if (depth == 0)
        return;
    hexmcp_json_iter it = hexmcp_json_iter_begin(value);
    while (hexmcp_json_next(&it, &key, &member)) {
        check_inside(value, key);
        check_inside(value, member);
        check_string(key);
        walk(member, depth - 1);
    }
    assert(!hexmcp_json_next(&it, &key, &member));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *copy = malloc(size ? size : 1);
    if (!copy)
        return 0;
    if (size > 0)
        memcpy(copy, data, size);
    walk((hexmcp_str){copy, size}, 8);
    free(copy);
    return 0;
}
