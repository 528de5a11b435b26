/*
 * SPDX-License-Identifier: MIT
 */
#include "check.h"
#include "pointer.h"

#include "hexmcp/host/schema.h"
#include "kit/encode.h"

#define SHOWN_MOST 200

static void begin(struct checks *c, const char *name, bool passed)
{
    hexmcp_json_begin_object(c->out);
    hexmcp_json_put_text(c->out, "check", name);
    hexmcp_json_put_bool(c->out, "passed", passed);
    if (passed)
        c->passed++;
    else
        c->failed++;
}

__attribute__((format(printf, 3, 4))) static void end(struct checks *c, bool passed,
                                                      const char *format, ...)
{
    hexmcp_error cut;
    char text[HEXMCP_ERROR_TEXT];
    va_list list;
    va_start(list, format);
    vsnprintf(text, sizeof(text), format, list);
    va_end(list);
    hexmcp_fail(&cut, HEXMCP_OK, "%s", text); /* never half a character at the end */
    if (!passed)
        hexmcp_json_put_text(c->out, "message", cut.text);
    hexmcp_json_end_object(c->out);
}

void checks_put(struct checks *c, const char *name, bool passed, const char *message)
{
    begin(c, name, passed);
    end(c, passed, "%s", message);
}

/* JSON or text, as long as it can be shown. */
#define CUT(s) (int)utf8_cut((s), SHOWN_MOST), (s).ptr ? (s).ptr : ""

/* ---- status, time, text ---- */

static bool status_fits(struct args *expect, hexmcp_str wanted, int status)
{
    int64_t number;
    char text[4];
    if (hexmcp_json_type(wanted) == HEXMCP_JSON_NUMBER)
        return hexmcp_json_int64(wanted, &number) == HEXMCP_OK && number == status;
    if (hexmcp_json_string(wanted, text, sizeof(text), NULL) == HEXMCP_OK && text[0] >= '1' &&
        text[0] <= '5' && strcmp(text + 1, "xx") == 0)
        return status / 100 == text[0] - '0';
    args_fail(expect, HEXMCP_E_INVALID,
              "%sstatus is neither a number, nor a class as \"2xx\", nor an array of those; correct it",
              expect->name);
    return false;
}

static void check_status(struct checks *c, struct args *expect)
{
    hexmcp_str wanted = args_raw(expect, "status"), one;
    bool fits = false;
    if (wanted.len == 0)
        return;
    if (hexmcp_json_type(wanted) == HEXMCP_JSON_ARRAY) {
        hexmcp_json_iter it = hexmcp_json_iter_begin(wanted);
        while (hexmcp_json_next(&it, NULL, &one))
            fits = status_fits(expect, one, c->answer->status) || fits;
    } else {
        fits = status_fits(expect, wanted, c->answer->status);
    }
    begin(c, "status", fits);
    end(c, fits, "the status is %d, expected was %.*s", c->answer->status, CUT(wanted));
}

static void check_time(struct checks *c, struct args *expect)
{
    int64_t most = args_int(expect, "max_ms", 1, 600000, 0);
    if (most == 0)
        return;
    bool fits = c->answer->ms <= (double)most;
    begin(c, "max_ms", fits);
    end(c, fits, "it took %.0f ms, expected were at most %lld ms", c->answer->ms, (long long)most);
}

static void check_texts(struct checks *c, struct args *expect)
{
    size_t count;
    const char *const *texts = args_texts(expect, "body_contains", 50, 8192, &count);
    for (size_t i = 0; i < count; i++) {
        bool fits = c->answer->body.len > 0 &&
                    memmem(c->answer->body.ptr, c->answer->body.len, texts[i], strlen(texts[i]));
        fits = fits || texts[i][0] == '\0';
        begin(c, "body_contains", fits);
        end(c, fits, "the body does not contain %.*s", CUT(hexmcp_str_from(texts[i])));
    }
}

/* ---- headers ---- */

/* What the header must be: a text, {"contains": text}, true (there) or false (not there). */
static bool header_fits(struct args *expect, hexmcp_str wanted, hexmcp_str found)
{
    hexmcp_str inner;
    int there;
    if (hexmcp_json_bool(wanted, &there) == HEXMCP_OK)
        return (found.len > 0) == (there != 0);
    char *value = NULL;
    size_t len;
    if (found.len > 0 && hexmcp_json_string_dup(found, &value, &len) != HEXMCP_OK)
        value = NULL;
    bool contains = hexmcp_json_get(wanted, "contains", &inner) == HEXMCP_OK;
    const char *text = args_string(expect, contains ? inner : wanted, "headers", 8192);
    bool fits = value && (contains ? strstr(value, text) != NULL : strcmp(value, text) == 0);
    free(value);
    return fits;
}

static void check_header(struct checks *c, struct args *expect, hexmcp_str key, hexmcp_str wanted)
{
    const char *name = args_string(expect, key, "headers", 200);
    char small[201], what[220];
    size_t len = strlen(name);
    if (args_status(expect) != HEXMCP_OK)
        return;
    for (size_t i = 0; i <= len; i++)
        small[i] = (char)(name[i] >= 'A' && name[i] <= 'Z' ? name[i] + 32 : name[i]);
    hexmcp_str found = fetch_header(c->answer, small);
    bool fits = header_fits(expect, wanted, found);
    snprintf(what, sizeof(what), "header %s", small);
    begin(c, what, fits);
    if (found.len == 0)
        end(c, fits, "there is no header %s, expected was %.*s", small, CUT(wanted));
    else
        end(c, fits, "it is %.*s, expected was %.*s", CUT(found), CUT(wanted));
}

