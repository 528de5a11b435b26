/*
 * The first line is a template, the second a URI, the rest are values, one a line.
 *
 * Any template against any URI: what matches gives an object of variables of the template. What a
 * template expands to, it matches, and with values that expand to the same again.
 */
#include <stdlib.h>

#include "core/uri/uri_template.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool good)
{
    if (!good)
        abort();
}

static struct str take_line(struct str *rest)
{
    const char *end = rest->len ? memchr(rest->ptr, '\n', rest->len) : NULL;
    size_t len = end ? (size_t)(end - rest->ptr) : rest->len;
    struct str line = {rest->ptr, len};
    len += end != NULL;
    *rest = (struct str){rest->ptr + len, rest->len - len};
    return line;
}

static struct json_doc *parse(struct buffer *text)
{
    struct json_doc *doc;
    struct error err;
    check(!buffer_failed(text));
    check(json_parse(buffer_str(text), &doc, &err) == ST_OK);
    return doc;
}

static bool match(struct str text, struct str uri, struct buffer *out)
{
    struct json_writer w = json_writer(out);
    int status = uri_template_match(text, uri, &w);
    check(status == ST_OK ? out->len >= 2 : status == ST_NOT_FOUND && out->len == 0);
    return status == ST_OK;
}

static void match_any(struct str text, struct str uri)
{
    struct buffer found = BUFFER_INIT, name = BUFFER_INIT;
    if (match(text, uri, &found)) {
        struct json_doc *doc = parse(&found);
        struct json_iter it = json_iter(json_root(doc));
        while (json_next(&it)) {
            buffer_reset(&name, SIZE_MAX);
            json_decode(it.key, &name);
            check(uri_template_has(text, buffer_str(&name)));
            check(json_type(it.value) == JSON_STRING || json_count(it.value) > 0);
        }
        json_free(doc);
    }
    buffer_clear(&found);
    buffer_clear(&name);
}

static void write_values(struct str text, struct str values, struct buffer *out, bool *all)
{
    struct json_writer w = json_writer(out);
    struct str name;
    json_begin_object(&w);
    for (size_t i = 0; uri_template_variable(text, i, &name); i++) {
        struct str value = take_line(&values);
        *all &= value.len > 0;
        if (value.len)
            json_put_string(&w, name, value);
    }
    json_end_object(&w);
}

/* {+a} and {#a} make no difference between "/" and "%2F", {.a,b} none between a dot in a value and one
 * that separates, and only the first '?' begins a query. */
static bool keeps_values(struct str text)
{
    size_t questions = 0;
    for (size_t i = 0; i < text.len; i++) {
        questions += text.ptr[i] == '?';
        if (text.ptr[i] == '{' && (text.ptr[i + 1] == '+' || text.ptr[i + 1] == '#' ||
                                   text.ptr[i + 1] == '.'))
            return false;
    }
    return questions < 2;
}

static bool expand(struct str text, struct buffer *variables, struct buffer *uri)
{
    struct error err;
    struct json_doc *doc = parse(variables);
    int status = uri_template_expand(text, json_root(doc), uri, &err);
    check(status == ST_OK || status == ST_INVALID || status == ST_TOO_LARGE);
    check(status == ST_OK || (err.code == status && err.text[0]));
    json_free(doc);
    return status == ST_OK;
}

static void expand_and_match(struct str text, struct str values)
{
    struct buffer variables = BUFFER_INIT, uri = BUFFER_INIT, found = BUFFER_INIT,
                  again = BUFFER_INIT;
    bool all = true;
    write_values(text, values, &variables, &all);
    if (expand(text, &variables, &uri)) {
        bool matched = match(text, buffer_str(&uri), &found);
        if (keeps_values(text)) {
            check(matched || !all);
            if (matched)
                check(expand(text, &found, &again) &&
                      str_eq(buffer_str(&uri), buffer_str(&again)));
        }
    }
    buffer_clear(&variables);
    buffer_clear(&uri);
    buffer_clear(&found);
    buffer_clear(&again);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct str rest = {(const char *)data, size};
    struct str text = take_line(&rest), uri = take_line(&rest);
    struct error err;
    match_any(text, uri);
    if (uri_template_check(text, &err) == ST_OK)
        expand_and_match(text, rest);
    if (uri_check(uri, &err) == ST_OK)
        check(uri_is_valid(uri));
    return 0;
}
