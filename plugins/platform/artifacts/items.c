/* The tools and resources: each is an operation. */
#include "artifacts.h"

static const hexmcp_str none = {"", 0};

/* Copies the members but the one or two that are bytes. */
static void copy_facts(hexmcp_json_writer *w, hexmcp_str args)
{
    hexmcp_str key, value;
    hexmcp_json_iter it = hexmcp_json_iter_begin(args);
    char name[32];
    while (hexmcp_json_next(&it, &key, &value))
        if (hexmcp_json_string(key, name, sizeof(name), NULL) == HEXMCP_OK &&
            strcmp(name, "text") != 0 && strcmp(name, "base64") != 0)
            hexmcp_json_put_raw(w, name, value);
}

/* The bytes of "text" or "base64", to be freed. */
static int32_t take_bytes(const hexmcp_round *r, char **bytes, size_t *len)
{
    hexmcp_str value;
    char *text = NULL;
    size_t text_len = 0;
    if (hexmcp_json_get(r->args, "text", &value) == HEXMCP_OK)
        return hexmcp_json_string_dup(value, bytes, len);
    if (hexmcp_json_get(r->args, "base64", &value) != HEXMCP_OK)
        return hexmcp_fail(r->err, HEXMCP_E_INVALID, "give the bytes as text or as base64");
    if (hexmcp_json_string_dup(value, &text, &text_len) != HEXMCP_OK)
        return hexmcp_fail(r->err, HEXMCP_E_NOMEM, "out of memory; try again");
    *bytes = base64_decode(text, text_len, len);
    free(text);
    return *bytes ? HEXMCP_OK
                  : hexmcp_fail(r->err, HEXMCP_E_INVALID,
                                "base64 is not base64 (RFC 4648, with = at the end)");
}

static int32_t store(const hexmcp_round *r)
{
    hexmcp_json_writer w;
    char *bytes = NULL;
    size_t len = 0;
    int32_t status = take_bytes(r, &bytes, &len);
    if (status != HEXMCP_OK)
        return hexmcp_complete_text(r->host, r->call, HEXMCP_TOOL_ERROR,
                                    hexmcp_str_from("give the bytes as text, or as base64 (RFC 4648, "
                                                    "with = at the end)"));
    hexmcp_json_writer_init(&w);
    hexmcp_json_begin_object(&w);
    copy_facts(&w, r->args);
    hexmcp_json_end_object(&w);
    status = hexmcp_json_writer_status(&w);
    if (status == HEXMCP_OK)
        status = execute(r, TOOL_ANSWER, "artifact.put", hexmcp_json_writer_text(&w),
                         (hexmcp_str){bytes, len}, none, 0);
    else
        hexmcp_fail(r->err, status, "out of memory; try again");
    hexmcp_json_writer_free(&w);
    free(bytes);
    return status;
}

static int32_t list(const hexmcp_round *r)
{
    return execute(r, TOOL_ANSWER, "artifact.search", r->args, none, none, 0);
}

static int64_t number_of(hexmcp_str args, const char *name)
{
    hexmcp_str value;
    char digits[24];
    int64_t number = -1;
    if (hexmcp_json_get(args, name, &value) != HEXMCP_OK)
        return -1;
    /* Variables of a template are texts. */
    if (hexmcp_json_string(value, digits, sizeof(digits), NULL) == HEXMCP_OK)
        return *digits && strspn(digits, "0123456789") == strlen(digits) && strlen(digits) < 16
                   ? strtoll(digits, NULL, 10)
                   : -1;
    return hexmcp_json_int64(value, &number) == HEXMCP_OK ? number : -1;
}

static void put_member(hexmcp_json_writer *w, hexmcp_str args, const char *name)
{
    hexmcp_str value;
    if (hexmcp_json_get(args, name, &value) == HEXMCP_OK)
        hexmcp_json_put_raw(w, name, value);
}

static int32_t read_bytes(const hexmcp_round *r, enum shape shape, hexmcp_str uri)
{
    hexmcp_json_writer w;
    int64_t offset = number_of(r->args, "offset"), length = number_of(r->args, "length");
    int ranged = offset >= 0 || length >= 0;
    hexmcp_json_writer_init(&w);
    hexmcp_json_begin_object(&w);
    put_member(&w, r->args, "id");
    if (shape == TOOL_BYTES) {
        put_member(&w, r->args, "name");
        put_member(&w, r->args, "session");
        put_member(&w, r->args, "version");
    }
    hexmcp_json_put_int64(&w, "offset", offset < 0 ? 0 : offset);
    hexmcp_json_put_int64(&w, "length", length > 0 && length < READ_MAX ? length : READ_MAX);
    hexmcp_json_end_object(&w);
    int32_t status = hexmcp_json_writer_status(&w);
    if (status == HEXMCP_OK)
        status = execute(r, shape, "artifact.get", hexmcp_json_writer_text(&w), none, uri, ranged);
    else
        hexmcp_fail(r->err, status, "out of memory; try again");
    hexmcp_json_writer_free(&w);
    return status;
}

static int32_t read_tool(const hexmcp_round *r)
{
    return read_bytes(r, TOOL_BYTES, none);
}

static int32_t read_artifact(const hexmcp_round *r)
{
    return read_bytes(r, RESOURCE_BYTES, r->name);
}

static int32_t read_list(const hexmcp_round *r)
{
    return execute(r, RESOURCE_LIST, "artifact.list", hexmcp_str_from("{\"limit\":200}"), none, r->name,
                   0);
}

const hexmcp_simple_item tools[] = {
    HEXMCP_ITEM("artifact-store", store),
    HEXMCP_ITEM("artifact-read", read_tool),
    HEXMCP_ITEM("artifact-list", list),
    HEXMCP_ITEM_END,
};

const hexmcp_simple_item resources[] = {
    HEXMCP_ITEM("hexmcp://artifacts", read_list),
    HEXMCP_ITEM_OTHERS(read_artifact),
};
