/* What a server may write to standard output, and what this line is instead. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "adapters/driving/doctor/peer_parts.h"
#include "adapters/driving/doctor/report.h"

void observe(struct observed *observed, enum oddity oddity, const char *format, ...)
{
    if (observed->odd[oddity].count++ > 0)
        return;
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(observed->odd[oddity].first, SAMPLE_MAX, format, arguments);
    va_end(arguments);
}

static void observe_line(struct peer *peer, enum oddity oddity, const char *what, struct str line)
{
    char quoted[160];
    report_quote(line, quoted, sizeof(quoted));
    observe(peer->observed, oddity, "%s: %s", what, quoted);
}

/* True if the raw ids mean the same number, once as a number and once as a string. */
static bool same_but_type(struct str a, struct str b)
{
    bool quoted_a = a.len > 2 && a.ptr[0] == '"', quoted_b = b.len > 2 && b.ptr[0] == '"';
    if (quoted_a == quoted_b)
        return false;
    struct str bare = quoted_a ? (struct str){a.ptr + 1, a.len - 2} : a;
    struct str other = quoted_b ? (struct str){b.ptr + 1, b.len - 2} : b;
    return str_eq(bare, other);
}

/* Other spellings of the same id, "\u0061" or 1.0, are no fault. */
static bool same_id(struct json id, struct str raw)
{
    double value, wanted;
    struct json_doc *doc;
    if (str_eq(json_text(id), raw))
        return true;
    if (json_parse(raw, &doc, NULL))
        return false;
    bool same = json_same_string(id, json_root(doc)) ||
                (json_double(id, &value) && json_double(json_root(doc), &wanted) &&
                 value >= wanted && value <= wanted);
    json_free(doc);
    return same;
}

static void take_null_id(struct peer *peer, struct str line)
{
    peer->null_ids++;
    if (peer->null_meaning == NULL_ID_NOTIFICATION)
        observe_line(peer, ODD_NOTIFICATION, "after a notification", line);
    else if (peer->null_meaning == NULL_ID_ODD)
        observe_line(peer, ODD_NULL_ID, "an answer without an id", line);
}

/* Finds what `doc` answers and keeps it there; otherwise the document goes. */
static void take_answer(struct peer *peer, struct json_doc *doc, struct str line)
{
    struct json id = json_get(json_root(doc), STR("id"));
    struct asked *found = NULL;
    bool typed = true;
    for (size_t i = 0; i < peer->asked_count && !found; i++)
        if (same_id(id, str_from(peer->asked[i].id)))
            found = &peer->asked[i];
    for (size_t i = 0; i < peer->asked_count && !found; i++)
        if (same_but_type(json_text(id), str_from(peer->asked[i].id))) {
            found = &peer->asked[i];
            typed = false;
        }
    if (!found) {
        observe_line(peer, ODD_UNKNOWN_ID, "an answer to nothing that was asked", line);
        json_free(doc);
    } else if (found->answer) {
        observe_line(peer, ODD_TWICE, "the second answer", line);
        json_free(doc);
    } else {
        if (!typed)
            observe(peer->observed, ODD_ID_TYPE, "the request had the id %s, the answer %.*s",
                    found->id, STR_ARG(json_text(id)));
        found->answer = doc;
    }
}

/* A ping is answered; for everything else we declared nothing. */
static void take_request(struct peer *peer, struct json message, struct str line)
{
    struct buffer *out = &peer->replies;
    bool ping = json_is(json_get(message, STR("method")), STR("ping"));
    if (!ping)
        observe_line(peer, ODD_UNDECLARED, "a request to the client", line);
    buffer_add_str(out, STR("{\"jsonrpc\":\"2.0\",\"id\":"));
    buffer_add_str(out, json_text(json_get(message, STR("id"))));
    buffer_add_str(out, ping ? STR(",\"result\":{}}\n")
                             : STR(",\"error\":{\"code\":-32601,\"message\":\"not declared\"}}\n"));
}

/* NULL if the object is a message of JSON-RPC 2.0, else what is wrong. */
static const char *why_no_message(struct json m)
{
    bool method = json_exists(json_get(m, STR("method")));
    bool result = json_exists(json_get(m, STR("result")));
    bool fault = json_exists(json_get(m, STR("error")));
    struct json id = json_get(m, STR("id")), error = json_get(m, STR("error"));
    if (json_type(m) != JSON_OBJECT)
        return json_type(m) == JSON_ARRAY ? "an array (batches are not in this revision)"
                                          : "JSON that is no object";
    if (!json_is(json_get(m, STR("jsonrpc")), STR("2.0")))
        return "no \"jsonrpc\":\"2.0\"";
    if (method + result + fault != 1)
        return "not exactly one of method, result and error";
    if (method && json_type(json_get(m, STR("method"))) != JSON_STRING)
        return "a method that is no string";
    if (result && json_type(json_get(m, STR("result"))) != JSON_OBJECT)
        return "a result that is no object";
    if (fault && (!json_is_integer_text(json_get(error, STR("code"))) ||
                  json_type(json_get(error, STR("message"))) != JSON_STRING))
        return "an error without an integer code or without a message";
    if (json_exists(id) && json_type(id) != JSON_STRING && json_type(id) != JSON_NULL &&
        !json_is_integer_text(id))
        return "an id that is neither string nor integer";
    struct json_iter it = json_iter(m);
    while (json_next(&it))
        if (!json_is(it.key, STR("jsonrpc")) && !json_is(it.key, STR("id")) &&
            !json_is(it.key, STR("method")) && !json_is(it.key, STR("params")) &&
            !json_is(it.key, STR("result")) && !json_is(it.key, STR("error")))
            return "a member beside jsonrpc, id, method, params, result and error";
    return NULL;
}

static void take_message(struct peer *peer, struct json_doc *doc, struct str line)
{
    struct json message = json_root(doc), id = json_get(message, STR("id"));
    const char *why = why_no_message(message);
    bool asks = json_exists(json_get(message, STR("method")));
    if (why)
        observe_line(peer, ODD_NOT_MESSAGE, why, line);
    if (json_type(message) == JSON_OBJECT && !asks && json_exists(id) &&
        json_type(id) != JSON_NULL) {
        take_answer(peer, doc, line);
        return;
    }
    if (!why && !asks)
        take_null_id(peer, line);
    else if (!why && json_exists(id))
        take_request(peer, message, line);
    json_free(doc);
}

void peer_take_line(struct peer *peer, struct str line)
{
    struct json_doc *doc;
    struct error err;
    if (line.len && line.ptr[line.len - 1] == '\r') {
        line.len--;
        observe_line(peer, ODD_CRLF, "a line that ends with \\x0D\\x0A", line);
    }
    if (line.len == 0) {
        observe(peer->observed, ODD_BLANK, "an empty line");
        return;
    }
    if (str_starts(line, STR("\xEF\xBB\xBF"))) {
        observe_line(peer, ODD_BOM, "a mark of byte order", line);
        line = (struct str){line.ptr + 3, line.len - 3};
    }
    char *copy = malloc(line.len);
    if (!copy)
        return;
    memcpy(copy, line.ptr, line.len);
    if (json_parse_take(copy, line.len, &doc, &err))
        observe_line(peer, ODD_NOT_JSON, err.text, line);
    else
        take_message(peer, doc, line);
}