static void check_headers(struct checks *c, struct args *expect)
{
    struct args headers = args_object(expect, "headers");
    hexmcp_json_iter it = hexmcp_json_iter_begin(headers.json);
    hexmcp_str key, value;
    while (args_status(expect) == HEXMCP_OK && hexmcp_json_next(&it, &key, &value))
        check_header(c, expect, key, value);
}

/* ---- JSON ---- */

struct verdict {
    bool fits;
    char message[300];
};

static void take_verdict(void *arg, hexmcp_str json)
{
    struct verdict *v = arg;
    hexmcp_str value, fault, part;
    char where[100] = "", message[180] = "";
    int valid = 0;
    if (hexmcp_json_get(json, "valid", &value) == HEXMCP_OK)
        hexmcp_json_bool(value, &valid);
    v->fits = valid;
    if (valid || hexmcp_json_get(json, "faults", &value) != HEXMCP_OK)
        return;
    hexmcp_json_iter it = hexmcp_json_iter_begin(value);
    if (!hexmcp_json_next(&it, NULL, &fault))
        return;
    if (hexmcp_json_get(fault, "instance", &part) == HEXMCP_OK)
        hexmcp_json_string(part, where, sizeof(where), NULL);
    if (hexmcp_json_get(fault, "message", &part) == HEXMCP_OK)
        hexmcp_json_string(part, message, sizeof(message), NULL);
    snprintf(v->message, sizeof(v->message), "%s%s%s", where, *where ? ": " : "", message);
}

static int32_t validate(struct checks *c, hexmcp_str schema, hexmcp_str value, struct verdict *v,
                        hexmcp_error *err)
{
    const hexmcp_schema_1 *service = hexmcp_round_service(c->r, HEXMCP_SCHEMA_1);
    *v = (struct verdict){false, ""};
    if (!service)
        return hexmcp_fail(err, HEXMCP_E_UNAVAILABLE, "this server checks no schemas");
    return service->validate(service->ctx, schema, value, 0, take_verdict, v, err);
}

static void check_schema(struct checks *c, struct args *expect)
{
    hexmcp_str schema = args_raw(expect, "json_schema");
    hexmcp_error err = {.size = sizeof(err)};
    struct verdict v;
    if (schema.len == 0)
        return;
    if (!c->is_json) {
        checks_put(c, "json_schema", false, "the body is no JSON");
        return;
    }
    int32_t status = validate(c, schema, bytes_str(&c->answer->body), &v, &err);
    if (status != HEXMCP_OK) {
        args_fail(expect, status, "%sjson_schema: %s", expect->name, err.text);
        return;
    }
    begin(c, "json_schema", v.fits);
    end(c, v.fits, "the body does not fit the schema: %s", v.message);
}

/* Equal as JSON Schema has it: 1 is 1.0, and the order of members counts nothing. */
static bool same(struct checks *c, hexmcp_str a, hexmcp_str b)
{
    hexmcp_json_writer w;
    hexmcp_error err = {.size = sizeof(err)};
    struct verdict v;
    hexmcp_json_writer_init(&w);
    hexmcp_json_begin_object(&w);
    hexmcp_json_put_raw(&w, "const", a);
    hexmcp_json_end_object(&w);
    bool fits = validate(c, hexmcp_json_writer_text(&w), b, &v, &err) == HEXMCP_OK && v.fits;
    hexmcp_json_writer_free(&w);
    return fits;
}

static void check_value(struct checks *c, struct args *expect, hexmcp_str key, hexmcp_str wanted)
{
    const char *pointer = args_string(expect, key, "json", 1000);
    hexmcp_str found = {NULL, 0};
    char what[300];
    if (args_status(expect) != HEXMCP_OK)
        return;
    if (!pointer_valid(pointer)) {
        args_fail(expect, HEXMCP_E_INVALID,
                  "%sjson: %.100s is no JSON Pointer, which is \"\" or begins with \"/\"; correct it",
                  expect->name, pointer);
        return;
    }
    bool there = c->is_json && pointer_find(bytes_str(&c->answer->body), pointer, &found);
    bool fits = there && same(c, wanted, found);
    snprintf(what, sizeof(what), "json %.200s", pointer);
    begin(c, what, fits);
    if (there)
        end(c, fits, "it is %.*s, expected was %.*s", CUT(found), CUT(wanted));
    else
        end(c, fits, "%s, expected was %.*s",
            c->is_json ? "there is nothing" : "the body is no JSON", CUT(wanted));
}

static void check_values(struct checks *c, struct args *expect)
{
    struct args values = args_object(expect, "json");
    hexmcp_json_iter it = hexmcp_json_iter_begin(values.json);
    hexmcp_str key, value;
    while (args_status(expect) == HEXMCP_OK && hexmcp_json_next(&it, &key, &value))
        check_value(c, expect, key, value);
}

void checks_make(struct checks *c, struct args *args, const char *key)
{
    struct args expect = args_object(args, key);
    if (args_status(args) != HEXMCP_OK || expect.json.len == 0)
        return;
    check_status(c, &expect);
    check_time(c, &expect);
    check_headers(c, &expect);
    check_texts(c, &expect);
    check_schema(c, &expect);
    check_values(c, &expect);
}

/* Against an answer that none gives; what comes out does not count. */
void checks_test(const hexmcp_round *r, struct args *args, const char *key)
{
    hexmcp_json_writer scratch;
    char null[] = "null";
    const struct fetch_answer none = {.body = {.ptr = null, .len = 4}};
    struct checks c = {.r = r, .out = &scratch, .answer = &none, .is_json = true};
    hexmcp_json_writer_init(&scratch);
    hexmcp_json_begin_array(&scratch);
    checks_make(&c, args, key);
    hexmcp_json_writer_free(&scratch);
}
